"""One year's energy market for all runs: from the shared columns to an equilibrium."""

from typing import NamedTuple

import numpy as np

from sim.laws import energy
from sim.laws.energy.curves import carriage_line, falling_line, rising_line
from sim.laws.numerics.arrays import FloatArray
from sim.simulation.energy.energy_setup import EnergyColumns, EnergyTable

STRETCH = 1.25
"""Most that a way without a stated limit carries while a gate on it is partly closed, over its
usual flow: ships in the days it is open cannot make up for all the others."""
AMPLE = 20.0
"""Limit of such a way while it is open, over its usual flow: none that would ever bind."""
SMOOTHING = 1e-6
TOLERANCE = 1e-6
"""Largest imbalance at a node [unit/year]: a tonne, a thousand cubic metres, a megawatt hour."""

NEAR = 1e-3
"""Room times price of each limit, scaled, at which the search begins from the year before at this
year's world prices: six steps, where twice as many do from afar [1]."""


class YearInputs(NamedTuple):
    """Drivers of a market from the base year; runs first, then carriers `c` and regions `n`."""

    money: FloatArray
    """(n_runs, c) world price over that of the base year [1]."""
    demand_scale: FloatArray
    """(n_runs, c, n) demand at the path's price over the base year's [1]."""
    supply_scale: FloatArray
    """(n_runs, c, n) supply at the path's price over the base year's [1]."""
    world_scale: FloatArray
    """(n_runs, c) the same of all demand; arcs are used in proportion [1]."""
    cost_scale: FloatArray
    """(n_runs,) general prices over those of the base year; stated costs move with them [1]."""
    elasticity_factor: FloatArray
    """(n_runs,) factor on all elasticities of supply and demand [1]."""
    arc_elasticity: FloatArray
    """(c,) [1]."""
    open_share: FloatArray
    """(n_runs, w) part of the year in which each route is open, 0 where it is not there [1]."""
    pledged_share: FloatArray
    """(n_runs, p) part of the year in which each contract and deal runs, closures apart [1]."""


def year_market(
    table: EnergyTable, inputs: YearInputs, start: energy.EnergyEquilibrium | None = None
) -> energy.EnergyEquilibrium:
    """Solve the market of one year.

    Parameters
    ----------
    table : EnergyTable
        Columns of the market.
    inputs : YearInputs
        What has moved since the base year.
    start : EnergyEquilibrium, optional
        A market near it, such as that of the year before at this year's world prices.
    """
    supply = _line(table.supply, inputs, inputs.supply_scale, rising=True)
    demand = _line(table.demand, inputs, inputs.demand_scale, rising=False)
    arcs = _arcs(table, inputs)
    pledges, market_arcs = table.pledges, table.market_arcs
    # Force majeure: what a closed way cannot bring is owed by nobody.
    live = inputs.pledged_share * inputs.open_share[:, pledges.arc]
    price = inputs.money[:, market_arcs.carrier_out[pledges.arc]] * market_arcs.worth[pledges.arc]
    contracts = energy.Contracts(
        buyer=market_arcs.head[pledges.arc],
        quantity=pledges.quantity * live,
        price=price * market_arcs.price_share[pledges.arc],
        take_or_pay=pledges.take_or_pay,
        arc=pledges.arc,
        carrier=market_arcs.carrier_out[pledges.arc],
    )
    n_carriers, n_regions = table.shape
    return energy.equilibrium(
        energy.Supply(table.supply.region, *supply, carrier=table.supply.carrier),
        energy.Demand(table.demand.region, *demand, carrier=table.demand.carrier),
        arcs,
        contracts=contracts if pledges.arc.size else None,
        smoothing=SMOOTHING,
        tolerance=TOLERANCE,
        start=start,
        start_hair=NEAR,
        n_carriers=n_carriers,
        n_nodes=n_regions,
    )


