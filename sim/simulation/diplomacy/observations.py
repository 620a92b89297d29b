"""Observations of States that negotiate, as arrays: targets, routes, visits, markets."""

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.simulation.snapshot.agreement_status import NEVER

if TYPE_CHECKING:
    from sim.scenario.blocks.agreements import Agreement
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.csv_tables.records import Corridor
    from sim.world.world import World


DEALS = frozenset({"customs-union", "free-trade", "preferential"})
"""Kinds of agreements on record that give better terms than others have."""


class Targets(NamedTuple):
    """Targets of trade between two members."""

    pair: IntArray
    """(n_targets, 2) regions."""
    trade_musd: FloatArray
    """(n_targets,) [musd]."""
    concerns: BoolArray
    """(n_targets, n_agreements) whether both are members."""


class RoutesNeeded(NamedTuple):
    """Routes between members that an agreement depends on."""

    passes: BoolArray
    """(n_routes, n_gates) gates on each."""
    pair: IntArray
    """(n_routes,) pair of regions that each serves."""
    needed: BoolArray
    """(n_agreements, n_routes) whether an agreement depends on it."""


class Visits(NamedTuple):
    """Visits between members, which press negotiations on."""

    when: IntArray
    """(n_visits,) quarter."""
    concerns: BoolArray
    """(n_visits, n_agreements) whether both are members."""
    pace: FloatArray
    """(n_runs, 1) log hazard that a fresh visit adds [1]."""
    fade_years: FloatArray
    """(n_runs, 1) [years]."""


class AttentionByState(NamedTuple):
    """Outside powers that take up attention."""

    since: IntArray
    until: IntArray
    """(n_powers,) first and last quarter."""
    weight: FloatArray
    """(n_powers, n) weight in the attention of each State [1]."""

    def at(self, quarter: int) -> FloatArray:
        """Weight in each State's attention in a quarter, (n,) [1]."""
        now = (self.since <= quarter) & (quarter <= self.until)
        return np.asarray(now @ self.weight)


class Markets(NamedTuple):
    """Trade by seller and buyer, and deals on record by pair and date."""

    exports: FloatArray
    """(n, n) baseline trade by exporter and importer, the diagonal zero [musd]."""
    import_share: FloatArray
    """(n, n) share of each importer's purchases abroad by supplier, importer first [1]."""
    deals: tuple[tuple[int, int, BoolArray], ...]
    """Deals on record since the base year: first quarter in force, first one no longer, and (n, n)
    who is joined."""


def share_of(trade: FloatArray) -> FloatArray:
    """Share of each importer's purchases by supplier, importer first [1]."""
    bought = trade.sum(axis=0)
    return np.asarray((trade / np.where(bought > 0, bought, 1.0)).T)


def targets_of(scenario: "Scenario", members: BoolArray, place: dict[str, int]) -> Targets:
    """Targets of a scenario."""
    targets = scenario.targets.values()
    pairs = np.array([(place[target.pair[0]], place[target.pair[1]]) for target in targets])
    return Targets(
        pair=pairs,
        trade_musd=np.array([target.trade_musd for target in targets]),
        concerns=np.stack([members[:, pair].all(axis=1) for pair in pairs]),
    )


def routes_of(scenario: "Scenario", world: "World") -> RoutesNeeded:
    """Corridors between members; one that grants passage depends on those within it alone."""
    gates = [gate.gate for gate in world.gates]
    built = [c for c in world.corridors if c.status != "planned"]
    ends = [tuple(sorted(c.ends)) for c in built]
    pairs = sorted(set(ends))
    return RoutesNeeded(
        passes=np.array(
            [gate in corridor.gates for corridor, gate in product(built, gates)], dtype=np.bool_
        ).reshape(len(built), len(gates)),
        pair=np.array([pairs.index(end) for end in ends], dtype=np.int64),
        needed=np.array(
            [_depends(*both) for both in product(scenario.agreements.values(), built)],
            dtype=np.bool_,
        ).reshape(len(scenario.agreements), len(built)),
    )


def _depends(agreement: "Agreement", corridor: "Corridor") -> bool:
    crossed = corridor.transit if agreement.changes.grants_passage else ()
    return {*corridor.ends, *crossed} <= {*agreement.members}


def visits_of(
    scenario: "Scenario",
    members: BoolArray,
    place: dict[str, int],
    parameters: dict[str, FloatArray],
) -> Visits:
    """Visits of a scenario."""
    visits = scenario.diplomacy.visits
    both = [
        members[:, [place[visit.sending_state], place[visit.host_state]]].all(axis=1)
        for visit in visits
    ]
    return Visits(
        when=np.array([int(visit.when) for visit in visits], dtype=np.int64),
        concerns=np.array(both, dtype=np.bool_).reshape(len(visits), len(members)),
        pace=parameters["visit_pace"][:, None],
        fade_years=parameters["visit_fade_years"][:, None],
    )


def outside_attention_of(scenario: "Scenario", place: dict[str, int]) -> AttentionByState:
    """Outside powers that court a State."""
    listed = scenario.diplomacy.outside_attention
    weight = np.zeros((len(listed), len(place)))
    for row, attention in zip(weight, listed, strict=True):
        row[place[attention.state]] = attention.effort
    return AttentionByState(
        since=np.array([int(c.since) for c in listed], dtype=np.int64),
        until=np.array(
            [NEVER if c.until is None else int(c.until) for c in listed], dtype=np.int64
        ),
        weight=weight,
    )


def deals_of(world: "World", place: dict[str, int]) -> tuple[tuple[int, int, BoolArray], ...]:
    """Deals on record that entered into force after the base year."""
    found = []
    for record in world.agreements:
        begins = _quarter(record.in_force) if record.in_force else 0
        if record.kind not in DEALS or begins < QUARTERS_PER_YEAR * (world.base_year + 1):
            continue
        joined = np.zeros((len(place), len(place)), dtype=np.bool_)
        inside = [place[code] for code in record.members]
        joined[np.ix_(inside, inside)] = True
        found.append((begins, _quarter(record.ended) if record.ended else NEVER, joined))
    return tuple(found)


def _quarter(date: str) -> int:
    """Quarter of an ISO date, whole or cut short."""
    month = int(date[5:7]) if len(date) >= len("2022-10") else 1
    return QUARTERS_PER_YEAR * int(date[:4]) + (month - 1) // 3
