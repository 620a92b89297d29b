"""The page of a study, and its files: figures, tables as CSV and Parquet, scenarios as resolved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from sim.report import blocks
from sim.report.answer import ANSWER, json_text, run_of
from sim.report.drawing import Cell, Drawing, csv_bytes
from sim.report.facts import EDGES, LABELS, UNIT, Amount, unit_of
from sim.report.page import Front, page_files
from sim.report.reproduction import how_to_reproduce
from sim.report.wording import per_cent, rounded
from sim.store import table_bytes

MOST_ROWS = 60
"""Rows of a table, or of a part of it, that the page shows; its file has all of them."""
MEASURES = {
    "trade_musd": "trade",
    "reached": "target reached",
    "tariff_rate": "duty paid, part of the value",
    "used_share": "part that claims a preference",
    "trade_cost_change": "cost of trading, times base year",
    "tariff_revenue": "duty collected",
    "welfare_change": "real income, times base year",
    "mean_effect": "mean effect",
    "first_order": "by itself",
    "total": "with interactions",
}
"""Measures as the page calls them; the files have their names."""
SHARES = frozenset({"reached_share"})
"""Columns that the page shows in per cent, with their bounds."""
BREAK = "\N{ZERO WIDTH SPACE}"


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
    n_groups: int = 0
    """Columns at the left by which the page takes it apart, a part to a heading."""
    between: str = " against "
    """What stands in such a heading between two of them."""
    on_page: tuple[str, ...] = ()
    """Columns that fit on a page, all of them if none is named; the files have all."""
    unit: str = ""
    """Of the numbers whose column and row name none."""


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
        `report.html`, `answer.json`, figures and tables. The same input gives the same bytes.
    """
    front = Front(page.kicker, page.title, page.question, page.answers)
    sections = _sections(page, record, scenarios)
    files = page_files(front, sections)
    files[ANSWER] = json_text(_front_json(page, record), sections)
    for table in page.tables:
        files[f"{table.name}.csv"] = csv_bytes(table.columns, table.rows)
        columns = {name: [row[k] for row in table.rows] for k, name in enumerate(table.columns)}
        files[f"{table.name}.parquet"] = table_bytes(columns)
    return files


def _front_json(page: StudyPage, record: Mapping[str, Any]) -> dict[str, Any]:
    """The first screen for machines."""
    return {
        "title": page.title,
        "question": page.question,
        "kind": page.kicker,
        "answers": list(page.answers),
        "reached_share": dict(page.reached_share),
        "run": run_of(record),
    }


def _sections(
    page: StudyPage, record: Mapping[str, Any], scenarios: Sequence[tuple[str, str]]
) -> tuple[blocks.Section, ...]:
    """A section for each figure and each table, how they are read and how they came about."""
    return (
        *(blocks.Section(f"of-{d.name}", d.title, (d,), is_titled=True) for d in page.drawings),
        *(blocks.Section(f"of-{t.name}", t.title, tuple(_in_words(t))) for t in page.tables),
        blocks.Section("reading", "How to read this", (blocks.Points(page.notes),)),
        how_to_reproduce(record, scenarios),
    )


def _in_words(table: Table) -> Iterator[blocks.Block]:
    """A table as the page shows it, a part for each group of its rows."""
    groups: dict[tuple[Cell, ...], list[tuple[Cell, ...]]] = {}
    for row in table.rows:
        groups.setdefault(row[: table.n_groups], []).append(row)
    for group, rows in groups.items() or (((), []),):
        if group:
            yield blocks.Subheading(table.between.join(map(str, group)))
        yield _part(table, rows)


def _part(table: Table, rows: Sequence[tuple[Cell, ...]]) -> blocks.Table:
    """Rows of one group, those columns alone that fit on a page."""
    wanted = table.on_page or table.columns
    kept = [k for k, name in enumerate(table.columns) if k >= table.n_groups and name in wanted]
    more = f" The first {MOST_ROWS} of {len(rows):,} rows; all are in {table.name}.csv."
    less = f" All columns are in {table.name}.csv." if table.on_page else ""
    return blocks.Table(
        columns=tuple(
            blocks.Column(_title(table.columns[k]), is_number=k >= table.n_words) for k in kept
        ),
        rows=tuple(tuple(_cell(table, row, k) for k in kept) for row in rows[:MOST_ROWS]),
        caption=table.caption + (more if len(rows) > MOST_ROWS else less),
    )


def _cell(table: Table, row: tuple[Cell, ...], k: int) -> blocks.TableCell:
    """A cell: numbers with their unit; with their bounds if those stand to the right of them.

    A median has the quantiles of its row for bounds.
    """
    cell, name = row[k], table.columns[k]
    if name == "measure":
        return MEASURES.get(str(cell), str(cell))
    if isinstance(cell, str) or name in LABELS:
        return shown(cell)
    named = dict(zip(table.columns, row, strict=True))
    own = str(named.get(UNIT, table.unit))
    right = table.columns[k + 1] if k + 1 < len(row) else ""
    bounds = (right, EDGES[right]) if right in EDGES else ("", "")
    if name.endswith("q50"):
        bounds = (f"{name[:-3]}q05", f"{name[:-3]}q95")
    low, high = (named.get(edge) for edge in bounds)
    of = k - (name in EDGES) - 2 * (name in EDGES.values())
    return Amount(
        cell,
        unit_of(table.columns[of], own),
        float(low) if isinstance(low, float) else None,
        float(high) if isinstance(high, float) else None,
        per_cent(cell) if table.columns[of] in SHARES and isfinite(cell) else shown(cell),
    )


def _title(name: str) -> str:
    """A column's name in words; one that is a place in a scenario may break at its dots."""
    return name.replace("_", " ").replace(".", f".{BREAK}")


def shown(cell: Cell) -> str:
    """A cell as the page shows it: three digits, a dash for what is not known."""
    if isinstance(cell, float):
        return rounded(cell, 3) if isfinite(cell) else "–"
    return f"{cell:,}" if isinstance(cell, int) and abs(cell) >= 10_000 else str(cell)
