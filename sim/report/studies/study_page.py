"""The page of a study, and its files: figures, tables as CSV and Parquet, scenarios as resolved."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from sim.report.answer_json import ANSWER, json_text, run_of
from sim.report.evidence.reproduction import how_to_reproduce
from sim.report.page import blocks
from sim.report.page.amounts import LABELS, UNIT, Amount, bounds_of, unit_of
from sim.report.page.figure import Cell, Drawing, csv_bytes
from sim.report.page.fonts import Tell
from sim.report.page.formatting import (
    NARROW,
    in_brackets,
    listed,
    per_cent,
    plural,
    rounded,
    whole_per_cent,
)
from sim.report.page.page import PageHeader, page_files
from sim.store import table_bytes
from sim.store.results import by_column
from sim.study.conditioning.residual_paths import GROUP, paths_per_group, rules_that_read_the_record
from sim.study.ensemble.findings import median_interval
from sim.study.jobs.plan import Plan

MAX_ROWS = 60
"""Rows of a table, or of a part of it, that the page shows; its file has all of them."""


class MeasureTitle(NamedTuple):
    """Presentation of a measure on the page."""

    words: str
    """With its unit."""
    times: float = 1.0
    """Number that the page shows over the one in the files."""
    least: float = 0.0
    """Step to which the page rounds it."""


MEASURES = {
    "trade_musd": MeasureTitle("trade, million USD a year", least=0.1),
    "reached": MeasureTitle("chance of the target, %", 100.0, least=0.1),
    "touched": MeasureTitle("chance of touching it so far, %", 100.0, least=0.1),
    "tariff_rate": MeasureTitle("duty paid, % of the value", 100.0, least=0.1),
    "used_share": MeasureTitle("trade that claims a preference, %", 100.0, least=0.1),
    "trade_cost_change": MeasureTitle("cost of trading, base year = 100", 100.0, least=0.1),
    "exports": MeasureTitle("exports, million USD a year", least=0.1),
    "imports": MeasureTitle("imports, million USD a year", least=0.1),
    "unserved_share": MeasureTitle("energy unserved in the worst year, % of demand", 100.0, 0.1),
    "unserved": MeasureTitle("energy unserved in the worst year, volume"),
    "price_rise": MeasureTitle("price over its reference in the worst year, %", 100.0, 0.1),
    "tariff_revenue": MeasureTitle("duty collected, million USD a year", least=0.1),
    "income_change_musd": MeasureTitle(
        "real income, change since the base year, million USD a year", least=0.1
    ),
    "median trade": MeasureTitle("median trade, million USD a year", least=0.1),
    "chance of the target": MeasureTitle("target reached, % of the runs", 100.0, least=0.1),
    "mean_effect": MeasureTitle("mean effect"),
    "first_order": MeasureTitle("by itself"),
    "total": MeasureTitle("with interactions"),
}
"""Measures by the names that the files have for them."""
SHARES = frozenset({"reached_share"})
"""Columns that the page shows in per cent, with their bounds."""
SHARES_OF_ENERGY = ("unserved_share_q50", "price_rise_share_q50", "median_unserved_share")
"""Columns of shares that are no shares of runs, shown in per cent too."""


@dataclass(frozen=True)
class StudyTable:
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
    titles: Mapping[str, str] = field(default_factory=dict)
    """Columns as the page calls them, where their names would not do."""
    words: Mapping[str | tuple[str, str], str] = field(default_factory=dict)
    """Cells as the page puts them, by what they hold or by column and that: codes spelt out."""
    texts: Mapping[tuple[Cell, ...], str] = field(default_factory=dict)
    """First number of a row as the page puts it, by the words of the row, where rows are rounded
    together."""
    instead: Mapping[str, str] = field(default_factory=dict)
    """Columns that stand in on the page where a number is not known, by whose column it is."""

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """Columns that the page has, but for those that are its headings."""
        wanted = self.on_page or self.columns
        return tuple(name for name in self.columns[self.n_groups :] if name in wanted)


@dataclass(frozen=True)
class StudyPage:
    """Contents of the page of a study."""

    title: str
    question: str
    overline: str
    answers: tuple[str, ...]
    drawings: tuple[Drawing, ...]
    tables: tuple[StudyTable, ...]
    notes: tuple[str, ...]
    basis: tuple[blocks.Section, ...] = ()
    """What it rests on: changes, assumptions, sources."""
    reached_share: tuple[tuple[str, float], ...] = ()
    """Targets with the chance of reaching them in the year asked, where one number says it."""


def too_few(n_runs: int) -> tuple[str, ...]:
    """A note where medians have no interval, for want of runs."""
    if np.isfinite(median_interval(np.arange(float(n_runs)))).all():
        return ()
    return (f"{plural(n_runs, 'run')} are too few for the interval of a median.",)


def crossed_in_words(plan: Plan) -> tuple[str, ...]:
    """Number of futures behind the numbers of each case, or why runs are not crossed."""
    scenario = plan.base
    reasons = rules_that_read_the_record(scenario)
    if reasons:
        return (f"A future is a run with the residual path of its own, since {listed(reasons)}.",)
    if not scenario.uncertainty_sources.residual_shocks:
        return ()
    n_groups = -(-plan.n_runs // GROUP)
    n_paths = n_groups * paths_per_group(plan.n_runs)
    return (
        f"A future is one of {plural(plan.n_runs, 'known path')} of each case met with one of "
        f"{plural(n_paths, 'residual path')}, the same for all cases.",
    )


def study_files(
    page: StudyPage,
    record: Mapping[str, Any],
    scenarios: Sequence[tuple[str, str]],
    *,
    tell: Tell = lambda _: None,
) -> dict[str, bytes]:
    """Files of a study by relative path; nothing is written.

    Parameters
    ----------
    page : StudyPage
        Drawn under `sim.report.page.style.house_style`.
    record : mapping
        What `run.json` says.
    scenarios : sequence of (name, text)
        Scenarios as resolved.
    tell : callable, optional
        Takes a sentence about letters that no font of this machine has.

    Returns
    -------
    dict of str to bytes
        `report.html`, `answer.json`, figures and tables. The same input gives the same bytes.
    """
    header = PageHeader(page.overline, page.title, page.question, page.answers)
    sections = _sections(page, record, scenarios)
    files = page_files(header, sections, tell=tell)
    files[ANSWER] = json_text(_header_json(page, record), sections)
    for table in page.tables:
        files[f"{table.name}.csv"] = csv_bytes(table.columns, table.rows)
        columns = by_column(table.columns, table.rows)
        files[f"{table.name}.parquet"] = table_bytes(columns)
    return files


def _header_json(page: StudyPage, record: Mapping[str, Any]) -> dict[str, Any]:
    """The first screen for machines."""
    return {
        "title": page.title,
        "question": page.question,
        "kind": page.overline,
        "answers": list(page.answers),
        "reached_share": dict(page.reached_share),
        "run": run_of(record),
    }


def _sections(
    page: StudyPage, record: Mapping[str, Any], scenarios: Sequence[tuple[str, str]]
) -> tuple[blocks.Section, ...]:
    """A section for each figure and each table, how they are read, what they rest on."""
    return (
        *(blocks.Section(f"of-{d.name}", d.title, (d,), is_titled=True) for d in page.drawings),
        *(blocks.Section(f"of-{t.name}", t.title, tuple(_in_words(t))) for t in page.tables),
        blocks.Section("reading", "Reading guide", (blocks.Points(page.notes),)),
        *page.basis,
        how_to_reproduce(record, scenarios),
    )


def _in_words(table: StudyTable) -> Iterator[blocks.Block]:
    """A table as the page shows it, a part for each group of its rows."""
    groups: dict[tuple[Cell, ...], list[tuple[Cell, ...]]] = {}
    for row in table.rows:
        groups.setdefault(row[: table.n_groups], []).append(row)
    for group, rows in groups.items() or (((), []),):
        if group:
            yield blocks.Subheading(table.between.join(map(str, group)))
        yield _part(table, rows)


def _part(table: StudyTable, rows: Sequence[tuple[Cell, ...]]) -> blocks.TableBlock:
    """Rows of one group, those columns alone that fit on a page."""
    kept = [table.columns.index(name) for name in table.shown_columns]
    more = f" The first {MAX_ROWS} of {len(rows):,} rows; all are in {table.name}.csv."
    less = f" All columns are in {table.name}.csv." if table.on_page else ""

    def cells(row: tuple[Cell, ...]) -> tuple[blocks.TableCell, ...]:
        return tuple(_cell(table, row, k) for k in kept)

    return blocks.TableBlock(
        columns=tuple(
            blocks.TableColumn(_title(table, table.columns[k]), is_number=k >= table.n_words)
            for k in kept
        ),
        rows=tuple(map(cells, rows[:MAX_ROWS])),
        caption=table.caption + (more if len(rows) > MAX_ROWS else less),
    )


def _cell(table: StudyTable, row: tuple[Cell, ...], k: int) -> blocks.TableCell:
    """A cell: numbers with their unit, and with their bounds where the table has them.

    Bounds that have no column on the page stand in the cell itself.
    """
    cell, name = row[k], table.columns[k]
    if isinstance(cell, str):
        is_known = name == "measure" and cell in MEASURES
        words = table.words.get((name, cell), table.words.get(cell, cell))
        return MEASURES[cell].words if is_known else words
    if name in LABELS:
        return cell_text(cell)
    if name in table.instead and not isfinite(cell):
        return _cell(table, row, table.columns.index(table.instead[name]))
    named = dict(zip(table.columns, row, strict=True))
    bounds = bounds_of(table.columns)
    of = next((number for number, edges in bounds.items() if name in edges), name)
    unit = unit_of(of, str(named.get(UNIT, table.unit)))
    write = _writer(of, MEASURES.get(str(named.get("measure")), MeasureTitle("")))
    if name not in bounds:
        return Amount(cell, unit, text=write(cell))
    low, high = (float(named[edge]) for edge in bounds[name])
    if k == table.n_words and (text := table.texts.get(row[:k])):
        return Amount(cell, unit, low, high, text)
    is_alone = not {*bounds[name]} & {*table.shown_columns}
    if not is_alone or not isfinite(cell):
        return Amount(cell, unit, low, high, write(cell))
    is_spread = bounds[name][0].endswith("_q05")
    text = (
        write(cell) + in_brackets(low, high, write=write)
        if is_spread
        else _sure(cell, low, high, write)
    )
    return Amount(cell, unit, low, high, text)


def _sure(cell: float, low: float, high: float, write: Callable[[float], str]) -> str:
    """A number with the error of the simulation, no finer than the number itself."""
    half = max(high - cell, cell - low)
    text = write(cell)
    if not isfinite(half) or half <= 0:
        return text
    sign = f"{NARROW}%" if text.endswith(f"{NARROW}%") else ""
    number, error = (each.removesuffix(sign) for each in (text, write(half)))
    if "." in error and "." not in number and float(number.replace(",", "")) != 0.0:
        error = cell_text(max(float(round(float(error.replace(",", "")))), 1.0))
    return f"{number} ± {error}{sign}"


def _writer(name: str, measure: MeasureTitle) -> Callable[[float], str]:
    """Function that writes the numbers of a column for the page."""

    def write(value: float) -> str:
        if not isfinite(value):
            return cell_text(value)
        if name in SHARES:
            return whole_per_cent(value)
        if name in SHARES_OF_ENERGY:
            return per_cent(value)
        told = measure.times * value if measure.times != 1.0 else value
        # Rounded once: a step matters for a number with fewer than three digits above it alone.
        if abs(told) < 100.0 * measure.least:
            told = measure.least * round(told / measure.least)
        return cell_text(told)

    return write


def _title(table: StudyTable, name: str) -> str:
    """A column's name in words."""
    return table.titles.get(name) or name.replace("_", " ")


def cell_text(cell: Cell) -> str:
    """A cell as the page shows it: three digits, a dash for what is not known."""
    if isinstance(cell, float):
        return rounded(cell, 3) if isfinite(cell) else "–"
    return f"{cell:,}" if isinstance(cell, int) and abs(cell) >= 10_000 else str(cell)
