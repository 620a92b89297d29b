"""The page of any study: a header and its sections, filled into the templates."""

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import isfinite

import jinja2
from markupsafe import Markup

from sim.report.page.amounts import PERIODS
from sim.report.page.blocks import Section
from sim.report.page.figure import Drawing, drawing_files
from sim.report.page.fonts import Tell, tell_of_boxes
from sim.report.page.formatting import rounded
from sim.report.page.inline import picture_address
from sim.study.ensemble.counterfactuals import AS_ASKED

TEMPLATE = "page.html.j2"
PAGE = "report.html"
MAX_ROWS = 60
"""Rows of a figure's data that the page itself has."""
IN_WORDS = "this scenario"
"""Words for the name that data have for what is asked."""
LONGEST_ALT, MORE = 40, "More in the data."
"""Words read to those who cannot see a figure, and how they end where there is more."""


@dataclass(frozen=True)
class PageHeader:
    """First screen of a page."""

    overline: str
    """What kind of study it is, and the ledgers and runs that it rests on."""
    title: str
    question: str
    answers: tuple[str, ...]
    """A sentence for each thing asked."""
    sections: tuple[Section, ...] = ()
    """What stands with the answers on the first page, before the contents."""


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sim.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.filters["css_text"] = css_text
    environment.filters["brief_alt"] = brief_alt
    environment.filters["data_rows"] = data_rows
    return environment


def css_text(text: str) -> Markup:
    r"""Text inside the quotes of a style sheet, whatever it holds.

    Examples
    --------
    >>> str(css_text('</b> "A"'))
    '\\3C \\2F b\\3E  \\22 A\\22 '
    """
    # Every character that could end the text is written by its number.
    plain = "".join(c if c.isalnum() or c in " .,:;-" else f"\\{ord(c):X} " for c in text)
    return Markup(plain)


def brief_alt(alt: str) -> str:
    """A description of at most `LONGEST_ALT` words: as many whole clauses as fit.

    Examples
    --------
    >>> brief_alt("Lines over time. " + "; ".join(["up by 2.5 %"] * 12))[-43:]
    'up by 2.5 %; up by 2.5 %. More in the data.'
    """
    if len(alt.split()) <= LONGEST_ALT:
        return alt
    room, kept = LONGEST_ALT - len(MORE.split()), ""
    for clause in re.split(r"(?<=[.;,])\s+", alt):
        if len(f"{kept} {clause}".split()) > room:
            break
        kept = f"{kept} {clause}".strip()
    cut = kept or " ".join(alt.split()[:room])
    return f"{cut.rstrip('.;, ')}. {MORE}"


def data_rows(drawing: Drawing) -> list[tuple[str, ...]]:
    """Rows of a figure's data as a table: those of the periods that it tells, numbers rounded."""
    places = [k for k, name in enumerate(drawing.columns) if name in PERIODS]
    shown = [
        row
        for row in drawing.rows
        if not drawing.answer_periods or all(str(row[k]) in drawing.answer_periods for k in places)
    ]
    return [
        tuple(
            _number(cell)
            if isinstance(cell, float)
            else drawing.words.get(str(cell), str(cell).replace(AS_ASKED, IN_WORDS))
            for cell in row
        )
        for row in shown[:MAX_ROWS]
    ]


def _number(value: float) -> str:
    """A number of the data behind a figure: four digits, a dash for what is not known.

    Examples
    --------
    >>> _number(438_312.0), _number(0.01234567), _number(float("nan"))
    ('438,300', '0.01235', '–')
    """
    return rounded(value, 4) if isfinite(value) else "–"


def page_files(
    header: PageHeader,
    sections: Sequence[Section],
    *,
    executor: Executor | None = None,
    tell: Tell = lambda _: None,
) -> dict[str, bytes]:
    """Files of a report: the page, and every figure of its sections in three forms.

    Parameters
    ----------
    header : PageHeader
        Title, question, answers.
    sections : sequence of Section
        In the order in which they are read.
    executor : concurrent.futures.Executor, optional
        Saves the figures elsewhere, with the same bytes; in this process by default.
    tell : callable, optional
        Takes a sentence about letters that no font of this machine has.

    Returns
    -------
    dict of str to bytes
        By relative path: `report.html`, and `figures/<name>.svg`, `.png` and `.csv`. The page
        needs nothing beside itself. The same input gives the same bytes.
    """
    drawings = [d for section in (*header.sections, *sections) for d in section.drawings]
    tell_of_boxes((drawing.figure for drawing in drawings), tell)
    each = executor.map if executor else map
    files = dict(chain.from_iterable(files.items() for files in each(drawing_files, drawings)))
    pictures = {drawing.name: _data(drawing.name, files) for drawing in drawings}
    pictures |= {
        name: _data(name, files)
        for drawing in drawings
        if f"figures/{(name := f'{drawing.name}-narrow')}.svg" in files
    }
    page = _environment().get_template(TEMPLATE)
    html = page.render(header=header, sections=sections, pictures=pictures)
    return {**files, PAGE: html.encode()}


def _data(name: str, files: Mapping[str, bytes]) -> Markup:
    """A picture of its own, so that names inside it cannot clash with the page."""
    return Markup(picture_address(files[f"figures/{name}.svg"]))
