"""The answer in words: trade in the year asked first, then its chance, then what it rests on.

Two kinds of brackets are told apart by their word: a *range* is the spread of futures, an
*interval* the error of the simulation.
"""

import numpy as np

from sim.laws.uncertainty.crossing import Estimate
from sim.study.ensemble.counterfactuals import AS_ASKED
from sim.study.ensemble.findings import Finding, money, percent
from sim.study.evidence.crossed import QUANTILES

NEGLIGIBLE = 5e-4
"""A change of trade smaller than this is not worth a number [1]."""
WORTH_NAMING = 0.01
"""Share of energy in a pair's trade below which the sentence passes over it [1]."""
DECIDES = 0.25
"""The residual shock decides where at most this part of the chance is there without it [1]."""
FEW_PAIRS = 1000
"""Effective number of pairs of paths below which an answer is weakly held."""
LOW, MIDDLE, HIGH = 0, QUANTILES.index(0.5), len(QUANTILES) - 1


def sentence(finding: Finding, ledger: str, base_year: int) -> str:
    """The answer of one target, its first sentence by itself the headline."""
    parts = (
        headline(finding),
        _what_decides(finding),
        _touched(finding),
        _agreements(finding),
        _base(finding, ledger, base_year),
        _energy(finding),
        _stop(finding),
        _basis(finding),
    )
    return " ".join(part for part in parts if part)


def headline(finding: Finding) -> str:
    """Trade in the year asked and its chance of reaching the target, in one sentence."""
    a, b = finding.pair_names
    low, middle, high = (float(finding.quantiles[q, finding.at]) for q in (LOW, MIDDLE, HIGH))
    trade = (
        f"{a}–{b} trade in {year_asked(finding)} is projected at {money(middle)} "
        f"(90 % range {_span(low, high)})"
    )
    goal = f"reaching {money(finding.target_musd)} in that year"
    if not finding.is_probability:
        return f"{trade}; no probability of {goal} is given, since a layer of uncertainty is off."
    chance = f"{trade}; the chance of {goal} is {share_in_words(finding.chance)}"
    without, change = finding.without, finding.change
    if without is None or change is None:
        return f"{chance} (interval {_shares(finding.chance)})."
    return (
        f"{chance} with the agreements and {share_in_words(without.chance[finding.at])} without "
        f"({points_in_words(change.chance)})."
    )


def year_asked(finding: Finding) -> str:
    """The four quarters asked about: a calendar year by its number."""
    return finding.by[:4] if finding.by.endswith("Q4") else f"the year to {finding.by}"


def points_in_words(change: Estimate) -> str:
    """A difference of two chances in percentage points, with its interval.

    One that its interval does not tell from none says so.

    Examples
    --------
    >>> points_in_words(Estimate(0.0123, 0.006, 0.018))
    'difference +1.2 points, interval +0.6 to +1.8'
    >>> points_in_words(Estimate(0.001, -0.002, 0.004))
    'no difference that can be told from none: interval −0.2 to +0.4 points'
    """
    value, low, high = (100.0 * edge for edge in change)
    if not (np.isfinite(low) and np.isfinite(high)):
        return "a difference that one run cannot tell"
    if low == high == 0.0:
        return "no difference"
    places = decimals((high - low) / 2)
    if low <= 0.0 <= high:
        edges = f"{_signed(low, places)} to {_signed(high, places)}"
        return f"no difference that can be told from none: interval {edges} points"
    return (
        f"difference {_signed(value, places)} points, interval {_signed(low, places)} to "
        f"{_signed(high, places)}"
    )


def decimals(half_width: float) -> int:
    """Decimals with which a number is told that is known to within so much.

    Examples
    --------
    >>> [decimals(half) for half in (12.0, 2.0, 0.6, 0.04)]
    [0, 0, 1, 2]
    """
    if not 0.0 < half_width < np.inf:
        return 0
    return int(min(max(np.ceil(-np.log10(2.0 * half_width) + 0.2), 0), 3))


def share_in_words(share: Estimate) -> str:
    """A chance in per cent, as precisely as its interval knows it.

    Examples
    --------
    >>> share_in_words(Estimate(0.0903, 0.07, 0.11)), share_in_words(Estimate(0.0903, 0.089, 0.092))
    ('9 %', '9.0 %')
    >>> share_in_words(Estimate(0.0, 0.0, 0.001)), share_in_words(Estimate(0.002, 0.001, 0.004))
    ('under 0.1 %', '0.2 %')
    """
    half = 50.0 * (share.high - share.low)
    if share.value == 0.0 and 0.0 < share.high < 0.5:
        return f"under {_plain(100 * share.high)} %"
    value = 100.0 * share.value
    places = decimals(half)
    if 0.0 < value < 1.0:
        places = max(places, 1)
    return f"{value:.{places}f} %"


