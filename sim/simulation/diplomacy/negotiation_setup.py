"""The agenda: which agreements are negotiated, by whom, and what bears on each, compiled once.

Everything that does not change during a run stands here as arrays over agreements and States; what
changes is observed each quarter (`sim.simulation.diplomacy.negotiation`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.diplomacy import effort, negotiation_hazards
from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.diplomacy.hazards import capacity_pace, hazards, thresholds, weights
from sim.simulation.diplomacy.observations import (
    AttentionByState,
    Markets,
    RoutesNeeded,
    Targets,
    Visits,
    deals_of,
    outside_attention_of,
    routes_of,
    share_of,
    targets_of,
    visits_of,
)
from sim.simulation.diplomacy.toll_bargain import TollBargain, toll_bargain
from sim.simulation.snapshot.accession import parent_of
from sim.simulation.snapshot.agreement_status import NEVER

if TYPE_CHECKING:
    from sim.scenario.blocks.behaviour import Behaviour
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


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


class AgreementPreview(NamedTuple):
    """Immediate gains that the model expects of agreements, by State, each (n_agreements, n)."""

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
    is_deal: BoolArray
    """(n_agreements,) which give better terms than others have, so that these fall back."""
    talks_since: IntArray
    """(n_agreements,) quarter in which talks are known to begin, `NEVER` if the States decide."""
    threshold: FloatArray
    """(n_runs, 3, n_agreements) sum of hazards at which a stage ends."""
    hazard: FloatArray
    """(n_runs, 3, n_agreements) hazard of each stage by what does not change [1/quarter]."""
    capacity: tuple[tuple[int, FloatArray], ...]
    """Factor on entry into force, (n_runs, n_agreements), with its first quarter [1]."""
    tolls: tuple[TollBargain | None, ...]
    """Bargain over the joint toll of each negotiated agreement that has one."""
    gains: AgreementPreview
    diversification: FloatArray
    """(n_agreements, n) how much less a State would lean on few partners [1]."""
    pull: FloatArray
    """(n_runs, n) weight of outside powers in a State's attention [1]."""
    weights: negotiation_hazards.Motives
    """Weights of the motives, each (n_runs, 1)."""
    targets: Targets
    routes: RoutesNeeded
    markets: Markets
    visits: Visits
    outside_attention: AttentionByState
    behaviour: "Behaviour"

    @property
    def negotiators(self) -> BoolArray:
        """(n,) States that have anything to negotiate."""
        return np.asarray(self.members[self.is_open].any(axis=0))

    @property
    def is_accepted(self) -> BoolArray:
        """(n_agreements,) whether no transit state loses by the joint toll that is agreed."""
        return np.array([t is None or t.is_accepted for t in self.tolls], dtype=np.bool_)

    def entry_pace(self, quarter: int) -> FloatArray:
        """Factor on entry into force by the capacity of a quarter, (n_runs, n_agreements) [1]."""
        return [factor for begins, factor in self.capacity if begins <= quarter][-1]


def agenda(
    scenario: "Scenario",
    world: "World",
    parameters: dict[str, FloatArray],
    runs: Sequence[int],
    gains_of: Callable[[str], AgreementPreview],
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
    _require_parameters(parameters)
    names = list(scenario.agreements)
    place = {code: index for index, code in enumerate(world.regions)}
    members = np.zeros((len(names), len(place)), dtype=np.bool_)
    for a, agreement in enumerate(scenario.agreements.values()):
        members[a, [place[code] for code in agreement.members]] = True
    no_gains = AgreementPreview(*[np.zeros((1, len(place)))] * 3)
    gains = [gains_of(n) if yes else no_gains for n, yes in zip(names, is_open, strict=True)]
    behaviour = scenario.behaviour
    by_chance = scenario.uncertainty_sources.events and behaviour.negotiation
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
        is_deal=np.array([a.changes.has_preferences for a in scenario.agreements.values()]),
        talks_since=np.array([_talks_since(a) for a in scenario.agreements.values()]),
        threshold=thresholds(Streams(scenario.seed, runs), names, by_chance=by_chance),
        hazard=hazards(world, members, parameters, names, behaviour),
        tolls=_tolls(scenario, world),
        capacity=capacity_pace(scenario, world, members, parameters["capacity_weight"]),
        gains=AgreementPreview(*(np.concatenate(rows) for rows in zip(*gains, strict=True))),
        diversification=np.where(members, effort.concentration(both) * (1.0 - with_members), 0.0),
        pull=parameters["outside_pull"][:, None] * (1.0 - share[:, asked].sum(axis=1)),
        weights=weights(parameters, behaviour),
        targets=targets_of(scenario, members, place),
        routes=routes_of(scenario, world),
        markets=Markets(trade, share_of(trade), deals_of(world, place)),
        visits=visits_of(scenario, members, place, parameters),
        outside_attention=outside_attention_of(scenario, place),
        behaviour=behaviour,
    )


def _require_parameters(parameters: Mapping[str, FloatArray]) -> None:
    """Refuse a world without a number that a rule of negotiation needs."""
    missing = [name for name in PARAMETERS if name not in parameters]
    if missing:
        raise ValueError(
            f"the world's table of parameters has no {', '.join(missing)}; negotiated agreements "
            "and accessions need them, agreements with dates do not"
        )


def _talks_since(agreement: object) -> int:
    timeline = agreement.timeline  # type: ignore[attr-defined]
    known = timeline.negotiated.talks_since if timeline.in_force is None else None
    return NEVER if known is None else int(known)


def _tolls(scenario: "Scenario", world: "World") -> tuple[TollBargain | None, ...]:
    return tuple(
        toll_bargain(agreement, world)
        if agreement.changes.has_joint_toll and agreement.timeline.in_force is None
        else None
        for agreement in scenario.agreements.values()
    )
