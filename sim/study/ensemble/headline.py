"""The answer in words: the chance with and without what is asked, trade, what it rests on.

Uncertainty of two kinds never looks alike: brackets after "5–95 %" hold the spread of futures, a
plus-minus sign stands before the error of the simulation (90 %).
"""

from bisect import bisect_right

import numpy as np

from sim.laws.numerics.calendar import year_to
from sim.laws.numerics.number_format import money
from sim.laws.uncertainty.crossing import Estimate
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.ensemble.counterfactuals import AS_ASKED
from sim.study.ensemble.findings import Finding, percent
from sim.world.describe.pair_overview import recorded_in_words

NEGLIGIBLE = 5e-4
"""A change of trade smaller than this is not worth a number [1]."""
WORTH_NAMING = 0.01
"""Share of energy in a pair's trade below which the sentence passes over it [1]."""
DECIDES = 0.25
"""The residual shock decides where at most this part of the chance is there without it [1]."""
TOO_SMALL = 5e-4
"""Chance below which only its upper end is told [1]."""
COARSE = 10.0
"""Error from which on a chance is told in steps of as much [percentage points]."""
FEW_PAIRS = 1000
"""Effective number of pairs of paths below which an answer is weakly held."""
LOW, MIDDLE, HIGH = 0, QUANTILES.index(0.5), len(QUANTILES) - 1


def sentence(finding: Finding, ledger: str, base_year: int) -> str:
    """The answer of one target in short sentences, the first by itself the headline."""
    parts = (headline(finding), *details(finding, ledger, base_year))
    return " ".join(part for part in parts if part)


def details(finding: Finding, ledger: str, base_year: int) -> tuple[str, ...]:
    """Sentences behind the headline, those with nothing to say left out."""
    parts = (
        _projected(finding),
        _agreements(finding),
        touched_in_words(finding),
        what_decides(finding),
        base_in_words(finding, ledger, base_year),
        _energy(finding),
        stop_in_words(finding),
        basis_in_words(finding),
    )
    return tuple(part for part in parts if part)


def headline(finding: Finding) -> str:
    """The chance that the year asked reaches the target, with and without what is asked."""
    goal = (
        f"{'–'.join(finding.pair_names)} trade reaches {money(finding.target_musd)} in "
        f"{year_asked(finding)}"
    )
    if not finding.is_probability:
        return f"No chance is given that {goal}: a layer of uncertainty is switched off."
    word = likelihood(finding.chance)
    if not word:
        low, high = (f"{100.0 * edge:.0f}" for edge in finding.chance[1:])
        return f"Too few simulations to tell whether {goal}: the chance is {low} to {high} %."
    said = f"{word}: the chance that {goal} is"
    without, change = finding.without, finding.change
    if without is None or change is None:
        return f"{said} {share_with_error(finding.chance)}."
    # All three to the place to which the difference is known, so that they can be subtracted.
    places = decimals(50.0 * (change.chance.high - change.chance.low))
    shown = [share_in_words(c, places) for c in (finding.chance, without.chance[finding.at])]
    return (
        f"{said} {shown[0]} with the agreements and {shown[1]} without "
        f"({points_in_words(change.chance)})."
    )


LIKELIHOODS = (
    (0.01, "Exceptionally unlikely"),
    (0.10, "Very unlikely"),
    (0.33, "Unlikely"),
    (0.66, "About as likely as not"),
    (0.90, "Likely"),
    (0.99, "Very likely"),
    (np.inf, "Virtually certain"),
)
"""Words for a chance up to so much, as the IPCC uses them (Mastrandrea and others, 2010)."""


def likelihood(chance: Estimate) -> str:
    """A chance as a word; empty where the error of the simulation leaves more than two open.

    Examples
    --------
    >>> likelihood(Estimate(0.02, 0.01, 0.03)), likelihood(Estimate(1.0, 0.995, 1.0))
    ('Very unlikely', 'Virtually certain')
    >>> likelihood(Estimate(0.0, 0.0, 0.4))
    ''
    """
    bounds = [most for most, _ in LIKELIHOODS]
    value, low, high = (bisect_right(bounds, edge) for edge in chance)
    return LIKELIHOODS[value][1] if high - low <= 1 else ""


def year_asked(finding: Finding) -> str:
    """The four quarters asked about: a calendar year by its number."""
    return year_to(finding.by)


