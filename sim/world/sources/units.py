"""Units of money and of shares as headings state them."""

import re

USUAL_CIF_FOB_RATIO = 1.06
"""Assumption: what freight and insurance add to the value of imports, some 6 % on average."""
_COMPACT = {"usd": 1e-6, "kusd": 1e-3, "musd": 1.0, "mnusd": 1.0, "busd": 1e3, "bnusd": 1e3}
_SCALES = {
    **dict.fromkeys(("thousand", "thousands", "1000", "000", "k", "ths", "thsd"), 1e-3),
    **dict.fromkeys(("million", "millions", "mil", "mill", "mln", "mn", "m", "mio"), 1.0),
    **dict.fromkeys(("billion", "billions", "bn", "bln", "b"), 1e3),
}
_CURRENCY = {"usd", "us", "dollar", "dollars"}


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
    compact = [_COMPACT[word] for word in words if word in _COMPACT and word != "usd"]
    if compact:
        return compact[0] if len(compact) == 1 else None
    if not _CURRENCY & set(words):
        return None
    scales = {_SCALES[word] for word in words if word in _SCALES}
    if len(scales) > 1:
        return None
    return scales.pop() if scales else 1e-6


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
