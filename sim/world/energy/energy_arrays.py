"""Turn checked tables into the energy of a world, its quantities made to agree.

Statistics of production, consumption and trade never add up. They are reconciled at once by
generalised least squares: the quantities that balance at every node and lie nearest to the recorded
ones, each counted in units of its own standard error (Stone, Champernowne and Meade 1942, Review
of Economic Studies 9(2)). What was read gives way least, what was assumed most.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.csv_tables.reader import CheckedTable, Row, Tables
from sim.world.csv_tables.table_errors import WorldError
from sim.world.csv_tables.world_facts import base_year
from sim.world.energy.balances import BalanceMiss, Contract, EnergyArcs, EnergyProject, EnergyWorld
from sim.world.frozen_arrays import Places, frozen, index_of, numbers, places_of

STANDARD_ERROR = {"seen": 0.01, "derived": 0.04, "estimated": 0.15}
"""Relative standard error of a recorded quantity by its flag: assumptions."""
WHOLE_YEAR = 12
"""Months in a year's average price; shorter ones are kept but the path does not use them."""


@dataclass(frozen=True, eq=False)
class EnergyQuantities:
    """Quantities of regions by carrier, `(c, n)`; 0 where none is recorded."""

    production: FloatArray
    consumption: FloatArray
    error: FloatArray
    """Relative standard error."""
    flags: Mapping[tuple[int, int], str]


def energy(tables: Tables) -> EnergyWorld:
    """Build the energy of a world, or an empty one where it has no carriers.

    Parameters
    ----------
    tables : mapping of str to CheckedTable
        All tables of a world.

    Raises
    ------
    WorldError
        If the recorded quantities are too far apart to be reconciled.
    """
    regions = places_of(tables["regions"].column("region"))
    carriers = places_of(tables["energy_carriers"].column("carrier"))
    arcs = _arcs(tables, carriers, regions)
    nodes = _nodes(tables["energy_balances"], carriers, regions)
    flow_error = np.array(
        [STANDARD_ERROR[row.text("flag")] for row in tables["energy_arcs"]], dtype=np.float64
    )
    production, consumption, flow = _reconciled(nodes, arcs, flow_error)
    balanced = EnergyArcs(**{**vars(arcs), "flow": frozen(flow)})
    table, years = tables["energy_carriers"], _price_years(tables)
    misses = [
        *_node_misses(tables, carriers, regions, production, consumption),
        *_trade_misses(tables, carriers, regions, balanced),
        *_flow_misses(tables, balanced),
    ]
    misses.sort(key=lambda miss: -abs(miss.difference))
    return EnergyWorld(
        carriers=table.column("carrier"),
        carrier_names=table.column("name"),
        units=table.column("unit"),
        price_units=table.column("price_unit"),
        tonnes_per_unit=numbers(table, "tonnes_per_unit"),
        demand_elasticity=numbers(table, "demand_elasticity"),
        income_elasticity=numbers(table, "income_elasticity"),
        arc_elasticity=numbers(table, "arc_elasticity"),
        lead_years=np.array([int(cell) for cell in table.column("lead_years")], dtype=np.intp),
        expansion_limit=numbers(table, "expansion_limit"),
        supply_elasticity=_supply_elasticity(tables, carriers, regions),
        production=frozen(production),
        consumption=frozen(consumption),
        price=_grid(tables["energy_balances"], "price_usd_per_unit", carriers, regions, np.nan),
        arcs=balanced,
        contracts=tuple(
            row.record(Contract, arc=arcs.names.index(row.text("arc")))
            for row in tables["energy_contracts"]
        ),
        projects=tuple(row.record(EnergyProject) for row in tables["energy_projects"]),
        price_years=years,
        base_price=_base_price(tables, carriers, years[0]),
        price_path=_price_path(tables, carriers, years),
        misses=tuple(misses),
    )


