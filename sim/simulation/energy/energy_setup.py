"""The energy market of a world and a scenario, compiled into columns that every year shares.

All curves pass through the balance of the base year (`sim.laws.energy.curves`), so the market of
that year is the recorded one. In a later year

- demand has grown with the region's income, supply and the use of arcs with the world's demand;
- all prices and costs that the base year tells have moved with the carrier's world price, so a
  world that grows evenly stays on the price path; stated costs of new arcs are real;
- a committed volume stands apart, on an arc of its own that costs what it did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.energy.decisions import deliverable
from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray
from sim.scenario.blocks.energy import IF_PROFITABLE

if TYPE_CHECKING:
    from sim.scenario.blocks.energy import EnergyDeal
    from sim.world.energy.balances import EnergyWorld
    from sim.world.world import World


MIN_SPOT = 0.01
"""Part of an arc's flow that is never under contract, so that its spot price is known."""


@dataclass(frozen=True, eq=False)
class EnergyColumns:
    """Carriers at regions where something is made, or used; every array is (k,)."""

    carrier: IndexArray
    region: IndexArray
    quantity: FloatArray
    """Of the base year [unit]."""
    price: FloatArray
    """Of the base year [USD/unit]."""
    elasticity: FloatArray


@dataclass(frozen=True, eq=False)
class MarketArcs:
    """Arcs of the tables, then one for every contract, then one for every deal; (w,)."""

    names: tuple[str, ...]
    carrier: IndexArray
    carrier_out: IndexArray
    tail: IndexArray
    head: IndexArray
    delivered_share: FloatArray
    flow: FloatArray
    """Of the base year, what is under contract left out [unit]."""
    gap: FloatArray
    """Gain of prices on the way in the base year [USD/unit]."""
    worth: FloatArray
    """What a unit is worth where it arrives, in the base year [USD/unit entering]."""
    cost: FloatArray
    """Stated cost, nan where the gap tells it [USD/unit]."""
    capacity: FloatArray
    passes: BoolArray
    """(w, n_gates) gates that close it."""
    load_share: FloatArray
    """(w, n_gates) share of its tonnes that each gate handles."""
    project: IndexArray
    """(w,) project that must be complete, -1 for none."""
    usable: BoolArray
    """(w,) whether it can carry anything without a deal."""
    price_share: FloatArray
    """(w,) what is paid over the buyer's market price [1]."""
    arc: IndexArray
    """(w,) arc of the tables it runs on."""

    @property
    def is_trade(self) -> BoolArray:
        """(w,) whether it leaves the region."""
        return np.asarray(self.tail != self.head)

    def carriage_cost(self, arc: int, money: FloatArray, cost_scale: FloatArray) -> FloatArray:
        """Cost of a unit under contract on one arc, (n_runs,) [USD/unit].

        The stated cost grows with general prices; where none is stated, the gap of prices of
        the base year grows with the carrier's world price.

        Parameters
        ----------
        arc : int
        money : (n_runs, c) ndarray
            World prices over those of the base year [1].
        cost_scale : (n_runs,) ndarray
            General prices over those of the base year [1].
        """
        if np.isnan(self.cost[arc]):
            return np.asarray(money[:, self.carrier_out[arc]] * self.gap[arc])
        return np.asarray(cost_scale * self.cost[arc])


@dataclass(frozen=True, eq=False)
class EnergyContracts:
    """Take-or-pay contracts of the tables, then deals of the scenario; (p,)."""

    arc: IndexArray
    quantity: FloatArray
    """Yearly contract quantity [unit]."""
    take_or_pay: FloatArray
    first: IndexArray
    last: IndexArray
    """First and last quarter of delivery."""
    awaits_gain: BoolArray
    """Whether it is signed only once it pays."""
    n_known: int
    """Contracts of the tables, which stand first."""
    steps: IndexArray
    """(s,) quarters from which on deals share limits with others than before, rising."""
    step_share: FloatArray
    """(p, s) share of the contract quantity that limits leave from each of them on [1]."""

    def delivered_share(self, quarters: IndexArray) -> FloatArray:
        """Share of the contract quantity due in each quarter, 0 outside its dates, (p, q) [1]."""
        runs = (self.first[:, None] <= quarters) & (quarters <= self.last[:, None])
        at = np.searchsorted(self.steps, quarters, side="right") - 1
        return np.asarray(runs * self.step_share[:, at])


