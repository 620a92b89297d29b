"""Reach: which levers, how far, at least cost, reach the target with a stated probability.

1. Probe: no lever, all of them, and each alone half the way and the whole way. The gravity law says
   beforehand how far trade costs would have to fall.
2. Frontier: gains of the levers are added up (in logarithms of trade) to find mixes that none beats
   in gain and cost; some of them, from nothing to everything, are simulated.
3. Best mix: between the last one that misses and the first one that meets the probability, the gap
   is halved a few times.
4. The mix that is told is simulated again with runs that had no part in the search.

The added gains only say which mixes to look at; every number that is told is simulated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.mixes import Mixes, cheapest_mixes, trade_cost_cut
from sim.scenario.studies import ReachLever
from sim.scenario.varying import Changes
from sim.store.parts import PartStore
from sim.study.findings import NOTHING_MUSD, share_interval
from sim.study.outcome import FINISHED
from sim.study.plan import Case, Plan, case_rows
from sim.study.problems import StudyError
from sim.study.sweep import case_of, without_inner

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.scenario.vocabulary import Names
    from sim.world.world import World

FloatArray = NDArray[np.float64]

STEPS = 21
"""Steps of each lever, both ends included."""
RUNGS = 7
"""Mixes simulated between no lever and all of them."""
HALVINGS = 4
ELASTICITY = "trade_elasticity"


class Mix(NamedTuple):
    """One setting of all levers."""

    parts: tuple[float, ...]
    """Part of the way of each lever, 0 to 1."""
    is_held_out: bool = False
    """Whether it is simulated with runs that had no part in the search."""


@dataclass(frozen=True)
class Rung:
    """What a mix comes to."""

    case: int
    mix: Mix
    cost_musd: float
    reached_share: float
    reached_interval: tuple[float, float]
    median_musd: float
    n_runs: int


@dataclass(frozen=True)
class ReachAnswer:
    """The answer to the inverse question."""

    target: str
    target_musd: float
    by: str
    probability: float
    levers: tuple[str, ...]
    none: Rung
    frontier: tuple[Rung, ...]
    """Mixes of the search by rising cost."""
    chosen: Rung
    """The cheapest that meets the probability, else the one that comes nearest."""
    held_out: Rung
    """The same mix with runs that had no part in the search."""
    held_out_none: Rung
    is_reachable: bool
    cost_cut: float
    """Cut of trade costs that the gravity law implies for the gap [1]."""


@dataclass
class Search:
    """The mixes looked at so far; grows as their results come in."""

    scenario: "Scenario"
    names: "Names | None"
    target: str
    levers: dict[str, ReachLever]
    probability: float
    n_runs: int
    mixes: list[Mix] = field(default_factory=list)
    n_probes: int = 0
    n_halved: int = 0

    @classmethod
    def of(
        cls, scenario: "Scenario", n_runs: int, names: "Names | None", probability: float | None
    ) -> "Search":
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
                "reach: {levers: {agreements.treaty.concessions.*.cut: "
                "{from: 0, to: 1, cost_musd: 10}}}"
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

    def plan(self, world_of: Callable[[str], "World"]) -> Plan:
        """Plan of the mixes known so far."""
        identity = {
            "target": self.target,
            "probability": self.probability,
            "levers": {path: lever.model_dump() for path, lever in self.levers.items()},
        }
        n_mixes = len(self.mixes)
        return Plan("reach", self.scenario, n_mixes, self.n_runs, self.case, world_of, identity)

    def case(self, number: int) -> Case:
        """A mix as a scenario."""
        mix = self.mixes[number]
        first_run = self.n_runs if mix.is_held_out else 0
        return case_of(self.scenario, self.changes(mix), self.names, first_run)

    def changes(self, mix: Mix) -> Changes:
        """What a mix puts where; levers inside a block that is off have nothing to move."""
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
        if any(mix.is_held_out for mix in self.mixes):
            return None
        if len(self.mixes) == self.n_probes:
            self.mixes += self._ladder(plan, store)
        else:
            between = self._between(plan, store)
            chosen, _ = self._chosen(plan, store)
            again = [Mix(chosen.mix.parts, True), Mix(self.mixes[0].parts, True)]
            self.mixes += again if between is None else [between]
        return replace(plan, n_cases=len(self.mixes))

    def _front(self, plan: Plan, store: PartStore) -> Mixes:
        """Mixes that none beats, if the gains of single levers added up."""
        trade = [self._rows(plan, store, k)["trade"] for k in range(self.n_probes)]
        log_trade = [np.log(np.maximum(each, NOTHING_MUSD)) for each in trade]
        gain, cost = np.zeros((2, len(self.levers), STEPS))
        way, probe = np.linspace(0.0, 1.0, STEPS), 2
        for k, lever in enumerate(self.levers.values()):
            cases = range(probe, probe + (1 if lever.is_switch else 2))
            gains = [np.nanmedian(log_trade[case] - log_trade[0]) for case in cases]
            known, probe = [0.0, *map(float, gains)], cases.stop
            if lever.is_switch:
                # A step of a switch costs nothing or all of it.
                gain[k], cost[k] = np.where(way >= 0.5, known[1], 0.0), [lever.cost(p) for p in way]
            else:
                gain[k] = np.interp(way, np.linspace(0.0, 1.0, len(known)), known)
                cost[k] = [lever.cost(p) for p in way]
        return cheapest_mixes(gain, cost)

    def _mix_at(self, front: Mixes, gain: float) -> Mix:
        place = min(int(np.searchsorted(front.gain, gain)), len(front.gain) - 1)
        parts = np.linspace(0.0, 1.0, STEPS)[front.step[place]]
        return Mix(tuple(float(round(part, 6)) for part in parts))

    def _ladder(self, plan: Plan, store: PartStore) -> list[Mix]:
        """Mixes from no gain to the largest, evenly in gain."""
        front = self._front(plan, store)
        rungs = [self._mix_at(front, g) for g in np.linspace(0.0, front.gain[-1], RUNGS + 1)[1:]]
        return [mix for mix in dict.fromkeys(rungs) if mix not in self.mixes[:2]]

    def _between(self, plan: Plan, store: PartStore) -> Mix | None:
        """A mix halfway between the last that misses and the first that meets the probability."""
        if self.n_halved >= HALVINGS:
            return None
        self.n_halved += 1
        chosen, is_reachable = self._chosen(plan, store)
        if not is_reachable:
            return None
        front = self._front(plan, store)
        cheaper = [
            rung.cost_musd
            for rung in self.rungs(plan, store)
            if rung.reached_share < self.probability and rung.cost_musd < chosen.cost_musd
        ]
        if not cheaper:
            return None
        middle = 0.5 * (max(cheaper) + chosen.cost_musd)
        place = int(np.searchsorted(front.cost, middle))
        mix = self._mix_at(front, float(front.gain[min(place, len(front.gain) - 1)]))
        return None if mix in self.mixes else mix

    def _chosen(self, plan: Plan, store: PartStore) -> tuple[Rung, bool]:
        """The cheapest mix that meets the probability, else the one that comes nearest."""
        rungs = self.rungs(plan, store)
        good = [rung for rung in rungs if rung.reached_share >= self.probability]
        if good:
            return min(good, key=lambda rung: (rung.cost_musd, rung.case)), True
        best = max(rung.reached_share for rung in rungs)
        nearest = [rung for rung in rungs if rung.reached_share == best]
        return max(nearest, key=lambda rung: (rung.median_musd, -rung.cost_musd)), False

    def rungs(self, plan: Plan, store: PartStore, *, held_out: bool = False) -> list[Rung]:
        """What the mixes come to that were simulated, by rising cost."""
        made = [
            self._rung(plan, store, case)
            for case, mix in enumerate(self.mixes[: plan.n_cases])
            if mix.is_held_out == held_out
        ]
        return sorted(made, key=lambda rung: (rung.cost_musd, rung.case))

    def _rung(self, plan: Plan, store: PartStore, case: int) -> Rung:
        rows = self._rows(plan, store, case)
        fine = np.isfinite(rows["trade"])
        n, hits = int(fine.sum()), int(rows["reached"][fine].sum())
        if n == 0:
            raise StudyError(f"every run of a mix failed: {self.case(case).reason or rows['why']}")
        mix = self.mixes[case]
        median = float(np.median(rows["trade"][fine]))
        return Rung(case, mix, self.cost(mix), hits / n, share_interval(hits, n), median, n)

    def _rows(self, plan: Plan, store: PartStore, case: int) -> Mapping[str, Any]:
        rows = case_rows(plan, store, case)
        fine = np.array([status == FINISHED for status in rows["status"]])
        return {
            "trade": np.where(fine, rows[f"{self.target}|trade_musd"], np.nan),
            "reached": rows[f"{self.target}|reached"],
            "elasticity": rows.get(ELASTICITY),
            "why": next((reason for reason in rows["reason"] if reason), ""),
        }

    def answer(self, plan: Plan, store: PartStore) -> ReachAnswer:
        """The answer, once the search has come to an end."""
        chosen, is_reachable = self._chosen(plan, store)
        held_out, held_out_none = (self._rung(plan, store, plan.n_cases - k) for k in (2, 1))
        asked = self.scenario.targets[self.target]
        rows = self._rows(plan, store, 0)
        quantile = float(np.nanquantile(rows["trade"], 1.0 - self.probability))
        gain = max(asked.trade_musd / quantile - 1.0, 0.0)
        elasticity = 1.0 if rows["elasticity"] is None else float(np.median(rows["elasticity"]))
        return ReachAnswer(
            target=self.target,
            target_musd=asked.trade_musd,
            by=str(asked.by),
            probability=self.probability,
            levers=tuple(self.levers),
            none=self._rung(plan, store, 0),
            frontier=tuple(self.rungs(plan, store)),
            chosen=chosen,
            held_out=held_out,
            held_out_none=held_out_none,
            is_reachable=is_reachable,
            cost_cut=float(trade_cost_cut(gain, elasticity)),
        )
