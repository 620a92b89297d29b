"""Remaining gap between trade as projected and a target, in the units in which it could be closed.

Each amount alone would close it by the gravity law in closed form, other prices and incomes held,
so that each is the least that is needed. With `f` the target over the projection and `e` the
elasticity of trade to one plus the duty, costs have to fall by `1 - f^(-1/(e - 1))` and the duty
factor by `1 - f^(-1/e)`; a fall of costs is worth `(1 + c) V` dollars a container for each part of
it, `c` being the cost of the routes in use and `V` the value of the load, and a day is worth `h V`.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.methods.lever_search import trade_cost_cut
from sim.laws.numerics.arrays import FloatArray
from sim.laws.policy.tariffs import cost_elasticity
from sim.study.route import routes

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


class AmountRange(NamedTuple):
    """One amount at the middle of the parameters and at the ends of their ranges."""

    value: float
    low: float
    high: float


class EnergyAmount(NamedTuple):
    """Volume of a carrier whose value alone closes the gap."""

    carrier: str
    unit: str
    volume: float
    """[unit/year]."""
    price: float
    """At the buyer in the base year [USD/unit]."""


class RemainingGap(NamedTuple):
    """Amounts of which each alone takes the projection to the target."""

    trade_musd: float
    times: float
    """Target over projection; so many times as many exporters of the present mean size [1]."""
    duty_points: AmountRange
    """Points of duty on all goods, both ways [1]."""
    duty_now: float
    """Mean duty between the two, weighted by trade [1]."""
    usd_per_feu: AmountRange | None
    """Off a container's way; None without a network [USD/FEU]."""
    days: AmountRange | None
    """Off its time [days]."""
    charges_now: float | None
    """Charges of a container on the routes in use [USD/FEU]."""
    days_now: float | None
    energy: tuple[EnergyAmount, ...]


def remaining_gap(
    scenario: "Scenario", world: "World", pair: tuple[str, str], projected: float, target: float
) -> RemainingGap | None:
    """Amounts that take trade to a target; None where it is there.

    Parameters
    ----------
    scenario, world
        What is asked and what is; routes are those of the scenario's last quarter.
    pair : tuple of str
        Regions that trade.
    projected, target : float
        Trade both ways [musd/year]; the former a quantile of the year asked.
    """
    if not 0.0 < projected < target:
        return None
    times = target / projected
    elasticity = _ends(world, "trade_elasticity")
    cut = trade_cost_cut(times - 1.0, cost_elasticity(elasticity))
    duty = _mean_duty(world, pair)
    usd, days, charges, time = _on_routes(scenario, world, pair, cut)
    return RemainingGap(
        trade_musd=target - projected,
        times=times,
        duty_points=_amounts((1.0 + duty) * trade_cost_cut(times - 1.0, elasticity)),
        duty_now=duty,
        usd_per_feu=usd,
        days=days,
        charges_now=charges,
        days_now=time,
        energy=_energy(world, pair, target - projected),
    )


def _ends(world: "World", name: str) -> FloatArray:
    """Middle, low and high of a parameter, (3,)."""
    parameter = world.parameters[name]
    return np.array([parameter.value, parameter.low, parameter.high])


def _amounts(values: FloatArray) -> AmountRange:
    """The first value, and the least and the largest of all."""
    return AmountRange(float(values.flat[0]), float(values.min()), float(values.max()))


def _mean_duty(world: "World", pair: tuple[str, str]) -> float:
    a, b = (world.region_index(code) for code in pair)
    rate = world.tariffs.applied_rate
    both = [(world.trade[:, i, j], rate[:, i, j]) for i, j in ((a, b), (b, a))]
    total = sum(float(trade.sum()) for trade, _ in both)
    return sum(float(trade @ duty) for trade, duty in both) / total if total > 0 else 0.0


def _on_routes(
    scenario: "Scenario", world: "World", pair: tuple[str, str], cut: FloatArray
) -> tuple[AmountRange | None, AmountRange | None, float | None, float | None]:
    """Dollars and days off a container that such a cut of costs is worth, and what they are."""
    if not world.network.nodes:
        return None, None, None, None
    a, b = (world.region_index(code) for code in pair)
    found = routes(world, pair[0], pair[1], int(scenario.horizon.end), scenario)
    share = np.array([route.share for route in found])
    share = share / share.sum() if share.sum() > 0 else np.full(len(found), 1.0 / len(found))
    ave = np.array([route.ave for route in found]).T @ share
    goods = world.trade[:, a, b] + world.trade[:, b, a]
    loads = goods / world.value_per_feu_usd
    loads = loads / loads.sum() if loads.sum() > 0 else np.full(len(loads), 1.0 / len(loads))
    value = float(loads @ world.value_per_feu_usd)
    whole = float(loads @ (world.value_per_feu_usd * (1.0 + ave)))
    per_day = _ends(world, "time_cost_per_day")
    return (
        _amounts(cut * whole),
        _amounts(np.divide.outer(cut * whole / value, per_day)),
        float(share @ [route.usd_per_feu for route in found]),
        float(share @ [route.days for route in found]),
    )


def _energy(world: "World", pair: tuple[str, str], gap: float) -> tuple[EnergyAmount, ...]:
    """Volumes by carrier that some route takes from one to the other."""
    energy, found = world.energy, {}
    if not energy:
        return ()
    ends = [world.region_index(code) for code in pair]
    for a in np.flatnonzero(energy.arcs.is_trade):
        tail, head = int(energy.arcs.tail[a]), int(energy.arcs.head[a])
        carrier = int(energy.arcs.carrier_out[a])
        price = float(energy.price[carrier, head])
        if {tail, head} == set(ends) and price > 0:
            name = energy.carriers[carrier]
            found[name] = EnergyAmount(name, energy.units[carrier], gap / price, price)
    return tuple(found.values())
