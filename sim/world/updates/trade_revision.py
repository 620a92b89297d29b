"""Revision of a world's trade of its base year by newer reports.

A flow is revised where it was estimated, or where its source is of the same publisher as the newer
report; reconciled trade (CEPII) and national records stay when reporters alone are asked. The
importer's report counts, less freight and insurance, then the exporter's. Sums of exports and
imports move by as much.
"""

from collections.abc import Mapping, Sequence

from sim.world.csv_tables.reader import Row, Tables
from sim.world.csv_tables.world_facts import base_year
from sim.world.sources.countries import countries
from sim.world.sources.parsed_files import ALL_PRODUCTS, BOTH, EXPORTER, IMPORTER, Reading
from sim.world.sources.units import USUAL_CIF_FOB_RATIO
from sim.world.updates.feeds import Feed

Pair = tuple[str, str]
SAME = 5e-3
"""Relative difference of a flow that is rounding, of values or of the freight taken off [1]."""
_ORDER = (BOTH, IMPORTER, EXPORTER)


def places_of(tables: Tables) -> dict[str, int]:
    """Regions that are one country, each with its place."""
    found = {region: countries().by_word.get(region.casefold(), -1)
             for region in tables["regions"].column("region")}  # fmt: skip
    return {region: place for region, place in found.items() if place >= 0}


def newer_flows(
    tables: Tables, readings: Sequence[tuple[Feed, Reading]]
) -> dict[Pair, tuple[float, str, Feed]]:
    """Trade of the base year between regions of one country: value [musd], flag and feed."""
    region_of = {place: region for region, place in places_of(tables).items()}
    found: dict[tuple[int, Pair], tuple[float, Feed]] = {}
    for feed, reading in readings:
        for key, musd in _reported(reading, region_of, base_year(tables)).items():
            found.setdefault(key, (musd, feed))
    chosen: dict[Pair, tuple[float, str, Feed]] = {}
    for side in _ORDER:
        for (of, pair), (value, feed) in found.items():
            if of == side:
                is_cif = side == IMPORTER
                amount = value / USUAL_CIF_FOB_RATIO if is_cif else value
                flag = "seen" if side == EXPORTER else "derived"
                chosen.setdefault(pair, (amount, flag, feed))
    return chosen


def _reported(
    reading: Reading, region_of: Mapping[int, str], year: int
) -> dict[tuple[int, Pair], float]:
    """Trade of a year by side and pair [musd]: all goods as told, else the sum of parts."""
    wholes: dict[tuple[int, Pair], float] = {}
    parts: dict[tuple[int, Pair], float] = {}
    for flow in reading.trade:
        rows = flow.year == year
        columns = (flow.exporter, flow.importer, flow.product, flow.musd)
        for i, j, product, musd in zip(*(c[rows].tolist() for c in columns), strict=True):
            if i not in region_of or j not in region_of or i == j:
                continue
            key = (flow.side, (region_of[i], region_of[j]))
            sums = wholes if product == ALL_PRODUCTS else parts
            sums[key] = sums.get(key, 0.0) + musd
    return parts | wholes


def revised_trade(
    tables: Tables, readings: Sequence[tuple[Feed, Reading]], used: dict[str, Feed]
) -> dict[str, list[Row]]:
    """Tables of trade with newer flows.

    Parameters
    ----------
    tables : mapping of str to CheckedTable
        Checked tables of a world.
    readings : sequence of (Feed, Reading)
        The first that has a flow from a side counts.
    used : dict
        Feeds by name; those that a row rests on are added.

    Returns
    -------
    dict of str to list of Row
        `trade_prior`, `held_flows` and `trade_totals`; only those with a change.
    """
    newer = newer_flows(tables, readings)
    publishers = {s.text("source"): s.text("publisher") for s in tables["sources"]}
    moves: dict[tuple[str, str], float] = {}
    made: dict[str, list[Row]] = {}
    for name in ("trade_prior", "held_flows"):
        rows = [_revised(row, newer, publishers, used) for row in tables[name]]
        if any(row.cells != old.cells for row, old in zip(rows, tables[name], strict=True)):
            made[name] = rows
    for row, old in zip(made.get("trade_prior", ()), tables["trade_prior"], strict=False):
        change = row.number("trade_musd") - old.number("trade_musd")
        for column, region in (("exports_musd", "exporter"), ("imports_musd", "importer")):
            key = (column, row.text(region))
            moves[key] = moves.get(key, 0.0) + change
    if any(moves.values()):
        made["trade_totals"] = [_moved(row, moves) for row in tables["trade_totals"]]
    return made


def _revised(
    row: Row,
    newer: Mapping[Pair, tuple[float, str, Feed]],
    publishers: Mapping[str, str],
    used: dict[str, Feed],
) -> Row:
    found = newer.get((row.text("exporter"), row.text("importer")))
    if found is None:
        return row
    value, flag, feed = found
    old = row.number("trade_musd")
    is_same = abs(value - old) <= SAME * max(old, 1e-3)
    may = row.text("flag") == "estimated" or publishers[row.text("source")] == feed.publisher
    if is_same or not may:
        return row
    used[feed.name] = feed
    cells = {"trade_musd": f"{value:.6g}", "source": feed.name, "flag": flag}
    return Row(row.line, {**row.cells, **cells})


def _moved(row: Row, moves: Mapping[tuple[str, str], float]) -> Row:
    cells = {
        column: repr(max(row.number(column) + moves.get((column, row.text("region")), 0.0), 0.0))
        for column in ("exports_musd", "imports_musd")
        if moves.get((column, row.text("region")), 0.0)
    }
    return Row(row.line, {**row.cells, **cells})
