"""Units of money and of shares as headings state them."""

import re
from collections.abc import Collection
from typing import NamedTuple

USUAL_CIF_FOB_RATIO = 1.06
"""Assumption: what freight and insurance add to the value of imports, some 6 % on average."""
_ONE_WORD = {
    **dict.fromkeys(("kusd", "usdk", "thusd", "usdth"), 1e-3),
    **dict.fromkeys(("musd", "mnusd", "usdm", "usdmn", "usdmln", "usdmio"), 1.0),
    **dict.fromkeys(("busd", "bnusd", "usdb", "usdbn"), 1e3),
}
"""Units of money written as one word, in million US dollars."""
_SCALES = {
    **dict.fromkeys(("thousand", "thousands", "1000", "000", "k", "ths", "thsd"), 1e-3),
    **dict.fromkeys(("million", "millions", "mil", "mill", "mln", "mn", "m", "mio"), 1.0),
    **dict.fromkeys(("billion", "billions", "bn", "bln", "mrd", "b"), 1e3),
    **dict.fromkeys(("trillion", "trillions"), 1e6),
}
"""Words beside a dollar, and how many million dollars they make of it."""
_DOLLARS = frozenset({"usd", "dollar", "dollars"})
_LETTERS = frozenset({"k", "m", "b"})
"""Scales that are words of their own only beside a dollar."""
OTHER_MONEY = frozenset({
    "eur", "euro", "euros", "gbp", "pkr", "kzt", "inr", "cny", "rmb", "rub", "irr", "try", "jpy",
    "chf", "uzs", "aed", "sar", "lcu", "meur", "keur", "kes", "ugx", "xof", "xaf",
})  # fmt: skip
"""Words of other money than dollars, none of which is read."""
MONEY_WORDS = _DOLLARS | _ONE_WORD.keys()
"""Words that say that a heading is about US dollars."""


class MoneyUnit(NamedTuple):
    """Unit of money that the words of a heading name."""

    musd: float | None
    """Worth of one [million USD]; 0 where none is named, None where words contradict each other or
    name a scale and no dollar."""
    words: frozenset[str] = frozenset()
    """Words that name it."""


def money_unit(words: Collection[str]) -> MoneyUnit:
    """Read the unit of money off the words of a heading.

    Examples
    --------
    >>> money_unit(["trade", "mn", "usd"]).musd, money_unit(["trade", "busd"]).musd
    (1.0, 1000.0)
    >>> money_unit(["trade"]).musd, money_unit(["trade", "million"]).musd
    (0.0, None)
    >>> money_unit(["musd", "million"]).musd

    """
    named = {word for word in words if word in MONEY_WORDS}
    scales = {word for word in words if word in _SCALES and (named or word not in _LETTERS)}
    if not named:
        return MoneyUnit(None if scales else 0.0)
    whole = {_ONE_WORD[word] for word in named - _DOLLARS}
    worth = whole or {_SCALES[word] for word in scales}
    if len(worth) > 1 or (whole and scales):
        return MoneyUnit(None)
    return MoneyUnit(worth.pop() if worth else 1e-6, frozenset(named | scales))


def million_usd(heading: str) -> float | None:
    """Give the worth in million US dollars of one unit of a column, None where none is stated.

    Examples
    --------
    >>> million_usd("Trade (USD million)"), million_usd("trade_musd"), million_usd("Value, US$")
    (1.0, 1.0, 1e-06)
    >>> million_usd("TradeValue in 1000 USD"), million_usd("trade"), million_usd("value, EUR")
    (0.001, None, None)
    """
    words = re.findall(r"[a-z]+|[0-9]+", heading.casefold().replace("$", " usd "))
    return money_unit(words).musd or None


def is_per_cent(heading: str) -> bool | None:
    """Tell whether a rate is stated in per cent, as a fraction, or not at all (None).

    Examples
    --------
    >>> is_per_cent("tariff (%)"), is_per_cent("tariff_rate"), is_per_cent("tariff")
    (True, False, None)
    """
    words = set(re.findall(r"[a-z]+|%", heading.casefold()))
    if words & {"%", "percent", "pct", "percentage"} or {"per", "cent"} <= words:
        return True
    return False if words & {"rate", "share", "fraction"} else None
