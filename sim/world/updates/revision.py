"""Revision of a world's incomes and growth by newer figures of the publishers that it rests on.

A row is revised where its own source is the World Bank or the Fund, or where it was estimated; what
was read elsewhere, such as in a national account, stays. Regions that are groups stay too, but for
those whose every member has a figure. A year after the last one of a table is added.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from sim.world.csv_tables.csv_text import written_csv
from sim.world.csv_tables.reader import PACKAGED, CheckedTable, Row, Tables
from sim.world.csv_tables.schema import SCHEMAS
from sim.world.csv_tables.world_facts import base_year
from sim.world.sources.countries import countries, group_of
from sim.world.sources.parsed_files import Reading
from sim.world.updates.feeds import Feed
from sim.world.updates.trade_revision import revised_trade

PUBLISHERS = frozenset({"World Bank", "International Monetary Fund"})
SAME = 5e-4
"""Relative difference of an income that is rounding [1]."""
SAME_RATE = 5e-4
"""Difference of a rate of growth that is rounding [1]."""


@dataclass(frozen=True)
class Revision:
    """Tables with newer figures."""

    tables: Tables
    changed: tuple[str, ...]
    """Names of the tables that differ."""


class _Newer:
    """Newest figures by what, country and year, each with its feed."""

    def __init__(self, readings: Sequence[tuple[Feed, Reading]]) -> None:
        self.feeds = [feed for feed, _ in readings]
        self.cells: dict[tuple[str, int, int], tuple[float, int]] = {}
        for number, (_, reading) in enumerate(readings):
            for fact in reading.facts:
                places, years = fact.country.tolist(), fact.year.tolist()
                for place, year, value in zip(places, years, fact.value.tolist(), strict=True):
                    self.cells.setdefault((fact.what, place, year), (value, number))

    def total(self, what: str, members: Sequence[int], year: int) -> tuple[float, Feed] | None:
        """Sum over members; None where one has no figure."""
        found = [self.cells.get((what, place, year)) for place in members]
        if not found or any(cell is None for cell in found):
            return None
        cells = [cell for cell in found if cell is not None]
        return float(np.sum([value for value, _ in cells])), self.feeds[cells[0][1]]

    def last_year(self, what: str) -> int:
        """Last year of a series for any country."""
        return max((year for kind, _, year in self.cells if kind == what), default=0)


def revise(
    tables: Tables, readings: Sequence[tuple[Feed, Reading]], today: date, *, trade: bool = False
) -> Revision:
    """Revise incomes and growth of a world, and its trade where that is asked for.

    Parameters
    ----------
    tables : mapping of str to CheckedTable
        Checked tables of a world.
    readings : sequence of (Feed, Reading)
        Newer figures, the first that has one counts.
    today : date
        Day they were fetched, for the sources.
    trade : bool
        Whether flows of the base year are revised too.
    """
    newer = _Newer(readings)
    used: dict[str, Feed] = {}
    revised = {
        "gdp": [*_incomes(tables, newer, used)],
        "growth": [*_growth(tables, newer, used)],
        **(revised_trade(tables, readings, used) if trade else {}),
    }
    changed = tuple(name for name, rows in revised.items() if _cells(rows) != _cells(tables[name]))
    sources = [*tables["sources"], *_sources(tables, used, today)] if changed else None
    made = {name: CheckedTable(name, tuple(revised[name])) for name in changed}
    if sources is not None:
        made["sources"] = CheckedTable("sources", tuple(sources))
    return Revision({**tables, **made}, tuple(made))


def _cells(rows: Iterable[Row]) -> list[Mapping[str, str]]:
    return [row.cells for row in rows]


def _incomes(tables: Tables, newer: _Newer, used: dict[str, Feed]) -> Iterator[Row]:
    rows = list(tables["gdp"])
    for row in rows:
        yield _income(row, tables, newer, used)
    known = {(row.text("region"), int(row.text("year"))) for row in rows}
    for region in dict.fromkeys(row.text("region") for row in rows):
        members = _members(region, tables)
        last = max(year for code, year in known if code == region)
        for year in range(last + 1, newer.last_year("gdp_musd") + 1):
            gdp, people = (newer.total(w, members, year) for w in ("gdp_musd", "population_m"))
            if gdp is not None and people is not None:
                cells = {"region": region, "year": str(year), "gdp_musd": f"{gdp[0]:.0f}"}
                cells |= {"population_m": f"{people[0]:.3f}"}
                yield Row(0, cells | _origin(gdp[1], members, used))


def _income(row: Row, tables: Tables, newer: _Newer, used: dict[str, Feed]) -> Row:
    if not _may_change(row, tables):
        return row
    members, year = _members(row.text("region"), tables), int(row.text("year"))
    gdp, people = (newer.total(what, members, year) for what in ("gdp_musd", "population_m"))
    cells = dict(row.cells)
    old = row.number_or_none("gdp_musd")
    if gdp is not None and (old is None or abs(gdp[0] / old - 1.0) > SAME):
        cells |= {"gdp_musd": f"{gdp[0]:.0f}"} | _origin(gdp[1], members, used)
    if people is not None and abs(people[0] / row.number("population_m") - 1.0) > SAME:
        cells |= {"population_m": f"{people[0]:.3f}"}
        if cells["source"] == row.text("source"):
            cells |= _origin(people[1], members, used)
    return Row(row.line, cells)


def _growth(tables: Tables, newer: _Newer, used: dict[str, Feed]) -> Iterator[Row]:
    for row in tables["growth"]:
        members, year = _members(row.text("region"), tables), int(row.text("year"))
        rate = newer.total("real_growth", members, year) if len(members) == 1 else None
        is_same = rate is None or abs(rate[0] - row.number("real_growth")) <= SAME_RATE
        if rate is None or is_same or not _may_change(row, tables):
            yield row
            continue
        cells = {**row.cells, "real_growth": f"{rate[0]:.4g}"}
        yield Row(row.line, cells | _origin(rate[1], members, used))


def _may_change(row: Row, tables: Tables) -> bool:
    publishers = {s.text("source"): s.text("publisher") for s in tables["sources"]}
    return row.text("flag") == "estimated" or publishers[row.text("source")] in PUBLISHERS


def _members(region: str, tables: Tables) -> tuple[int, ...]:
    """Countries of a region, by its code or name; none for what is neither country nor group."""
    place = countries().by_word.get(region.casefold(), -1)
    if place >= 0:
        return (place,)
    name = next(r.text("name") for r in tables["regions"] if r.text("region") == region)
    group = group_of(region) or group_of(name)
    return group.members if group else ()


def _origin(feed: Feed, members: Sequence[int], used: dict[str, Feed]) -> dict[str, str]:
    used[feed.name] = feed
    return {"source": feed.name, "flag": "seen" if len(members) == 1 else "derived"}


def _sources(tables: Tables, used: Mapping[str, Feed], today: date) -> Iterator[Row]:
    known = set(tables["sources"].column("source"))
    for name, feed in used.items():
        if name not in known:
            yield Row(0, {
                "source": name, "publisher": feed.publisher, "title": feed.title,
                "year": today.isoformat(), "licence": feed.licence, "url": feed.url, "flag": "seen",
            })  # fmt: skip


def files_of(folder: Path | None, revision: Revision) -> dict[str, bytes]:
    """Files of a revised world: tables that changed written again, all others as they are."""
    root = folder or PACKAGED
    files = {
        path.name: path.read_bytes() for path in sorted(root.iterdir())
        if path.suffix in (".csv", ".json")
    }  # fmt: skip
    for name in revision.changed:
        rows = (dict(row.cells) for row in revision.tables[name])
        files[f"{name}.csv"] = written_csv(SCHEMAS[name], rows)
    return files


def release_notice(tables: Tables, newest: str) -> str:
    """Sentence on a release of BACI newer than the one that the trade of a world rests on."""
    held = [s.text("title") for s in tables["sources"] if "BACI" in s.text("title")]
    known = max((word for title in held for word in _releases(title)), default="")
    if not newest or not known or newest <= known:
        return ""
    return (
        f"CEPII BACI {newest} is out; trade here rests on {known} as of {base_year(tables)}. "
        "`--from baci` fetches it (0.3 to 2.4 GB); `--trade --from FILE` takes a download."
    )


def _releases(title: str) -> list[str]:
    return re.findall(r"\b20\d{4}[a-z]?\b", title)
