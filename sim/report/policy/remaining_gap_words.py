"""Conditions beyond a mix that would take the median to a target, in words."""

from collections.abc import Callable

from sim.report.page.formatting import listed, musd, per_cent, rounded
from sim.study.break_even.remaining_gap import AmountRange, RemainingGap


def gap_in_words(gap: RemainingGap | None, probability: float = 0.5) -> str:
    """Sentence on what would close the gap of a quantile, each thing alone; empty without one.

    Parameters
    ----------
    gap : RemainingGap or None
        Between the target and what trade reaches with the probability.
    probability : float
        Share of futures that is to reach the target [1].
    """
    if gap is None:
        return ""
    points = gap.duty_points
    ways = [
        f"{_span(points, lambda v: f'{100 * v:.0f}')} points of duty on all goods "
        f"({_of(points.value, gap.duty_now)}{100 * gap.duty_now:.1f})"
    ]
    usd, days, paid, taken = gap.usd_per_feu, gap.days, gap.charges_now, gap.days_now
    if usd is not None and days is not None and paid is not None and taken is not None:
        ways += [
            f"{_span(usd, lambda v: f'{v:,.0f}')} USD off a container "
            f"({_of(usd.value, paid)}{paid:,.0f})",
            f"{_span(days, lambda v: f'{v:.0f}')} days off its way "
            f"({_of(days.value, taken)}{taken:.0f})",
        ]
    ways += [
        f"{rounded(one.volume, 2)} {one.unit} of {one.carrier} a year at {one.price:,.0f} USD"
        for one in gap.energy
    ]
    ways.append(f"{rounded(gap.times, 2)} times as many exporters of the present mean size")
    return (
        f"What else must be true: with this mix {_reached(probability)} lacks "
        f"{musd(gap.trade_musd)} million USD, or {per_cent(gap.times - 1.0)}. Each of these alone "
        "would close that by the gravity law, and is the least that is needed (in brackets over "
        "the ranges of elasticity and cost of a day; energy at prices of the base year): "
        f"{listed(ways)}."
    )


def _reached(probability: float) -> str:
    """Name of the trade that a share of futures reaches."""
    if probability == 0.5:
        return "the median"
    return f"what {per_cent(probability)} of futures reach"


def _of(wanted: float, there_is: float) -> str:
    """Comparison of what is wanted with what there is to take off."""
    return "more than there is: " if wanted > there_is else "of "


def _span(amounts: AmountRange, write: Callable[[float], str]) -> str:
    return f"{write(amounts.value)} ({write(amounts.low)} to {write(amounts.high)})"
