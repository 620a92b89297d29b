"""States of simulations, kept in a process that answers one question after another.

A setting that is another one's equal up to a quarter continues from the last state kept of it, with
the bits of a simulation of its own, so that a change far ahead costs the quarters after it alone.
States are kept at the quarter before each dated entry of a scenario begins to act, where a change
of that entry will look for one, and at the ends of some years, for entries that are yet to come.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.scenario.sampling.quantiles import ParameterDraws
from sim.scenario.writing import scenario_hash
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.uncertainty.draws import Draws
from sim.simulation.uncertainty.residual_shocks import asked_pairs
from sim.study.common_quarters import (
    DATED_BY_DAY,
    DATED_BY_QUARTER,
    last_common_quarter,
)
from sim.study.ensemble.checkpoint import Checkpoint, continue_from

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

YEARS_APART = 1
"""Years between the states that are kept for entries yet to come."""

MAX_COURSES = 24
"""Simulations of which states are kept: those of a few backgrounds, so that memory is full soon."""


class _State(NamedTuple):
    """Condition of a block of runs at the end of a quarter."""

    snapshot: Snapshot
    read: frozenset[str]
    """Parameters that were read so far."""


@dataclass(frozen=True)
class _Course:
    """One simulation of a block of runs."""

    scenario: "Scenario"
    parameters: ParameterDraws
    followed: tuple[tuple[int, int], ...]
    """Of its draws."""
    values: Mapping[str, FloatArray]
    """By measure, `(n_runs, n_quarters, ...)`."""
    states: Mapping[int, _State]
    """By quarter."""
    sizes: Mapping[int, int]
    """Bytes of each array by its identity."""

    def until(self, quarter: int, draws: Draws) -> Checkpoint:
        """Checkpoint at a quarter of which the state is kept, on draws that are the same so far."""
        n = quarter - int(self.scenario.horizon.start) + 1
        values = {name: whole[:, :n] for name, whole in self.values.items()}
        return Checkpoint(self.scenario, draws, self.states[quarter].snapshot, values)


class KeptState(NamedTuple):
    """A state to continue from."""

    start: Checkpoint | None
    """None for the base year."""
    read: frozenset[str]
    """Parameters that were read so far."""

    @property
    def quarter(self) -> int:
        """Index of its quarter, -1 for the base year."""
        return self.start.snapshot.quarter if self.start else -1


class KeptStates:
    """States by the simulation that they are of; what was used longest ago goes first.

    Parameters
    ----------
    most_bytes : int
        Room that they may take together [B].
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._courses: OrderedDict[Hashable, _Course] = OrderedDict()

    @property
    def n_bytes(self) -> int:
        """Room that they take now, what several have in common counted once [B]."""
        sizes: dict[int, int] = {}
        for course in self._courses.values():
            sizes.update(course.sizes)
        return sum(sizes.values())

    def last_before(
        self, scenario: "Scenario", world: "World", draws: Draws, until: int | None = None
    ) -> KeptState | None:
        """Latest state that a scenario can continue from; None if there is none.

        Parameters
        ----------
        scenario, world
            What is asked and what is.
        draws : Draws
            Of the runs, for the scenario.
        until : int, optional
            Quarter after which none is wanted.
        """
        found: tuple[int, Hashable] | None = None
        place = _place(world, draws)
        for key, course in self._courses.items():
            if key[1:] != place:  # type: ignore[index]
                continue
            last = last_common_quarter(course.scenario, scenario, world)
            last = last if last is None or until is None else min(last, until)
            if last is None or not _drawn_alike(course, scenario, world, draws):
                continue
            quarter = max((q for q in course.states if q <= last), default=None)
            if quarter is not None and (found is None or quarter > found[0]):
                found = quarter, key
        if found is None:
            return None
        quarter, key = found
        self._courses.move_to_end(key)
        course = self._courses[key]
        return KeptState(course.until(quarter, draws), course.states[quarter].read)

    def _keep(
        self,
        scenario: "Scenario",
        world: "World",
        draws: Draws,
        values: Mapping[str, FloatArray],
        states: Mapping[int, _State],
    ) -> None:
        """Keep states of a simulation, by quarter; others go if there are too many.

        Parameters
        ----------
        scenario, world, draws
            What was simulated.
        values : mapping of str to ndarray
            By measure, recorded at least up to the last of the states.
        states : mapping of int to state
            By quarter.
        """
        if not states:
            return
        sizes = _sizes_of([*values.values(), *(state.snapshot for state in states.values())])
        key = (scenario_hash(scenario), *_place(world, draws))
        self._courses.pop(key, None)
        if sum(sizes.values()) > self.most_bytes:
            return
        course = _Course(scenario, draws.parameters, draws.followed, values, states, sizes)
        self._courses[key] = course
        while len(self._courses) > MAX_COURSES or self.n_bytes > self.most_bytes:
            self._courses.popitem(last=False)

    def continued(
        self,
        kept: KeptState,
        scenario: "Scenario",
        world: "World",
        draws: Draws,
        energy: EnergySystem,
        *,
        until: int | None = None,
    ) -> tuple[TradeModel, dict[str, FloatArray]]:
        """Simulate and record a scenario as `continue_from` does, and keep some of its states.

        Parameters
        ----------
        kept : KeptState
            State that it continues from.
        scenario, world, draws, energy
            As there.
        until : int, optional
            Quarter to stop at, the end of the horizon unless given.
        """
        parameters, states = draws.parameters, dict[int, _State]()
        read_by_others = set(parameters.used)
        wanted: set[int] = set()
        if self.most_bytes:
            wanted = _worth_keeping(scenario, world) | ({until} if until is not None else set())
        parameters.used = set(kept.read)
        if kept.start is not None:
            states[kept.start.snapshot.quarter] = _State(kept.start.snapshot, kept.read)

        def look(model: TradeModel) -> None:
            if model.quarter in wanted:
                states[model.quarter] = _State(model.snapshot, frozenset(parameters.used))

        model, values = continue_from(
            kept.start, scenario, world, draws.runs,
            draws=draws, energy=energy, until=until, look=look,
        )  # fmt: skip
        parameters.used |= read_by_others
        if self.most_bytes:
            self._keep(scenario, world, draws, values, states)
        return model, values


