"""A quick preview: what the model itself expects of one agreement, at once and for certain.

The agreement stands alone and is fully in force from the first quarter; nothing is drawn, trade
adjusts at once, prices adjust and incomes are held. It is asked once for a scenario, not each
quarter: what a State knows when it starts to negotiate.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.scenario.blocks.diplomacy import Diplomacy
from sim.scenario.blocks.energy import Energy
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.blocks.reforms import Reforms
from sim.scenario.writing import scenario_hash
from sim.simulation.diplomacy.negotiation_setup import AgreementPreview
from sim.simulation.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


@dataclass(frozen=True)
class _Question:
    """Key of a preview request; equal worlds, models and contents have equal answers."""

    make: Callable[["Scenario", "World"], Any]
    world: "World"
    content: str
    scenario: "Scenario" = field(compare=False)


def gains(
    make: Callable[["Scenario", "World"], Any],
    world: "World",
    scenario: "Scenario",
    name: str,
    first_quarter: int,
) -> AgreementPreview:
    """Gains of one agreement at once if it were fully in force in the base year.

    Parameters
    ----------
    make : callable
        Makes a model of one run from a scenario and a world.
    world, scenario
        What is, and what is asked, accessions included.
    name : str
        The agreement.
    first_quarter : int
        Quarter that the model starts from.
    """
    asked = preview_question(scenario, name, first_quarter)
    return _gains(_Question(make, world, scenario_hash(asked), asked))


@lru_cache(maxsize=256)
def _gains(question: _Question) -> AgreementPreview:
    agreement = next(iter(question.scenario.agreements.values()))
    without = question.scenario.model_copy(update={"agreements": {}})
    before, after = (
        question.make(scenario, question.world) for scenario in (without, question.scenario)
    )
    for model in (before, after):
        model.step()
    members = [question.world.region_index(code) for code in agreement.members]
    return gains_between(before.snapshot, after.snapshot, members)


def preview_question(scenario: "Scenario", name: str, first_quarter: int) -> "Scenario":
    """The scenario that shows what one agreement brings when nothing else happens.

    Parameters
    ----------
    scenario : Scenario
        What is asked, accessions included.
    name : str
        The agreement.
    first_quarter : int
        Quarter that the model starts from; the agreement is in force in the next.
    """
    begins = Quarter(first_quarter + 1)
    layers = scenario.uncertainty_sources.model_copy(
        update={"parameters": False, "events": False, "residual_shocks": False}
    )
    horizon = scenario.horizon.model_copy(update={"start": Quarter(first_quarter), "end": begins})
    return scenario.model_copy(
        update={
            "agreements": {name: scenario.agreements[name].at_once(begins)},
            "closures": {},
            "bans": {},
            "trade_costs": {},
            "recorded_stops": False,
            "diplomacy": Diplomacy(),
            "energy": Energy(),
            "projects": {},
            "open_all_year": {},
            "reforms": Reforms(),
            "horizon": horizon,
            "uncertainty_sources": layers,
            "adjustment": "immediate",
            "model_closure": "conditional",
        }
    )


def gains_between(before: Snapshot, after: Snapshot, members: Sequence[int]) -> AgreementPreview:
    """Gains of each member from an agreement, from the same quarter without it and with it.

    Parameters
    ----------
    before, after : Snapshot
        One run each.
    members : sequence of int
        Regions that are party to it.

    Returns
    -------
    AgreementPreview
        One row each, 0 for States that are no members.
    """
    n = before.trade.shape[-1]
    inside = np.zeros(n, dtype=np.bool_)
    inside[list(members)] = True

    def with_members(snapshot: Snapshot) -> FloatArray:
        flows = snapshot.trade[0].sum(axis=0)
        both = np.where(np.eye(n, dtype=np.bool_), 0.0, flows + flows.T)
        return np.asarray(both[:, inside].sum(axis=1))

    def at_home(snapshot: Snapshot) -> FloatArray:
        return np.asarray(np.einsum("sii->i", snapshot.trade[0]))

    trade, new = with_members(before), with_members(after)
    income = np.log(after.welfare_change[0] / before.welfare_change[0])
    spending = before.trade[0].sum(axis=(0, 1))
    known = np.where(trade > 0, trade, 1.0)
    duty = _lost_share(before.tariff_revenue[0], after.tariff_revenue[0])
    return AgreementPreview(
        *(
            np.where(inside, values, 0.0)[None]
            for values in (
                np.where(trade > 0, np.log(np.maximum(new, 1e-9) / known), 0.0),
                np.where(trade > 0, income * spending / known, 0.0),
                duty + _lost_share(at_home(before), at_home(after)),
            )
        )
    )


def _lost_share(before: FloatArray, after: FloatArray) -> FloatArray:
    """Share of a sum that is lost, 0 where it grows."""
    lost = np.maximum(before - after, 0.0)
    return np.divide(lost, before, out=np.zeros_like(lost), where=before > 0)
