"""The agenda: which agreements are negotiated, by whom, and what bears on each, compiled once.

Everything that does not change during a run stands here as arrays over agreements and States; what
changes is observed each quarter (`sim.actors.negotiation`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.actors.accession import parent_of
from sim.actors.hazards import capacity_pace, hazards, thresholds, weights
from sim.actors.treaties import NEVER, QUARTERS_A_YEAR
from sim.laws import diplomacy, negotiation
from sim.scenario.streams import Streams

if TYPE_CHECKING:
    from sim.scenario.behaviour import Behaviour
    from sim.scenario.schema import Scenario
    from sim.world.world import World

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

OPENING, SIGNATURE, ENTRY = range(3)
PARAMETERS = (
    "opening_years",
    "talks_years",
    "joining_years",
    "entry_years",
    "target_weight",
    "trade_gain_weight",
    "welfare_gain_weight",
    "diversification_weight",
    "domino_weight",
    "losses_weight",
    "institutions_weight",
    "members_weight",
    "capacity_weight",
    "outside_pull",
    "visit_pace",
    "visit_fade_years",
)
"""Parameters of the world that the rules of negotiation read."""
DEALS = frozenset({"customs-union", "free-trade", "preferential"})
"""Kinds of agreements on record that give better terms than others have."""


class Gains(NamedTuple):
    """What the model expects of each agreement at once, by State, each (n_agreements, n)."""

    trade_gain: FloatArray
    """Log change of its trade with the other members."""
    welfare_gain: FloatArray
    """Real income gained over that trade [1]."""
    losses: FloatArray
    """Duty collected and home sales lost, each as a share of all of its own, added up [1]."""


@dataclass(frozen=True, eq=False)
class Agenda:
    """Negotiations of a scenario; `a` counts all of its agreements, `i` the regions."""

    is_open: BoolArray
    """(n_agreements,) which are negotiated rather than dated."""
    parent: IntArray
    """(n_agreements,) agreement that one accedes to, -1 for all others."""
    members: BoolArray
    """(n_agreements, n) who has to agree."""
    talks_since: IntArray
    """(n_agreements,) quarter in which talks are known to begin, `NEVER` if the States decide."""
    threshold: FloatArray
    """(n_runs, 3, n_agreements) sum of hazards at which a stage ends."""
    hazard: FloatArray
    """(n_runs, 3, n_agreements) hazard of each stage by what does not change [1/quarter]."""
    capacity: tuple[tuple[int, FloatArray], ...]
    """Factor on entry into force, (n_runs, n_agreements), with its first quarter [1]."""
    gains: Gains
    diversification: FloatArray
    """(n_agreements, n) how much less a State would lean on few partners [1]."""
    pull: FloatArray
    """(n_runs, n) weight of outside powers in a State's attention [1]."""
    weights: negotiation.Motives
    """Weights of the motives, each (n_runs, 1)."""
    targets: "Targets"
    ways: "Ways"
    markets: "Markets"
    visits: "Visits"
    courting: "Courting"
    behaviour: "Behaviour"

    @property
    def negotiators(self) -> BoolArray:
        """(n,) States that have anything to negotiate."""
        return np.asarray(self.members[self.is_open].any(axis=0))

    def entry_pace(self, quarter: int) -> FloatArray:
        """Factor on entry into force by the capacity of a quarter, (n_runs, n_agreements) [1]."""
        return [factor for begins, factor in self.capacity if begins <= quarter][-1]


class Targets(NamedTuple):
    """Targets of trade between two members."""

    pair: IntArray
    """(n_targets, 2) regions."""
    trade_musd: FloatArray
    """(n_targets,) [musd]."""
    concerns: BoolArray
    """(n_targets, n_agreements) whether both are members."""


class Ways(NamedTuple):
    """Ways between members that an agreement depends on."""

    passes: BoolArray
    """(n_ways, n_gates) gates on each."""
    pair: IntArray
    """(n_ways,) pair of regions that each serves."""
    needed: BoolArray
    """(n_agreements, n_ways) whether an agreement depends on it."""


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