def points_in_words(change: Estimate) -> str:
    """A difference of two chances in percentage points, with the error of the simulation.

    One that this error does not tell from none says so.

    Examples
    --------
    >>> points_in_words(Estimate(0.0123, 0.006, 0.018))
    '+1.2 ± 0.6 points'
    >>> points_in_words(Estimate(0.001, -0.002, 0.004))
    'no measurable difference, ± 0.3 points'

    Of one that is told from none though its longer arm is longer than itself, both ends are told:

    >>> points_in_words(Estimate(0.002, 0.0005, 0.006))
    '+0.2 points, +0.1 to +0.6'
    """
    value, low, high = (100.0 * edge for edge in change)
    if not (np.isfinite(low) and np.isfinite(high)):
        return "a difference that one run cannot tell"
    if low == high == 0.0:
        return "no difference"
    half = max(high - value, value - low)
    places = decimals(half)
    error = f"± {max(half, 10.0**-places):.{places}f} points"
    if low <= 0.0 <= high:
        return f"no measurable difference, {error}"
    if half >= abs(value):
        places = max(places, decimals(min(high - value, value - low)))
        ends = " to ".join(_signed(edge, places) for edge in (low, high))
        return f"{_signed(value, places)} points, {ends}"
    return f"{_signed(value, places)} {error}"


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


def share_in_words(share: Estimate, at_least: int = 0) -> str:
    """A chance in per cent, as precisely as its interval knows it, or with more decimals.

    Examples
    --------
    >>> share_in_words(Estimate(0.0903, 0.07, 0.11)), share_in_words(Estimate(0.0903, 0.089, 0.092))
    ('9 %', '9.0 %')
    >>> share_in_words(Estimate(0.0, 0.0, 0.001)), share_in_words(Estimate(0.002, 0.001, 0.004))
    ('under 0.1 %', '0.2 %')
    >>> share_in_words(Estimate(0.0004, 0.0, 0.009))
    'under 0.9 %'
    >>> share_in_words(Estimate(0.33, 0.1, 0.6))
    '30 %'
    """
    half = 50.0 * (share.high - share.low)
    if share.value < TOO_SMALL and 0.0 < share.high < 0.5:
        return f"under {_plain(100 * share.high)} %"
    value = 100.0 * share.value
    places = max(decimals(half), at_least)
    if half >= COARSE and places == 0 and COARSE / 2 <= value <= 100.0 - COARSE / 2:
        return f"{COARSE * round(value / COARSE):.0f} %"
    if 0.0 < value < 1.0:
        places = max(places, 1)
    return f"{value:.{places}f} %"


def share_with_error(share: Estimate) -> str:
    """A chance with the error of the simulation, where it is known and not named already.

    Examples
    --------
    >>> share_with_error(Estimate(0.0903, 0.07, 0.11)), share_with_error(Estimate(0.0, 0.0, 0.001))
    ('9 ± 2 %', 'under 0.1 %')

    A small one, whose longer arm is longer than itself, with both ends:

    >>> share_with_error(Estimate(0.004, 0.001, 0.012))
    '0.4 %, error 0.1 to 1.2 %'
    >>> share_with_error(Estimate(0.0002, 0.0, 0.0016))
    'under 0.2 %'
    """
    if 0.0 < share.value < TOO_SMALL and share.high < np.inf:
        return f"under {_plain(100.0 * share.high)} %"
    said = share_in_words(share)
    half = 100.0 * max(share.high - share.value, share.value - share.low)
    if said.startswith("under") or not 0.0 < half < np.inf:
        return said
    number = said.removesuffix(" %")
    places = len(number.partition(".")[2])
    if half >= 100.0 * share.value:
        ends = (f"{100.0 * edge:.{places}f}" for edge in (share.low, share.high))
        return f"{said}, error {' to '.join(ends)} %"
    if half >= COARSE:
        half = COARSE * round(half / COARSE)
    return f"{number} ± {max(half, 10.0**-places):.{places}f} %"


def _plain(value: float) -> str:
    """A bound with one digit, never below it.

    Examples
    --------
    >>> _plain(0.1), _plain(0.12), _plain(0.084), _plain(3.2)
    ('0.1', '0.2', '0.09', '4')
    """
    step = 10.0 ** np.floor(np.log10(value)) if value < 1 else 1.0
    return (
        f"{step * np.ceil(value / step - 1e-9):.1g}"
        if value < 1
        else f"{np.ceil(value - 1e-9):.0f}"
    )


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


