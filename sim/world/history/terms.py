"""Terms agreed for a past flow, as far as a row of a user's table states them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sim.laws.policy.implausible_rates import MAX_RATE
from sim.world.csv_tables.csv_text import number_of, slip
from sim.world.csv_tables.shocks_schema import KINDS
from sim.world.csv_tables.table_errors import did_you_mean

Wrong = Callable[[str, str], None]
"""Takes a column and what is wrong with it."""

NONE = "none"
FREE_TRADE, CUSTOMS_UNION = "free-trade", "customs-union"
DEEP = (FREE_TRADE, CUSTOMS_UNION)
"""Kinds whose average effect past trade tells where their terms are not known."""
_WITHOUT_PREFERENCES = re.compile(r"global system of trade preferences|\bgstp\b")
_UNION = re.compile(
    r"\benlargement\b|^ec/eu$|customs union|economic union|economic and monetary community"
    r"|common market \(|east african community|^gulf cooperation council"
)
_ALIASES = {
    NONE: ("", "no", "0", "nothing", "false"),
    "preferential": (
        "pta",
        "partial",
        "partial-scope",
        "psa",
        "preferential-trade",
        "early-harvest",
    ),
    "free-trade": ("fta", "full", "full-fta", "free", "rta", "cepa", "epa", "eia"),
    "customs-union": ("cu", "union"),
    "unilateral": ("gsp", "nrpta", "one-sided"),
    "transit": ("transit-trade", "tta"),
}
_KIND_OF = {alias: kind for kind, aliases in _ALIASES.items() for alias in aliases} | {
    kind: kind for kind in (NONE, *KINDS)
}
_MAX_WORDS = max(len(kind.split("-")) for kind in _KIND_OF)
_SHARES = ("covered_share", "cut", "border_time_cut")
_MAX_STEPS = 50.0
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Years in which past trade and agreements can have been."""


@dataclass(frozen=True)
class PastTerms:
    """Terms of a past agreement; None stands for what is not known."""

    kind: str = NONE
    """`none` or a kind of agreement."""
    in_force: float | None = None
    """Entry into force as a number of years, 2007.5 for July 2007 [year]."""
    covered_share: float | None = None
    """Share of the trade that concessions cover [1]."""
    tariff_rate: float | None = None
    """Duty without the preference [1]."""
    cut: float | None = None
    """Share of the duty taken off [1]."""
    margin_rate: float | None = None
    """Points of duty taken off, where that is known instead [1]."""
    phase_in_years: float | None = None
    border_time_cut: float | None = None
    """Share of the hours at the border that is spared [1]."""

    @property
    def has_no_terms(self) -> bool:
        """True if nothing is known of what was cut."""
        cuts = (self.covered_share, self.cut, self.margin_rate, self.border_time_cut)
        return all(value is None for value in cuts)


def read_terms(plain: Mapping[str, str], wrong: Wrong) -> PastTerms | None:
    """Terms a row gives; None where it says nothing, or something wrong that was reported."""
    names = ("agreement", "in_force", *_SHARES, "tariff_rate", "margin_rate", "phase_in_years")
    if not any(name in plain for name in names):
        return None
    kind = _kind(plain.get("agreement"), wrong)
    numbers = {name: _number(plain, name, 1.0, wrong) for name in (*_SHARES, "margin_rate")}
    numbers["tariff_rate"] = _number(plain, "tariff_rate", MAX_RATE, wrong)
    numbers["phase_in_years"] = _number(plain, "phase_in_years", _MAX_STEPS, wrong)
    in_force = _date(plain.get("in_force", ""), wrong)
    if kind is None:
        # Terms without a kind are those of a preference, or of transit where only time is spared.
        kind = "transit" if numbers["border_time_cut"] and not numbers["cut"] else "preferential"
    if kind == NONE:
        return PastTerms()
    if numbers["cut"] is not None and numbers["margin_rate"] is not None:
        wrong("margin_rate", "stands beside cut; wanted one of the two")
    return PastTerms(kind, in_force, **numbers)


def join_terms(
    said: Sequence[tuple[int, int | None, PastTerms]],
) -> tuple[PastTerms, tuple[int, ...]]:
    """Terms of a flow from those of its rows, and lines that contradict the first.

    Rows may say `none` before entry into force; where no date is given, the first year that says
    otherwise is taken for it.
    """
    agreed = [(row, year, terms) for row, year, terms in said if terms.kind != NONE]
    if not agreed:
        return PastTerms(), ()
    first = agreed[0][2]
    contradicting = tuple(row for row, _, terms in agreed if terms != first)
    years = [year for _, year, _ in agreed if year is not None]
    if first.in_force is None and len(agreed) < len(said) and years:
        first = replace(first, in_force=float(min(years)))
    return first, contradicting


def named_kind(name: str) -> str:
    """Kind of an agreement known by its name alone, such as those of the Deep Trade Agreements.

    Examples
    --------
    >>> named_kind("EU - Chile"), named_kind("EC (12) Enlargement"), named_kind("")
    ('free-trade', 'customs-union', 'none')
    """
    words = name.strip().casefold()
    if not words or _WITHOUT_PREFERENCES.search(words):
        return NONE
    between_two = " - " in words
    return CUSTOMS_UNION if _UNION.search(words) and not between_two else FREE_TRADE


def _kind(cell: str | None, wrong: Wrong) -> str | None:
    if cell is None:
        return None
    words = cell.casefold().replace("_", " ").replace("-", " ").split()
    kind = _KIND_OF.get("-".join(words))
    if kind is None:
        hint = "" if _is_name(cell, len(words)) else did_you_mean("-".join(words), _KIND_OF)
        if not hint:
            return named_kind(cell)
        wrong("agreement", f"'{cell}' is unknown; wanted is {', '.join((NONE, *KINDS))}{hint}")
        return NONE
    return kind


def _is_name(cell: str, n_words: int) -> bool:
    """True if a cell can only be an agreement's name: no kind is as long, or of two parties.

    "United States - Israel" is no slip for "unilateral".
    """
    return " - " in cell or "(" in cell or n_words > _MAX_WORDS


def _number(plain: Mapping[str, str], name: str, most: float, wrong: Wrong) -> float | None:
    cell = plain.get(name)
    if cell is None:
        return None
    value = number_of(cell)
    if value is None:
        wrong(name, f"'{cell}' is no number; wanted a number from 0 to {most:g}{slip(cell)}")
        return None
    if not 0.0 <= value <= most:
        per_cent = f": is this per cent? write {value / 100:g}" if most < value <= 100.0 else ""
        wrong(name, f"{cell} is out of range; wanted a number from 0 to {most:g}{per_cent}")
        return None
    return value


def _date(cell: str, wrong: Wrong) -> float | None:
    """A year, month or day as a number of years."""
    if not cell:
        return None
    if not _DATE.fullmatch(cell):
        wrong("in_force", f"'{cell}' is no date; wanted 2007, 2007-07 or 2007-07-01")
        return None
    year, month, day = (*map(int, cell.split("-")), 1, 1)[:3]
    if not FIRST_YEAR <= year <= LAST_YEAR:
        wrong("in_force", f"{cell} is out of range; wanted a year from {FIRST_YEAR} to {LAST_YEAR}")
        return None
    try:
        date(year, month, day)
    except ValueError:
        wrong("in_force", f"{cell} is a day that does not exist; wanted a day of the calendar")
        return None
    return year + (month - 1) / 12 + (day - 1) / 365.25
