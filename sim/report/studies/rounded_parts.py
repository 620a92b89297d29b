"""Numbers of an attribution as a reader adds them: parts that are shown sum to the total shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10

from sim.report.page.formatting import MINUS
from sim.study.explain import Attribution

KNOWN_DIGITS = 2
"""Digits of the total's interval, and of the largest part, that are shown at least."""
MAX_DIGITS = 4
"""Digits of the largest part that are shown at most."""
MAX_PLACES = 6
"""Decimals beyond which nothing is left: a dollar, or less than one run in any number [1]."""


@dataclass(frozen=True)
class ShownParts:
    """Numbers rounded to one step, in million USD or in per cent: `without` and `parts` add up."""

    scale: float
    """What a number of the attribution is multiplied by [1]."""
    places: int
    """Decimals of the step; below 0 it is tens or more."""
    without: float
    with_all: float
    total: float
    parts: tuple[float, ...]

    def write(self, value: float) -> str:
        """A number that is rounded already."""
        text = f"{abs(value):,.{max(self.places, 0)}f}"
        return MINUS + text if value < 0 and not _is_nothing(text) else text

    def signed(self, value: float) -> str:
        """A change that is rounded already, with its sign."""
        text = self.write(value)
        return "0" if _is_nothing(text) else f"+{text}" if value > 0 else text

    def within(self, value: float, interval: Sequence[float], *, as_change: bool = True) -> str:
        """A rounded number with the error of the simulation; alone where so few runs leave none."""
        text = self.signed(value) if as_change else self.write(value)
        half = self.half(value, interval)
        if text == "0" and _is_nothing(half):
            return text
        return f"{text} ± {half}" if half else text

    def half(self, value: float, interval: Sequence[float]) -> str:
        """Longer arm of an interval around a rounded number; empty where it is not known."""
        arms = [abs(self.scale * float(edge) - value) for edge in interval]
        return self.write(round(max(arms), self.places)) if all(map(isfinite, arms)) else ""


def shown_parts(found: Attribution) -> ShownParts:
    """Numbers of an attribution, rounded so that they add.

    The ends are rounded to the nearest step; of the parts those with the largest remainders are
    rounded up, as seats are shared out, so that none is off by a whole step.
    """
    scale = 100.0 if found.unit == "1" else 1.0
    parts = [scale * float(part) for part in found.parts]
    low, high = found.total_interval
    places = _places([*parts, scale * (found.with_all - found.without)], scale * (high - low))
    step = 10.0**-places
    without, with_all = (round(scale * end / step) for end in (found.without, found.with_all))
    units = shared_out([part / step for part in parts], with_all - without)

    def rounded(n: int) -> float:
        return round(n * step, places)

    return ShownParts(
        scale=scale,
        places=places,
        without=rounded(without),
        with_all=rounded(with_all),
        total=rounded(with_all - without),
        parts=tuple(map(rounded, units)),
    )


def shared_out(values: Sequence[float], total: int) -> list[int]:
    """Whole numbers next to the values that sum to a total, by largest remainder.

    Parameters
    ----------
    values : sequence of float
    total : int
        Within one of their sum.

    Examples
    --------
    >>> shared_out([1.4, 1.4, 1.4], 4), shared_out([-0.6, 0.0, 2.6], 2)
    ([2, 1, 1], [-1, 0, 3])
    """
    units = [floor(value) for value in values]
    # What is left out of a whole number by the last bit of a sum is no remainder.
    order = sorted(range(len(values)), key=lambda k: (-round(values[k] - units[k], 9), k))
    missing = total - sum(units)
    for k in order[:missing] if missing >= 0 else order[missing:]:
        units[k] += 1 if missing >= 0 else -1
    return units


def _places(values: Sequence[float], width: float) -> int:
    """Decimals that tell as much as is known: of the interval's width, and of the largest part."""
    largest = max(map(abs, values))
    if largest == 0.0:
        return 0
    of_largest = -floor(log10(largest))
    known = -floor(log10(width)) if width > 0.0 and isfinite(width) else of_largest
    least, most = of_largest + KNOWN_DIGITS - 1, of_largest + MAX_DIGITS - 1
    return min(max(known + KNOWN_DIGITS - 1, least), most, MAX_PLACES)


def _is_nothing(text: str) -> bool:
    return not text.strip("0.,")
