"""Past trade out of files as they are downloaded, by the readers that also build worlds.

A file of UN Comtrade, BACI, CEPII Gravity or WITS with several years (or a zip with a file a year)
holds the series of every pair in it: each is a flow from its first year on, without an agreement.
Of two reports the importer's counts, less freight and insurance, as in `sim build-world`; one
report tells a flow in all its years, so that no change of reporter looks like growth.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sim.world.csv_tables.table_errors import WorldError
from sim.world.history.terms import PastTerms
from sim.world.history.trade import PastFlow, load_past_trade
from sim.world.sources.baci import baci_years
from sim.world.sources.countries import countries
from sim.world.sources.file_kinds import RESEMBLES, FileKind, recognise
from sim.world.sources.files import Member, RefusedError, members
from sim.world.sources.parsed_files import (
    ALL_PRODUCTS,
    BOTH,
    EXPORTER,
    IMPORTER,
    FlowRows,
    Reading,
    ReadingTask,
)
from sim.world.sources.text_sheet import Layout
from sim.world.sources.units import USUAL_CIF_FOB_RATIO

DOWNLOADS = frozenset({"baci", "comtrade", "cepii", "wits"})
_GEGRAVITY = {"trade", "y", "e"}
Series = dict[int, float]
Pair = tuple[int, int]


def load_past(path: Path) -> tuple[tuple[PastFlow, ...], tuple[str, ...]]:
    """Read past trade from a download, or from a table of the user's own.

    Parameters
    ----------
    path : Path
        A file as it was downloaded, a zip of such files, or a CSV as `load_past_trade` reads.

    Returns
    -------
    tuple
        The flows, and what was set aside.

    Raises
    ------
    WorldError
        With every problem found; a download that cannot be read is named with its format.
    """
    refused = ""
    try:
        found = [*_recognised(path)]
    except RefusedError as error:
        found, refused = [], str(error)
    if not found:
        try:
            return load_past_trade(path)
        except WorldError as error:
            # What resembles a download is told as one, not as a table without partners.
            raise WorldError([refused] if RESEMBLES in refused else error.problems) from None
    try:
        readings = [reading for kind, layout in found for reading in _readings(kind, layout)]
    except RefusedError as error:
        raise WorldError([str(error)]) from None
    flows = [*_flows(readings)]
    if not flows:
        titles = ", ".join(dict.fromkeys(kind.title for kind, _ in found))
        wanted = "wanted two or more years of one pair in it"
        raise WorldError([f"{path}: {titles}: no pair with trade in two years; {wanted}"])
    return tuple(flows), tuple(note for reading in readings for note in reading.notes)


def _recognised(path: Path) -> Iterator[tuple[FileKind, Layout]]:
    """Files that are downloads; tables of codes and the user's own tables are passed over."""
    parts: Sequence[Member] = members(path)
    for member in parts:
        kind, layout = recognise(member)
        if kind.name in DOWNLOADS or set(layout.keys) >= _GEGRAVITY:
            yield kind, layout


def _readings(kind: FileKind, layout: Layout) -> Iterator[Reading]:
    years = baci_years(layout) if kind.name == "baci" else [0]
    for year in years:
        yield kind.read(layout, ReadingTask(year))


def _flows(readings: Sequence[Reading]) -> Iterator[PastFlow]:
    """Flow of every pair that traded in two years or more."""
    by_side = {side: _series(readings, side) for side in (BOTH, IMPORTER, EXPORTER)}
    gdp: dict[int, Series] = {}
    for reading in readings:
        for fact in reading.facts:
            if fact.what == "gdp_musd":
                rows = zip(fact.country.tolist(), fact.year.tolist(), fact.value.tolist(),
                           strict=True)  # fmt: skip
                for country, year, value in rows:
                    gdp.setdefault(country, {}).setdefault(year, value)
    codes = countries().codes
    for pair in dict.fromkeys(pair for of in by_side.values() for pair in of):
        series = next((of[pair] for of in by_side.values() if _is_told(of.get(pair))), None)
        if series is None:
            continue
        base = min(year for year, value in series.items() if value > 0.0)
        later = {year: value for year, value in sorted(series.items()) if year >= base}
        if len(later) > 1:
            sides = (gdp.get(pair[0], {}), gdp.get(pair[1], {}))
            known = sides if all(base in side for side in sides) else ({}, {})
            yield PastFlow(
                "", codes[pair[0]], codes[pair[1]], False, base, later, known, PastTerms(), 1
            )


def _is_told(series: Series | None) -> bool:
    return series is not None and sum(value > 0.0 for value in series.values()) > 1


def _series(readings: Sequence[Reading], side: int) -> dict[Pair, Series]:
    """Trade of pairs by year as one side reports it; a total goes before the sum of products."""
    totals: dict[Pair, Series] = {}
    sums: dict[Pair, Series] = {}
    for reading in readings:
        for flow in reading.trade:
            if flow.side == side:
                _add(flow, totals, sums)
    return {pair: sums.get(pair, {}) | totals.get(pair, {}) for pair in {**sums, **totals}}


def _add(flow: FlowRows, totals: dict[Pair, Series], sums: dict[Pair, Series]) -> None:
    ratio = USUAL_CIF_FOB_RATIO if flow.side == IMPORTER else 1.0
    n = len(countries())
    columns = (flow.exporter, flow.importer, flow.product, flow.year, flow.musd)
    for i, j, product, year, musd in zip(*(c.tolist() for c in columns), strict=True):
        if not (0 <= i < n and 0 <= j < n) or i == j:
            continue
        into = totals if product == ALL_PRODUCTS else sums
        series = into.setdefault((i, j), {})
        series[year] = series.get(year, 0.0) + musd / ratio