def _sizes_of(parts: Iterable[object]) -> dict[int, int]:
    """Bytes of all arrays of some parts by their identity, at whatever depth they stand."""
    sizes: dict[int, int] = {}
    seen: set[int] = set()
    left = [*parts]
    while left:
        part = left.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, np.ndarray):
            sizes[id(part)] = part.nbytes
        elif isinstance(part, Mapping):
            left += part.values()
        elif isinstance(part, tuple | list):
            left += part
        elif is_dataclass(part):
            left += vars(part).values()
    return sizes


def _place(world: "World", draws: Draws) -> tuple[Hashable, ...]:
    """Identity of the runs and of the world as they are simulated."""
    return (*map(hash, world.identity), draws.runs, draws.first_quarter)


def _drawn_alike(course: _Course, scenario: "Scenario", world: "World", draws: Draws) -> bool:
    """True if runs, routes and shocks are those of a course, apart from what dates tell."""
    drawn = course.parameters
    if drawn is not draws.parameters:
        same = (np.array_equal(drawn.get(name), each) for name, each in draws.parameters.items())
        if not all(same):
            return False
    pairs = [asked_pairs(each, world) for each in (course.scenario, scenario)]
    return course.followed == draws.followed and pairs[0] == pairs[1]


def _worth_keeping(scenario: "Scenario", world: "World") -> set[int]:
    """Quarters before dated entries begin to act, and the last ones of some years."""
    first, last = int(scenario.horizon.start), int(scenario.horizon.end)
    apart = YEARS_APART * QUARTERS_PER_YEAR
    found = {quarter for quarter in range(first, last) if (quarter + 1) % apart == 0}
    for name in (*DATED_BY_QUARTER, *DATED_BY_DAY):
        entries = getattr(scenario, name)
        for entry in entries:
            fewer = {key: each for key, each in entries.items() if key != entry}
            without = scenario.model_copy(update={name: fewer})
            quarter = last_common_quarter(scenario, without, world)
            if quarter is not None and first <= quarter < last:
                found.add(quarter)
    return found
