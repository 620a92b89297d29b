"""The same question in the ledgers of the partner: the scenario as asked on other ledgers' trade.

Partners disagree about what they trade with each other, by factors that outweigh most policies. A
run starts from one ledger; here it is repeated on every other one that records the targets' pairs
differently, with the same draws.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.world.cache.checked_world import mutual_musd

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

SAME = 0.01
"""Ledgers whose trade differs by less from the run's own say the same [1]."""


def ledgers_that_differ(
    scenario: "Scenario", world: "World", others: Mapping[str, "World"]
) -> dict[str, "World"]:
    """Worlds in whose ledgers some target's pair trades another sum, each sum once.

    Parameters
    ----------
    scenario, world
        What is asked, and what is in the ledgers the run starts from.
    others : mapping of str to World
        The same world held to other ledgers, by ledger. Of those that say the same about the
        targets' pairs, as ledgers do that hold neither, the last stands for all.
    """
    pairs = [target.pair for target in scenario.targets.values()]

    def totals(ledgers: "World") -> list[float]:
        return [mutual_musd(ledgers, a, b) for a, b in pairs]

    told = [totals(world)]
    found: dict[str, World] = {}
    for ledger, ledgers in list(others.items())[::-1]:
        own = totals(ledgers)
        if not any(_same(own, other) for other in told):
            found[ledger] = ledgers
            told.append(own)
    return dict(list(found.items())[::-1])


def _same(totals: Sequence[float], others: Sequence[float]) -> bool:
    pairs = zip(totals, others, strict=True)
    return all(abs(there - here) <= SAME * max(here, there) for here, there in pairs)
