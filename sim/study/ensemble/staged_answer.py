"""The same question answered with few runs, with more and with all: an answer that grows surer.

Run numbers are those of the whole ensemble, from the first, so that a later stage adds to an
earlier one and the answer moves only by what more runs say. Everything is simulated, crossed and
read off by the functions that a run of all is made of; the last stage is that run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.recent_cache import RecentCache
from sim.study.answer_stages import MAX_BLOCK, background_hash
from sim.study.conditioning.ledger_records import as_of
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT, variants_of
from sim.study.ensemble.findings import Finding, findings, flows_of
from sim.study.ensemble.run import Results, start_variants
from sim.study.workers.interruption import go_on

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

Datasets = dict[str, xr.Dataset]

KEPT_BACKGROUNDS = 8
"""Blocks without agreements that a process keeps [of 64 runs some 17 MB each]."""
KEPT_PASTS = 6
"""Readings of past backgrounds that a process keeps [of 256 runs some 30 MB each]."""


class _Past(NamedTuple):
    """Findings of a setting, and the trade by which records weighed its pairs of paths."""

    findings: tuple[Finding, ...]
    known: tuple[FloatArray, ...]
    """By target: trade before shocks up to the last record, (n_runs, 2, n_quarters) [musd/year]."""


class StageRunner:
    """Simulates settings one after the other and keeps what the next may need.

    Parameters
    ----------
    world : World
        Held to the ledger that the settings name.
    """

    def __init__(self, world: "World") -> None:
        self.world = world
        self._first: RecentCache[Scenario] = RecentCache(most=KEPT_BACKGROUNDS)
        self._without: RecentCache[xr.Dataset] = RecentCache(most=KEPT_BACKGROUNDS)
        self._pasts: RecentCache[_Past] = RecentCache(most=KEPT_PASTS)

    def answered(self, scenario: "Scenario", runs: range | None = None) -> Datasets:
        """Results as asked and without agreements.

        Parameters
        ----------
        scenario : Scenario
            As `Stage.of` gives it.
        runs : range, optional
            Numbers of the runs; all of the scenario's unless given.

        Raises
        ------
        sim.study.workers.interruption.Stopped
            If `stoppable` says so.
        """
        runs = range(scenario.runs) if runs is None else runs
        key = (background_hash(scenario, self.world), runs)
        variants = variants_of(scenario)
        without = self._without.at_hand(key)
        wanted = {
            name: variants[name]
            for name in (AS_ASKED, NO_AGREEMENT)
            if name in variants and (name == AS_ASKED or without is None)
        }
        found = self._simulated(scenario, wanted, runs)
        if NO_AGREEMENT in found:
            self._without.keep(key, found[NO_AGREEMENT])
        elif NO_AGREEMENT in variants and without is not None:
            found[NO_AGREEMENT] = without
        return found

    def parts(self, scenario: "Scenario", runs: range | None = None) -> Datasets:
        """Results with each of several agreements alone; none of a single one."""
        told = (AS_ASKED, NO_AGREEMENT)
        alone = {name: one for name, one in variants_of(scenario).items() if name not in told}
        runs = range(scenario.runs) if runs is None else runs
        return self._simulated(scenario, alone, runs) if alone else {}

    def elsewhere(
        self, scenario: "Scenario", others: "Mapping[str, World]", runs: range
    ) -> Datasets:
        """Results of the first runs as asked that start from other ledgers, by ledger."""
        return self._started(scenario, {}, runs, others).ledgers

    def findings_of(self, scenario: "Scenario", results: Datasets) -> tuple[Finding, ...]:
        """Findings of results as asked and without agreements.

        A setting before it on the same background, with the same past, has the same pairs of paths
        with the same weights and the same course without agreements, which is not read off again.
        """
        known = tuple(self._recorded(scenario, results))
        asked = repr(sorted((t.pair, t.trade_musd, t.deadline) for t in scenario.targets.values()))
        n_runs = results[AS_ASKED].sizes["run"]
        key = (background_hash(scenario, self.world), n_runs, asked, tuple(scenario.targets))
        before = self._pasts.at_hand(key)
        is_same = before is not None and all(map(np.array_equal, before.known, known))
        found = findings(
            scenario, self.world, results, before.findings if before and is_same else None
        )
        bare = tuple(map(_without_policy, found))
        self._pasts.keep(key, _Past(bare, known))
        return found

    def _recorded(self, scenario: "Scenario", results: Datasets) -> list[FloatArray]:
        """Trade of every target's pair before shocks, up to the last record."""
        n = as_of(scenario, self.world) - int(scenario.horizon.start) + 1
        flows = [flows_of(results[AS_ASKED], t.pair).known for t in scenario.targets.values()]
        return [known[..., : max(n, 0)].copy() for known in flows]

    def _simulated(
        self, scenario: "Scenario", variants: "Mapping[str, Scenario]", runs: range
    ) -> Datasets:
        """Variants on the draws, and from the start, of the first setting of its background."""
        return self._started(scenario, variants, runs, {}).variants

    def _started(
        self,
        scenario: "Scenario",
        variants: "Mapping[str, Scenario]",
        runs: range,
        others: "Mapping[str, World]",
    ) -> Results:
        # Whoever came first stands for all: draws and start are those of the background alone.
        first = self._first.of(background_hash(scenario, self.world), lambda: scenario)
        started = start_variants(
            scenario, self.world, variants,
            others=others, runs=runs, block=min(len(runs), MAX_BLOCK), drawn_as=first,
        )  # fmt: skip
        return started(None)


def _without_policy(finding: Finding) -> Finding:
    """A finding that holds only what all settings of its background have in common."""
    answer = finding.answer
    courses = {name: each for name, each in answer.courses.items() if name == NO_AGREEMENT}
    return replace(
        finding,
        variant_trade={},
        answer=replace(answer, courses=courses, changes={}, known_share={}),
    )


def joined(blocks: Sequence[Datasets]) -> Datasets:
    """Results of blocks of runs as those of all of them, in the order given.

    Parameters
    ----------
    blocks : sequence of dict of str to Dataset
        Of the same variants.
    """
    if len(blocks) == 1:
        return blocks[0]
    whole = {}
    for name in blocks[0]:
        go_on()
        whole[name] = _joined([block[name] for block in blocks])
    return whole


def _joined(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    first = parts[0]
    variables = {}
    for name in first.data_vars:
        # Variables themselves: an array with coordinates of its own would be made of each.
        whole, others = first.variables[name], [part.variables[name] for part in parts]
        arrays = [other.to_numpy() for other in others]
        attributes = dict(whole.attrs)
        if "is_used" in attributes:
            attributes["is_used"] = any(other.attrs["is_used"] for other in others)
        variables[name] = (whole.dims, np.concatenate(arrays), attributes)
    coords = {name: each for name, each in first.coords.items() if name != "run"}
    runs = np.concatenate([part["run"].to_numpy() for part in parts])
    return xr.Dataset(variables, {"run": runs, **coords}, first.attrs)
