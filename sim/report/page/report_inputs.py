"""Inputs of a report: the scenario, its world, the results, and the names of what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import xarray as xr

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.formatting import ledger_in_words, plural
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT
from sim.study.ensemble.findings import Finding

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.study.break_even.gateways import Gateway
    from sim.study.break_even.project_appraisal import Appraisal
    from sim.study.break_even.supplier_contest import SupplierContest
    from sim.study.one_at_a_time.ranking import Ranking
    from sim.study.one_at_a_time.spoilers import SpoilerEffect
    from sim.world.world import World


@dataclass(frozen=True)
class ReportInputs:
    """Inputs of a report."""

    scenario: "Scenario"
    world: "World"
    results: Mapping[str, xr.Dataset]
    findings: tuple[Finding, ...]
    record: Mapping[str, Any] = field(default_factory=dict)
    """Facts about the run: seed, versions, hashes, command and what else there is."""
    other_ledgers: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    """Findings as asked that start from other ledgers, by ledger."""
    land: tuple[FloatArray, ...] = ()
    """Outlines to draw maps on, from `sim.world.coastlines.load_land`."""
    ranking: "Ranking | None" = None
    """How far each assumption moves the targets; None if nobody asked."""
    contests: "tuple[SupplierContest, ...]" = ()
    """Markets of energy on which the scenario's deals meet other suppliers."""
    gateway: "Gateway | None" = None
    """Break-even of the first pair's ports and energy routes."""
    spoilers: "tuple[SpoilerEffect, ...]" = ()
    """Trade of the first target with each thing that others may do."""
    appraisals: "tuple[Appraisal, ...]" = ()
    """What projects of the scenario would need to pay."""

    @property
    def asked(self) -> xr.Dataset:
        """Results of the scenario as asked."""
        return self.results[AS_ASKED]

    @property
    def without(self) -> xr.Dataset | None:
        """Results without agreements; None if there are none."""
        return self.results.get(NO_AGREEMENT)

    @property
    def has_incomes(self) -> bool:
        """True if the closure knows incomes; the direct one does not."""
        return not bool(self.asked["welfare_change"].isnull().any())

    def has(self, *measures: str) -> bool:
        """Return True if the results hold these measures."""
        return all(measure in self.asked for measure in measures)

    @property
    def stamp(self) -> str:
        """Statement of origin shown in every figure."""
        n = self.asked.sizes["run"]
        return (
            f"{ledger_in_words(self.world.ledger)}, base year {self.world.base_year}. "
            f"{plural(n, 'run')}, seed {self.scenario.seed}."
        )

    def in_other_ledgers(self, finding: Finding) -> dict[str, Finding]:
        """The same target's findings in other ledgers, by ledger."""
        return {
            ledger: found
            for ledger, all_found in self.other_ledgers.items()
            for found in all_found
            if found.name == finding.name
        }

    def suffix(self, finding: Finding) -> str:
        """Suffix that tells files of one target from another's; empty for a single target."""
        return f"-{finding.name}" if len(self.findings) > 1 else ""


def heading_of(finding: Finding) -> str:
    """Heading that distinguishes one target from another where a section covers several."""
    return f"{'–'.join(finding.pair_names)}, target {finding.name}"


def flows_of_pair(finding: Finding) -> tuple[str, str]:
    """Labels of the two directions of the finding's pair."""
    a, b = finding.pair
    return f"{a}>{b}", f"{b}>{a}"
