"""One year's energy market for all runs: from the shared columns to an equilibrium."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.actors.energy_table import Cells, EnergyTable
from sim.laws import energy
from sim.laws.energy.curves import carriage_line, falling_line, rising_line

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

STRETCH = 1.25
"""Most that a way without a stated limit carries while a gate on it is partly closed, over its
usual flow: ships in the days it is open cannot make up for all the others."""
AMPLE = 20.0
"""Limit of such a way while it is open, over its usual flow: none that would ever bind."""
SMOOTHING = 1e-6
TOLERANCE = 1e-6
"""Largest imbalance at a node [unit/year]: a tonne, a thousand cubic metres, a megawatt hour."""


class YearInputs(NamedTuple):
    """What moves a market from the base year; runs first, then carriers `c` and regions `n`."""

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
    """(n_runs, w) part of the year in which each way is open, 0 where it is not there [1]."""
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
        That of the year before.
    """
    supply = _line(table.supply, inputs, inputs.supply_scale, rising=True)
    demand = _line(table.demand, inputs, inputs.demand_scale, rising=False)
    arcs = _arcs(table, inputs)
    pledges, ways = table.pledges, table.ways
    # Force majeure: what a closed way cannot bring is owed by nobody.
    live = inputs.pledged_share * inputs.open_share[:, pledges.way]
    price = inputs.money[:, ways.carrier_out[pledges.way]] * ways.worth[pledges.way]
    contracts = energy.Contracts(
        buyer=ways.head[pledges.way],
        quantity=pledges.quantity * live,
        price=price * ways.price_share[pledges.way],
        take_or_pay=pledges.take_or_pay,
        arc=pledges.way,
        carrier=ways.carrier_out[pledges.way],
    )
    n_carriers, n_regions = table.shape
    return energy.equilibrium(
        energy.Supply(table.supply.region, *supply, carrier=table.supply.carrier),
        energy.Demand(table.demand.region, *demand, carrier=table.demand.carrier),
        arcs,
        contracts=contracts if pledges.way.size else None,
        smoothing=SMOOTHING,
        tolerance=TOLERANCE,
        start=start,
        n_carriers=n_carriers,
        n_nodes=n_regions,
    )


def _line(
    cells: Cells, inputs: YearInputs, scale: FloatArray, *, rising: bool
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
    ways = table.ways
    money = inputs.money[:, ways.carrier_out]
    committed = np.zeros(len(ways.names), dtype=np.bool_)
    committed[table.pledges.way] = True
    is_stated = ~np.isnan(ways.cost)
    usual = _usual_flow(table, inputs)
    reference = np.where(is_stated, np.where(np.isfinite(ways.capacity), ways.capacity, 1.0), usual)
    line = carriage_line(
        money * ways.gap,
        money * ways.worth,
        np.maximum(reference, 1e-9),
        inputs.arc_elasticity[ways.carrier],
    )
    stated = inputs.cost_scale[:, None] * np.nan_to_num(ways.cost)
    cost = np.where(is_stated, stated, line.intercept)
    cost = np.where(committed & ~is_stated, money * ways.gap, cost)
    # A contract and a line built for its purpose cost the same up to their limit.
    slope = np.where(committed | (ways.project >= 0), 0.0, line.slope)
    # Plants are built where demand grows; pipes and wires are projects.
    limit = np.where(ways.is_trade, 1.0, inputs.world_scale[:, ways.carrier]) * ways.capacity
    most = np.where(np.isfinite(limit), limit, STRETCH * usual)
    # A way without a limit that a gate can shut has an ample one while it is open: which ways
    # have a limit may not differ between runs, or a batch would not be its single runs to the bit.
    may_shut = (ways.passes.any(axis=1) | (inputs.open_share < 1.0).all(axis=0)) & np.isinf(limit)
    free = np.where(may_shut, AMPLE * usual, limit)
    ceiling = np.where(inputs.open_share < 1.0, most * inputs.open_share, free)
    ceiling[:, table.pledges.way] *= inputs.pledged_share
    return energy.Arcs(
        ways.tail,
        ways.head,
        cost=cost,
        capacity=ceiling,
        loss=0.0,
        carrier=ways.carrier,
        carrier_out=ways.carrier_out,
        conversion=ways.delivered_share,
        slope=slope,
    )


def _usual_flow(table: EnergyTable, inputs: YearInputs) -> FloatArray:
    """Flow of every way if all had grown alike, contracts that run left out, (n_runs, w)."""
    ways, pledges = table.ways, table.pledges
    known = pledges.way[: pledges.n_known]
    whole = ways.flow.copy()
    np.add.at(whole, ways.arc[known], ways.flow[known])
    usual = inputs.world_scale[:, ways.carrier] * whole
    live = pledges.quantity * inputs.pledged_share
    for place, way in enumerate(known):
        spot = ways.arc[way]
        usual[:, spot] = np.maximum(usual[:, spot] - live[:, place], 0.01 * usual[:, spot])
    return usual
