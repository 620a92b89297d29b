"""Corridors as arrays, and what transit agreements do to them.

A corridor joins an unordered pair of regions. A transit agreement acts on the corridors whose two
ends and every state on the way are its members: it cuts the hours and the fees at their borders,
replaces the tolls of the states on the way by a joint one, and opens routes and ports that were not
open to their cargo.

Separate tolls on a line of ``n`` states stand at ``n / (n + 1)`` of the choke price and a joint one
at one half, so a joint toll is ``(n + 1) / 2n`` of the sum of the separate ones (Spengler 1950;
linear demand).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.closures import route_open_share
from sim.laws.trade_costs import border_time_factor, route_ave, route_choice

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.world.world import World

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class CorridorTable:
    """Corridors of all pairs, sorted by pair."""

    order: IntArray
    """(n_corridors,) place of each corridor in the world's list."""
    pair_of: IntArray
    """(n_corridors,) index of the pair each corridor serves."""
    pairs: IntArray
    """(n_pairs, 2) regions at the two ends."""
    passes: BoolArray
    """(n_corridors, n_gates) gates on the way."""
    days: FloatArray
    """(n_corridors,) time on the way without border hours [days]."""
    freight_usd: FloatArray
    fees_usd: FloatArray
    toll_usd: FloatArray
    """(n_corridors,) charges for one forty-foot container [USD]."""
    needs_agreement: BoolArray
    """(n_corridors,) closed to the pair's cargo unless an agreement opens it."""
    planned: BoolArray
    """(n_corridors,) not built; nothing in this table opens it."""


@dataclass(frozen=True)
class TransitEffect:
    """What one transit agreement does to each corridor while it is in force."""

    agreement: int
    hours_factor: FloatArray
    fees_factor: FloatArray
    toll_factor: FloatArray
    """(n_corridors,) factors on hours, fees and tolls [1]."""
    opens: BoolArray
    """(n_corridors,) routes it opens."""


def corridor_table(world: "World") -> CorridorTable:
    """Compile the world's corridors, pair by pair."""
    place = {code: index for index, code in enumerate(world.regions)}
    gate_place = {gate.gate: index for index, gate in enumerate(world.gates)}
    ends = [tuple(sorted(place[end] for end in corridor.ends)) for corridor in world.corridors]
    pairs = sorted(set(ends))
    order = sorted(range(len(ends)), key=lambda c: (pairs.index(ends[c]), c))
    rows = [world.corridors[c] for c in order]
    passes = np.zeros((len(rows), len(world.gates)), dtype=bool)
    for r, corridor in enumerate(rows):
        for gate in corridor.gates:
            passes[r, gate_place[gate]] = True

    def column(values: list[float]) -> FloatArray:
        return np.array(values, dtype=np.float64)

    return CorridorTable(
        order=np.array(order, dtype=np.intp),
        pair_of=np.array([pairs.index(ends[c]) for c in order], dtype=np.intp),
        pairs=np.array(pairs, dtype=np.intp).reshape(len(pairs), 2),
        passes=passes,
        days=column([c.days for c in rows]),
        freight_usd=column([c.freight_usd_per_feu for c in rows]),
        fees_usd=column([c.border_fees_usd_per_feu for c in rows]),
        toll_usd=column([c.toll_usd_per_feu for c in rows]),
        needs_agreement=np.array([c.status == "needs-agreement" for c in rows], dtype=bool),
        planned=np.array([c.status == "planned" for c in rows], dtype=bool),
    )


def transit_effects(
    scenario: "Scenario", world: "World", table: CorridorTable
) -> tuple[TransitEffect, ...]:
    """Compile what each transit agreement of a scenario does to the corridors."""
    rows = [world.corridors[c] for c in table.order]
    effects = []
    for number, agreement in enumerate(scenario.agreements.values()):
        if agreement.kind != "transit":
            continue
        members = set(agreement.members)
        inside = np.array([{*c.ends, *c.transit} <= members for c in rows], dtype=bool)
        n_transit = np.array([max(len(c.transit), 1) for c in rows], dtype=np.float64)
        routes, ports = set(agreement.opens.routes), set(agreement.opens.ports)
        named = np.array(
            [c.corridor in routes or bool(ports & set(c.ports)) for c in rows], dtype=bool
        )
        joint = (n_transit + 1) / (2 * n_transit) if agreement.joint_toll else 1.0
        effects.append(
            TransitEffect(
                agreement=number,
                hours_factor=np.where(inside, 1.0 - agreement.border_time_cut, 1.0),
                fees_factor=np.where(inside, 1.0 - agreement.fee_cut, 1.0),
                toll_factor=np.where(inside, joint, 1.0),
                opens=inside & named,
            )
        )
    return tuple(effects)


