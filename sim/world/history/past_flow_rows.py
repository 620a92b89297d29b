"""Rows of a user's table that are about one flow, while they are put together."""

from dataclasses import dataclass, field

from sim.world.csv_tables.csv_text import number_of, slip
from sim.world.history.terms import PastTerms
from sim.world.sources.plain_headings import AmountColumn

SAME = 1e-6
"""Relative difference up to which two statements of one number agree."""


@dataclass
class PastFlowRows:
    """Amounts and terms of one flow and base year, each with its place."""

    row: int
    amounts: dict[tuple[str, int], float] = field(default_factory=dict)
    """By quantity and year [musd]."""
    places: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)
    """Line and heading of each."""
    terms: list[tuple[int, int | None, PastTerms]] = field(default_factory=list)
    """Line, year of the line, and what it says was agreed."""

    def take(
        self,
        column: AmountColumn,
        cell: str,
        year: int,
        place: tuple[int, str],
        *,
        swapped: bool,
        is_outcome: bool,
    ) -> str:
        """Take an amount from a cell; what is wrong with it, if anything.

        Parameters
        ----------
        column : AmountColumn
            Column of the cell.
        cell : str
            Its text.
        year : int
            Year of the amount.
        place : tuple
            Line and heading.
        swapped : bool
            True if the row says who imports first.
        is_outcome : bool
            True if the year is after the base year: no trade is an outcome then.
        """
        # That nothing was recorded later is an outcome; nothing grows from nothing, though.
        nothing = column.quantity == "trade" and is_outcome and _is_zero(cell)
        value = 0.0 if nothing else _positive(cell)
        if value is None:
            wanted = "wanted a number above 0, blank if unknown"
            return f"'{cell}' is no amount; {wanted}{slip(cell, is_part=False)}"
        key = (_other_side(column.quantity) if swapped else column.quantity, year)
        self.places.setdefault(key, place)
        known = self.amounts.setdefault(key, value * column.musd)
        if abs(known - value * column.musd) > SAME * max(known, value * column.musd):
            stated = f"{cell} where {known / column.musd:g} stands for {year} already"
            return f"{stated}; wanted one number"
        return ""


def _other_side(quantity: str) -> str:
    swap = {"gdp_exporter": "gdp_importer", "gdp_importer": "gdp_exporter"}
    return swap.get(quantity, quantity)


def _positive(cell: str) -> float | None:
    value = number_of(cell)
    return value if value is not None and 0.0 < value < float("inf") else None


def _is_zero(cell: str) -> bool:
    try:
        return float(cell) == 0.0
    except ValueError:
        return False
