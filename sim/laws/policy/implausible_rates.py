"""Values that may be a rate of duty, and values that read as per cent instead.

Ad valorem duties above 100 % exist (tobacco, sugar, spirits, farm goods beyond a quota), one line
in some hundred; per cent typed where a fraction is wanted is commoner, and shows in a whole column.
So a rate above 1 is asked about unless somebody says that it is meant, and a column of which a good
part lies above 1 is taken for per cent as a whole.
"""

from collections.abc import Iterable, Sequence

MAX_RATE = 10.0
"""Highest ad valorem duty that anybody may state [1]: 1,000 %."""
LIKELY_RATE = 1.0
"""Duties above this are rare; a number above it is often per cent [1]."""
PART_OF_PER_CENT = 0.25
"""Part of the positive rates of a column above `LIKELY_RATE` from which it reads as per cent."""


def reads_as_per_cent(rates: Iterable[float]) -> bool:
    """Return True if rates that are meant as fractions read as per cent.

    Examples
    --------
    >>> reads_as_per_cent([0.0, 5.0, 7.5, 0.5]), reads_as_per_cent([0.05, 0.1, 0.3, 0.2, 3.5])
    (True, False)
    """
    positive = [rate for rate in rates if rate > 0.0]
    high = sum(rate > LIKELY_RATE for rate in positive)
    return high > 0 and high >= PART_OF_PER_CENT * len(positive)


def rate_complaints(rates: Sequence[tuple[float, bool]]) -> list[tuple[int, str]]:
    """Complaints about the rates of a column, as fractions.

    Parameters
    ----------
    rates : sequence of (float, bool)
        Each rate [1], and whether it is said to be meant.

    Returns
    -------
    list of (int, str)
        Places in the column and what is wrong; one sentence where the column reads as per cent.
    """
    asked = [(k, rate) for k, (rate, is_meant) in enumerate(rates)
             if rate > MAX_RATE or (rate > LIKELY_RATE and not is_meant)]  # fmt: skip
    if len(asked) > 1 and reads_as_per_cent(rate for rate, _ in rates):
        place, rate = asked[0]
        n = sum(rate > 0.0 for rate, _ in rates)
        told = f"{rate:g} and {len(asked) - 1} more of {n} rates are above {LIKELY_RATE:g}: is the "
        told += f"column in per cent? wanted fractions, such as {rate / 100:g}; a duty above "
        return [(place, told + "100 % that is meant needs a note in its row")]
    return [(place, _complaint(rate)) for place, rate in asked]


def _complaint(rate: float) -> str:
    told = f"{rate:g} is a duty of {100 * rate:,.10g} %: is this per cent? write {rate / 100:g}"
    if rate > MAX_RATE:
        return f"{told}; wanted a rate from 0 to {MAX_RATE:g}"
    return f"{told}; if it is meant, wanted a note in its row that says so"
