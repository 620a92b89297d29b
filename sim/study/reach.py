"""Reach: which levers, how far, at least cost, reach the target with a stated probability.

1. Probe: no lever, all of them, and each alone half the way and the whole way.
2. Start: the cheapest mix whose levers would be enough if their gains alone added up, in as many
   futures as are asked for, is looked at first, and with it some mixes from nothing to everything,
   which show the frontier and whether the target can be reached at all.
3. Best mix: the cheapest that meets the probability is closed in between one that misses it and
   one that meets it; each that is simulated corrects what the law expects of the others.
4. The mix that is told is simulated again with runs that had no part in the search.

Added gains only say which mixes to look at; every number that is told is simulated, and is of the
year asked. Beside it stands the fall of trade costs by which the gravity law in closed form would
take the median of that year to the target.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.laws.methods.lever_search import Mixes, cheapest_mixes, next_place, trade_cost_cut
from sim.laws.numerics.arrays import FloatArray
from sim.laws.policy.tariffs import cost_elasticity
from sim.laws.uncertainty.crossing import Estimate
from sim.scenario.blocks.studies import ReachLever
from sim.scenario.variation import Changes
from sim.store.study_parts import PartStore
from sim.study.conditioning.residual_paths import GROUP
from sim.study.jobs.cases import finished_runs
from sim.study.jobs.plan import Case, Plan, case_rows
from sim.study.jobs.study_precision import difference_of_cases
from sim.study.lever_costs import lever_example
from sim.study.mix_futures import (
    Goal,
    Mix,
    MixFutures,
    MixResult,
    ReachAnswer,
    goal_of,
    view_of,
    view_of_goal,
)  # fmt: skip
from sim.study.sweep import case_of, without_inner
from sim.study.workers.study_errors import StudyError

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.scenario.text.known_names import NamesLike
    from sim.world.world import World


STEPS = 21
"""Steps of each lever, both ends included."""
FRONTIER_POINTS = 4
"""Mixes simulated between no lever and all of them, whatever the law says."""
MAX_LOOKS = 8
"""Mixes simulated to close in on the cheapest one."""
COST_TOLERANCE = 0.01
"""Share of its cost by which the mix told may be too dear."""
ELASTICITY = "trade_elasticity"


@dataclass
class LeverSearch:
    """The mixes looked at so far; grows as their results come in."""

    scenario: "Scenario"
    names: "NamesLike | None"
    target: str
    levers: dict[str, ReachLever]
    probability: float
    n_runs: int
    mixes: list[Mix] = field(default_factory=list)
    n_probes: int = 0
    first: Mix | None = None
    """The mix that the law points at; None before the probes are done, or if none is needed."""
    n_started: int = 0
    """Mixes known once the frontier was laid out."""
    _goal: Goal | None = None
    """Goal of a question that is not about trade, once the first mixes are there."""
    _views: dict[int, MixFutures] = field(default_factory=dict)

    @classmethod
    def of(
        cls, scenario: "Scenario", n_runs: int, names: "NamesLike | None", probability: float | None
    ) -> "LeverSearch":
        """Search that a scenario asks for.

        Raises
        ------
        StudyError
            If it has no `reach:` block.
        """
        asked = scenario.reach
        if asked is None:
            raise StudyError(
                "the scenario has no reach: block; it names levers with ranges and costs, such as "
                f"reach: {{levers: {{{lever_example(scenario)}}}}}"
            )
        search = cls(
            scenario,
            names,
            asked.target or next(iter(scenario.targets)),
            dict(sorted(asked.levers.items())),
            probability or asked.probability,
            n_runs,
        )
        n = len(search.levers)
        search.mixes += [Mix((0.0,) * n), Mix((1.0,) * n)]
        for k, lever in enumerate(search.levers.values()):
            for part in (1.0,) if lever.is_switch else (0.5, 1.0):
                search.mixes.append(Mix(tuple(part * (j == k) for j in range(n))))
        search.n_probes = len(search.mixes)
        return search

    def plan(self, world_of: Callable[["Scenario"], "World"]) -> Plan:
        """Plan of the mixes known so far."""
        identity = {
            "target": self.target,
            "probability": self.probability,
            "goal": self.scenario.reach and self.scenario.reach.goal,
            "levers": {path: lever.model_dump() for path, lever in self.levers.items()},
        }
        n_mixes = len(self.mixes)
        return Plan(
            "reach", self.scenario, n_mixes, self.n_runs, self.case, world_of, identity, ends=(0, 1)
        )

    def case(self, number: int) -> Case:
        """A mix as a scenario."""
        mix = self.mixes[number]
        # Whole groups on, so that they meet other residual paths as well.
        first_run = GROUP * -(-self.n_runs // GROUP) if mix.is_held_out else 0
        return case_of(self.scenario, self.changes(mix), self.names, first_run)

    def changes(self, mix: Mix) -> Changes:
        """Changes that a mix makes; levers inside a block that is off have no effect."""
        put = {
            path: lever.value(part)
            for (path, lever), part in zip(self.levers.items(), mix.parts, strict=True)
        }
        return without_inner(put)

    def cost(self, mix: Mix) -> float:
        """Cost of a mix [musd]."""
        return sum(
            lever.cost(part) for lever, part in zip(self.levers.values(), mix.parts, strict=True)
        )

    def grow(self, plan: Plan, store: PartStore) -> Plan | None:
        """The plan with the mixes to be looked at next; None once the answer is there."""
        self.n_runs = plan.n_runs
        if any(mix.is_held_out for mix in self.mixes):
            return None
        is_needed = self._shortfall(plan, store, 0) > 0.0
        if self.first is None and is_needed:
            self.mixes += self._start(plan, store)
            self.n_started = len(self.mixes)
        else:
            closer = self._closer(plan, store) if is_needed else None
            chosen, _ = self._chosen(plan, store)
            again = [Mix(chosen.mix.parts, True), Mix(self.mixes[0].parts, True)]
            self.mixes += again if closer is None else [closer]
        return replace(plan, n_cases=len(self.mixes))

    def _front(self, plan: Plan, store: PartStore) -> tuple[Mixes, FloatArray]:
        """Mixes that none beats, if the gains of single levers added up, and what they then lack.

        Gains are logarithms of what the laws know of trade in the year asked. Divided by the trade
        elasticity they are logarithms of trade costs, so that it makes no difference here whether
        gains make up for the gap in trade or the cuts they are worth for the cut that is asked for.
        """
        views = [self._view(plan, store, k) for k in range(self.n_probes)]
        runs = sorted(set.intersection(*(set(view.runs) for view in views)))
        known = [view.known_score(runs) for view in views]
        gain = np.zeros((len(self.levers), STEPS, len(runs)))
        cost = np.zeros((len(self.levers), STEPS))
        route, probe = np.linspace(0.0, 1.0, STEPS), 2
        for k, lever in enumerate(self.levers.values()):
            cost[k] = [lever.cost(part) for part in route]
            whole = known[probe if lever.is_switch else probe + 1] - known[0]
            if lever.is_switch:  # a step of a switch brings nothing or all of it
                gain[k] = np.where(route[:, None] >= 0.5, whole, 0.0)
            else:
                half = known[probe] - known[0]
                gain[k] = np.where(
                    route[:, None] < 0.5,
                    2.0 * route[:, None] * half,
                    half + (2.0 * route[:, None] - 1.0) * (whole - half),
                )
            probe += 1 if lever.is_switch else 2
        front = cheapest_mixes(np.median(gain, axis=2), cost)
        each = np.arange(len(self.levers))
        outline = views[0].outline(runs)
        expected = [
            self._lacking(views[0], outline + gain[each, steps].sum(axis=0)[:, None])
            for steps in front.step
        ]
        return front, np.array(expected)

    def _start(self, plan: Plan, store: PartStore) -> list[Mix]:
        """The mix that the gravity law points at, and mixes from no gain to the largest."""
        front, expected = self._front(plan, store)
        first = next_place(front.cost, expected, {})
        assert first is not None
        even, step = np.linspace(0.0, front.gain[-1], FRONTIER_POINTS + 1, retstep=True)
        apart = np.abs(even - front.gain[first]) > 0.5 * step  # the first stands for its neighbour
        apart[-1] = True
        places = np.minimum(np.searchsorted(front.gain, even[apart]), len(front.gain) - 1)
        self.first = self._mix_at(front, first)
        mixes = [self.first, *(self._mix_at(front, int(place)) for place in places)]
        return [mix for mix in dict.fromkeys(mixes) if mix not in self.mixes]

    def _mix_at(self, front: Mixes, place: int) -> Mix:
        """A mix of the front; a switch that is on is on all the way."""
        parts = np.linspace(0.0, 1.0, STEPS)[front.step[place]]
        levers = self.levers.values()
        return Mix(
            tuple(
                float(part >= 0.5) if lever.is_switch else float(round(part, 6))
                for part, lever in zip(parts, levers, strict=True)
            )
        )

    def _closer(self, plan: Plan, store: PartStore) -> Mix | None:
        """A mix nearer to the cheapest that is enough; None once that one is known."""
        n_looks = len(self.mixes) - self.n_started
        if n_looks >= MAX_LOOKS:
            return None
        front, expected = self._front(plan, store)
        place_of = {self._mix_at(front, place): place for place in range(len(front.gain))}
        shortfall = {
            place_of[mix]: self._shortfall(plan, store, case)
            for case, mix in enumerate(self.mixes)
            if mix in place_of
        }
        place = next_place(
            front.cost, expected, shortfall, n_looks=n_looks, cost_tolerance=COST_TOLERANCE
        )
        return None if place is None else self._mix_at(front, place)

    def _shortfall(self, plan: Plan, store: PartStore, case: int) -> float:
        """Shortfall of a mix from the target in the requested share of futures, as a score.

        It is 0 or less where the mix meets the probability.
        """
        view = self._view(plan, store, case)
        return self._scored_target(view) - view.score(1.0 - self.probability)

    def _lacking(self, view: MixFutures, scores: FloatArray) -> float:
        """Shortfall of futures from the target in the requested share of them, as a score."""
        return self._scored_target(view) - float(np.quantile(scores, 1.0 - self.probability))

    def _gap(self, plan: Plan, store: PartStore, case: int) -> float:
        """Shortfall of a mix's median from the target in the requested year, as a score."""
        view = self._view(plan, store, case)
        return self._scored_target(view) - view.score(0.5)

    def _scored_target(self, view: MixFutures) -> float:
        return float(view.scored(np.array([self._wanted]))[0])

    @property
    def _wanted(self) -> float:
        """Least value of a future that counts as reaching."""
        if self._goal is not None:
            return self._goal.wanted
        return self.scenario.targets[self.target].trade_musd

    def _cost_cut(self, plan: Plan, store: PartStore) -> tuple[float, float]:
        """Cut of trade costs that takes the median to the target, and the trade elasticity."""
        drawn = case_rows(plan, store, 0).get(ELASTICITY)
        elasticity = 1.0 if drawn is None else float(cost_elasticity(np.nanmedian(drawn)))
        gain = np.expm1(max(self._gap(plan, store, 0), 0.0)) if self._goal is None else 0.0
        return float(trade_cost_cut(gain, elasticity)), elasticity

    def _chosen(self, plan: Plan, store: PartStore) -> tuple[MixResult, bool]:
        """The cheapest mix that meets the probability, else the one that comes nearest."""
        evaluated = self.results(plan, store)
        good = [one for one in evaluated if one.reached_share >= self.probability]
        if good:
            return min(good, key=lambda one: (one.cost_musd, one.case)), True
        best = max(one.reached_share for one in evaluated)
        sign = 1 if self._goal is None else self._goal.measure.wants
        nearest = [one for one in evaluated if one.reached_share == best]
        return max(nearest, key=lambda one: (sign * one.median, -one.cost_musd)), False

    def results(self, plan: Plan, store: PartStore, *, held_out: bool = False) -> list[MixResult]:
        """Results of the simulated mixes, by rising cost."""
        made = [
            self._result(plan, store, case)
            for case, mix in enumerate(self.mixes[: plan.n_cases])
            if mix.is_held_out == held_out
        ]
        return sorted(made, key=lambda one: (one.cost_musd, one.case))

    def _result(self, plan: Plan, store: PartStore, case: int) -> MixResult:
        view, mix = self._view(plan, store, case), self.mixes[case]
        chance = view.pairs.chance(view.values, self._wanted)
        median = view.pairs.quantile(view.values, 0.5)
        if self._goal is not None:
            median = self._goal.as_asked(median)
        return MixResult(
            case=case,
            mix=mix,
            cost_musd=self.cost(mix),
            reached_share=chance.value,
            reached_interval=chance[1:],
            median=median.value,
            median_interval=median[1:],
            n_runs=len(view.runs),
        )

    def _all_failed(self, case: int, rows: Mapping[str, Any]) -> str:
        made = self.case(case)
        why = next((reason for reason in rows["reason"] if reason), "")
        return f"every run of the mix {made.label} failed: {made.reason or why}"

    def _view(self, plan: Plan, store: PartStore, case: int) -> MixFutures:
        """Futures of a mix in the year asked; each is crossed once."""
        if case not in self._views:
            rows = case_rows(plan, store, case)
            if not finished_runs(rows).any():
                raise StudyError(self._all_failed(case, rows))
            if self.scenario.reach and self.scenario.reach.goal is not None:
                self._goal = self._goal or goal_of(plan, store, self.scenario.reach.goal)
                self._views[case] = view_of_goal(rows, self._goal)
            else:
                self._views[case] = view_of(plan, rows, case, self.target)
        return self._views[case]

    def _gained(self, plan: Plan, store: PartStore) -> Estimate:
        """Change in the chance by the reported mix, in runs that were not used in the search.

        Unknown where no run finished with and without it.
        """
        reported, none = plan.n_cases - 2, plan.n_cases - 1
        if self._goal is not None:
            after, before = (self._view(plan, store, case) for case in (reported, none))
            return after.gained(before, self._wanted)
        found = difference_of_cases(plan, store, self.target, reported, none)
        return found or Estimate(np.nan, -np.inf, np.inf)

    def answer(self, plan: Plan, store: PartStore) -> ReachAnswer:
        """The answer, once the search has come to an end."""
        chosen, is_reachable = self._chosen(plan, store)
        held_out, held_out_none = (self._result(plan, store, plan.n_cases - k) for k in (2, 1))
        asked = self.scenario.targets[self.target]
        cut, elasticity = self._cost_cut(plan, store)
        searched = [case for case, mix in enumerate(self.mixes) if not mix.is_held_out]
        gaps = [self._gap(plan, store, case) for case in searched]
        # Of another measure there is no cut of trade costs, and nobody is told one.
        most = np.expm1(gaps[0] - min(gaps)) if self._goal is None else 0.0
        first = None if self.first is None else self.mixes.index(self.first)
        short = self._shortfall(plan, store, chosen.case)
        return ReachAnswer(
            target=self.target,
            target_musd=asked.trade_musd,
            goal=self._goal,
            by=str(asked.deadline),
            probability=self.probability,
            levers=tuple(self.levers),
            none=self._result(plan, store, 0),
            frontier=tuple(self.results(plan, store)),
            chosen=chosen,
            held_out=held_out,
            held_out_none=held_out_none,
            gained=self._gained(plan, store),
            is_reachable=is_reachable,
            cost_cut=cut,
            levers_cut=float(trade_cost_cut(most, elasticity)),
            start=None if first is None else self._result(plan, store, first),
            quantile_musd=np.nan if self._goal else asked.trade_musd / float(np.exp(short)),
        )
