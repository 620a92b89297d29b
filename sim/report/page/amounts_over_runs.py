"""Medians, 90 % intervals and shares over the runs, as amounts that a page shows.

Quantiles have the axis of `sim.study.conditioning.crossed_paths.QUANTILES` first.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.crossing import Estimate
from sim.report.page.amounts import Amount
from sim.report.page.formatting import in_brackets, rounded, spread_of
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.conditioning.weighed_parts import weighed_parts
from sim.study.ensemble.findings import Finding, share_interval

LOW, Q25, MIDDLE, Q75, HIGH = range(len(QUANTILES))
QUANTILE_NAMES = tuple(f"q{100 * q:02.0f}" for q in QUANTILES)
SHOWN_QUANTILES = tuple((q, QUANTILE_NAMES[q]) for q in (LOW, MIDDLE, HIGH))
"""Places and names of the median and of the edges of the 90 % interval."""


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


def amount_with_spread(quantiles: FloatArray, unit: str, *, is_change: bool = False) -> Amount:
    """Median with the 90 % interval, all as exactly as they are told apart (`spread_of`)."""
    low, middle, high = (float(quantiles[q]) for q in (LOW, MIDDLE, HIGH))
    return amount_of(quantiles, unit, spread_of(low, middle, high, is_change=is_change))


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
