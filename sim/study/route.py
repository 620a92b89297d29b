"""The ways between two regions through the network: what each takes, carries, and what shuts it.

Paths of all pairs of gateways are grouped by the gates and ports they pass; a way's figures are
means over its cargo, or over its gateways where it carries none. Costs are those of the middle of
every parameter's range, without queues beyond the hours on record and without chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.actors.draws import dated_open_share, season_open_share
from sim.actors.paths import PathTable, path_table
from sim.laws.closures import route_open_share
from sim.laws.trade_costs import border_time_factor, route_ave, route_choice

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.world.world import World

FloatArray = NDArray[np.float64]

TONNES_PER_FEU = 20.0
HOURS_A_DAY = 24.0
NOTHING_PASSED = "no gate on record"


@dataclass(frozen=True)
class Way:
    """One way between two regions."""

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

    @property
    def usd_per_tonne(self) -> float:
        """Charges for a tonne [USD/t]."""
        return self.usd_per_feu / TONNES_PER_FEU


@dataclass(frozen=True)
class _Terms:
    """What every path of the pair takes in the quarter."""

    hours: FloatArray
    usd: FloatArray
    open_share: FloatArray
    locked: NDArray[np.bool_]


def ways(
    world: "World", a: str, b: str, quarter: int, scenario: "Scenario | None" = None
) -> tuple[Way, ...]:
    """Ways between two regions in one quarter, those that carry most first.

    Parameters
    ----------
    world : World
    a, b : str
        Regions; ways are the same in both directions.
    quarter : int
        Index of the quarter, for seasons and dates.
    scenario : Scenario, optional
        Its dated closures and transit agreements act on the ways.

    Raises
    ------
    ValueError
        If a region is unknown or the world has no network.
    """
    for code in (a, b):
        if code not in world.regions:
            raise ValueError(f"{code}: not a region of this world; see `sim world`")
    if a == b:
        raise ValueError(f"{a} and {b}: two different regions are wanted")
    if not world.network.nodes:
        raise ValueError(f"{world.name}: this world has no network of nodes and links")
    ends = sorted((world.region_index(a), world.region_index(b)))
    table = path_table(world.network, len(world.gates), ((ends[0], ends[1]),))
    terms = _terms(world, table, quarter, scenario)
    ave, share = _choice(world, table, terms)
    groups: dict[str, list[int]] = {}
    for path in range(len(table.od)):
        groups.setdefault(_name(world, table, path, world.region_index(a)), []).append(path)
    found = [
        _way(world, table, terms, ave, share, name, paths, quarter)
        for name, paths in groups.items()
    ]
    return tuple(sorted(found, key=lambda way: (-way.share, way.ave.mean(), way.name)))


def _terms(world: "World", table: PathTable, quarter: int, scenario: "Scenario | None") -> _Terms:
    """Hours, charges and openings of the paths under season, dates and agreements in force."""
    gate_hours = np.array([gate.border_hours for gate in world.gates])
    gate_fees = np.array([gate.fee_usd_per_feu for gate in world.gates])
    quarters = np.array([quarter])
    is_open = season_open_share(world, quarters)[:, 0]
    if scenario is not None:
        is_open = is_open * dated_open_share(scenario, world, quarters)[:, 0]
    hours, fees = table.passes @ gate_hours, table.passes @ gate_fees
    tolls, locked = table.toll_usd.copy(), table.locked.copy()
    owners = np.array(
        [[code in gate.owners for code in world.regions] for gate in world.gates], dtype=np.bool_
    ).reshape(len(world.gates), len(world.regions))
    for agreement in () if scenario is None else scenario.agreements.values():
        if agreement.kind != "transit" or not agreement.timeline.is_in_force(quarter):
            continue
        member = np.array([code in agreement.members for code in world.regions])
        if not member[table.pairs].all():
            continue
        inside = owners.any(axis=1) & ~(owners & ~member).any(axis=1)
        hours -= agreement.border_time_cut * (table.passes @ (gate_hours * inside))
        fees -= agreement.fee_cut * (table.passes @ (gate_fees * inside))
        n_tolls = np.maximum((table.tolled & member).sum(axis=1), 1)
        if agreement.joint_toll:
            joint = ~(table.tolled & ~member).any(axis=1)
            tolls = np.where(joint, tolls * (n_tolls + 1) / (2 * n_tolls), tolls)
        locked[:, _opened_links(world, agreement.opens.routes)] = False
    return _Terms(
        hours=hours,
        usd=table.usd + fees + tolls,
        open_share=route_open_share(is_open, table.passes > 0),
        locked=locked,
    )


def _opened_links(world: "World", routes: Sequence[str]) -> list[int]:
    """Links of named corridors that an agreement can open; what is not built stays unbuilt."""
    chains = dict(world.network.corridor_links)
    named = {link for route in routes for link in chains.get(route, ())}
    return sorted(link for link in named if world.network.status[link] == "needs-agreement")


def _choice(world: "World", table: PathTable, terms: _Terms) -> tuple[FloatArray, FloatArray]:
    """Cost of every path by good and share of the pair's cargo it carries."""
    value = {name: parameter.value for name, parameter in world.parameters.items()}
    goods_value = world.value_per_feu_usd[:, None]
    ave = route_ave(
        terms.usd,
        table.days,
        value_usd=goods_value,
        time_cost_per_day=value["time_cost_per_day"],
    )
    base_hours = table.passes @ np.array([gate.border_hours for gate in world.gates])
    ratio = np.divide(terms.hours, base_hours, out=np.ones_like(base_hours), where=base_hours > 0)
    border = border_time_factor(
        ratio,
        border_time_elasticity=value["border_time_elasticity"],
        trade_elasticity=value["trade_elasticity"],
    )
    ave = (1.0 + ave) * border - 1.0
    weight = table.size * terms.open_share * ~terms.locked.any(axis=1)
    share = np.zeros(len(table.od))
    for od, od_weight in enumerate(table.od_weight):
        own = table.od == od
        choice = route_choice(
            ave[:, own], weight[own], dispersion=value["corridor_choice_dispersion"]
        )
        share[own] = od_weight * choice.share.mean(axis=0)
    return ave, share


