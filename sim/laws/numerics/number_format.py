"""Formats of numbers and sums of money, as answers, pages and errors write them."""

from math import floor, log10

MINUS = "\N{MINUS SIGN}"
NOTHING_MUSD = 1e-3
"""Sum below which trade is next to nothing [million USD]."""


def rounded(value: float, digits: int = 3, *, keep_zeros: bool = False) -> str:
    """Number with so many digits, thousands apart, never in powers of ten.

    Zeros at the end are dropped unless they are wanted as digits that are known.

    Examples
    --------
    >>> rounded(1234.5), rounded(65.31), rounded(0.0123, 2), rounded(0.0), rounded(-3.14159)
    ('1,230', '65.3', '0.012', '0', '−3.14')
    """
    if value == 0:
        return "0"
    places = digits - 1 - floor(log10(abs(value)))
    value = round(value, places)
    text = f"{abs(value):,.{max(places, 0)}f}"
    if "." in text and not keep_zeros:
        text = text.rstrip("0").rstrip(".")
    return f"{MINUS if value < 0 else ''}{text}"


def to_places(value: float, places: int, *, signed: bool = False) -> str:
    """Number to a decimal place, to tens and more where it is negative; with the sign of a gain.

    Examples
    --------
    >>> to_places(1234.5, -1), to_places(-0.004, 2), to_places(0.126, 2, signed=True)
    ('1,230', '0.00', '+0.13')
    """
    near = round(value, places)
    sign = MINUS if near < 0 else "+" if signed and near > 0 else ""
    return f"{sign}{abs(near):,.{max(places, 0)}f}"


def two_digits(value: float) -> str:
    """Number with as many digits as most results bear.

    Examples
    --------
    >>> two_digits(4.26), two_digits(1234.0)
    ('4.3', '1,200')
    """
    return rounded(value, 2)


def money(musd: float, digits: int = 2) -> str:
    """Million USD in words, rounded to so many digits.

    Examples
    --------
    >>> money(412.3), money(1000.0), money(7.21), money(12_345.0)
    ('410 million USD', '1 billion USD', '7.2 million USD', '12 billion USD')
    """
    if musd < NOTHING_MUSD:
        return "next to nothing"
    total = round(musd, digits - 1 - floor(log10(musd)))
    if total >= 1000:
        return f"{total / 1000:g} billion USD"
    return f"{total:g} million USD"
