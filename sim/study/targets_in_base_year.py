"""Targets against the trade of the base year: pairs that had none, and sums that it reaches."""

from typing import TYPE_CHECKING

from sim.laws.numerics.number_format import money
from sim.study.workers.study_errors import StudyError
from sim.world.cache.checked_world import mutual_musd

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.cache.checked_world import TradedPairs


def untraded_targets(scenario: "Scenario", world: "TradedPairs") -> list[str]:
    """Sentences on targets whose pair did not trade in the base year, with what can be done.

    The law changes what a pair trades in proportion, so that nothing stays nothing. Pairs that a
    route of energy joins are left out: their energy trade is made by supply and demand.

    Parameters
    ----------
    scenario : Scenario
    world : TradedPairs
        Held to the scenario's ledger.
    """
    joined = world.energy_pairs
    names = dict(zip(world.regions, world.region_names, strict=True))
    told = []
    for name, target in scenario.targets.items():
        a, b = target.pair
        if mutual_musd(world, a, b) > 0.0 or frozenset((a, b)) in joined:
            continue
        told.append(
            f"targets.{name}.pair: {names[a]} and {names[b]} did not trade in {world.base_year} "
            f"(ledger: {world.ledger}), so the law, which changes the trade of the base year in "
            "proportion, cannot say what they would; wanted a pair that traded, or a first flow "
            "that you expect of it: a row of trade_prior.csv, or of held_flows.csv, flagged as "
            "estimated"
        )
    return told


def targets_met(scenario: "Scenario", world: "TradedPairs") -> list[str]:
    """Sentences on targets that the trade of the base year reaches already.

    Parameters
    ----------
    scenario : Scenario
    world : TradedPairs
        Held to the scenario's ledger.
    """
    told = []
    for name, target in scenario.targets.items():
        a, b = target.pair
        trade = mutual_musd(world, a, b)
        if trade >= target.trade_musd:
            told.append(
                f"targets.{name}: the pair traded {money(trade, digits=3)} in {world.base_year} "
                f"(ledger: {world.ledger}), no less than the {money(target.trade_musd, digits=3)} "
                "asked for; the chance is that trade does not fall below it"
            )
    return told


def require_trade(scenario: "Scenario", world: "TradedPairs") -> None:
    """Refuse targets of which the law cannot say anything.

    Raises
    ------
    StudyError
        With a sentence for each.
    """
    if told := untraded_targets(scenario, world):
        raise StudyError("\n".join(told))