def reconcile(values: FloatArray, errors: FloatArray, balances: FloatArray) -> FloatArray:
    """Values nearest to the given ones for which `balances @ values` is zero.

    Parameters
    ----------
    values : (k,) ndarray
        Recorded quantities, not negative [unit].
    errors : (k,) ndarray
        Their standard errors, 0 for what may not move [unit].
    balances : (m, k) ndarray
        Coefficient of each quantity in each balance.

    Returns
    -------
    (k,) ndarray

    Examples
    --------
    Ten are made and twelve used; the first figure is the better one:

    >>> reconcile(np.array([10.0, 12.0]), np.array([0.5, 1.0]), np.array([[1.0, -1.0]])).tolist()
    [10.4, 10.4]
    """
    spread = balances * errors**2
    pressure = np.linalg.lstsq(spread @ balances.T, balances @ values, rcond=None)[0]
    return np.asarray(values - spread.T @ pressure)


def _reconciled(
    nodes: EnergyQuantities, arcs: EnergyArcs, flow_error: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Production, consumption and flows that balance at every node."""
    shape, size = nodes.production.shape, nodes.production.size
    n_regions = shape[1]
    leaves = np.eye(size)
    incidence = np.zeros((size, len(arcs.names)))
    k = np.arange(len(arcs.names))
    np.add.at(incidence, (arcs.carrier * n_regions + arcs.tail, k), -1.0)
    np.add.at(incidence, (arcs.carrier_out * n_regions + arcs.head, k), arcs.delivered_share)
    balances = np.concatenate([leaves, -leaves, incidence], axis=1)
    parts = (nodes.production.ravel(), nodes.consumption.ravel(), arcs.flow)
    values = np.concatenate(parts)
    error = np.concatenate([nodes.error.ravel(), nodes.error.ravel(), flow_error])
    found = reconcile(values, values * error, balances)
    left = np.abs(balances @ found)
    if size and (left.max() > 1e-9 * max(values.max(), 1.0) or found.min() < 0.0):
        row, column = int(left.argmax()), int(found.argmin())
        raise WorldError(
            [
                "energy_balances.csv: quantities cannot be reconciled: node "
                f"{row} misses {left[row]:.3g}, quantity {column} would be {found[column]:.3g}; "
                "wanted production and imports that can meet consumption and exports"
            ]
        )
    made, used, flow = np.split(found, [size, 2 * size])
    return made.reshape(shape), used.reshape(shape), flow


def _arcs(tables: Tables, carriers: Places, regions: Places) -> EnergyArcs:
    rows = tables["energy_arcs"]
    gates = places_of(tables["gates"].column("gate"))
    projects = places_of(tables["energy_projects"].column("project"))
    carrier = index_of(rows.column("carrier"), carriers)
    out = index_of(rows.column("carrier_out"), carriers)
    listed = [(row.names("gates"), row.names("ports")) for row in rows]
    handled = np.zeros((len(listed), len(gates)))
    passed = np.zeros((len(listed), len(gates)), dtype=np.bool_)
    for a, (closing, ports) in enumerate(listed):
        for gate in closing:
            passed[a, gates[gate]] = True
            handled[a, gates[gate]] = 1.0
        for port in ports:  # tonnes are split evenly over ports that serve alike
            handled[a, gates[port]] = 1.0 / len(ports)
    passed.setflags(write=False)
    return EnergyArcs(
        names=rows.column("arc"),
        modes=rows.column("mode"),
        statuses=rows.column("status"),
        carrier=carrier,
        carrier_out=np.where(out < 0, carrier, out),
        tail=index_of(rows.column("tail"), regions),
        head=index_of(rows.column("head"), regions),
        flow=numbers(rows, "flow", blank=0.0),
        capacity=numbers(rows, "capacity", blank=np.inf),
        delivered_share=frozen(
            (1.0 - numbers(rows, "loss")) * numbers(rows, "conversion"),
        ),
        cost=numbers(rows, "cost_usd_per_unit", blank=np.nan),
        gates=passed,
        load_share=frozen(handled),
        project=index_of(rows.column("project"), projects),
    )


def _nodes(table: CheckedTable, carriers: Places, regions: Places) -> EnergyQuantities:
    flags = {
        (carriers[row.text("carrier")], regions[row.text("region")]): row.text("flag")
        for row in table
    }
    error = np.zeros((len(carriers), len(regions)))
    for cell, flag in flags.items():
        error[cell] = STANDARD_ERROR[flag]
    return EnergyQuantities(
        _grid(table, "production", carriers, regions, 0.0),
        _grid(table, "consumption", carriers, regions, 0.0),
        error,
        flags,
    )


def _supply_elasticity(tables: Tables, carriers: Places, regions: Places) -> FloatArray:
    usual = numbers(tables["energy_carriers"], "supply_elasticity")
    own = _grid(tables["energy_balances"], "supply_elasticity", carriers, regions, np.nan)
    return frozen(np.where(np.isnan(own), usual[:, None], own))


def _node_misses(
    tables: Tables,
    carriers: Places,
    regions: Places,
    production: FloatArray,
    consumption: FloatArray,
) -> Iterator[BalanceMiss]:
    for row in tables["energy_balances"]:
        cell = carriers[row.text("carrier")], regions[row.text("region")]
        for what, found in (("production", production), ("consumption", consumption)):
            yield from _miss(row, what, row.text("region"), float(found[cell]))


def _trade_misses(
    tables: Tables, carriers: Places, regions: Places, arcs: EnergyArcs
) -> Iterator[BalanceMiss]:
    abroad = np.where(arcs.is_trade, arcs.flow, 0.0)
    for row in tables["energy_balances"]:
        c, i = carriers[row.text("carrier")], regions[row.text("region")]
        sold = abroad[(arcs.carrier == c) & (arcs.tail == i)].sum()
        bought = (abroad * arcs.delivered_share)[(arcs.carrier_out == c) & (arcs.head == i)].sum()
        yield from _miss(row, "exports", row.text("region"), float(sold))
        yield from _miss(row, "imports", row.text("region"), float(bought))


def _flow_misses(tables: Tables, arcs: EnergyArcs) -> Iterator[BalanceMiss]:
    for a, row in enumerate(tables["energy_arcs"]):
        yield from _miss(row, "flow", row.text("arc"), float(arcs.flow[a]))


def _miss(row: Row, what: str, place: str, balanced: float) -> Iterator[BalanceMiss]:
    recorded = row.number_or_none(what)
    if recorded is not None:
        yield BalanceMiss(what, place, row.text("carrier"), recorded, balanced, row.text("flag"))


def _price_years(tables: Tables) -> tuple[int, ...]:
    whole = (row for row in tables["energy_prices"] if row.number("months") == WHOLE_YEAR)
    years = {int(row.text("year")) for row in whole}
    start = base_year(tables)
    return tuple(range(start, max(years, default=start) + 1))


def _base_price(tables: Tables, carriers: Places, year: int) -> FloatArray:
    price = np.full(len(carriers), np.nan)
    for row in tables["energy_prices"]:
        if int(row.text("year")) == year:
            price[carriers[row.text("carrier")]] = row.number("price_usd_per_unit")
    return frozen(price)


def _price_path(tables: Tables, carriers: Places, years: Sequence[int]) -> FloatArray:
    """Prices of each series over the base year's; a part of a year counts for nothing."""
    path = np.ones((len(carriers), len(years)))
    known = {
        (row.text("carrier"), int(row.text("year"))): row.number("price_usd_per_unit")
        for row in tables["energy_prices"]
        if row.number("months") == WHOLE_YEAR
    }
    for (carrier, year), price in known.items():
        if year in years:
            path[carriers[carrier], year - years[0]] = price / known[carrier, years[0]]
    return frozen(path)


def _grid(
    table: CheckedTable, column: str, carriers: Places, regions: Places, blank: float
) -> FloatArray:
    values = np.full((len(carriers), len(regions)), blank)
    for row in table:
        number = row.number_or_none(column)
        if number is not None:
            values[carriers[row.text("carrier")], regions[row.text("region")]] = number
    return frozen(values)
