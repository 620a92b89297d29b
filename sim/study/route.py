"""The routes between two regions through the network: what each takes, carries, and what shuts it.

Paths of all pairs of gateways are grouped by the gates and ports they pass; a route's figures are
means over its cargo, or over its gateways where it carries none. Costs are the model's own, at the
middle of every parameter's range, without queues beyond the hours on record and without chance.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.simulation.closures.gate_openings import dated_open_share
from sim.simulation.transport.path_costs import (
    TONNES_PER_FEU,
    CargoTerms,
    Gates,
    ave_of,
    cargo_terms,
    terms_by_run,
)
from sim.simulation.transport.paths import PathTable
from sim.simulation.transport.route_costs import Routes
from sim.simulation.transport.routes import routes_of
from sim.simulation.transport.transit_terms import PathTerms
from sim.study.route_breakdown import Charges, DaysByUse, charges_of, days_of
from sim.world.csv_tables.table_errors import did_you_mean
from sim.world.transport.network import HOURS_A_DAY

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


@dataclass(frozen=True)
class Route:
    """One route between two regions."""

    name: str
    """Gates and ports passed, from one end to the other."""
    modes: tuple[str, ...]
    km: float
    days: float
    """Door to door, hours at gates included [days]."""
    gate_hours: float
    usd_per_feu: float
    ave: FloatArray
    """(n_goods,) cost as a share of the value [1]."""
    share: float
    """Part of the pair's cargo, averaged over goods [1]."""
    shut_by: tuple[str, ...]
    """What closes it in the quarter, or what it still needs."""
    days_by: DaysByUse
    usd_by: Charges
    """Days and charges by what they are made of."""
    paths: tuple[tuple[float, tuple[int, ...]], ...]
    """Paths from gateway to gateway: part of the route's cargo [1], and links."""

    @property
    def usd_per_tonne(self) -> float:
        """Charges for a tonne [USD/t]."""
        return self.usd_per_feu / TONNES_PER_FEU


def routes(
    world: "World", a: str, b: str, quarter: int, scenario: "Scenario | None" = None
) -> tuple[Route, ...]:
    """Routes between two regions in one quarter, those that carry most first.

    Parameters
    ----------
    world : World
    a, b : str
        Regions; routes are the same in both directions.
    quarter : int
        Index of the quarter, for seasons and dates.
    scenario : Scenario, optional
        Its dated closures, transit agreements and projects with a date act on the routes; closures
        on record act without it too.

    Raises
    ------
    ValueError
        If a region is unknown or the world has no network.
    """
    require_pair(world, a, b)
    ends = sorted((world.region_index(a), world.region_index(b)))
    routes = Routes(scenario, world, ((ends[0], ends[1]),), middle_cargo(world))
    terms = routes.transit.terms(*status_in(world, quarter, scenario))
    open_share = _open_share(world, quarter, scenario)
    given = terms_by_run(routes.table, [terms], np.zeros(1, np.intp), routes.cargo)
    ave = ave_of(given, routes.cargo)[..., 0]
    share = mean_shares(routes, terms, open_share, quarter)
    found = routes_of(world, routes.table, ((a, b),))
    gates_open = np.exp(routes.log_open(open_share))
    listed = []
    for name, paths in zip(found.names, found.paths, strict=True):
        weight = _weight(routes.table, share, paths)
        own = (world.network, routes.table, terms, paths, weight)
        links = [routes.table.links[path] for path in paths]
        listed.append(
            Route(
                name=name,
                modes=tuple(dict.fromkeys(_modes(world, routes.table, paths))),
                share=float(share[paths].sum()),
                shut_by=_shut_by(world, routes.table, terms, gates_open, paths),
                ave=ave[:, paths] @ weight,
                days_by=days_of(*own),
                usd_by=charges_of(*own),
                paths=tuple(zip(weight.tolist(), links, strict=True)),
                **_means(routes.table, terms, weight, paths),
            )
        )
    return tuple(sorted(listed, key=lambda route: (-route.share, route.ave.mean(), route.name)))


