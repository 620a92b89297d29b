"""The simulated condition at one quarter, for all runs: replaced at each step, never changed."""

from collections.abc import Hashable
from dataclasses import InitVar, dataclass, fields, is_dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.simulation.snapshot.adjustment_state import AdjustmentState
from sim.simulation.snapshot.agreement_status import Treaties
from sim.simulation.snapshot.energy_outcome import EnergyTerms
from sim.simulation.snapshot.talks import Talks

if TYPE_CHECKING:
    from sim.laws.gravity import Equilibrium

Regions = NDArray[np.intp] | list[int] | slice


class SnapshotPart(Protocol):
    """Part of a snapshot that one domain makes: a named tuple."""

    def _asdict(self) -> dict[str, Any]: ...


Record = TypeVar("Record")


class TariffOutcome(NamedTuple):
    """Use of preferences and quotas, by cell: one good from one exporter to one importer."""

    place: IndexArray
    """(n_cells,) place of each cell in the flattened (n_goods, n, n) matrix, rising."""
    used_share: FloatArray
    """(n_runs, n_cells) share of a cell's trade that claims a new preference [1]."""
    quota_fill_share: FloatArray
    """(n_runs, n_cells) part of the quota that is filled, 0 where there is none [1]."""
    log_duty: FloatArray
    """(n_runs, n_cells) log of the duty factor that governs a cell's trade, over its baseline."""