@dataclass(frozen=True, eq=False)
class EnergyTable:
    """Everything of the market that no run and no year changes."""

    supply: EnergyColumns
    demand: EnergyColumns
    market_arcs: MarketArcs
    pledges: EnergyContracts
    shape: tuple[int, int]
    """Number of carriers and of regions."""


def energy_table(world: "World", deals: "dict[str, EnergyDeal]") -> EnergyTable:
    """Compile the market.

    Parameters
    ----------
    world : World
        With energy.
    deals : dict of str to EnergyDeal
        Deals of the scenario.
    """
    energy = world.energy
    usual = np.broadcast_to(energy.demand_elasticity[:, None], energy.price.shape)
    market_arcs, pledges = _arcs(world, deals)
    return EnergyTable(
        supply=_cells(energy, energy.production, energy.supply_elasticity),
        demand=_cells(energy, energy.consumption, usual),
        market_arcs=market_arcs,
        pledges=pledges,
        shape=energy.price.shape,
    )


def arc_of(world: "World", deal: "EnergyDeal") -> int:
    """Arc of the tables that a deal takes: one that needs a deal before one open to all.

    Raises
    ------
    ValueError
        If none, or several, could.
    """
    arcs = world.energy.arcs
    if deal.arc is not None:
        return arcs.names.index(deal.arc)
    carrier = world.energy.carriers.index(deal.carrier)
    tail, head = world.region_index(deal.exporter), world.region_index(deal.importer)
    ends = (arcs.carrier == carrier) & (arcs.tail == tail) & (arcs.head == head)
    statuses = np.array(arcs.statuses)
    found = np.flatnonzero(ends & (statuses == "needs-deal"))
    if not found.size:
        found = np.flatnonzero(ends & (statuses == "open"))
    if found.size != 1:
        raise ValueError(
            f"{deal.carrier} from {deal.exporter} to {deal.importer}: {found.size} arcs that "
            "a deal can take; want exactly one, or `arc`"
        )
    return int(found[0])


def _cells(energy: "EnergyWorld", quantity: FloatArray, elasticity: FloatArray) -> EnergyColumns:
    carrier, region = np.nonzero(quantity > 0)
    at = (carrier, region)
    return EnergyColumns(carrier, region, quantity[at], energy.price[at], elasticity[at])


def _arcs(world: "World", deals: "dict[str, EnergyDeal]") -> tuple[MarketArcs, EnergyContracts]:
    energy, arcs = world.energy, world.energy.arcs
    known, taken = energy.contracts, [arc_of(world, deal) for deal in deals.values()]
    arc = np.array([*range(len(arcs.names)), *(c.arc for c in known), *taken], dtype=np.intp)
    n, k, d = len(arcs.names), len(known), len(deals)
    committed = np.array([c.quantity * c.take_or_pay for c in known])
    flow = np.concatenate([arcs.flow, committed, np.zeros(d)])
    for place, contract in enumerate(known):
        live = contract.first_year <= world.base_year <= contract.last_year
        most = (1.0 - MIN_SPOT) * arcs.flow[contract.arc]
        flow[n + place] = min(committed[place], most) if live else 0.0
        flow[contract.arc] -= flow[n + place]
    steps, by_step = _offered(world, deals, taken)
    offered = by_step.max(axis=1, initial=0.0)
    loads, passes = arcs.load_share[arc], arcs.gates[arc]
    for place, deal in enumerate(deals.values()):
        if deal.through is not None:
            row = n + k + place
            _through(world, row, deal.through, loads, passes)
    worth = arcs.delivered_share * energy.price[arcs.carrier_out, arcs.head]
    gap = worth - energy.price[arcs.carrier, arcs.tail]
    market_arcs = MarketArcs(
        names=(*arcs.names, *(c.contract for c in known), *deals),
        carrier=arcs.carrier[arc],
        carrier_out=arcs.carrier_out[arc],
        tail=arcs.tail[arc],
        head=arcs.head[arc],
        delivered_share=arcs.delivered_share[arc],
        flow=flow,
        gap=gap[arc],
        worth=worth[arc],
        cost=arcs.cost[arc],
        capacity=np.concatenate([arcs.capacity, flow[n : n + k], offered]),
        passes=passes,
        load_share=loads,
        project=arcs.project[arc],
        usable=np.array([s != "needs-deal" for s in arcs.statuses])[arc]
        & (np.arange(n + k + d) < n),
        price_share=np.concatenate(
            [np.ones(n + k), [1.0 - deal.discount for deal in deals.values()]]
        ),
        arc=arc,
    )
    return market_arcs, _pledges(world, deals, n, flow[n : n + k], steps, by_step)