class InForce(NamedTuple):
    """What the transit agreements in force do to each corridor."""

    hours: FloatArray
    fees: FloatArray
    tolls: FloatArray
    """(n_runs, n_corridors) factors on border hours, border fees and tolls [1]."""
    opened: BoolArray
    """(n_runs, n_corridors) corridors they open."""

    @classmethod
    def nothing(cls, n: int) -> "InForce":
        """No agreement on any of `n` corridors, in any run."""
        one = np.ones((1, n))
        return cls(one, one, one, np.zeros((1, n), dtype=np.bool_))

    def with_effect(self, effect: TransitEffect, active: BoolArray) -> "InForce":
        """These terms with one more agreement in force in the runs that are `active`, (n_runs,)."""
        here = active[:, None]
        return InForce(
            np.minimum(self.hours, np.where(here, effect.hours_factor, 1.0)),
            np.minimum(self.fees, np.where(here, effect.fees_factor, 1.0)),
            np.minimum(self.tolls, np.where(here, effect.toll_factor, 1.0)),
            self.opened | (here & effect.opens),
        )

    @property
    def is_nothing(self) -> bool:
        """Whether no corridor is any different for them."""
        factors = np.stack([self.hours, self.fees, self.tolls])
        return not self.opened.any() and bool(np.all(factors == 1.0))


def in_force_terms(effects: tuple[TransitEffect, ...], active: BoolArray, n: int) -> InForce:
    """What the agreements in force do to each of `n` corridors.

    Where several act on one corridor the largest cut holds; cuts do not multiply.

    Parameters
    ----------
    effects : tuple of TransitEffect
        What each transit agreement does.
    active : (n_runs, n_agreements) bool ndarray
        Which agreements are in force.
    n : int
        Number of corridors.
    """
    terms = InForce.nothing(n)
    for effect in effects:
        if active[:, effect.agreement].any():
            terms = terms.with_effect(effect, active[:, effect.agreement])
    return terms


class CorridorCosts(NamedTuple):
    """What a pair's corridors cost and carry in one quarter."""

    share: FloatArray
    """(n_runs, n_corridors) share of the pair's cargo, averaged over goods [1]."""
    ave: FloatArray
    """(n_runs, n_goods, n_pairs) cost of having them, infinite where none is open [1]."""


@dataclass(frozen=True)
class CargoTerms:
    """What the cost of a route depends on besides the route."""

    value_usd: FloatArray
    """(n_runs, n_goods) value of a forty-foot container [USD]."""
    time_cost_per_day: FloatArray
    dispersion: FloatArray
    border_time_elasticity: FloatArray
    trade_elasticity: FloatArray
    """(n_runs,) each, as in the parameters table."""


def corridor_costs(
    table: CorridorTable,
    cargo: CargoTerms,
    *,
    gate_open: FloatArray,
    hours: FloatArray,
    fees: FloatArray,
    tolls: FloatArray,
    opened: BoolArray,
) -> CorridorCosts:
    """Cost and use of every pair's corridors.

    Parameters
    ----------
    table, cargo
        Corridors, and what cargo is worth and minds.
    gate_open : (n_runs, n_gates) or (1, n_gates) ndarray
        Part of the quarter in which each gate is open [1].
    hours, fees, tolls : (n_runs, n_corridors) or (1, n_corridors) ndarray
        Factors on border hours, border fees and tolls [1].
    opened : (n_runs, n_corridors) or (1, n_corridors) bool ndarray
        Corridors that an agreement opens.
    """
    charges = table.freight_usd + table.fees_usd * fees + table.toll_usd * tolls
    ave = route_ave(
        charges[:, None, :],
        table.days,
        value_usd=cargo.value_usd[..., None],
        time_cost_per_day=cargo.time_cost_per_day[:, None, None],
    )
    border = border_time_factor(
        hours,
        border_time_elasticity=cargo.border_time_elasticity[:, None],
        trade_elasticity=cargo.trade_elasticity[:, None],
    )
    ave = (1.0 + ave) * border[:, None, :] - 1.0
    usable = ~table.planned & (~table.needs_agreement | opened)
    weight = route_open_share(gate_open, table.passes) * usable
    share, cost = np.zeros(ave.shape), np.empty((*ave.shape[:2], len(table.pairs)))
    for pair in range(len(table.pairs)):
        of_pair = table.pair_of == pair
        choice = route_choice(
            ave[..., of_pair],
            weight[:, None, of_pair],
            dispersion=cargo.dispersion[:, None],
        )
        # Counting from all routes keeps the cost of a choice above that of the cheapest route.
        variety = np.log(of_pair.sum()) / cargo.dispersion[:, None]
        share[..., of_pair], cost[..., pair] = choice.share, choice.ave + variety
    return CorridorCosts(share.mean(axis=1), cost)
