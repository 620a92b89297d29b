"""The page of a study, and its files: figures, tables as CSV and Parquet, scenarios as resolved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from sim.report.drawing import Cell, Drawing, csv_bytes, drawing_files
from sim.report.page import environment, flat, picture_of
from sim.report.wording import rounded
from sim.store import table_bytes

TEMPLATE = "study.html.j2"
MOST_ROWS = 60
"""Rows of a table that the page shows; its file has all of them."""
SHOWN_ABOVE = ("title", "question", "answers", "reached_share", "command")


@dataclass(frozen=True)
class Table:
    """A table of a study."""

    name: str
    """Stem of its files."""
    title: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    n_words: int = 1
    """Columns at the left that hold words; the others hold numbers."""


@dataclass(frozen=True)
class StudyPage:
    """What a study has to say."""

    title: str
    question: str
    kicker: str
    answers: tuple[str, ...]
    drawings: tuple[Drawing, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    reached_share: tuple[tuple[str, float], ...] = ()
    """Targets with the share of runs that reach them, where one number says it."""


def study_files(
    page: StudyPage, record: Mapping[str, Any], scenarios: Sequence[tuple[str, str]]
) -> dict[str, bytes]:
    """Files of a study by relative path; nothing is written.

    Parameters
    ----------
    page : StudyPage
        Drawn under `sim.report.style.house_style`.
    record : mapping
        What `run.json` says.
    scenarios : sequence of (name, text)
        Scenarios as resolved.

    Returns
    -------
    dict of str to bytes
        `report.html`, figures and tables. The same input gives the same bytes.
    """
    files = {
        path: content
        for drawing in page.drawings
        for path, content in drawing_files(drawing).items()
    }
    for table in page.tables:
        files[f"{table.name}.csv"] = csv_bytes(table.columns, table.rows)
        columns = {name: [row[k] for row in table.rows] for k, name in enumerate(table.columns)}
        files[f"{table.name}.parquet"] = table_bytes(columns)
    templates = environment()
    templates.filters["shown"] = shown
    html = templates.get_template(TEMPLATE).render(
        page=page,
        pictures=[picture_of(drawing, files) for drawing in page.drawings],
        most_rows=MOST_ROWS,
        command=record.get("command", ""),
        record=tuple(flat({k: v for k, v in record.items() if k not in SHOWN_ABOVE})),
        scenarios=scenarios,
    )
    return {**files, "report.html": html.encode()}


def shown(cell: Cell) -> str:
    """A cell as the page shows it: three digits, a dash for what is not known."""
    if isinstance(cell, float):
        return rounded(cell, 3) if isfinite(cell) else "–"
    return f"{cell:,}" if isinstance(cell, int) and abs(cell) >= 10_000 else str(cell)
