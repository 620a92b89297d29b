"""Routes in use beside the records: shares of the base year and cargo since.

Shares are told route by route as the table of route shares names them. Cargo since is that of the
base year, by the routes as they are taken up by the year of the record, at the middle of every
parameter's range; what growth adds is not in it.
"""

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.simulation.closures.gate_openings import season_open_share
from sim.simulation.transport.path_costs import Gates
from sim.simulation.transport.route_costs import Routes
from sim.study.route import middle_cargo
from sim.validation.check import Check
from sim.validation.published_cases import RouteRecord, route_records
from sim.world.load import load_world

if TYPE_CHECKING:
    from sim.world.world import World


CASE = "routes on record"
KILOTONNE = 1e3


@dataclass(frozen=True)
class RouteInUse:
    """One route of a pair as the table has it and as the model has it."""

    route: str
    mode: str
    recorded: float
    """Share in the base year by the table [1]."""
    modelled: float
    """The model's share in the base year [1]."""
    now: float
    """The model's share in the year asked, nothing agreed [1]."""
    source: str
    flag: str


def routes_in_use(world: "World", a: str, b: str, quarter: int) -> tuple[RouteInUse, ...]:
    """Routes of a pair in the order of the table; none where it does not name the pair.

    Parameters
    ----------
    world : World
    a, b : str
        Regions.
    quarter : int
        Index of a quarter of the year asked.

    Returns
    -------
    tuple of RouteInUse
        Shares of a whole year.
    """
    ends = sorted((world.region_index(a), world.region_index(b)))
    records = world.network.route_shares
    named = [k for k, record in enumerate(records) if record.pair == tuple(ends)]
    if not named:
        return ()
    routes = Routes(None, world, ((ends[0], ends[1]),), middle_cargo(world))
    before, now = (_by_record(world, routes, year) for year in (None, quarter // QUARTERS_PER_YEAR))
    return tuple(
        RouteInUse(
            route=records[k].route,
            mode=records[k].mode,
            recorded=records[k].share,
            modelled=before.get(k, 0.0) / sum(before.values()),
            now=now.get(k, 0.0) / sum(now.values()),
            source=records[k].source,
            flag=records[k].flag,
        )
        for k in named
    )


def known_routes_in_use() -> list[Check]:
    """Rows for every record of cargo by routes of the packaged world."""
    world = load_world()
    return [
        Check(
            CASE,
            f"{record.record}, {record.year}{' (fitted)' if record.is_fitted else ''}",
            record.value,
            modelled_cargo(world, record),
            record.tolerance,
            record.unit,
            f"{record.source}; {record.basis}",
            record.is_known_miss,
        )
        for record in route_records()
    ]


def modelled_cargo(world: "World", record: RouteRecord) -> float:
    """Cargo of the routes of a record, by the model [kt/year]."""
    year = None if record.year <= world.base_year else record.year
    names = world.network.route_shares
    total = 0.0
    for pair in product(record.regions, record.partners):
        ends = sorted(map(world.region_index, pair))
        routes = Routes(None, world, ((ends[0], ends[1]),), middle_cargo(world))
        found = _by_record(world, routes, year)
        total += sum(t for k, t in found.items() if k >= 0 and names[k].route in record.routes)
    return total / KILOTONNE


def _by_record(world: "World", routes: Routes, year: int | None) -> dict[int, float]:
    """Cargo of a year by row of the table of route shares, -1 for none of them [t/year]."""
    use = routes.table.use
    record = use.units.record[use.unit]
    found: dict[int, float] = {}
    for season in range(QUARTERS_PER_YEAR):
        now = QUARTERS_PER_YEAR * (world.base_year if year is None else year) + season
        quarter = None if year is None else now
        open_share = season_open_share(world, np.array([now]))[:, 0]
        tonnes = routes.carried(routes.transit.nothing, Gates.by_season(open_share), quarter)
        for k, value in zip(record.tolist(), tonnes[:, 0].tolist(), strict=True):
            found[k] = found.get(k, 0.0) + value / QUARTERS_PER_YEAR
    return found