def _name(world: "World", table: PathTable, path: int, start: int) -> str:
    """Gates of a path in travelling order from region `start`, and what kind of way it is."""
    network = world.network
    links = table.links[path]
    nodes = _nodes_along(world, links)
    if network.owner[nodes[0]] != start and network.owner[nodes[-1]] == start:
        nodes = nodes[::-1]
    gates = [world.gates[network.gate[node]].gate for node in nodes if network.gate[node] >= 0]
    return " > ".join(dict.fromkeys(gates)) or NOTHING_PASSED


def _nodes_along(world: "World", links: Sequence[int]) -> list[int]:
    """Nodes of a chain of links in order."""
    network = world.network
    ends = [(int(network.tail[link]), int(network.head[link])) for link in links]
    if len(ends) == 1:
        return list(ends[0])
    first = ends[0][0] if ends[0][1] in ends[1] else ends[0][1]
    nodes = [first]
    for tail, head in ends:
        nodes.append(head if nodes[-1] == tail else tail)
    return nodes


def _way(
    world: "World",
    table: PathTable,
    terms: _Terms,
    ave: FloatArray,
    share: FloatArray,
    name: str,
    paths: Sequence[int],
    quarter: int,
) -> Way:
    """Mean of the paths of one way, weighted by cargo, or by gateways where it carries none."""
    of = np.asarray(paths)
    weight = share[of] if share[of].sum() > 0 else table.od_weight[table.od[of]]
    weight = weight / weight.sum()
    modes = dict.fromkeys(world.network.modes[link] for p in paths for link in table.links[p])
    return Way(
        name=name,
        modes=tuple(modes),
        km=float(weight @ table.km[of]),
        days=float(weight @ (table.days[of] + terms.hours[of] / HOURS_A_DAY)),
        gate_hours=float(weight @ terms.hours[of]),
        usd_per_feu=float(weight @ terms.usd[of]),
        ave=ave[:, of] @ weight,
        share=float(share[of].sum()),
        shut_by=_shut_by(world, table, terms, of, quarter),
    )


def _shut_by(
    world: "World", table: PathTable, terms: _Terms, paths: NDArray[np.intp], quarter: int
) -> tuple[str, ...]:
    """Why a way is closed or partly closed in the quarter."""
    reasons = []
    if terms.locked[paths].any(axis=1).all():
        needed = {world.network.status[k] for k in np.flatnonzero(terms.locked[paths].any(axis=0))}
        reasons.append("not built" if "planned" in needed else "needs an agreement")
    if (shut := 1.0 - float(terms.open_share[paths].max())) > 0:
        reasons.append(f"shut {100 * shut:.0f} % of the quarter")
    months = {
        month
        for gate in np.flatnonzero(table.passes[paths].any(axis=0))
        for month in world.gates[gate].closed_months
    }
    if months:
        reasons.append(f"every year in months {', '.join(map(str, sorted(months)))}")
    return tuple(reasons)
