"""Sections of a page in machine-readable form: words, tables and figures in one shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from sim.report.page.amounts import Amount, Facts, answer_rows, records
from sim.report.page.blocks import (
    Citation,
    Note,
    Paragraph,
    Points,
    References,
    Section,
    Subheading,
    TableBlock,
    TableCell,
    Verbatim,
    unfolded,
)
from sim.report.page.figure import Drawing

READING = (
    "A number is a value with its unit; low and high are the range of 90 % of the futures or runs, "
    "or the 90 % interval within which more runs would move a chance, a mean or a median, as the "
    "caption says. A "
    "unit of 1 is a pure number or a share. text is what the page "
    "shows; under is the heading that it stands below."
)


def sections_json(sections: Sequence[Section]) -> dict[str, Any]:
    """Sections by name, in the order of the page."""
    return {section.name: _section(section) for section in sections}


def _section(section: Section) -> dict[str, Any]:
    """One section: what it says, its tables, its figures."""
    kept: dict[str, list[Any]] = {}
    under: dict[str, str] = {}
    for block in unfolded(section.blocks):
        match block:
            case Subheading():
                under = {"under": block.text}
            case Paragraph() | Note():
                entry = {**under, "text": block.text, **_facts(block.facts)}
                kept.setdefault("texts", []).append(entry)
            case Points():
                said = {**under, "points": list(block.points), **_facts(block.facts)}
                kept.setdefault("texts", []).append(said)
            case Verbatim():
                kept.setdefault("listings", []).append(block.text)
            case References():
                known = {r.name: r.text for r in block.references}
                kept.setdefault("sources", []).append(known)
            case TableBlock():
                kept.setdefault("tables", []).append({**under, **_table(block)})
            case Drawing():
                kept.setdefault("figures", []).append({**under, **_figure(block)})
    return {"heading": section.heading, **kept}


def _facts(facts: Facts) -> dict[str, Any]:
    return {"facts": {what: amount.as_json() for what, amount in facts.items()}} if facts else {}


def _table(table: TableBlock) -> dict[str, Any]:
    titles = [column.title for column in table.columns]
    rows = [dict(zip(titles, map(_cell, row), strict=True)) for row in table.rows]
    return {"caption": table.caption, "rows": rows}


def _cell(cell: TableCell) -> Any:
    match cell:
        case Amount():
            return cell.as_json()
        case Citation():
            return cell.source
    return cell


def _figure(drawing: Drawing) -> dict[str, Any]:
    """A figure: what it says, where its data are, and the numbers of the periods that it tells."""
    return {
        "name": drawing.name,
        "title": drawing.title,
        "says": drawing.alt,
        "caption": drawing.caption,
        "data": f"figures/{drawing.name}.csv",
        "facts": [*map(_fact, records(drawing.columns, answer_rows(drawing), drawing.unit))],
    }


def _fact(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: e.as_json() if isinstance(e, Amount) else e for name, e in record.items()}
