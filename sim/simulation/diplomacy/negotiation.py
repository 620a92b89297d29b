"""Negotiations in the run: what a State observes and decides, and what comes of all decisions.

Every State looks at the same snapshot and says how much it wants each agreement and how much of its
effort goes there; then all negotiations advance at once, each as fast as its least keen member
allows. So the order of States cannot matter.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.diplomacy import effort as diplomacy
from sim.laws.diplomacy import negotiation_hazards
from sim.laws.numerics.arrays import FloatArray, IntArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.transport.outages import route_open_share
from sim.simulation.diplomacy.negotiation_setup import ENTRY, OPENING, SIGNATURE, Agenda
from sim.simulation.snapshot.agreement_status import NEVER, Treaties
from sim.simulation.snapshot.talks import Talks

if TYPE_CHECKING:
    from sim.simulation.snapshot.snapshot import Snapshot


HAS_WORKED_QUARTERS = QUARTERS_PER_YEAR
"""Quarters in force after which others may join."""


class NegotiationDecision(NamedTuple):
    """Decision of one State about the negotiations for the coming quarter."""

    state: int
    interest: FloatArray
    """(n_runs, n_agreements) how much it wants each; 0 where it is no member [1]."""
    effort: FloatArray
    """(n_runs, n_agreements) share of its diplomatic effort [1]."""


def stage_of(agenda: Agenda, snapshot: "Snapshot") -> IntArray:
    """Stage that each negotiation is in, -1 where there is nothing to negotiate.

    Returns
    -------
    (n_runs, n_agreements) ndarray
        `OPENING`, `SIGNATURE` or `ENTRY` for what may end in the coming quarter.
    """
    quarter, treaties, talks = snapshot.quarter, snapshot.treaties, snapshot.talks
    stage = np.full(talks.opened.shape, OPENING)
    stage[talks.opened <= quarter] = SIGNATURE
    stage[(talks.opened > quarter) & (talks.opened != NEVER)] = -1
    stage[treaties.signed <= quarter] = ENTRY
    stage[(treaties.signed > quarter) & (treaties.signed != NEVER)] = -1
    stage[treaties.in_force != NEVER] = -1
    accedes = agenda.parent >= 0
    parents = treaties.in_force[:, agenda.parent[accedes]]
    unproven = quarter + 1 - parents < HAS_WORKED_QUARTERS
    stage[:, accedes] = np.where(unproven, -1, stage[:, accedes])
    # What would end in the coming quarter, and be in force from the next, has to have time left.
    stage[treaties.ends <= quarter + (stage == ENTRY)] = -1
    stage[:, ~agenda.is_open] = -1
    return stage


def stance(agenda: Agenda, state: int, snapshot: "Snapshot") -> NegotiationDecision:
    """Decision of a State, given its observations.

    Parameters
    ----------
    agenda, snapshot
        What is negotiated, and the present condition.
    state : int
        Index of its region.
    """
    is_member = agenda.members[:, state]
    motives = negotiation_hazards.Motives(
        target_gap=_target_gap(agenda, state, snapshot),
        trade_gain=agenda.gains.trade_gain[:, state],
        welfare_gain=agenda.gains.welfare_gain[:, state],
        diversification=agenda.diversification[:, state],
        rivals=_rivals(agenda, state, snapshot),
        losses=agenda.gains.losses[:, state],
    )
    wanted = np.where(is_member, negotiation_hazards.interest(motives, agenda.weights), 0.0)
    busy = (stage_of(agenda, snapshot) >= 0) & is_member
    pull = agenda.pull[:, state] + agenda.outside_attention.at(snapshot.quarter)[state]
    return NegotiationDecision(state, wanted, diplomacy.effort_shares(wanted, busy, pull))


def _target_gap(agenda: Agenda, state: int, snapshot: "Snapshot") -> FloatArray:
    """Largest distance from a target with another member, (n_runs, n_agreements) [1].

    States look through the residual shock, which tells nothing of the years to come.
    """
    a, b = agenda.targets.pair.T
    both = np.stack([a, b]), np.stack([b, a])
    flows = snapshot.trade[:, :, *both].sum(axis=1) + snapshot.energy_trade[:, *both]
    trade = (flows * snapshot.known_factor[:, *both]).sum(axis=1)
    gap = np.clip(np.log(agenda.targets.trade_musd / np.maximum(trade, 1e-9)), 0.0, 1.0)
    own = agenda.targets.concerns & (agenda.targets.pair == state).any(axis=1)[:, None]
    return np.asarray((gap[:, :, None] * own).max(axis=1))


def _rivals(agenda: Agenda, state: int, snapshot: "Snapshot") -> FloatArray:
    """Lead of rivals with each agreement's members, (n_runs, n_agreements) [1]."""
    markets, quarter = agenda.markets, snapshot.quarter
    shape = (len(snapshot.trade), len(agenda.members))
    if not agenda.behaviour.domino:
        return np.zeros(shape)
    in_force = snapshot.treaties.is_in_force(quarter)
    inside = agenda.members & agenda.is_deal[:, None]
    joined = inside[:, :, None] & inside[:, None, :]
    has_deal = np.einsum("ra,aij->rij", in_force.astype(float), joined.astype(float)) > 0
    for begins, over, of_record in markets.deals:
        if begins <= quarter < over:
            has_deal = has_deal | of_record
    ahead = has_deal & ~has_deal[:, :, [state]]
    ahead[:, :, state] = False
    found = np.zeros(shape)
    for a in np.flatnonzero(agenda.is_open & agenda.members[:, state]):
        partners = np.flatnonzero(agenda.members[a])
        partners = partners[partners != state]
        found[:, a] = diplomacy.contagion(
            markets.exports[state, partners], markets.import_share[partners], ahead[:, partners]
        )
    return found


