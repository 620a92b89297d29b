"""Ranking of assumptions: how far the answer moves with each of them, one at a time.

Events and residual shocks are switched off and every parameter stands at its median, so that one
number is left: the central projection of a target's year. Then each uncertain number is moved to
the 5 % and to the 95 % point of its distribution, those of the world's table and those that the
scenario itself states as ranges; whatever else the scenario adds is taken out, entry by entry. All
moves are of one assumption alone: what two do together is in `sim sensitivity` and `sim explain`.

Energy deals are tried once more with neither take-or-pay nor discount. What they then ship is what
buyer and seller would do of their own accord; the rest is there because a clause forces it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.scenario.sampling.quantiles import draw_parameters, quantiles
from sim.scenario.text.problems import ScenarioError
from sim.scenario.variation import varied
from sim.scenario.writing import as_plain
from sim.simulation.energy.deals import DealTerms
from sim.study.one_at_a_time.central_runs import (
    CentralOutcome,
    CentralRun,
    all_simulated,
    central_of,
    ranges_of,
    simulated,
    varied_runs,
)
from sim.study.sensitivity import uncertain_inputs

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

Path = tuple[str, ...]

EDGES = (0.05, 0.95)
"""Points of a distribution to which an assumption is moved."""
ENTRIES: tuple[Path, ...] = (
    ("agreements",),
    ("duties",),
    ("trade_costs",),
    ("bans",),
    ("closures",),
    ("open_all_year",),
    ("projects",),
    ("energy", "projects"),
    ("energy", "deals"),
    ("energy", "shocks"),
    ("energy", "prices"),
    ("reforms", "steps"),
    ("diplomacy", "visits"),
    ("diplomacy", "consulates"),
    ("diplomacy", "missions"),
    ("diplomacy", "memoranda"),
    ("diplomacy", "outside_attention"),
)
"""Blocks of a scenario whose entries are taken out one by one."""
DEALS: Path = ("energy", "deals")


class AssumptionMove(NamedTuple):
    """One assumption, moved alone; trade is by target, [musd/year]."""

    name: str
    """Parameter, or dotted path into the scenario."""
    origin: str
    """`parameter` of the world's table, `range` or `entry` of the scenario."""
    values: tuple[float, float] | None
    """What it was moved to; None for an entry that was taken out."""
    low: FloatArray
    high: FloatArray
    """(n_targets,) trade at the two values; without the entry, twice."""

    def span(self, target: int, middle: float) -> float:
        """Furthest that trade moves from its middle, as a share of that [1]."""
        furthest = max(abs(float(edge[target]) - middle) for edge in (self.low, self.high))
        return furthest / middle if middle > 0.0 else 0.0


class ForcedDeal(NamedTuple):
    """An energy deal with and without its clauses, in the year of the first target."""

    name: str
    unit: str
    shipped: float
    """With take-or-pay and discount as the scenario states them [unit/year]."""
    shipped_freely: float
    """With neither [unit/year]."""
    buyer_pays_musd: float
    """What the buyer pays beyond its market price and for what it does not take [musd/year]."""
    seller_pays_musd: float
    """What the seller forgoes against selling at home and saving the carriage [musd/year]."""
    trade_musd: FloatArray
    """(n_targets,) trade of the pair with the deal freed of its clauses [musd/year]."""


class Ranking(NamedTuple):
    """The central projection and how far each assumption moves it."""

    middle: FloatArray
    """(n_targets,) trade of the target's year with everything at its middle [musd/year]."""
    moves: tuple[AssumptionMove, ...]
    """In the order of the world's table and of the scenario."""
    deals: tuple[ForcedDeal, ...]

    def ranked(self, target: int) -> list[AssumptionMove]:
        """Moves by how far they take a target's trade, the furthest first."""
        middle = float(self.middle[target])
        return sorted(self.moves, key=lambda move: -move.span(target, middle))


class _Variation(NamedTuple):
    """A scenario with one assumption moved: to each of two values, or taken out."""

    name: str
    values: tuple[float, float] | None
    scenarios: tuple["Scenario", ...]