def what_decides(finding: Finding) -> str:
    """That luck decides, where what the laws know hardly ever reaches the target by itself."""
    known = finding.answer.known_share[AS_ASKED]
    if not finding.is_probability or known > DECIDES * finding.chance.value:
        return ""
    if finding.chance.value == 0.0:
        return ""
    reach = "never reach" if known == 0.0 else f"seldom ({percent(known)}) reach"
    return f"Policy, growth and costs alone {reach} the target; unexplained variation decides."


def touched_in_words(finding: Finding) -> str:
    """The chance that some year up to the one asked reaches the target."""
    if not finding.is_probability:
        return ""
    without = finding.without
    less = f", {share_in_words(without.touched[finding.at])} without" if without else ""
    return (
        "The chance that this year or an earlier one reaches the target is "
        f"{share_with_error(finding.touched)}{less}."
    )


def _projected(finding: Finding) -> str:
    low, middle, high = (float(finding.quantiles[q, finding.at]) for q in (LOW, MIDDLE, HIGH))
    return (
        f"The median projection for {year_asked(finding)} is {money(middle)} "
        f"(5–95 %: {_span(low, high)})."
    )


def _agreements(finding: Finding) -> str:
    change = finding.change
    if change is None:
        return ""
    low, middle, high = (float(change.share[q]) for q in (LOW, MIDDLE, HIGH))
    if max(abs(low), abs(high)) < NEGLIGIBLE:
        return "The agreements hardly change trade in that year."
    shown = [f"{100 * round(value, 9):+.2g}".replace("-", "−") for value in (middle, low, high)]
    return (
        f"The agreements change trade in that year by {shown[0]} % (5–95 %: {shown[1]} to "
        f"{shown[2]} %)."
    )


def base_in_words(finding: Finding, ledger: str, base_year: int) -> str:
    """Trade of the base year and whose figure it is."""
    pair = "–".join(finding.pair_names)
    text = f"{pair} trade in {base_year} was {money(finding.baseline_musd, digits=3)}"
    if finding.is_own:
        return f"{text}, by a figure of the scenario's own."
    text += recorded_in_words(ledger, finding.pair_names, finding.held)
    if finding.stated_musd is None or not finding.is_held:
        return f"{text}."
    return f"{text}; officials quoted {money(finding.stated_musd, digits=3)}."


def _energy(finding: Finding) -> str:
    """Energy's part of a run's trade and of the target, as two separate medians."""
    if finding.energy_share < WORTH_NAMING:
        return ""
    carried = float(np.median(finding.energy))
    low, high = (percent(float(edge)) for edge in finding.energy_share_interval)
    return (
        f"Energy makes up {percent(finding.energy_share)} of trade in {year_asked(finding)} "
        f"(5–95 %: {low} to {high}): {money(carried)}, or "
        f"{percent(carried / finding.target_musd)} of the target."
    )


def stop_in_words(finding: Finding) -> str:
    """Sentence on whether trade in goods stops for a while."""
    if not finding.n_stopped:
        return ""
    return (
        f"In {finding.n_stopped} of {finding.n_runs} simulations every route between the two is "
        "shut in some quarter, and their trade in goods stops."
    )


def basis_in_words(finding: Finding) -> str:
    """Sentence on the number of paths that the numbers are based on."""
    crossing = finding.answer.crossing
    pairs = crossing.pairs
    if not crossing.is_crossed:
        why = f", since {' and '.join(crossing.reasons)}" if crossing.reasons else ""
        single = f", each with one path of unexplained variation{why}"
        return (
            f"From {finding.n_runs:,} simulation{'s' * (finding.n_runs != 1)}"
            f"{single if finding.is_probability else ''}."
        )
    text = (
        f"From {pairs.n_known:,} simulation{'s' * (pairs.n_known != 1)}, each combined with "
        f"{pairs.n_residual:,} paths of unexplained variation"
    )
    if pairs.log_weight is None:
        return f"{text}."
    text += (
        f" and weighted by recorded trade: as good as {pairs.effective_sample:,.0f} independent "
        "futures"
    )
    if pairs.effective_sample < FEW_PAIRS:
        return f"{text}, which is too few to rely on; take more runs."
    return f"{text}."
