"""Numbers as machines read them: a value with its unit and its interval, as the page shows them.

The page and the answer are made of the same objects. A cell of a table or a sentence holds amounts,
and the rows behind a figure are turned into records here: quantiles over the runs become a median
with its interval, and the unit is the one that the name of the column ends in.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

from sim.report.page.figure import Cell, Drawing

LABELS = frozenset({"case", "year", "quarter", "period", "twelve_months_to"})
"""Columns that say which, whatever stands in them."""
PERIODS = LABELS - {"case"}
QUANTILE, UNIT = "quantile", "unit"
LOW, MIDDLE, HIGH = "q05", "q50", "q95"
WIDE = re.compile(r"(?:(\w+)_)?(q\d\d)(_\w+)?")
"""Columns that each hold one quantile: of what, which, and a unit."""
OF_RUNS = "over_runs"
"""What quantiles side by side are of where their columns do not say it."""
EDGES = {
    f"{stem}low": f"{stem}high"
    for stem in ("", "reached_", "mean_", "median_", "before_", "after_")
}
"""Columns that bound the number to the left of them, below and above."""
UNITS = (
    ("musd_per_year", "million USD/yr"),
    ("musd", "million USD"),
    ("usd_per_unit", "USD/unit"),
    ("tonnes_per_year", "t/yr"),
    ("per_cent_per_year", "%/yr"),
    ("per_cent", "%"),
    ("share", "1"),
    ("share_of_runs_below", "1"),
    ("utilisation", "1"),
    ("index", "1"),
    ("longitude", "degrees"),
    ("latitude", "degrees"),
    ("coverage", "1"),
    ("density", "1"),
    ("mass", "1"),
    ("luck", "1"),
    ("share_of_runs", "1"),
    ("runs", "runs"),
    ("failed", "runs"),
    ("n_pairs", "runs"),
    ("step", "steps"),
    ("bounded_inputs", "inputs"),
)
"""Units by what the name of a column ends in."""


@dataclass(frozen=True)
class Amount:
    """A number that the page states."""

    value: float
    unit: str
    """`1` for a pure number or a share."""
    low: float | None = None
    """Below it lie 5 % of the runs; for a share of runs, the end of its own 90 % interval."""
    high: float | None = None
    text: str = ""
    """As the reader sees it, in the cell of a table."""

    def as_json(self) -> dict[str, Any]:
        """Entries for JSON: numbers to ten digits, null for what is not known."""
        entries: dict[str, Any] = {"value": _number(self.value), "unit": self.unit}
        if self.low is not None and self.high is not None:
            entries |= {"low": _number(self.low), "high": _number(self.high)}
        return entries | ({"text": self.text} if self.text else {})


Facts = Mapping[str, Amount]
"""Amounts by what they are of."""
Entry = str | Amount


def unit_of(column: str, row_unit: str = "") -> str:
    """Unit of a column's numbers; that of the row where the name has none.

    Examples
    --------
    >>> unit_of("trade_musd_q05"), unit_of("change_share"), unit_of("part", "days")
    ('million USD', '1', 'days')
    """
    name = re.sub(r"_q\d\d$", "", column)
    return next((unit for end, unit in UNITS if f"_{name}".endswith(f"_{end}")), row_unit)


def records(
    columns: Sequence[str], rows: Sequence[Sequence[Cell]], unit: str = ""
) -> list[dict[str, Entry]]:
    """Rows as records: words as they are, numbers as amounts, quantiles as one amount.

    Parameters
    ----------
    columns, rows
        Data behind a figure or a table.
    unit : str
        Of the numbers whose column or row names none.

    Examples
    --------
    >>> rows = [("a", "q05", 1.0), ("a", "q50", 2.0), ("a", "q95", 4.0)]
    >>> records(("who", "quantile", "trade_musd"), rows)
    [{'who': 'a', 'trade_musd': Amount(value=2.0, unit='million USD', low=1.0, high=4.0, text='')}]
    """
    folded: dict[tuple[tuple[str, Cell], ...], dict[str, dict[str, float]]] = {}
    plain: list[dict[str, Entry]] = []
    for row in rows:
        named = dict(zip(columns, row, strict=True))
        quantile = named.pop(QUANTILE, "")
        if not quantile:
            plain.append(_record(named, unit))
            continue
        key = tuple((name, cell) for name, cell in named.items() if _is_label(name, cell))
        spreads = folded.setdefault(key, {})
        for name, cell in named.items():
            if not _is_label(name, cell):
                spreads.setdefault(name, {})[str(quantile)] = float(cell)
    for key, spreads in folded.items():
        labels = dict(key)
        own = str(labels.pop(UNIT, unit))
        amounts = {
            name: amount
            for name, spread in spreads.items()
            if (amount := _spread(spread, unit_of(name, own), is_single=name.startswith("median_")))
            is not None
        }
        if amounts:
            plain.append({name: str(cell) for name, cell in labels.items()} | amounts)
    return plain


def _is_label(name: str, cell: Cell) -> bool:
    return isinstance(cell, str) or name in LABELS


def _spread(values: Mapping[str, float], unit: str, *, is_single: bool = False) -> Amount | None:
    """The median with its interval; None where it is not among the quantiles."""
    if MIDDLE not in values:
        return None
    if is_single:
        return Amount(values[MIDDLE], unit)
    return Amount(values[MIDDLE], unit, values.get(LOW), values.get(HIGH))


def bounds_of(columns: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Columns of numbers, each with the two that bound it: edges beside it, or outer quantiles.

    Examples
    --------
    >>> bounds_of(("share", "low", "high", "cost", "trade_q05", "trade_q50", "trade_q95"))
    {'share': ('low', 'high'), 'trade_q50': ('trade_q05', 'trade_q95')}
    """
    found = {before: (low, EDGES[low]) for before, low in pairwise(columns) if low in EDGES}
    for name in columns:
        wide = WIDE.fullmatch(name)
        if wide and wide[2] == MIDDLE:
            found[name] = (_at(wide, LOW), _at(wide, HIGH))
    return {name: edges for name, edges in found.items() if set(edges) <= {*columns}}


