"""Carriers of energy and advance commitments: arcs and contracts.

Columns as for supply and demand: `(k,)`, or `(n_runs, k)` where runs differ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.laws.energy.market_columns import (
    CAPACITY,
    FINITE,
    LOSS,
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    fill,
    indices,
    n_entries,
    numbers,
)
from sim.laws.numerics.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False, init=False)
class Arcs:
    """Pipelines, tankers, rail, wires, and plants that turn one carrier into another.

    One unit entering at `tail` leaves as `(1 - loss) * conversion` units at `head`. Arcs run
    one way, except those with a `susceptance`: lines of a direct-current power flow, which
    run both ways between `-capacity` and `capacity`, cost and lose nothing, and share flows
    so that `flow / susceptance` sums to zero around every loop. A line of capacity 0 is an
    outage: it opens its loops.

    Raises
    ------
    ValueError
        With the column, the entry, what came and what is wanted.

    Examples
    --------
    >>> Arcs([0, 1], [1, 0], cost=3.0).n_arcs
    2
    """

    tail: IntArray
    """(k,) node where the arc takes in."""
    head: IntArray
    """(k,) node where the arc gives out."""
    cost: FloatArray
    """(..., k) cost per unit entering [money/unit]."""
    capacity: FloatArray
    """(..., k) most that can enter, inf for no limit [unit]."""
    loss: FloatArray
    """(..., k) share lost on the way."""
    toll: FloatArray
    """(..., k) charge per unit entering, somebody's revenue [money/unit]."""
    carrier: IntArray
    """(k,) carrier taken in."""
    carrier_out: IntArray
    """(k,) carrier given out; -1 for the carrier taken in."""
    conversion: FloatArray
    """(..., k) units of `carrier_out` per unit of `carrier` that is not lost."""
    susceptance: FloatArray
    """(k,) of lines in a direct-current power flow; 0 for an arc whose flow is chosen."""
    slope: FloatArray
    """(..., k) rise of the cost per unit entering, >= 0: what else carriers and buyers give
    up to use more of this arc [money/unit²]."""

    def __init__(
        self,
        tail: ArrayLike,
        head: ArrayLike,
        cost: ArrayLike = 0.0,
        capacity: ArrayLike = np.inf,
        loss: ArrayLike = 0.0,
        toll: ArrayLike = 0.0,
        carrier: ArrayLike = 0,
        carrier_out: ArrayLike = -1,
        conversion: ArrayLike = 1.0,
        susceptance: ArrayLike = 0.0,
        slope: ArrayLike = 0.0,
    ) -> None:
        columns = (cost, capacity, loss, toll, carrier, carrier_out, conversion, slope)
        n = n_entries(tail, head, *columns)
        taken = indices("arcs.carrier", carrier, n)
        given = indices("arcs.carrier_out", carrier_out, n, lowest=-1)
        fill(
            self,
            tail=indices("arcs.tail", tail, n),
            head=indices("arcs.head", head, n),
            cost=numbers("arcs.cost", cost, n, FINITE),
            capacity=numbers("arcs.capacity", capacity, n, CAPACITY),
            loss=numbers("arcs.loss", loss, n, LOSS),
            toll=numbers("arcs.toll", toll, n, FINITE),
            carrier=taken,
            carrier_out=np.where(given < 0, taken, given),
            conversion=numbers("arcs.conversion", conversion, n, POSITIVE),
            susceptance=numbers("arcs.susceptance", susceptance, n, NOT_NEGATIVE),
            slope=numbers("arcs.slope", slope, n, NOT_NEGATIVE),
        )
        self._check_ends()
        self._check_lines()

    def _check_ends(self) -> None:
        loop = np.flatnonzero((self.tail == self.head) & (self.carrier == self.carrier_out))
        if loop.size:
            raise ValueError(
                f"arcs[{loop[0]}]: tail and head are both node {self.tail[loop[0]]}; "
                "wanted two nodes or two carriers"
            )

    def _check_lines(self) -> None:
        if self.susceptance.ndim > 1:
            raise ValueError("arcs.susceptance: one row per run came; wanted one number per arc")
        line = self.two_way
        plainly = (("cost", 0.0), ("toll", 0.0), ("loss", 0.0), ("slope", 0.0))
        for name, plain in (*plainly, ("conversion", 1.0)):
            odd = np.argwhere(line & (getattr(self, name) != plain))
            if odd.size:
                raise ValueError(
                    f"arcs.{name}[{odd[0][-1]}]: a line with a susceptance came with {name} other "
                    f"than {plain}; wanted {plain}, the flow runs both ways"
                )
        if np.any(line & (self.carrier != self.carrier_out)):
            raise ValueError("arcs.susceptance: a line changes its carrier; wanted one carrier")

    @property
    def n_arcs(self) -> int:
        """Number of arcs."""
        return int(self.tail.size)

    @property
    def two_way(self) -> NDArray[np.bool_]:
        """(k,) whether the arc is a line that runs both ways."""
        return np.asarray(self.susceptance > 0)

    @property
    def delivered_share(self) -> FloatArray:
        """(..., k) units given out per unit taken in."""
        return np.asarray((1.0 - self.loss) * self.conversion)


