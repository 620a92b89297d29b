"""The same question in the books of the partner: the scenario as asked on other ledgers' trade.

Partners disagree about what they trade with each other, by factors that outweigh most policies. A
run starts from one ledger; here it is repeated on every other one that records the targets' pairs
differently, with the same draws.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.world.world import World

SAME = 0.01
"""Books whose trade differs by less from the run's own say the same [1]."""


def books_that_differ(
    scenario: "Scenario", world: "World", others: Mapping[str, "World"]
) -> dict[str, "World"]:
    """Worlds in whose books some target's pair trades another sum.

    Parameters
    ----------
    scenario, world
        What is asked, and what is in the books the run starts from.
    others : mapping of str to World
        The same world held to other ledgers, by ledger.
    """
    pairs = [target.pair for target in scenario.targets.values()]

    def totals(books: "World") -> list[float]:
        return [books.pair_musd(a, b) + books.pair_musd(b, a) for a, b in pairs]

    own = totals(world)
    return {
        ledger: books
        for ledger, books in others.items()
        if any(
            abs(there - here) > SAME * max(here, there)
            for here, there in zip(own, totals(books), strict=True)
        )
    }
