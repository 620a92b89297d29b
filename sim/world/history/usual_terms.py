"""Usual coverage of agreements by kind, for past ones whose own terms are not known."""

from pathlib import Path
from typing import NamedTuple

from sim.world.csv_tables.reader import PACKAGED, Row, read_tables


class Scope(NamedTuple):
    """Usual terms of one kind of agreement, each as lowest, most likely, highest."""

    covered_share: tuple[float, float, float]
    """Share of the trade that concessions cover [1]."""
    cut: tuple[float, float, float]
    """Share of the duty taken off it [1]."""
    phase_in_years: float
    border_time_cut: tuple[float, float, float]
    """Share of the hours at the border that is spared [1]."""


def load_scopes(folder: Path | None = None) -> dict[str, Scope]:
    """Read usual terms by kind of agreement.

    Parameters
    ----------
    folder : Path, optional
        Folder of tables, the packaged world if left out.

    Returns
    -------
    dict of str to Scope
        Empty where the world has no such table.

    Raises
    ------
    WorldError
        With every problem of the table.
    """
    table = read_tables(folder or PACKAGED, ("agreement_scopes",))["agreement_scopes"]
    return {
        row.text("kind"): Scope(
            covered_share=_range(row, "covered_share"),
            cut=_range(row, "cut"),
            phase_in_years=row.number("phase_in_years"),
            border_time_cut=_range(row, "border_time_cut"),
        )
        for row in table
    }


def _range(row: Row, column: str) -> tuple[float, float, float]:
    return row.number(f"{column}_low"), row.number(column), row.number(f"{column}_high")