@dataclass(frozen=True, eq=False, init=False)
class Contracts:
    """Take-or-pay contracts.

    The buyer pays `price` for what is taken, at most `quantity` a period, and `penalty` for
    every unit short of `take_or_pay * quantity`. With no `arc` the seller delivers to the
    buyer's node from outside the market: the committed volume then costs the buyer
    `price - penalty` more per unit (nothing, in a pure contract), the rest `price`. With an
    `arc` the contract is carried over it, in the order of the table and within its capacity:
    a unit of the committed volume saves the penalty, and what is paid goes to the seller at
    the tail, who produces like any other; volume beyond the commitment trades at spot.

    Raises
    ------
    ValueError
        With the column, the entry, what came and what is wanted.

    Examples
    --------
    >>> Contracts(buyer=[0], quantity=[100.0], price=[10.0], take_or_pay=[0.8]).penalty
    array([10.])
    """

    buyer: IntArray
    """(k,) node of the buyer."""
    quantity: FloatArray
    """(..., k) annual (or per period) contract quantity [unit]."""
    price: FloatArray
    """(..., k) contract price [money/unit]."""
    take_or_pay: FloatArray
    """(..., k) share of the quantity that is paid whether taken or not."""
    penalty: FloatArray
    """(..., k) paid per committed unit not taken; inf for the contract price [money/unit]."""
    arc: IntArray
    """(k,) arc that carries the contract, -1 for a delivery from outside the market."""
    carrier: IntArray
    """(k,) what is delivered."""

    def __init__(
        self,
        buyer: ArrayLike,
        quantity: ArrayLike,
        price: ArrayLike,
        take_or_pay: ArrayLike = 0.8,
        penalty: ArrayLike = np.inf,
        arc: ArrayLike = -1,
        carrier: ArrayLike = 0,
    ) -> None:
        n = n_entries(buyer, quantity, price, take_or_pay, penalty, arc, carrier)
        due = numbers("contracts.price", price, n, NOT_NEGATIVE)
        fine = numbers("contracts.penalty", penalty, n, CAPACITY)
        fill(
            self,
            buyer=indices("contracts.buyer", buyer, n),
            quantity=numbers("contracts.quantity", quantity, n, NOT_NEGATIVE),
            price=due,
            take_or_pay=numbers("contracts.take_or_pay", take_or_pay, n, SHARE),
            penalty=np.where(np.isfinite(fine), fine, due),
            arc=indices("contracts.arc", arc, n, lowest=-1),
            carrier=indices("contracts.carrier", carrier, n),
        )

    @property
    def n_contracts(self) -> int:
        """Number of contracts."""
        return int(self.buyer.size)

    @property
    def committed(self) -> FloatArray:
        """(..., k) quantity paid whether taken or not."""
        return np.asarray(self.quantity * self.take_or_pay)