def _at(wide: re.Match[str], quantile: str) -> str:
    """The column of another quantile of the same."""
    return f"{wide[1]}_{quantile}{wide[3] or ''}" if wide[1] else f"{quantile}{wide[3] or ''}"


def _record(named: Mapping[str, Cell], unit: str) -> dict[str, Entry]:
    """One row by itself: quantiles side by side, and numbers with their bounds beside them."""
    own = str(named.get(UNIT, unit))
    bounds = bounds_of(tuple(named))
    edges = {edge for pair in bounds.values() for edge in pair}
    entries: dict[str, Entry] = {}
    for name, cell in named.items():
        wide = WIDE.fullmatch(name)
        if _is_label(name, cell):
            if cell != "" and name != UNIT:
                entries[name] = str(cell)
        elif name not in edges and (wide is None or wide[2] == MIDDLE):
            low, high = (
                (float(named[edge]) for edge in bounds[name]) if name in bounds else (None, None)
            )
            known = f"{wide[1] or OF_RUNS}{wide[3] or ''}" if wide else name
            entries[known] = Amount(float(cell), unit_of(name, own), low, high)
    return entries


def _number(value: float) -> float | int | None:
    """A number as JSON carries it, null for one that is none."""
    if isinstance(value, int):
        return value
    if not isfinite(value):
        return None
    rounded = float(f"{value:.10g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def answer_rows(drawing: Drawing) -> list[tuple[Cell, ...]]:
    """Rows of a figure's data whose numbers go into the answer: those of the periods it tells."""
    told = drawing.answer_periods
    places = [k for k, name in enumerate(drawing.columns) if name in PERIODS]

    def is_of_answer(row: Sequence[Cell]) -> bool:
        return not told or all(str(row[k]) in told for k in places)

    return [*filter(is_of_answer, drawing.rows)]
