"""The energy of a world in words and tables, for whoever prints it."""

import numpy as np

from sim.world.csv_tables.energy_schema import ENERGY_SCHEMAS
from sim.world.csv_tables.schema import FLAGS
from sim.world.describe.overview import TitledTable, flag_row
from sim.world.world import World


def describe_energy(world: World) -> list[TitledTable]:
    """Describe the energy of a world section by section.

    Parameters
    ----------
    world : World
        One without energy gets a line that says so.

    Returns
    -------
    list of TitledTable
        Every row as long as its columns.
    """
    if not world.energy:
        return [TitledTable("Energy", ("",), (("this world has no tables of energy",),))]
    return [
        _carriers(world),
        _balances(world),
        _arcs(world),
        _contracts(world),
        _projects(world),
        _misses(world),
        _flags(world),
    ]


def _carriers(world: World) -> TitledTable:
    energy = world.energy
    abroad = np.where(energy.arcs.is_trade, energy.arcs.flow, 0.0)
    rows = tuple(
        (
            carrier,
            energy.carrier_names[c],
            energy.units[c],
            f"{energy.production[c].sum():,.0f}",
            f"{energy.consumption[c].sum():,.0f}",
            f"{abroad[energy.arcs.carrier == c].sum():,.0f}",
            _known(energy.base_price[c]),
            energy.price_units[c],
        )
        for c, carrier in enumerate(energy.carriers)
    )
    columns = ("carrier", "name", "unit", "made", "used", "traded", "world price", "in")
    return TitledTable(f"Carriers of energy in {world.base_year}", columns, rows)


def _balances(world: World) -> TitledTable:
    energy, arcs = world.energy, world.energy.arcs
    sold, bought = np.zeros_like(energy.production), np.zeros_like(energy.production)
    plants = np.zeros_like(energy.production)
    given = arcs.flow * arcs.delivered_share
    trade = arcs.is_trade
    np.add.at(sold, (arcs.carrier[trade], arcs.tail[trade]), arcs.flow[trade])
    np.add.at(bought, (arcs.carrier_out[trade], arcs.head[trade]), given[trade])
    np.add.at(plants, (arcs.carrier[~trade], arcs.tail[~trade]), -arcs.flow[~trade])
    np.add.at(plants, (arcs.carrier_out[~trade], arcs.head[~trade]), given[~trade])
    rows = tuple(
        (
            world.regions[i],
            energy.carriers[c],
            *map(_amount, (energy.production[c, i], bought[c, i], plants[c, i])),
            *map(_amount, (energy.consumption[c, i], sold[c, i])),
            energy.units[c],
            _known(energy.price[c, i]),
        )
        for i, c in np.argwhere(~np.isnan(energy.price.T))
    )
    columns = ("region", "carrier", "made", "bought", "plants", "used", "sold", "unit", "price")
    return TitledTable("Balances; plants give (+) or take (-)", columns, rows)


def _arcs(world: World) -> TitledTable:
    energy, arcs = world.energy, world.energy.arcs
    rows = []
    for a, name in enumerate(arcs.names):
        into, out = energy.carriers[arcs.carrier[a]], energy.carriers[arcs.carrier_out[a]]
        rows.append(
            (
                name,
                into if into == out else f"{into} to {out}",
                f"{world.regions[arcs.tail[a]]}-{world.regions[arcs.head[a]]}",
                arcs.modes[a],
                _amount(arcs.flow[a]),
                f"{arcs.capacity[a]:g}" if np.isfinite(arcs.capacity[a]) else "",
                energy.units[arcs.carrier[a]],
                _known(arcs.cost[a]),
                ", ".join(world.gates[g].gate for g in np.flatnonzero(arcs.gates[a])),
                arcs.statuses[a],
            )
        )
    columns = ("arc", "carrier", "from-to", "mode", "flow", "capacity", "unit", "cost")
    title = "Arcs of energy; a blank cost is the gap of prices"
    return TitledTable(title, (*columns, "shut by", "status"), tuple(rows))


def _contracts(world: World) -> TitledTable:
    energy = world.energy
    rows = tuple(
        (
            own.contract,
            energy.arcs.names[own.arc],
            f"{own.quantity:g} {energy.units[energy.arcs.carrier[own.arc]]}",
            f"{own.take_or_pay:.0%}",
            f"{own.first_year} to {own.last_year}",
            own.flag,
        )
        for own in energy.contracts
    )
    columns = ("contract", "arc", "a year", "paid in any case", "in force", "quality")
    return TitledTable("Contracts", columns, rows)


def _projects(world: World) -> TitledTable:
    rows = tuple(
        (own.project, own.name, str(own.earliest_year), f"{own.completion_hazard:.0%}", own.flag)
        for own in world.energy.projects
    )
    columns = ("project", "name", "not before", "chance a year from then", "quality")
    return TitledTable("Projects of energy", columns, rows)


def _misses(world: World) -> TitledTable:
    energy = world.energy
    unit = dict(zip(energy.carriers, energy.units, strict=True))
    rows = tuple(
        (
            miss.what,
            miss.place,
            miss.carrier,
            f"{miss.recorded:,.2f}",
            f"{miss.balanced:,.2f}",
            f"{miss.difference:+,.2f}",
            f"{miss.difference / miss.recorded:+.1%}",
            unit[miss.carrier],
            miss.flag,
        )
        for miss in energy.misses
        if miss.recorded > 0
    )
    columns = ("what", "place", "carrier", "recorded", "modelled", "difference", "in %", "unit")
    title = f"Recorded beside modelled in {world.base_year}, largest difference first"
    return TitledTable(title, (*columns, "quality"), rows)


def _flags(world: World) -> TitledTable:
    rows = tuple(flag_row(world, table) for table in ENERGY_SCHEMAS)
    return TitledTable("Quality of the tables of energy, rows", ("table", *FLAGS), rows)


def _amount(value: float) -> str:
    """A quantity, or nothing where there is none."""
    return f"{value:,.2f}" if abs(value) > 1e-9 else ""


def _known(value: float) -> str:
    return "" if np.isnan(value) else f"{value:,g}"