def start_ranking(
    scenario: "Scenario", world: "World", executor: Executor | None = None
) -> Callable[[], Ranking]:
    """Move every assumption of a scenario by itself.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    executor : concurrent.futures.Executor, optional
        Simulates elsewhere; bears on no number.

    Returns
    -------
    callable
        Waits for the work that was given out, or does it.
    """
    central = central_of(scenario)
    variations = list(_variations(scenario, central))
    freed = {name: _freed(central, name) for name in central.energy.deals}
    middle = np.full((1, len(world.parameters)), 0.5)
    base = simulated(world, CentralRun(central, middle, central))
    inputs = [name for name in uncertain_inputs(central, world) if name in base.used]
    scenarios = [one for variation in variations for one in variation.scenarios]
    jobs = [CentralRun(central, _places(inputs, world), central)]
    jobs += varied_runs(world, [*scenarios, *freed.values()], middle, central)
    found = all_simulated(world, jobs, executor)

    def collected() -> Ranking:
        of_parameters, *others = found
        rest = iter(others)
        edges = of_parameters.trade.reshape(len(inputs), 2, -1)
        moves = [
            AssumptionMove(name, "parameter", _edges(central, world, name), low, high)
            for name, (low, high) in zip(inputs, edges, strict=True)
        ]
        for variation in variations:
            trade = [next(rest).trade[0] for _ in variation.scenarios]
            origin = "entry" if variation.values is None else "range"
            moves.append(
                AssumptionMove(variation.name, origin, variation.values, trade[0], trade[-1])
            )
        own = zip(freed, rest, strict=True)
        deals = [_forced(name, base.deals[name], free) for name, free in own]
        return Ranking(base.trade[0], tuple(moves), tuple(deals))

    return collected


def _places(inputs: Sequence[str], world: "World") -> FloatArray:
    """Places of the parameters, two runs for each input, (2 n_inputs, n_parameters)."""
    places = np.full((2 * len(inputs), len(world.parameters)), 0.5)
    order = list(world.parameters)
    for k, name in enumerate(inputs):
        places[2 * k : 2 * k + 2, order.index(name)] = EDGES
    return places


def _edges(scenario: "Scenario", world: "World", name: str) -> tuple[float, float]:
    """Values of a parameter at both edges."""
    order = list(world.parameters)
    places = np.full((2, len(order)), 0.5)
    places[:, order.index(name)] = EDGES
    low, high = draw_parameters(scenario.uncertainty, world.parameters, places)[name].tolist()
    return low, high


def _variations(scenario: "Scenario", central: "Scenario") -> Iterator[_Variation]:
    """The scenario's own assumptions, each moved or taken out."""
    for path, given in ranges_of(as_plain(scenario)):
        low, high = quantiles(given.form, given.numbers, np.array(EDGES)).tolist()
        name = ".".join(path)
        moved = tuple(varied(central, {name: value}) for value in (low, high))
        yield _Variation(name, (low, high), moved)
    plain = as_plain(central)
    for block in ENTRIES:
        for name in _entries(plain, block):
            with suppress(ScenarioError):  # what something else needs cannot be taken out alone
                yield _Variation(name, None, (varied(central, {name: False}),))


def _entries(plain: Mapping[str, Any], block: Sequence[str]) -> Iterator[str]:
    """Dotted paths of the entries of a block: by key, or by place from 1."""
    held: Any = plain
    for key in block:
        held = held.get(key) or {}
    places = list(held) if isinstance(held, Mapping) else range(1, len(held) + 1)
    yield from (".".join([*block, str(place)]) for place in places)


def _freed(scenario: "Scenario", name: str) -> "Scenario":
    """The scenario with one energy deal that obliges nobody and gives nothing away."""
    path = ".".join((*DEALS, name))
    return varied(scenario, {f"{path}.take_or_pay": 0.0, f"{path}.discount": 0.0})


def _forced(name: str, stated: DealTerms, free: CentralOutcome) -> ForcedDeal:
    return ForcedDeal(
        name,
        stated.unit,
        stated.shipped,
        free.deals[name].shipped,
        stated.buyer_pays_musd,
        stated.seller_pays_musd,
        free.trade[0],
    )
