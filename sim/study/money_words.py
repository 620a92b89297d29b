"""Sums of money in words."""

from math import floor, log10

NOTHING_MUSD = 1e-3
"""Sum below which trade is next to nothing [million USD]."""


def money(musd: float, digits: int = 2) -> str:
    """Million USD in words, rounded to so many digits.

    Examples
    --------
    >>> money(412.3), money(1000.0), money(7.21), money(12_345.0)
    ('410 million USD', '1 billion USD', '7.2 million USD', '12 billion USD')
    """
    if musd < NOTHING_MUSD:
        return "next to nothing"
    rounded = round(musd, digits - 1 - floor(log10(musd)))
    if rounded >= 1000:
        return f"{rounded / 1000:g} billion USD"
    return f"{rounded:g} million USD"