def _offered(
    world: "World", deals: "dict[str, EnergyDeal]", arcs: Sequence[int]
) -> tuple[IndexArray, FloatArray]:
    """Volumes of the deals, no more than their way carries and their seller makes.

    Quarters from which on they differ, (s,), and the volumes from each on, (d, s) [unit/year].
    """
    energy, offers = world.energy, list(deals.values())
    first = np.array([int(deal.from_quarter) for deal in offers], dtype=np.intp)
    last = np.array(_last_quarters(offers), dtype=np.intp)
    steps = np.unique(np.concatenate([[0], first, last + 1])).astype(np.intp)
    runs = (first[:, None] <= steps) & (steps <= last[:, None])
    volume = runs * np.array([deal.volume for deal in offers], dtype=np.float64)[:, None]
    if not offers:
        return steps, volume
    arc = np.array(arcs, dtype=np.intp)
    carrier, seller = energy.arcs.carrier[arc], energy.arcs.tail[arc]
    made = energy.production[carrier, seller]
    makes = np.where(made > 0.0, made, np.inf)  # what is bought to be sold on is not its own
    by_seller = carrier * len(world.regions) + seller
    volume = deliverable(volume, arc, energy.arcs.capacity[arc])
    return steps, deliverable(volume, by_seller, makes)


def _last_quarters(offers: "Sequence[EnergyDeal]") -> list[int]:
    """Last quarter of delivery of each deal, far off where it has no end."""
    never = np.iinfo(np.int32).max
    return [never if deal.until is None else int(deal.until) for deal in offers]


def _through(
    world: "World",
    row: int,
    ports: tuple[str, ...],
    loads: FloatArray,
    passes: BoolArray,
) -> None:
    """Put other ports in the place of those of a way; loads and passes are changed in place."""
    place = {gate.gate: g for g, gate in enumerate(world.gates)}
    former = [g for g, gate in enumerate(world.gates) if gate.kind == "port"]
    loads[row, former] = 0.0
    passes[row, former] = False
    for port in ports:
        loads[row, place[port]] = 1.0 / len(ports)
        passes[row, place[port]] = len(ports) == 1  # where two serve alike neither closes it


def _pledges(
    world: "World",
    deals: "dict[str, EnergyDeal]",
    n_arcs: int,
    committed: FloatArray,
    steps: IndexArray,
    by_step: FloatArray,
) -> EnergyContracts:
    known, offers = world.energy.contracts, list(deals.values())
    offered = by_step.max(axis=1, initial=0.0)
    step_share = by_step / np.maximum(offered, np.finfo(float).tiny)[:, None]
    lasts = _last_quarters(offers)
    return EnergyContracts(
        arc=n_arcs + np.arange(len(known) + len(offers)),
        quantity=np.concatenate([committed, offered]),
        take_or_pay=np.concatenate([np.ones(len(known)), [deal.take_or_pay for deal in offers]]),
        first=np.array(
            [*(4 * c.first_year for c in known), *(int(o.from_quarter) for o in offers)],
            dtype=np.intp,
        ),
        last=np.array([*(4 * c.last_year + 3 for c in known), *lasts], dtype=np.intp),
        awaits_gain=np.array(
            [*(False for _ in known), *(o.signing == IF_PROFITABLE for o in offers)], dtype=np.bool_
        ),
        n_known=len(known),
        steps=steps,
        step_share=np.concatenate([np.ones((len(known), len(steps))), step_share]),
    )