class Courting(NamedTuple):
    """Outside powers that take up attention."""

    since: IntArray
    until: IntArray
    """(n_courtings,) first and last quarter."""
    weight: FloatArray
    """(n_courtings, n) weight in the attention of each State [1]."""

    def at(self, quarter: int) -> FloatArray:
        """Weight in each State's attention in a quarter, (n,) [1]."""
        now = (self.since <= quarter) & (quarter <= self.until)
        return np.asarray(now @ self.weight)


class Markets(NamedTuple):
    """Who sells what to whom, and who had a deal with whom when."""

    exports: FloatArray
    """(n, n) baseline trade by exporter and importer, the diagonal zero [musd]."""
    import_share: FloatArray
    """(n, n) share of each importer's purchases abroad by supplier, importer first [1]."""
    deals: tuple[tuple[int, BoolArray], ...]
    """Deals on record since the base year: first quarter, and (n, n) who is joined by it."""


def agenda(
    scenario: "Scenario",
    world: "World",
    parameters: dict[str, FloatArray],
    runs: Sequence[int],
    gains_of: Callable[[str], Gains],
) -> Agenda | None:
    """Compile the negotiations of a scenario; None where every agreement has its dates.

    Parameters
    ----------
    scenario, world
        What is asked, accessions included, and what is.
    parameters : dict of str to (n_runs,) ndarray
        Drawn parameters.
    runs : sequence of int
        Numbers of the runs.
    gains_of : callable
        Preview of one agreement by name; arrays with one row.

    Raises
    ------
    ValueError
        If the world has no parameter that a rule of negotiation needs.
    """
    is_open = np.array(
        [a.timeline.in_force is None for a in scenario.agreements.values()], dtype=np.bool_
    )
    if not is_open.any():
        return None
    missing = [name for name in PARAMETERS if name not in parameters]
    if missing:
        raise ValueError(
            f"the world's table of parameters has no {', '.join(missing)}; negotiated agreements "
            "and accessions need them, agreements with dates do not"
        )
    names = list(scenario.agreements)
    place = {code: index for index, code in enumerate(world.regions)}
    members = np.zeros((len(names), len(place)), dtype=np.bool_)
    for a, agreement in enumerate(scenario.agreements.values()):
        members[a, [place[code] for code in agreement.members]] = True
    nothing = np.zeros((1, len(place)))
    gains = [
        gains_of(name) if open_ else Gains(nothing, nothing, nothing)
        for name, open_ in zip(names, is_open, strict=True)
    ]
    behaviour = scenario.behaviour
    by_chance = scenario.layers_of_uncertainty.chance and behaviour.negotiation
    trade = world.trade.sum(axis=0) + world.energy_trade
    trade = np.where(np.eye(len(place), dtype=np.bool_), 0.0, trade)
    both = trade + trade.T
    share = both / np.maximum(both.sum(axis=1, keepdims=True), 1e-9)
    with_members = np.array([share[:, row].sum(axis=1) for row in members])
    asked = members[is_open].any(axis=0)
    return Agenda(
        is_open=is_open,
        parent=np.array([names.index(p) if (p := parent_of(n)) else -1 for n in names]),
        members=members,
        talks_since=np.array([_talks_since(a) for a in scenario.agreements.values()]),
        threshold=thresholds(Streams(scenario.seed, runs), names, by_chance=by_chance),
        hazard=hazards(world, members, parameters, names, behaviour),
        capacity=capacity_pace(scenario, world, members, parameters["capacity_weight"]),
        gains=Gains(*(np.concatenate(rows) for rows in zip(*gains, strict=True))),
        diversification=np.where(
            members, diplomacy.concentration(both) * (1.0 - with_members), 0.0
        ),
        pull=parameters["outside_pull"][:, None] * (1.0 - share[:, asked].sum(axis=1)),
        weights=weights(parameters, behaviour),
        targets=_targets(scenario, members, place),
        ways=_ways(scenario, world),
        markets=Markets(trade, share_of(trade), _deals(world, place)),
        visits=_visits(scenario, members, place, parameters),
        courting=_courting(scenario, place),
        behaviour=behaviour,
    )


