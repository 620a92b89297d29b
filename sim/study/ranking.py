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
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.numerics.recent import Recent
from sim.scenario.blocks.distributions import FORMS, UncertainInput
from sim.scenario.blocks.studies import STUDY_KEYS
from sim.scenario.sampling.quantiles import draw_parameters, quantiles
from sim.scenario.text.problems import ScenarioError
from sim.scenario.variation import varied
from sim.scenario.writing import as_plain, scenario_hash
from sim.simulation.energy.deals import DealTerms
from sim.simulation.energy.system import EnergySystem
from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.draws import Draws, draw, simulated_quarters
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
_PREPARED: Recent[tuple[Draws, EnergySystem]] = Recent(most=2)
"""Draws and energy made last, for the next scenario that has them in common."""


class Move(NamedTuple):
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
    moves: tuple[Move, ...]
    """In the order of the world's table and of the scenario."""
    deals: tuple[ForcedDeal, ...]

    def ranked(self, target: int) -> list[Move]:
        """Moves by how far they take a target's trade, the furthest first."""
        middle = float(self.middle[target])
        return sorted(self.moves, key=lambda move: -move.span(target, middle))


class _Variation(NamedTuple):
    """A scenario with one assumption moved: to each of two values, or taken out."""

    name: str
    values: tuple[float, float] | None
    scenarios: tuple["Scenario", ...]


class _Job(NamedTuple):
    """A scenario at given places of the parameters, a run for each row of them."""

    scenario: "Scenario"
    places: FloatArray
    like: "Scenario"
    """On whose draws and energy it runs: its own, or those of one with other agreements."""


class _Outcome(NamedTuple):
    """Results kept of a simulation; runs are the first axis."""

    trade: FloatArray
    """(n_runs, n_targets) [musd/year]."""
    used: frozenset[str]
    """Parameters that some rule read."""
    deals: Mapping[str, DealTerms]
    """Energy deals in the first run, in the year of the first target."""


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
    central = _central(scenario)
    variations = list(_variations(scenario, central))
    freed = {name: _freed(central, name) for name in central.energy.deals}
    middle = np.full((1, len(world.parameters)), 0.5)
    base = _simulated(world, _Job(central, middle, central))
    inputs = [name for name in uncertain_inputs(central, world) if name in base.used]
    scenarios = [one for variation in variations for one in variation.scenarios]
    jobs = [_Job(central, _places(inputs, world), central)]
    jobs += [_Job(one, middle, _drawn_like(one, central)) for one in scenarios]
    jobs += [_Job(one, middle, one) for one in freed.values()]
    simulate = partial(_simulated, world)
    found = executor.map(simulate, jobs) if executor else map(simulate, jobs)

    def collected() -> Ranking:
        of_parameters, *others = found
        rest = iter(others)
        edges = of_parameters.trade.reshape(len(inputs), 2, -1)
        moves = [
            Move(name, "parameter", _edges(central, world, name), low, high)
            for name, (low, high) in zip(inputs, edges, strict=True)
        ]
        for variation in variations:
            trade = [next(rest).trade[0] for _ in variation.scenarios]
            origin = "entry" if variation.values is None else "range"
            moves.append(Move(variation.name, origin, variation.values, trade[0], trade[-1]))
        own = zip(freed, rest, strict=True)
        deals = [_forced(name, base.deals[name], free) for name, free in own]
        return Ranking(base.trade[0], tuple(moves), tuple(deals))

    return collected


def _central(scenario: "Scenario") -> "Scenario":
    """The scenario to the last target's year, without chance, its ranges at their medians."""
    layers = scenario.uncertainty_sources.model_copy(
        update={"parameters": True, "events": False, "residual_shocks": False}
    )
    end = max(target.deadline for target in scenario.targets.values())
    horizon = scenario.horizon.model_copy(update={"end": max(end, scenario.horizon.start)})
    studies = dict.fromkeys(STUDY_KEYS)
    bare = scenario.model_copy(
        update={"uncertainty_sources": layers, "horizon": horizon, **studies}
    )
    medians = {
        ".".join(path): float(quantiles(given.form, given.numbers, np.array([0.5]))[0])
        for path, given in _ranges(as_plain(bare))
    }
    return varied(bare, medians) if medians else bare


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
    for path, given in _ranges(as_plain(scenario)):
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


def _ranges(
    node: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], UncertainInput]]:
    """Ranges that a scenario states for numbers of its own, not for the world's parameters."""
    if not isinstance(node, Mapping) or path == ("uncertainty",):
        return
    if len(node) == 1 and next(iter(node)) in FORMS and "fixed" not in node:
        yield path, UncertainInput.model_validate({k: tuple(v) for k, v in node.items()})
        return
    for key, inner in node.items():
        yield from _ranges(inner, (*path, str(key)))


def _freed(scenario: "Scenario", name: str) -> "Scenario":
    """The scenario with one energy deal that obliges nobody and gives nothing away."""
    path = ".".join((*DEALS, name))
    return varied(scenario, {f"{path}.take_or_pay": 0.0, f"{path}.discount": 0.0})


def _drawn_like(scenario: "Scenario", central: "Scenario") -> "Scenario":
    """The central scenario where only agreements differ, so that both crowd the same gates."""
    plain = [one.model_copy(update={"agreements": {}}) for one in (scenario, central)]
    return central if plain[0] == plain[1] else scenario


def _draws_and_energy(
    world: "World", like: "Scenario", places: FloatArray
) -> tuple[Draws, EnergySystem]:
    """Draws at given places of the parameters, and energy, which settles as it is asked."""
    held = world.content_hash, world.ledger, world.trade.tobytes(), world.energy_trade.tobytes()

    def made() -> tuple[Draws, EnergySystem]:
        runs, quarters = range(len(places)), simulated_quarters(like, world)
        draws = draw(like, world, runs, quarters.start, len(quarters), quantiles=places)
        return draws, EnergySystem(like, world, draws)

    return _PREPARED.of((scenario_hash(like), *held, places.tobytes(), get_ident()), made)


def _simulated(world: "World", job: _Job) -> _Outcome:
    """Simulate one job and return its results."""
    scenario, places, like = job
    draws, energy = _draws_and_energy(world, like, places)
    model = TradeModel(scenario, world, runs=range(len(places)), draws=draws, energy=energy)
    targets = list(scenario.targets.values())
    ends = [tuple(world.region_index(code) for code in target.pair) for target in targets]
    total = np.zeros((len(places), len(targets)))
    asked, deals = int(targets[0].deadline) // QUARTERS_PER_YEAR, dict[str, DealTerms]()
    while model.quarter < int(scenario.horizon.end):
        model.step()
        if model.quarter // QUARTERS_PER_YEAR == asked and not deals:
            deals = model.energy.deal_terms(model.snapshot.energy.state)
        for k, (target, (a, b)) in enumerate(zip(targets, ends, strict=True)):
            if 0 <= int(target.deadline) - model.quarter < QUARTERS_PER_YEAR:
                total[:, k] += model.pair_trade(a, b) / QUARTERS_PER_YEAR
    return _Outcome(total, frozenset(draws.parameters.used), deals)


def _forced(name: str, stated: DealTerms, free: _Outcome) -> ForcedDeal:
    return ForcedDeal(
        name,
        stated.unit,
        stated.shipped,
        free.deals[name].shipped,
        stated.buyer_pays_musd,
        stated.seller_pays_musd,
        free.trade[0],
    )