def _plain(value: float) -> str:
    return f"{value:.1g}" if value < 1 else f"{value:.0f}"


def _shares(share: Estimate) -> str:
    """The interval of a chance."""
    places = decimals(50.0 * (share.high - share.low))
    if share.high < 0.01:
        places = max(places, 1)
    return f"{100 * share.low:.{places}f} to {100 * share.high:.{places}f} %"


def _signed(value: float, places: int) -> str:
    text = f"{abs(value):.{places}f}"
    if float(text) == 0.0:
        return "0"
    return f"{'+' if value > 0 else '−'}{text}"


def _span(low: float, high: float) -> str:
    """Two amounts with their unit once where it is the same.

    Examples
    --------
    >>> _span(64.0, 730.0), _span(0.0, 0.0)
    ('64 to 730 million USD', 'next to nothing')
    """
    first, last = money(low), money(high)
    if first == last:
        return last
    unit = last.partition(" ")[2] if last[0].isdigit() else ""
    return f"{first.removesuffix(f' {unit}')} to {last}" if unit else f"{first} to {last}"


def _what_decides(finding: Finding) -> str:
    """That luck decides, where what the laws know hardly ever reaches the target by itself."""
    known = finding.answer.known_share[AS_ASKED]
    if not finding.is_probability or known > DECIDES * finding.chance.value:
        return ""
    if finding.chance.value == 0.0:
        return ""
    runs = "in no run" if known == 0.0 else f"in {percent(known)} of the runs only"
    return (
        f"What the laws know would reach it {runs}: the residual shock, which no law explains, "
        "decides."
    )


def _touched(finding: Finding) -> str:
    if not finding.is_probability:
        return ""
    text = (
        f"The chance that some year up to then touches it is {share_in_words(finding.touched)} "
        f"(interval {_shares(finding.touched)})"
    )
    if finding.without is not None:
        text += f", {share_in_words(finding.without.touched[finding.at])} without"
    return f"{text}."


def _agreements(finding: Finding) -> str:
    change = finding.change
    if change is None:
        return ""
    low, middle, high = (float(change.share[q]) for q in (LOW, MIDDLE, HIGH))
    if max(abs(low), abs(high)) < NEGLIGIBLE:
        return "The agreements hardly change that year's trade."
    shown = [f"{100 * round(value, 9):+.2g}".replace("-", "−") for value in (middle, low, high)]
    return (
        f"The agreements change that year's trade by {shown[0]} % (90 % range {shown[1]} to "
        f"{shown[2]} %)."
    )


def _base(finding: Finding, ledger: str, base_year: int) -> str:
    ledgers = f"ledger: {ledger}{'' if finding.is_held else ', which lacks this pair'}"
    text = (
        f"The runs start from {money(finding.baseline_musd, digits=3)} in {base_year} ({ledgers})"
    )
    if finding.stated_musd is None:
        return f"{text}."
    return f"{text}; stated for that year were {money(finding.stated_musd, digits=3)}."


def _energy(finding: Finding) -> str:
    """How much of a run's trade, and of the target, energy carries: two medians of their own."""
    if finding.energy_share < WORTH_NAMING:
        return ""
    least, carried, most = np.quantile(finding.energy, [0.05, 0.5, 0.95])
    low, high = (percent(float(edge)) for edge in finding.energy_share_interval)
    return (
        f"Energy, in medians of its own, is {percent(finding.energy_share)} of a run's trade "
        f"(90 % range {low} to {high}) and {money(carried)} ({money(least)} to {money(most)}), "
        f"{percent(carried / finding.target_musd)} of the target."
    )


def _stop(finding: Finding) -> str:
    """Whether trade in goods stops for a while."""
    if not finding.n_stopped:
        return ""
    return (
        f"In {finding.n_stopped} of {finding.n_runs} runs every route between the two is shut in "
        "some quarter, and their trade in goods stops."
    )


def _basis(finding: Finding) -> str:
    """How many paths the numbers rest on."""
    crossing = finding.answer.crossing
    pairs = crossing.pairs
    if not crossing.is_crossed:
        why = f": {' and '.join(crossing.reasons)}" if crossing.reasons else ""
        single = f", each with one residual path{why}" if finding.is_probability else ""
        return f"From {finding.n_runs:,} run{'s' * (finding.n_runs != 1)}{single}."
    text = f"From {pairs.n_known:,} known paths crossed with {pairs.n_residual:,} residual paths"
    if pairs.log_weight is None:
        return f"{text}."
    text += f", weighted by the records: as good as {pairs.effective_sample:,.0f} pairs"
    if pairs.effective_sample < FEW_PAIRS:
        return f"{text}, which is too few to rely on; take more runs."
    return f"{text}."
