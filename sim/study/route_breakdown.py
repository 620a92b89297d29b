"""Components of the days and the charges of a path."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.simulation.transport.paths import terminal_days
from sim.world.transport.network import HOURS_A_DAY

if TYPE_CHECKING:
    from sim.simulation.transport.paths import PathTable
    from sim.simulation.transport.transit_terms import PathTerms
    from sim.world.transport.network import Network


ROUNDING_DAYS = 9
"""Decimals beyond which a difference of sums of days is rounding error."""
ROUNDING_USD = 1e-6
"""Difference of two sums of charges that is rounding error [USD/FEU]."""


class DaysByUse(NamedTuple):
    """Days of a route by what they are spent on."""

    moving: float
    waiting: float
    """For a connection, a change of gauge or another lorry, on the way."""
    gates: float
    ports: float
    terminals: float
    """To load or unload and clear at both ends."""


class Charges(NamedTuple):
    """Charges of a route for a container by who takes them [USD/FEU]."""

    freight: float
    handling: float
    """Reloading and moves between ship and land."""
    gates: float
    ports: float
    """On the cargo of other regions."""
    tolls: float


def days_of(
    network: "Network",
    table: "PathTable",
    terms: "PathTerms",
    paths: IndexArray,
    weight: FloatArray,
) -> DaysByUse:
    """Mean days of some paths by what they are spent on; `weight` sums to one."""
    moving_days = network.length_km / network.speed_kmh / HOURS_A_DAY
    moving = _along(table, moving_days, paths)
    waiting = _along(table, network.days_fixed, paths)
    terminals = np.array([terminal_days(network, table.links[path]) for path in paths])
    ports = np.round(table.days[paths] - moving - waiting - terminals, ROUNDING_DAYS)
    at_gates = terms.mean_hours[paths] / HOURS_A_DAY
    return DaysByUse(
        *(float(weight @ part) for part in (moving, waiting, at_gates, ports, terminals))
    )


def charges_of(
    network: "Network",
    table: "PathTable",
    terms: "PathTerms",
    paths: IndexArray,
    weight: FloatArray,
) -> Charges:
    """Mean charges of some paths by who takes them; `weight` sums to one."""
    freight = _along(table, network.length_km * network.fare_usd_per_feu_km, paths)
    handling = table.usd[paths] - freight
    parts = (
        freight,
        np.where(np.abs(handling) < ROUNDING_USD, 0.0, handling),
        terms.fees_usd[paths],
        terms.port_usd[paths],
        terms.toll_usd[paths],
    )
    return Charges(*(float(weight @ part) for part in parts))


def _along(table: "PathTable", by_link: FloatArray, paths: IndexArray) -> FloatArray:
    """Sum over the links of each path."""
    return np.array([by_link[list(table.links[path])].sum() for path in paths])