def require_pair(world: "World", a: str, b: str) -> None:
    """Refuse two regions between which no routes can be told.

    Raises
    ------
    ValueError
        If a region is unknown, both are one, or the world has no network.
    """
    for code in (a, b):
        if code not in world.regions:
            near = did_you_mean(code, world.regions)
            raise ValueError(f"{code}: not a region of this world; see `sim world`{near}")
    if a == b:
        raise ValueError(f"{a} and {b}: wanted two different regions")
    if not world.network.nodes:
        raise ValueError(f"{world.name}: this world has no network of nodes and links")


def mean_shares(
    routes: Routes, terms: PathTerms, open_share: FloatArray, quarter: int
) -> FloatArray:
    """Share of every path in its pair's cargo, averaged over goods, (n_paths,) [1]."""
    n_goods = len(routes.cargo.value_usd)
    even = np.full((n_goods, len(routes.table.pairs), 1), 1.0 / n_goods)
    return routes.carried(terms, Gates.by_season(open_share), quarter, even)[:, 0]


def middle_cargo(world: "World") -> CargoTerms:
    """Value and preferences of cargo at the middle of every parameter's range, as of one run."""
    middle = {name: np.array([parameter.value]) for name, parameter in world.parameters.items()}
    return cargo_terms(world, middle)


def status_in(
    world: "World", quarter: int, scenario: "Scenario | None"
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Agreements in force and projects finished in a quarter, by the dates of a scenario."""
    finished = np.zeros(len(world.network.projects), dtype=np.bool_)
    if scenario is None:
        return np.zeros(0, dtype=np.bool_), finished
    in_force = [a.timeline.is_in_force(quarter) for a in scenario.agreements.values()]
    for number, project in enumerate(world.network.projects):
        plan = scenario.projects.get(project.project)
        if plan is not None and not isinstance(plan.completes, str):
            finished[number] = int(plan.completes) <= quarter
    return np.array(in_force, dtype=np.bool_), finished


def _open_share(world: "World", quarter: int, scenario: "Scenario | None") -> FloatArray:
    """Part of the quarter in which season and dates leave each gate open, (n_gates,) [1]."""
    return dated_open_share(scenario, world, np.array([quarter]))[:, 0]


def _modes(world: "World", table: PathTable, paths: IndexArray) -> list[str]:
    return [world.network.modes[link] for p in paths for link in table.links[p]]


def _weight(table: PathTable, share: FloatArray, paths: IndexArray) -> FloatArray:
    """Weight of the paths of one route, by cargo, or by gateways where it carries none."""
    weight = share[paths] if share[paths].sum() > 0 else table.od_weight[table.od[paths]]
    return np.asarray(weight / weight.sum())


def _means(
    table: PathTable, terms: PathTerms, weight: FloatArray, paths: IndexArray
) -> dict[str, float]:
    hours = float(weight @ terms.mean_hours[paths])
    return {
        "km": float(weight @ table.km[paths]),
        "days": float(weight @ table.days[paths]) + hours / HOURS_A_DAY,
        "gate_hours": hours,
        "usd_per_feu": float(weight @ terms.usd[paths]),
    }


def _shut_by(
    world: "World", table: PathTable, terms: PathTerms, gates_open: FloatArray, paths: IndexArray
) -> tuple[str, ...]:
    """Why a route is closed or partly closed in the quarter."""
    reasons = []
    if not terms.usable[paths].any():
        locks = table.locked[paths].any(axis=0)
        needed = {world.network.status[k] for k in np.flatnonzero(locks)}
        reasons.append("not built" if "planned" in needed else "needs an agreement")
    if (shut := 1.0 - float(gates_open[paths].max())) > 0:
        reasons.append(f"shut {100 * shut:.0f} % of the quarter")
    months = {
        month
        for gate in np.flatnonzero(table.passes[paths].any(axis=0))
        for month in world.gates[gate].closed_months
    }
    if months:
        reasons.append(f"every year in months {', '.join(map(str, sorted(months)))}")
    return tuple(reasons)