def _line(
    cells: EnergyColumns, inputs: YearInputs, scale: FloatArray, *, rising: bool
) -> tuple[FloatArray, FloatArray]:
    curve = rising_line if rising else falling_line
    line = curve(
        inputs.money[:, cells.carrier] * cells.price,
        scale[:, cells.carrier, cells.region] * cells.quantity,
        inputs.elasticity_factor[:, None] * cells.elasticity,
    )
    return line.intercept, line.slope


def _arcs(table: EnergyTable, inputs: YearInputs) -> energy.Arcs:
    """Arcs in use rise in cost from the base year's; the others from their stated cost."""
    market_arcs = table.market_arcs
    money = inputs.money[:, market_arcs.carrier_out]
    committed = np.zeros(len(market_arcs.names), dtype=np.bool_)
    committed[table.pledges.arc] = True
    is_stated = ~np.isnan(market_arcs.cost)
    usual = _usual_flow(table, inputs)
    reference = np.where(
        is_stated, np.where(np.isfinite(market_arcs.capacity), market_arcs.capacity, 1.0), usual
    )
    line = carriage_line(
        money * market_arcs.gap,
        money * market_arcs.worth,
        np.maximum(reference, 1e-9),
        inputs.arc_elasticity[market_arcs.carrier],
    )
    stated = inputs.cost_scale[:, None] * np.nan_to_num(market_arcs.cost)
    cost = np.where(is_stated, stated, line.intercept)
    cost = np.where(committed & ~is_stated, money * market_arcs.gap, cost)
    # A contract and a line built for its purpose cost the same up to their limit.
    slope = np.where(committed | (market_arcs.project >= 0), 0.0, line.slope)
    # Plants are built where demand grows; pipes and wires are projects.
    limit = (
        np.where(market_arcs.is_trade, 1.0, inputs.world_scale[:, market_arcs.carrier])
        * market_arcs.capacity
    )
    most = np.where(np.isfinite(limit), limit, STRETCH * usual)
    # A way without a limit that a gate can shut has an ample one while it is open: which arcs
    # have a limit may not differ between runs, or a batch would not be its single runs to the bit.
    may_shut = (market_arcs.passes.any(axis=1) | (inputs.open_share < 1.0).all(axis=0)) & np.isinf(
        limit
    )
    free = np.where(may_shut, AMPLE * usual, limit)
    ceiling = np.where(inputs.open_share < 1.0, most * inputs.open_share, free)
    ceiling[:, table.pledges.arc] *= inputs.pledged_share
    _take_room(table, ceiling)
    return energy.Arcs(
        market_arcs.tail,
        market_arcs.head,
        cost=cost,
        capacity=ceiling,
        loss=0.0,
        carrier=market_arcs.carrier,
        carrier_out=market_arcs.carrier_out,
        conversion=market_arcs.delivered_share,
        slope=slope,
    )


def _take_room(table: EnergyTable, ceiling: FloatArray) -> None:
    """Take what deals may carry off the limit of the open arcs that they share, in place.

    Parameters
    ----------
    table : EnergyTable
    ceiling : (n_runs, w) ndarray
        Most that enters each arc [unit/year].
    """
    market_arcs = table.market_arcs
    for row in table.pledges.arc[table.pledges.n_known :]:
        shared = market_arcs.arc[row]
        if market_arcs.usable[shared] and np.isfinite(market_arcs.capacity[shared]):
            ceiling[:, shared] = np.maximum(ceiling[:, shared] - ceiling[:, row], 0.0)


def _usual_flow(table: EnergyTable, inputs: YearInputs) -> FloatArray:
    """Flow of every way if all had grown alike, contracts that run left out, (n_runs, w)."""
    market_arcs, pledges = table.market_arcs, table.pledges
    known = pledges.arc[: pledges.n_known]
    whole = market_arcs.flow.copy()
    np.add.at(whole, market_arcs.arc[known], market_arcs.flow[known])
    usual = inputs.world_scale[:, market_arcs.carrier] * whole
    live = pledges.quantity * inputs.pledged_share
    for place, arc in enumerate(known):
        spot = market_arcs.arc[arc]
        usual[:, spot] = np.maximum(usual[:, spot] - live[:, place], 0.01 * usual[:, spot])
    return usual
