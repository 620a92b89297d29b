"""Routes in use in the base year: the share of a pair's cargo that each of them carries.

A route is named by what it passes. Each term of `through` is a gate, a region whose ground is
crossed between the ends, or several of these with `|` between them of which one is enough; a path
belongs to the first route of its pair all of whose terms it meets. What belongs to none is not in
use.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.csv_tables.network_schema import ANY_OF
from sim.world.csv_tables.reader import CheckedTable, Row, Tables


@dataclass(frozen=True, slots=True)
class RouteShare:
    """One route of one pair of regions."""

    pair: tuple[int, int]
    """Regions at the ends, lower index first."""
    route: str
    mode: str
    """Sea, rail or road: the mode that cargo weighs it against other modes as."""
    through: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    """By term, gates and regions of which one is passed or crossed."""
    share: float
    """Part of the pair's cargo in the base year [1]."""
    ceiling: float
    """Part that it reaches at the costs of the base year once it is taken up [1]; zero where the
    table does not say."""
    since: int | None
    """Quarter in which its take-up began; None for a route as old as the records."""
    note: str
    source: str
    flag: str

    @property
    def is_in_use(self) -> bool:
        """True if it carries cargo in the base year or comes into use without an agreement."""
        return self.share > 0.0 or self.since is not None


def route_shares(
    table: CheckedTable, regions: Mapping[str, int], gates: Mapping[str, int]
) -> tuple[RouteShare, ...]:
    """Read the routes of all pairs, in the order of the table.

    Parameters
    ----------
    table : CheckedTable
        The table of route shares, checked.
    regions, gates : mapping of str to int
        Places of regions and gates in the world.
    """
    found: list[RouteShare] = []
    for row in table:
        through = tuple(_term(term, regions, gates) for term in row.names("through"))
        since = _quarter(row.text("since"))
        ceiling = row.number_or_none("ceiling") or 0.0
        for a, b in _pairs(row, regions):
            pair = (min(a, b), max(a, b))
            found.append(
                row.record(RouteShare, pair=pair, through=through, ceiling=ceiling, since=since)
            )
    return tuple(found)


def base_open_share(tables: Tables) -> FloatArray:
    """Part of the base year in which recorded closures left each gate open, (n_gates,) [1]."""
    (year,) = (int(r.text("value")) for r in tables["world"] if r.text("key") == "base_year")
    gates = tables["gates"].column("gate")
    shut: dict[str, set[int]] = {gate: set() for gate in gates}
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    for row in tables["closures"]:
        start = _day(row.text("start"))
        known = row.text("end") or row.text("last_seen_closed")
        days = range(max(start, first), min(_day(known) if known else last, last) + 1)
        shut[row.text("gate")].update(days)
    n_days = last - first + 1
    return np.array([1.0 - len(shut[gate]) / n_days for gate in gates], dtype=np.float64)


def _pairs(row: Row, regions: Mapping[str, int]) -> list[tuple[int, int]]:
    return [(regions[row.text("region")], regions[code]) for code in row.names("partners")]


def _term(
    term: str, regions: Mapping[str, int], gates: Mapping[str, int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    names = term.split(ANY_OF)
    return (
        tuple(gates[name] for name in names if name in gates),
        tuple(regions[name] for name in names if name in regions),
    )


def _day(cell: str) -> int:
    """Day of a date that may be cut short, which then stands for its first day."""
    year, month, day = (*(int(part) for part in cell.split("-")), 1, 1)[:3]
    return date(year, month, day).toordinal()


def _quarter(cell: str) -> int | None:
    if not cell:
        return None
    year, month = (*(int(part) for part in cell.split("-")), 1)[:2]
    return 4 * year + (month - 1) // 3
