"""Words for the measures in which a question that is not about trade is answered."""

from collections.abc import Sequence
from math import isfinite

from sim.laws.uncertainty.crossing import Estimate
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE
from sim.report.page.formatting import signed, with_error
from sim.study.jobs.asked_columns import AskedMeasure, PairedDifference, Spread

TITLES = {
    "unserved_share": "Part of {place} demand unserved in the worst year",
    "unserved_volume": "Volume of {place} unserved in the worst year",
    "price_rise_share": "Price of {place} over its reference in the worst year",
    "income_change_musd": "Real income of {place}, change since the base year",
    "revenue_musd": "Customs revenue of {place}",
}
"""Names of the measures by their stems."""
NAMES = {
    "unserved_share": "the part of {place} demand unserved in the worst year",
    "income_change_musd": "the change of real income of {place} since the base year",
    "revenue_musd": "the customs revenue of {place}",
}
"""Names of the leading measures inside a sentence."""
SHORT = {
    "unserved_share": "demand unserved in the worst year",
    "unserved_volume": "volume unserved",
    "price_rise_share": "price over its reference",
    "income_change_musd": "real income, change since the base year",
    "revenue_musd": "customs revenue",
}
NOTHING = {"energy": 1e-3}
"""Part of demand below which a shortage is none [1]."""


def title_of(measure: AskedMeasure) -> str:
    """A measure as headings and columns call it, with its place.

    Examples
    --------
    >>> title_of(AskedMeasure("revenue", "revenue_musd", "", "Beland", "million USD/yr"))
    'Customs revenue of Beland'
    """
    return TITLES[measure.stem].format(place=measure.place)


def name_of(measure: AskedMeasure) -> str:
    """A leading measure as a sentence calls it."""
    return NAMES[measure.stem].format(place=measure.place)


def unit_of_level(measure: AskedMeasure) -> str:
    """Unit of a level as it is shown.

    Examples
    --------
    >>> unit_of_level(AskedMeasure("energy", "unserved", "", "Beland's gas", "bcm/yr"))
    'bcm'
    """
    return "%" if measure.unit == "1" else measure.unit.removesuffix("/yr")


def unit_of_change(measure: AskedMeasure) -> str:
    """Unit of a difference as it is shown: shares differ by points."""
    return "points" if measure.unit == "1" else unit_of_level(measure)


def scale_of(measure: AskedMeasure) -> float:
    """Number that is shown over the one in the files."""
    return 100.0 if measure.unit == "1" else 1.0


def in_words(measure: AskedMeasure, median: Estimate) -> str:
    """A median with the error of the simulation and its unit.

    Examples
    --------
    >>> share = AskedMeasure("energy", "unserved_share", "", "Beland's gas", "1")
    >>> in_words(share, Estimate(0.094, 0.088, 0.099))
    '9.4 ± 0.6 %'
    """
    times = scale_of(measure)
    middle, low, high = (times * edge for edge in median)
    text = with_error(middle, low, high)
    if measure.stem == "income_change_musd" and median.value > 0.0:
        text = f"+{text}"
    return f"{text} {unit_of_level(measure)}"


def spread_in_words(measure: AskedMeasure, spread: Spread) -> str:
    """A median with its error, and the spread of the simulations."""
    times = scale_of(measure)
    low, high = (short_number(times * spread.quantiles[q]) for q in (LOW, HIGH))
    return f"{in_words(measure, spread.median)} (5–95 %: {low} to {high})"


def short_number(value: float) -> str:
    """A number with two digits; next to nothing is 0."""
    text = signed(value)
    return text.removeprefix("+")


def difference_in_words(measure: AskedMeasure, found: PairedDifference) -> str:
    """A difference with its spread over the simulations, or that it is not told from none.

    Examples
    --------
    >>> share = AskedMeasure("energy", "unserved_share", "", "Beland's gas", "1")
    >>> five = (0.045, 0.06, 0.083, 0.09, 0.092)
    >>> difference_in_words(share, PairedDifference(five, Estimate(0.08, 0.07, 0.09)))
    '+8.3 points (5–95 %: +4.5 to +9.2)'
    >>> difference_in_words(share, PairedDifference(five, Estimate(0.01, -0.02, 0.04)))
    'no measurable difference: on average +1.0, error −2.0 to +4.0 points'
    """
    times, unit = scale_of(measure), unit_of_change(measure)
    if found.is_none:
        return "no difference"
    if not (isfinite(found.mean.low) and isfinite(found.mean.high)):
        return "a difference that one simulation cannot tell"
    if not found.is_measurable:
        mean, low, high = (signed(times * edge) for edge in found.mean)
        return f"no measurable difference: on average {mean}, error {low} to {high} {unit}"
    ends = [times * found.quantiles[q] for q in (LOW, MIDDLE, HIGH)]
    digits = 2 if len({signed(end) for end in ends}) == 3 else 3
    low, middle, high = (signed(end, digits) for end in ends)
    return f"{middle} {unit} (5–95 %: {low} to {high})"


def is_nothing(measure: AskedMeasure, medians: Sequence[float]) -> bool:
    """True if no median of a shortage is worth telling."""
    return measure.kind in NOTHING and max(medians, default=0.0) < NOTHING[measure.kind]