def share_of(trade: FloatArray) -> FloatArray:
    """Share of each importer's purchases by supplier, importer first [1]."""
    bought = trade.sum(axis=0)
    return np.asarray((trade / np.where(bought > 0, bought, 1.0)).T)


def _talks_since(agreement: object) -> int:
    timeline = agreement.timeline  # type: ignore[attr-defined]
    known = timeline.negotiated.talks_since if timeline.in_force is None else None
    return NEVER if known is None else int(known)


def _targets(scenario: "Scenario", members: BoolArray, place: dict[str, int]) -> Targets:
    pairs = np.array(
        [[place[code] for code in target.pair] for target in scenario.targets.values()]
    )
    return Targets(
        pair=pairs,
        trade_musd=np.array([target.trade_musd for target in scenario.targets.values()]),
        concerns=np.stack([members[:, pair].all(axis=1) for pair in pairs]),
    )


def _ways(scenario: "Scenario", world: "World") -> Ways:
    """Corridors between members; a transit agreement depends on those within it alone."""
    gates = [gate.gate for gate in world.gates]
    built = [c for c in world.corridors if c.status != "planned"]
    ends = [tuple(sorted(c.ends)) for c in built]
    pairs = sorted(set(ends))
    return Ways(
        passes=np.array([[g in c.gates for g in gates] for c in built], dtype=np.bool_).reshape(
            len(built), len(gates)
        ),
        pair=np.array([pairs.index(end) for end in ends], dtype=np.int64),
        needed=np.array(
            [
                [
                    {*c.ends, *(c.transit if a.kind == "transit" else ())} <= {*a.members}
                    for c in built
                ]
                for a in scenario.agreements.values()
            ],
            dtype=np.bool_,
        ).reshape(len(scenario.agreements), len(built)),
    )


def _visits(
    scenario: "Scenario",
    members: BoolArray,
    place: dict[str, int],
    parameters: dict[str, FloatArray],
) -> Visits:
    visits = scenario.diplomacy.visits
    both = [members[:, [place[visit.by], place[visit.to]]].all(axis=1) for visit in visits]
    return Visits(
        when=np.array([int(visit.when) for visit in visits], dtype=np.int64),
        concerns=np.array(both, dtype=np.bool_).reshape(len(visits), len(members)),
        pace=parameters["visit_pace"][:, None],
        fade_years=parameters["visit_fade_years"][:, None],
    )


def _courting(scenario: "Scenario", place: dict[str, int]) -> Courting:
    listed = scenario.diplomacy.courting
    weight = np.zeros((len(listed), len(place)))
    for row, courting in zip(weight, listed, strict=True):
        row[place[courting.to]] = courting.effort
    return Courting(
        since=np.array([int(c.since) for c in listed], dtype=np.int64),
        until=np.array(
            [NEVER if c.until is None else int(c.until) for c in listed], dtype=np.int64
        ),
        weight=weight,
    )


def _deals(world: "World", place: dict[str, int]) -> tuple[tuple[int, BoolArray], ...]:
    """Deals on record that entered into force after the base year."""
    found = []
    for record in world.agreements:
        begins = _quarter(record.in_force) if record.in_force else 0
        if record.kind not in DEALS or begins < QUARTERS_A_YEAR * (world.base_year + 1):
            continue
        joined = np.zeros((len(place), len(place)), dtype=np.bool_)
        inside = [place[code] for code in record.members]
        joined[np.ix_(inside, inside)] = True
        found.append((begins, joined))
    return tuple(found)


def _quarter(date: str) -> int:
    """Quarter of an ISO date, whole or cut short."""
    month = int(date[5:7]) if len(date) >= len("2022-10") else 1
    return QUARTERS_A_YEAR * int(date[:4]) + (month - 1) // 3
