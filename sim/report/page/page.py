"""The page of any study: a header and its sections, filled into the templates."""

import re
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import isfinite

import jinja2
from markupsafe import Markup

from sim.report.page.amounts import answer_rows
from sim.report.page.blocks import Section
from sim.report.page.figure import Cell, Drawing, SavedFigure, begin_saving
from sim.report.page.fonts import Tell, boxes_in_words
from sim.report.page.formatting import rounded
from sim.study.ensemble.counterfactuals import AS_ASKED

TEMPLATE = "page.html.j2"
PAGE = "report.html"
MAX_ROWS = 60
"""Rows of a figure's data that the page itself has."""
IN_WORDS = "this scenario"
"""Words for the name that data have for what is asked."""
NEXT_TO_NOTHING = 1e-9
"""Numbers of a figure's data below this are written as nothing, whatever their unit."""
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

    def in_words(cell: Cell) -> str:
        if isinstance(cell, float):
            return _number(cell)
        return drawing.words.get(str(cell), str(cell).replace(AS_ASKED, IN_WORDS))

    return [tuple(map(in_words, row)) for row in answer_rows(drawing)[:MAX_ROWS]]


def _number(value: float) -> str:
    """A number of the data behind a figure: four digits, a dash for what is not known.

    What is next to nothing in any unit is nothing.

    Examples
    --------
    >>> _number(438_312.0), _number(0.01234567), _number(-6e-15), _number(float("nan"))
    ('438,300', '0.01235', '0', '–')
    """
    if not isfinite(value):
        return "–"
    return rounded(value, 4) if abs(value) >= NEXT_TO_NOTHING else "0"


def page_files(
    header: PageHeader,
    sections: Iterable[Section],
    *,
    executor: Executor | None = None,
    tell: Tell = lambda _: None,
) -> dict[str, bytes]:
    """Files of a report: the page, and every figure of its sections in three forms.

    Parameters
    ----------
    header : PageHeader
        Title, question, answers.
    sections : iterable of Section
        In the order in which they are read; the figures of each are saved as soon as it is there.
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
    read: list[Section] = []
    saving: list[Callable[[], SavedFigure]] = []
    for number, section in enumerate(chain(header.sections, sections)):
        saving += [begin_saving(drawing, executor) for drawing in section.drawings]
        if number >= len(header.sections):
            read.append(section)
    saved = [done() for done in saving]
    if missing := "".join(dict.fromkeys("".join(figure.missing for figure in saved))):
        tell(boxes_in_words(missing))
    pictures = {
        name: Markup(address) for figure in saved for name, address in figure.pictures.items()
    }
    page = _environment().get_template(TEMPLATE)
    html = page.render(header=header, sections=read, pictures=pictures)
    files = {path: content for figure in saved for path, content in figure.files.items()}
    return {**files, PAGE: html.encode()}
