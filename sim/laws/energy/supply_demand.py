"""Supply of and demand for energy.

Entries are rows of a table; several entries may sit at one node, so a merit order is one
entry per plant. Every number may differ between runs: `(k,)` or `(n_runs, k)`. Quantities
are in any one unit per carrier and period, prices in money per unit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.energy.market_columns import (
    CAPACITY,
    FINITE,
    NOT_NEGATIVE,
    WORTH,
    chained,
    fill,
    indices,
    n_entries,
    numbers,
)
from sim.laws.numerics.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False, init=False)
class Supply:
    """Producers: marginal cost `cost + slope * quantity`, up to `capacity`.

    Raises
    ------
    ValueError
        With the column, the entry, what came and what is wanted.

    Examples
    --------
    >>> Supply.linear([0, 1], intercept=[9.0, 3.0], slope=[1.0, 2.0]).n_entries
    2
    >>> Supply.steps(0, cost=[10.0, 20.0, 40.0], quantity=[50.0, 40.0, 30.0]).n_entries
    3
    """

    node: IntArray
    """(k,) where the entry produces."""
    cost: FloatArray
    """(..., k) marginal cost of the first unit [money/unit]."""
    slope: FloatArray
    """(..., k) rise of the marginal cost per unit, >= 0 [money/unit²]."""
    capacity: FloatArray
    """(..., k) most that can be produced, inf for no limit [unit]."""
    carrier: IntArray
    """(k,) what is produced."""

    def __init__(
        self,
        node: ArrayLike,
        cost: ArrayLike,
        slope: ArrayLike = 0.0,
        capacity: ArrayLike = np.inf,
        carrier: ArrayLike = 0,
    ) -> None:
        n = n_entries(node, cost, slope, capacity, carrier)
        fill(
            self,
            node=indices("supply.node", node, n),
            cost=numbers("supply.cost", cost, n, FINITE),
            slope=numbers("supply.slope", slope, n, NOT_NEGATIVE),
            capacity=numbers("supply.capacity", capacity, n, CAPACITY),
            carrier=indices("supply.carrier", carrier, n),
        )

    @classmethod
    def linear(
        cls,
        node: ArrayLike,
        intercept: ArrayLike,
        slope: ArrayLike,
        capacity: ArrayLike = np.inf,
        carrier: ArrayLike = 0,
    ) -> Self:
        """Inverse supply `price = intercept + slope * quantity`."""
        return cls(node, intercept, slope, capacity, carrier)

    @classmethod
    def steps(
        cls, node: ArrayLike, cost: ArrayLike, quantity: ArrayLike, carrier: ArrayLike = 0
    ) -> Self:
        """Blocks `quantity` at constant marginal `cost`: a merit order."""
        return cls(node, cost, 0.0, quantity, carrier)

    @classmethod
    def fixed(
        cls,
        node: ArrayLike,
        quantity: ArrayLike,
        carrier: ArrayLike = 0,
        *,
        spill_cost: ArrayLike = 0.0,
    ) -> Self:
        """Production that is there whatever the price; throwing a unit away costs `spill_cost`."""
        cost = -np.asarray(spill_cost, dtype=np.float64)
        return cls(node, cost, 0.0, quantity, carrier)

    @property
    def n_entries(self) -> int:
        """Number of entries."""
        return int(self.node.size)

    def __add__(self, other: "Supply") -> "Supply":
        """Both, the entries of `self` first."""
        return Supply(*_joined(self, other, ("node", "cost", "slope", "capacity", "carrier")))


@dataclass(frozen=True, eq=False, init=False)
class Demand:
    """Consumers: marginal value `value - slope * quantity`, up to `capacity`.

    A `value` of inf with no slope is demand that must be met as far as anything can reach
    it: it outbids every cost (the stand-in value is a hundred times the dearest supply, arc
    or contract), and what is still not met is shown as `unserved`.

    Raises
    ------
    ValueError
        With the column, the entry, what came and what is wanted.

    Examples
    --------
    >>> Demand.fixed([0, 1], [325.0, 300.0], value_of_lost_load=1000.0).capacity
    array([325., 300.])
    """

    node: IntArray
    """(k,) where the entry consumes."""
    value: FloatArray
    """(..., k) what the first unit is worth [money/unit]."""
    slope: FloatArray
    """(..., k) fall of the value per unit, >= 0 [money/unit²]."""
    capacity: FloatArray
    """(..., k) most that is wanted, inf for no limit [unit]."""
    carrier: IntArray
    """(k,) what is consumed."""

    def __init__(
        self,
        node: ArrayLike,
        value: ArrayLike,
        slope: ArrayLike = 0.0,
        capacity: ArrayLike = np.inf,
        carrier: ArrayLike = 0,
    ) -> None:
        n = n_entries(node, value, slope, capacity, carrier)
        fill(
            self,
            node=indices("demand.node", node, n),
            value=numbers("demand.value", value, n, WORTH),
            slope=numbers("demand.slope", slope, n, NOT_NEGATIVE),
            capacity=numbers("demand.capacity", capacity, n, CAPACITY),
            carrier=indices("demand.carrier", carrier, n),
        )
        flat = ~np.isfinite(self.capacity) & (self.slope == 0)
        steep = ~np.isfinite(self.value) & (self.slope > 0)
        for broken, wanted in (
            (flat, "no slope and no capacity came; wanted one of them, or demand has no end"),
            (steep, "an infinite value with a slope came; wanted a finite value, or slope 0"),
        ):
            if np.any(broken):
                raise ValueError(f"demand[{np.argwhere(broken)[0][-1]}]: {wanted}")

    @classmethod
    def linear(
        cls,
        node: ArrayLike,
        intercept: ArrayLike,
        slope: ArrayLike,
        capacity: ArrayLike = np.inf,
        carrier: ArrayLike = 0,
    ) -> Self:
        """Inverse demand `price = intercept - slope * quantity`."""
        return cls(node, intercept, slope, capacity, carrier)

    @classmethod
    def fixed(
        cls,
        node: ArrayLike,
        quantity: ArrayLike,
        carrier: ArrayLike = 0,
        *,
        value_of_lost_load: ArrayLike = np.inf,
    ) -> Self:
        """Inelastic `quantity`; a unit not served costs `value_of_lost_load`."""
        return cls(node, value_of_lost_load, 0.0, quantity, carrier)

    @classmethod
    def steps(
        cls, node: ArrayLike, value: ArrayLike, quantity: ArrayLike, carrier: ArrayLike = 0
    ) -> Self:
        """Blocks `quantity` worth `value` a unit each."""
        return cls(node, value, 0.0, quantity, carrier)

    @property
    def n_entries(self) -> int:
        """Number of entries."""
        return int(self.node.size)

    def __add__(self, other: "Demand") -> "Demand":
        """Both, the entries of `self` first."""
        return Demand(*_joined(self, other, ("node", "value", "slope", "capacity", "carrier")))


def _joined(a: object, b: object, names: tuple[str, ...]) -> Iterator[IntArray | FloatArray]:
    for name in names:
        first, second = getattr(a, name), getattr(b, name)
        whole = first.dtype.kind == "i"
        yield np.concatenate([first, second]) if whole else chained(first, second)