@dataclass(frozen=True)
class Snapshot:
    """State that every actor sees when it decides, and that is recorded.

    Axes: runs first, then goods, exporters, importers as `(n_runs, n_goods, n, n)`; a cell is one
    good from one exporter to one importer whose terms some agreement or way can change.
    """

    quarter: int
    """Index of the quarter, 4 * year + quarter - 1."""
    trade: FloatArray
    """(n_runs, n_goods, n, n) value the laws expect at a year's rate, domestic sales on the
    diagonal [musd]."""
    energy: EnergyTerms
    """What the market of the present year gives."""
    residual_shock: FloatArray
    """(n_runs, n, n) factor of what no law knows on a pair's trade; 1 for pairs that nobody asks
    about, since the residual shocks of many pairs wash out in a region's totals [1]."""
    known_factor: FloatArray
    """(n_runs, n, n) the part of that factor which is no residual shock: expected growth of the
    pair and political breaks; actors know it [1]."""
    trade_cost_change: FloatArray
    """(n_runs, n_goods, n, n) trade cost over its baseline, tariffs apart; infinite where
    no route is open and nothing is traded [1]."""
    tariff_rate: FloatArray
    """(n_runs, n_goods, n, n) average duty paid [1]."""
    tariff_revenue: FloatArray
    """(n_runs, n) duty collected by importer at a year's rate [musd]."""
    welfare_change: FloatArray
    """(n_runs, n) real income over its baseline [1]."""
    tariffs: TariffOutcome
    """Use of preferences and quotas on the flows whose duties can change."""
    path_tonnes: FloatArray
    """(n_runs, n_paths) cargo of goods by path, both directions, at a year's rate [t/year]."""
    stranded_tonnes: FloatArray
    """(n_runs, n_pairs) cargo that would move at the baseline's cost and finds no route open
    [t/year]."""
    demand_tonnes: FloatArray
    """(n_runs, n_goods, n_pairs) cargo that there would be at the baseline's cost of routes; what a
    closure stops is not forgotten [t/year]."""
    gate_tonnes: FloatArray
    """(n_runs, n_gates) goods of the pairs followed through each gate [t/year]."""
    gate_utilisation: FloatArray
    """(n_runs, n_gates) arrivals over what the gate can serve while open, all cargo counted; zero
    where it is shut or its capacity is not known [1]."""
    gate_backlog: FloatArray
    """(n_runs, n_gates) units left waiting at the end of the quarter."""
    gate_delay_hours: FloatArray
    """(n_runs, n_gates) wait beyond that on record by which cargo chose its way [h]."""
    gate_delay_ahead_hours: FloatArray
    """(n_runs, n_gates) the same that it reckons with in the next quarter [h]."""
    price_level: FloatArray
    """(n_runs,) world prices over those of the base year [1]."""
    gate_open_share: FloatArray
    """(n_runs, n_gates) part of the quarter in which each gate is open [1]."""
    treaties: Treaties
    """Dates of every agreement as far as they are fixed by now, by run."""
    talks: Talks
    """How far negotiations have come and what effort States spend on them."""
    stage: FloatArray
    """(n_runs, n_agreements) 0 none, 1 signed, 2 in force, 3 fully phased in [1]."""
    adjustment: AdjustmentState
    """Costs that trade has not yet adjusted to in full, and the firms of the targets' markets."""
    equilibrium: "Equilibrium | None"
    """Trade equilibrium that the next one starts from; None before the first."""
    residual: FloatArray
    """(n_runs,) largest residual of the trade equilibrium [1]."""
    n_iterations: FloatArray
    """(n_runs,) rounds the equilibrium took."""
    carried: tuple[object, ...] = ()
    """Records that types of agents carry on, one of each type, arrays inside; read by `of`."""
    before: InitVar["Snapshot | None"] = None
    """Snapshot that some parts may be taken over from, which are read-only by then."""

    @classmethod
    def made_of(
        cls, quarter: int, *parts: "SnapshotPart", before: "Snapshot | None" = None, **fields: Any
    ) -> "Snapshot":
        """Snapshot of a quarter from the parts of the domains, whose fields it has by name."""
        for part in parts:
            fields |= part._asdict()
        return cls(quarter=quarter, before=before, **fields)

    def of(self, kind: type[Record]) -> Record:
        """Record of a type that agents carry on, such as the `Capacity` of gates.

        Raises
        ------
        LookupError
            If no agent of the model carries such a record.
        """
        for record in self.carried:
            if isinstance(record, kind):
                return record
        known = ", ".join(type(record).__name__ for record in self.carried) or "nothing"
        raise LookupError(f"agents carry {known}, no {kind.__name__}")

    @property
    def energy_trade(self) -> FloatArray:
        """(n_runs, n, n) value of energy at a year's rate [musd]."""
        return self.energy.energy_trade

    @cached_property
    def trade_abroad(self) -> FloatArray:
        """(n_runs, n, n) goods and energy between different regions, without shocks [musd]."""
        goods = self.trade.sum(axis=1)
        return np.asarray((goods + self.energy_trade) * ~np.eye(goods.shape[-1], dtype=np.bool_))

    def shocked_energy_trade(self, exporter: Regions, importer: Regions) -> FloatArray:
        """Value of energy on some flows with the pairs' shocks, which new routes do not share.

        Parameters
        ----------
        exporter, importer : (n_flows,) ndarray of int, or slice
            Regions of each flow.

        Returns
        -------
        (n_runs, n_flows) ndarray
            [musd].
        """
        new = self.new_energy_trade(exporter, importer)
        known = self.energy_trade[:, exporter, importer] - new
        return np.asarray(known * self.residual_shock[:, exporter, importer] + new)

    def pair_trade(self, a: int, b: int) -> FloatArray:
        """Trade of two regions in both directions at a year's rate, (n_runs,) [musd]."""
        there, back = [a, b], [b, a]
        goods = self.trade[:, :, there, back].sum(axis=1) * self.residual_shock[:, there, back]
        return np.asarray((goods + self.shocked_energy_trade(there, back)).sum(axis=1))

    def new_energy_trade(self, exporter: Regions, importer: Regions) -> FloatArray:
        """Value of energy by new routes on some flows, (n_runs, n_flows) [musd]."""
        return self.energy.new_total[:, exporter, importer]

    def known_flow_trade(self, exporter: Regions, importer: Regions) -> FloatArray:
        """Goods and energy on some flows that a residual shock multiplies, (n_runs, n_flows).

        Expected growth and political breaks are in it, energy by new routes is not [musd].
        """
        goods = self.trade[:, :, exporter, importer].sum(axis=1)
        energy = self.energy_trade[:, exporter, importer]
        known = goods + energy - self.new_energy_trade(exporter, importer)
        return np.asarray(known * self.known_factor[:, exporter, importer])

    def shocked_carrier_trade(self, exporter: Regions, importer: Regions) -> FloatArray:
        """The same by carrier, (n_runs, c, n_flows) [musd]."""
        new = self.energy.new_trade[:, :, exporter, importer]
        known = self.energy.carrier_trade[:, :, exporter, importer] - new
        return np.asarray(known * self.residual_shock[:, None, exporter, importer] + new)

    def __post_init__(self, before: "Snapshot | None") -> None:
        """Make every array read-only, so that nothing can be half-changed."""
        _freeze(self, before)


def _freeze(part: Any, before: Any) -> None:
    """Make the arrays of a part read-only, at whatever depth they stand, once a quarter.

    What is the same object in the snapshot `before` is read-only already: a year's market stands
    in four quarters, and so do hundreds of orders for capacity.
    """
    kind: Any = type(part)
    if part is before:
        return
    if kind is np.ndarray:
        part.setflags(write=False)
    elif kind is tuple or kind is list or isinstance(part, tuple | list):
        known = before if type(before) is kind else ()
        if len(known) == len(part):
            for item, old in zip(part, known, strict=True):
                _freeze(item, old)
            return
        frozen = {id(item) for item in known}
        for item in part:
            if id(item) not in frozen:
                _freeze(item, None)
    elif kind not in _PLAIN:
        for name in _fields_of(kind):
            _freeze(getattr(part, name), getattr(before, name, None))


_PLAIN = frozenset({float, int, bool, str, type(None), np.float64, np.int64, np.bool_})


@cache
def _fields_of(kind: Hashable) -> tuple[str, ...]:
    """Names of the fields of a kind of part, none of a kind that has no fields."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
