"""Data that figures and tables take from results: years, quarters and paired differences.

A year is the four quarters that end with a target's quarter, as in the findings. Quantiles over
runs have the axis of `sim.study.ensemble.findings.QUANTILES` first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import parse_quarter
from sim.laws.uncertainty.crossing import Estimate
from sim.report.page.amounts import Amount
from sim.report.page.formatting import (
    in_brackets,
    ledger_in_words,
    plural,
    rounded,
)
from sim.study.conditioning.crossed import QUANTILES
from sim.study.conditioning.weighed_parts import weighed_parts
from sim.study.ensemble.asked_answer import year_values as year_values
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT
from sim.study.ensemble.findings import Finding, share_interval

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.study.break_even.gateways import Gateway
    from sim.study.break_even.project_appraisal import Appraisal
    from sim.study.break_even.supplier_contest import SupplierContest
    from sim.study.one_at_a_time.ranking import Ranking
    from sim.study.one_at_a_time.spoilers import SpoilerEffect
    from sim.world.world import World

LOW, Q25, MIDDLE, Q75, HIGH = range(len(QUANTILES))
QUANTILE_NAMES = tuple(f"q{100 * q:02.0f}" for q in QUANTILES)
SHOWN_QUANTILES = tuple((q, QUANTILE_NAMES[q]) for q in (LOW, MIDDLE, HIGH))
"""Places and names of the median and of the edges of the 90 % interval."""


@dataclass(frozen=True)
class ReportInput:
    """Input of a report."""

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


def amount_of(quantiles: FloatArray, unit: str, text: str = "") -> Amount:
    """The median of `(n_quantiles,)` quantiles with its 90 % interval."""
    low, middle, high = (float(quantiles[q]) for q in (LOW, MIDDLE, HIGH))
    return Amount(middle, unit, low, high, text)


def amount_over(values: FloatArray, unit: str, text: str = "") -> Amount:
    """Median and 90 % interval of `(n_runs,)` values."""
    return amount_of(over_runs(values), unit, text)


def amount_with_interval(
    quantiles: FloatArray, unit: str, write: Callable[[float], str] = rounded, after: str = ""
) -> Amount:
    """The median of quantiles, written with its 90 % interval in brackets."""
    amount = amount_of(quantiles, unit)
    low, high = (float(quantiles[q]) for q in (LOW, HIGH))
    text = f"{write(amount.value)}{after}{in_brackets(low, high, write=write)}"
    return replace(amount, text=text)


def chance_amount(chance: Estimate, text: str = "") -> Amount:
    """A chance with its interval of simulation error."""
    return Amount(chance.value, "1", chance.low, chance.high, text)


def share_of_runs(n_hits: int, n_runs: int, text: str = "") -> Amount:
    """Share of the runs with the interval that their number leaves it."""
    return Amount(n_hits / n_runs, "1", *share_interval(n_hits, n_runs), text)


def over_runs(values: FloatArray) -> FloatArray:
    """Quantiles over the first axis, (n_quantiles, ...)."""
    return np.asarray(np.quantile(values, QUANTILES, axis=0))


def parts_of_trade(
    finding: Finding,
    result: xr.Dataset,
    side: int,
    ends: Sequence[str] = (),
    against: xr.Dataset | None = None,
    **of: Any,
) -> FloatArray:
    """Quantiles of the parts of one direction in the target's year, or in years that end so.

    See `sim.study.conditioning.weighed_parts.weighed_parts` for the parameters and the shape.
    """
    crossing = finding.answer.crossing
    return weighed_parts(crossing, result, finding.pair, side, ends or (finding.by,), against, **of)


def flows_of_pair(finding: Finding) -> tuple[str, str]:
    """Labels of the two directions of the finding's pair."""
    a, b = finding.pair
    return f"{a}>{b}", f"{b}>{a}"


def year_of(finding: Finding, k: int) -> str:
    """Name of one of the finding's years: its number, with its last quarter unless the fourth."""
    quarter = finding.by[4:]
    return f"{finding.years[k]}{'' if quarter == 'Q4' else quarter}"


def year_places(finding: Finding) -> FloatArray:
    """Positions of the finding's years on an axis with each calendar year at its number."""
    quarter = parse_quarter(finding.by) % 4
    return np.asarray(finding.years + (quarter + 1) / 4 - 1.0)


def quarter_places(result: xr.Dataset) -> FloatArray:
    """Positions of quarters on the same axis."""
    quarters = np.array([parse_quarter(str(q)) for q in result["quarter"].to_numpy()])
    return np.asarray((quarters + 0.5) / 4 - 0.5)


def quarter_place(quarter: int) -> float:
    """Position of the start of a quarter on the same axis."""
    return quarter / 4 - 0.5
