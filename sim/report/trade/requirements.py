"""Requirements: the growth that the target needs, and features of the runs that reach it.

Runs that reach the target are set beside the others: for everything that differs between runs, the
medians of both groups, ordered by how far apart the groups are in standard deviations.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import parse_quarter
from sim.laws.numerics.number_format import money
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import HIGH, LOW
from sim.report.page.blocks import Block, Paragraph, Section, TableBlock, TableColumn, numbers
from sim.report.page.formatting import musd, per_cent, plural, rounded, with_error, year_to
from sim.report.page.report_inputs import ReportInputs, flows_of_pair
from sim.study.conditioning.crossed_paths import ratio_of
from sim.study.ensemble.asked_answer import year_values
from sim.study.ensemble.findings import Finding, median_interval

FEWEST = 8
"""Runs that each group needs before its median says anything."""
MIN_APART = 0.3
"""Distance of the groups below which a difference says little [standard deviations]."""
FALSE_ALARM = 0.05
"""Probability that luck alone puts any trait into the table [1]."""
MAX_ROWS = 6


@dataclass(frozen=True)
class Trait:
    """Something that differs between runs."""

    title: str
    """With the unit, unless it is a pure number."""
    values: FloatArray
    """(n_runs,)."""
    unit: str = "1"


@dataclass(frozen=True)
class Contrast:
    """A trait in the runs that reach the target and in the others."""

    trait: Trait
    reached: FloatArray
    """Values of the runs that reach it."""
    others: FloatArray
    apart: float
    """Difference of the means over the standard deviation of all runs, with its sign [1]."""


def needs_section(inputs: ReportInputs, finding: Finding) -> Section:
    """Section on what would have to be true."""
    blocks: list[Block] = [*_growth_in_words(inputs, finding)]
    contrasts = contrasts_of(inputs, finding)
    if contrasts:
        blocks.append(_table(finding, contrasts))
    elif _groups(finding) is not None:
        blocks.append(
            Paragraph(
                "Of all that differs between the runs nothing sets those that reach the target "
                "apart by more than luck would."
            )
        )
    return Section("needs", "Requirements of the target", tuple(blocks))


def _growth_in_words(inputs: ReportInputs, finding: Finding) -> Iterator[Paragraph]:
    base = inputs.world.base_year
    years = (parse_quarter(finding.by) + 1) / 4 - (base + 1)
    median = finding.median.value

    def yearly(value: float) -> float:
        return float((value / finding.baseline_musd) ** (1.0 / years) - 1.0)

    if finding.target_musd <= finding.baseline_musd:
        yield Paragraph(
            f"The target lies below the {musd(finding.baseline_musd)} million USD of {base}: trade "
            "must not fall by more than the difference."
        )
    elif years > 0 and finding.baseline_musd > 0 and median > 0:
        low, high = (yearly(float(finding.quantiles[q, finding.at])) for q in (LOW, HIGH))
        yield Paragraph(
            f"To reach {money(finding.target_musd)} in {year_to(finding.by)}, trade has "
            f"to grow by {per_cent(yearly(finding.target_musd))} a year from the "
            f"{musd(finding.baseline_musd)} million USD of {base}. The median projection grows by "
            f"{per_cent(yearly(median))} (5–95 %: {per_cent(low)} to {per_cent(high)}).",
            {
                "target": Amount(finding.target_musd, "million USD/yr"),
                "base year": Amount(finding.baseline_musd, "million USD/yr"),
                "growth needed": Amount(yearly(finding.target_musd), "1/yr"),
                "growth in the median run": Amount(yearly(median), "1/yr", low, high),
            },
        )
    ratio = finding.target_musd / median if median > 0 else np.inf
    if 1.0 < ratio < np.inf:
        yield Paragraph(
            f"Trade would need to be {rounded(ratio, 2)} times the median "
            f"projection{_times(finding)}.",
            {"target over the median run": Amount(float(ratio), "1")},
        )
    if _groups(finding) is None:
        n_reached = int(finding.hits.sum())
        few = "reach" if n_reached < FEWEST else "miss"
        n = min(n_reached, finding.n_runs - n_reached)
        do = few if n > 1 else f"{few}es"
        yield Paragraph(
            f"{n or 'None'} of the {plural(finding.n_runs, 'simulation')}, each with one path of "
            f"unexplained variation, {do} the target: too few to analyse why.",
            {f"runs that {few} the target": Amount(n, "runs")},
        )


def _times(finding: Finding) -> str:
    """Interval of what is lacking, as times what runs trade; empty where some trade nothing."""
    low, high = (float(finding.quantiles[q, finding.at]) for q in (LOW, HIGH))
    if not low > 0:
        return ""
    least, most = (rounded(finding.target_musd / trade, 2) for trade in (high, low))
    return f" (5–95 % of the runs: {least} to {most} times)"


def contrasts_of(inputs: ReportInputs, finding: Finding) -> tuple[Contrast, ...]:
    """Features that set the runs that reach the target apart, the most telling first.

    So many things are looked at that luck sets some of them far apart; what it would set as far
    apart in any of them, in more than one case in twenty, is left out.
    """
    hit = _groups(finding)
    if hit is None:
        return ()
    contrasts = []
    traits = [trait for trait in _traits(inputs, finding) if float(trait.values.std()) > 0]
    for trait in traits:
        spread = float(trait.values.std())
        apart = float(trait.values[hit].mean() - trait.values[~hit].mean()) / spread
        contrasts.append(Contrast(trait, trait.values[hit], trait.values[~hit], apart))
    least = max(MIN_APART, distance_by_chance(int(hit.sum()), int((~hit).sum()), len(traits)))
    telling = [contrast for contrast in contrasts if abs(contrast.apart) >= least]
    return tuple(sorted(telling, key=lambda c: -abs(c.apart))[:MAX_ROWS])


def _groups(finding: Finding) -> NDArray[np.bool_] | None:
    """(n_runs,) whether a run reaches the target; None where a group is too small."""
    hit = finding.hits
    return hit if min(hit.sum(), (~hit).sum()) >= FEWEST else None


def distance_by_chance(n_hits: int, n_others: int, n_traits: int) -> float:
    """Distance between two groups of runs that luck alone seldom gives any of so many traits.

    Means of both groups are normal with the variance of a run over their size (central limit); the
    probability of a false alarm is shared out among the traits (Bonferroni).

    Examples
    --------
    >>> [round(distance_by_chance(38, 218, n_traits), 2) for n_traits in (1, 30)]
    [0.34, 0.55]
    """
    tail = FALSE_ALARM / (2 * max(n_traits, 1))
    return float(ndtri(1.0 - tail) * np.sqrt(1.0 / n_hits + 1.0 / n_others))


def _traits(inputs: ReportInputs, finding: Finding) -> Iterator[Trait]:
    """Everything on record that differs between runs and may bear on the trade of the pair."""
    result = inputs.asked
    pairs = (finding.pair_names, finding.pair_names[::-1])
    for flow, (a, b) in zip(flows_of_pair(finding), pairs, strict=True):
        one = result.sel(flow=flow)
        trade = year_values(one.assign(total=one["goods_trade"].sum("good")), "total", finding)
        exporter, importer = flow.split(">")
        if inputs.has("party_imports"):
            expected = year_values(
                result.sel(region=exporter, party=importer), "party_imports", finding
            )
            energy = year_values(one, "energy_trade", finding)
            own = (trade + energy)[:, finding.at]
            residual_shock = ratio_of(own, expected[:, finding.at], nothing=1.0)
            yield Trait(
                f"Residual shock of trade from {a} to {b}, times what the laws expect",
                residual_shock,
            )
        cost = year_values(one, "trade_cost_change", finding)[:, finding.at]
        yield Trait(f"Cost of trading from {a} to {b} without duty, times {_base(inputs)}", cost)
    for code, name in zip(finding.pair, finding.pair_names, strict=True):
        exports = year_values(result.sel(region=code), "exports", finding)
        yield Trait(f"Exports of {name} to everybody, million USD", exports[:, finding.at],
                    "million USD/yr")  # fmt: skip
    for name, parameter in inputs.world.parameters.items():
        drawn = result[f"parameter_{name}"]
        if drawn.attrs["is_used"]:
            unit = "" if parameter.unit == "1" else f", {parameter.unit}"
            yield Trait(f"{parameter.title}{unit}", drawn.to_numpy(), parameter.unit)


def _base(inputs: ReportInputs) -> str:
    return str(inputs.world.base_year)


def _table(finding: Finding, contrasts: tuple[Contrast, ...]) -> TableBlock:
    n_reached = int(finding.hits.sum())
    n_others = finding.n_runs - n_reached
    return TableBlock(
        columns=(
            TableColumn("What differs between the runs"),
            *numbers(f"{plural(n_reached, 'run')} that reach it", f"{n_others:,} others"),
            TableColumn("Apart by, standard deviations", is_number=True),
        ),
        rows=tuple(
            (
                contrast.trait.title,
                _median(contrast.reached, contrast.trait.unit),
                _median(contrast.others, contrast.trait.unit),
                Amount(contrast.apart, "standard deviations", text=rounded(abs(contrast.apart), 2)),
            )
            for contrast in contrasts
        ),
        caption=f"What sets the runs apart that reach the target by {finding.by}, each with the "
        "residual path of its own number: medians of both groups ± the error that the "
        "number of runs leaves (90 %), the most telling first. What luck would set as far "
        "apart is left out. Chances elsewhere cross every run with all residual paths and weigh "
        "them by recorded trade; here runs are counted as simulated",
    )


def _median(values: FloatArray, unit: str) -> Amount:
    """Median of a group of runs with the interval that their number leaves it."""
    middle, (low, high) = float(np.median(values)), median_interval(values)
    return Amount(middle, unit, low, high, with_error(middle, low, high))
