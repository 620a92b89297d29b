"""Hazards of negotiations: how long stages take by what does not depend on what States want."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.diplomacy import negotiation_hazards
from sim.laws.diplomacy.reform_effects import raised_capacity
from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.diplomacy.visits_and_reforms import reform_quarters
from sim.simulation.snapshot.accession import parent_of

if TYPE_CHECKING:
    from sim.scenario.blocks.behaviour import Behaviour
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


STAGES = ("opening", "signature", "entry into force")


def thresholds(streams: Streams, names: Sequence[str], *, by_chance: bool) -> FloatArray:
    """Sums of hazards at which stages end, (n_runs, 3, n_agreements) [1]."""
    draws = [streams.uniform(f"negotiation: {stage}", names, 1)[..., 0] for stage in STAGES]
    uniform = np.stack(draws, axis=1)
    return negotiation_hazards.threshold(uniform if by_chance else np.full_like(uniform, 0.5))


def hazards(
    world: "World",
    members: BoolArray,
    parameters: dict[str, FloatArray],
    names: Sequence[str],
    behaviour: "Behaviour",
) -> FloatArray:
    """Hazard by stage from the typical time, the number of members and institutions.

    Returns
    -------
    (n_runs, 3, n_agreements) ndarray
        Hazards [1/quarter].
    """
    accedes = np.array([parent_of(name) is not None for name in names])
    opening, talks, joining, entry = (
        parameters[f"{what}_years"][:, None] for what in ("opening", "talks", "joining", "entry")
    )
    shape = (len(opening), len(names))
    signature = np.where(accedes, joining, talks)
    years = np.stack([np.broadcast_to(y, shape) for y in (opening, signature, entry)], axis=1)
    hazard = negotiation_hazards.base_hazard(years)
    if not behaviour.negotiation:
        return hazard
    politics = world.politics
    weight = parameters["members_weight"][:, None, None]
    hazard = hazard * negotiation_hazards.number_factor(members.sum(axis=1), weight)
    if behaviour.institutions:
        counts = ~politics.disputed | behaviour.disputed_institutions
        outside = ~(politics.belongs & counts)
        shared = np.logical_not((members[:, :, None] & outside).any(axis=1))
        tie = negotiation_hazards.shared_tie(politics.ties, shared)
        hazard = hazard * np.exp(parameters["institutions_weight"][:, None, None] * tie)
    return hazard


def weights(
    parameters: dict[str, FloatArray], behaviour: "Behaviour"
) -> negotiation_hazards.Motives:
    """Weights of the motives by run, 0 where a rule is switched off."""
    switches = {
        "target": behaviour.targets,
        "trade_gain": True,
        "welfare_gain": True,
        "diversification": behaviour.partner_diversification,
        "domino": behaviour.domino,
        "losses": behaviour.fiscal,
    }
    return negotiation_hazards.Motives(
        *(parameters[f"{name}_weight"][:, None] * is_on for name, is_on in switches.items())
    )


def capacity_pace(
    scenario: "Scenario", world: "World", members: BoolArray, weight: FloatArray
) -> tuple[tuple[int, FloatArray], ...]:
    """Factor on entry into force from the members' capacity, as reforms raise it.

    Returns
    -------
    tuple of (int, ndarray)
        First quarter of each factor, (n_runs, n_agreements) [1], the first from the start.
    """
    politics = world.politics
    if not (scenario.behaviour.capacity and scenario.behaviour.negotiation):
        return ((0, np.ones((len(weight), len(members)))),)
    steps = [*scenario.reforms.steps.values()]
    done = reform_quarters(scenario)
    reference = float(np.median(politics.rule_of_law * politics.infrastructure))
    found = []
    for quarter in sorted({0, *done.tolist()}):
        capacity = {
            "rule_of_law": politics.rule_of_law.copy(),
            "infrastructure": politics.infrastructure.copy(),
        }
        for step, works_from in zip(steps, done, strict=True):
            if step.measure in capacity and works_from <= quarter:
                region = world.region_index(step.state)
                rating = capacity[step.measure]
                rating[region] = raised_capacity(rating[region], step.change)
        law, works = (np.where(members, rating, 1.0) for rating in capacity.values())
        factor = negotiation_hazards.capacity_factor(law, works, reference, weight[:, None])
        found.append((quarter, factor))
    return tuple(found)