def advance(
    agenda: Agenda, snapshot: "Snapshot", stances: Sequence[NegotiationDecision]
) -> tuple[Treaties, Talks]:
    """Bring every negotiation one quarter on, given what all States have decided.

    Returns
    -------
    tuple of Treaties and Talks
        Dates and progress as of the coming quarter.
    """
    stage = stage_of(agenda, snapshot)
    hazard = np.take_along_axis(agenda.hazard, np.maximum(stage, 0)[:, None], axis=1)[:, 0]
    hazard = np.where(stage >= 0, hazard * _pace(agenda, snapshot, stances), 0.0)
    hazard = np.where(stage == ENTRY, hazard * agenda.entry_pace(snapshot.quarter), hazard)
    limit = np.take_along_axis(agenda.threshold, np.maximum(stage, 0)[:, None], axis=1)[:, 0]
    ends = (stage >= 0) & negotiation_hazards.stage_passed(snapshot.talks.pressure, hazard, limit)
    pressure = np.where(ends, 0.0, snapshot.talks.pressure + hazard)
    quarter = snapshot.quarter + 1
    treaties, talks = snapshot.treaties, snapshot.talks

    def dated(before: IntArray, which: int) -> IntArray:
        return np.where(ends & (stage == which), quarter, before)

    effort = np.zeros_like(talks.effort)
    for decided in stances:
        effort[:, decided.state] = decided.effort.sum(axis=1)
    # What is ratified in the coming quarter is in force from the first day of the next.
    in_force = np.where(ends & (stage == ENTRY), quarter + 1, treaties.in_force)
    return (
        replace(treaties, signed=dated(treaties.signed, SIGNATURE), in_force=in_force),
        Talks(dated(talks.opened, OPENING), pressure, effort),
    )


def _pace(
    agenda: Agenda, snapshot: "Snapshot", stances: Sequence[NegotiationDecision]
) -> FloatArray:
    """Factor on every hazard from will, effort and open routes, (n_runs, n_agreements) [1]."""
    shape = snapshot.talks.pressure.shape
    behaviour = agenda.behaviour
    pace = np.ones(shape)
    if not behaviour.negotiation:
        return pace
    interest, effort = np.zeros((2, *shape, agenda.members.shape[1]))
    for decided in stances:
        interest[..., decided.state] = decided.interest
        # One negotiation that a State neither wants nor shuns has all the effort that is usual.
        usual = 1.0 + agenda.pull[:, [decided.state]]
        effort[..., decided.state] = decided.effort * usual
    pace *= negotiation_hazards.will_factor(interest, agenda.members)
    if behaviour.effort:
        pace *= np.where(agenda.members, effort, np.inf).min(axis=-1)
    if behaviour.attention and len(agenda.visits.when):
        pace *= np.exp(agenda.visits.pace * _fresh_visits(agenda, snapshot.quarter))
    if behaviour.bargaining:
        pace *= agenda.is_accepted
    if behaviour.closed_border_delay:
        pace *= _open_routes(agenda, snapshot.gate_open_share)
    return pace


def _fresh_visits(agenda: Agenda, quarter: int) -> FloatArray:
    """Remaining effect of the latest visit between members, (n_runs, n_agreements) [1]."""
    visits = agenda.visits
    left = diplomacy.fading(quarter - visits.when, visits.fade_years)
    return np.asarray((left[:, :, None] * visits.concerns).max(axis=1))


def _open_routes(agenda: Agenda, gate_open: FloatArray) -> FloatArray:
    """Open share of the best route of the worst-off pair of members, (n_runs, n_agreements) [1]."""
    routes = agenda.routes
    open_share = route_open_share(gate_open, routes.passes)
    worst = np.ones((len(gate_open), len(routes.needed)))
    for a, needed in enumerate(routes.needed):
        for pair in np.unique(routes.pair[needed]):
            best = open_share[:, needed & (routes.pair == pair)].max(axis=1)
            worst[:, a] = np.minimum(worst[:, a], best)
    return worst
