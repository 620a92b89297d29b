"""Energy of a world in the base year: who makes and uses it, what carries it, at which price.

Quantities are in the unit of the carrier a year (million tonnes, billion cubic metres, terawatt
hours) and prices in US dollars per thousandth of a million of it, so that quantity times price is
million dollars. Axes: `c` carriers, `n` regions, `a` arcs.
"""

from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray


@dataclass(frozen=True, slots=True)
class Contract:
    """A take-or-pay contract in force, carried over an arc."""

    contract: str
    arc: int
    quantity: float
    """Yearly contract quantity [unit]."""
    take_or_pay: float
    """Share of it that is paid whether taken or not."""
    first_year: int
    last_year: int
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class EnergyProject:
    """A pipe or wire to be built; its arcs name it."""

    project: str
    name: str
    earliest_year: int
    """First year in which it may be complete."""
    completion_hazard: float
    """Chance to be completed in a year from then on [1/year]."""
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class BalanceMiss:
    """A recorded quantity and what it became when all quantities were made to agree."""

    what: str
    """`production`, `consumption`, `exports`, `imports` or `flow`."""
    place: str
    """Region, or arc for a flow."""
    carrier: str
    recorded: float
    balanced: float
    flag: str

    @property
    def difference(self) -> float:
        """Balanced less recorded [unit]."""
        return self.balanced - self.recorded


@dataclass(frozen=True, eq=False)
class EnergyArcs:
    """Arcs of energy, refineries among them; every array is (a,) unless said otherwise."""

    names: tuple[str, ...]
    modes: tuple[str, ...]
    statuses: tuple[str, ...]
    """`open`, `needs-deal` (nothing passes without one) or `planned` (awaits its project)."""
    carrier: IndexArray
    carrier_out: IndexArray
    tail: IndexArray
    head: IndexArray
    flow: FloatArray
    """What entered in the base year, balanced; 0 where nothing did [unit]."""
    capacity: FloatArray
    """Most that can enter in a year, inf for no limit [unit]."""
    delivered_share: FloatArray
    """Units given out per unit taken in."""
    cost: FloatArray
    """Cost of a unit, nan where the gap of prices of the base year tells it [USD/unit]."""
    gates: BoolArray
    """(a, n_gates) gates whose closure closes the arc."""
    load_share: FloatArray
    """(a, n_gates) share of its tonnes that each gate or port handles."""
    project: IndexArray
    """Project that must be complete, -1 for none."""

    @property
    def is_trade(self) -> BoolArray:
        """(a,) whether it leaves the region."""
        return np.asarray(self.tail != self.head)


@dataclass(frozen=True, eq=False)
class EnergyWorld:
    """Energy of the base year; a world without its tables has no carriers."""

    carriers: tuple[str, ...]
    carrier_names: tuple[str, ...]
    units: tuple[str, ...]
    price_units: tuple[str, ...]
    tonnes_per_unit: FloatArray
    """(c,) weight on ships and trains [Mt/unit]."""
    demand_elasticity: FloatArray
    income_elasticity: FloatArray
    arc_elasticity: FloatArray
    """(c,) positive; how much the use of an arc rises with the advantage of its price [1]."""
    lead_years: IndexArray
    """(c,) years from the decision to expand to the first output."""
    expansion_limit: FloatArray
    """(c,) most that capacity can grow beyond the world's in a year [1/year]."""
    supply_elasticity: FloatArray
    """(c, n) positive [1]."""
    production: FloatArray
    consumption: FloatArray
    """(c, n) balanced quantities of the base year [unit]."""
    price: FloatArray
    """(c, n) price of the base year, nan where a region has no market [USD/unit]."""
    arcs: EnergyArcs
    contracts: tuple[Contract, ...]
    projects: tuple[EnergyProject, ...]
    price_years: tuple[int, ...]
    base_price: FloatArray
    """(c,) world price of the base year, nan where no series is known [USD/unit]."""
    price_path: FloatArray
    """(c, n_years) world price over that of the base year, 1 where no series is known [1]."""
    misses: tuple[BalanceMiss, ...]
    """Recorded quantities beside the balanced ones, largest difference first."""

    def __bool__(self) -> bool:
        return bool(self.carriers)
