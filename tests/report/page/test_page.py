"""The page of any study: blocks as HTML, text as text."""

import re
from concurrent.futures import Executor, Future

from sim.report.page.blocks import (
    Citation,
    Note,
    Paragraph,
    Points,
    Reference,
    References,
    Section,
    Subheading,
    TableBlock,
    TableColumn,
    Verbatim,
)
from sim.report.page.figure import Drawing
from sim.report.page.page import PageHeader, page_files
from sim.report.page.style import house_style, sheet

HOSTILE = '</pre><script>alert(1)</script>&"'
FRONT = PageHeader("Kicker", "Title", "Question?", ("First.", "Second."))


def html(*blocks) -> str:
    return page_files(FRONT, [Section("part", "A part", blocks)])["report.html"].decode()


def table(n_rows: int, **changes) -> TableBlock:
    columns = (TableColumn("Name"), TableColumn("Size", is_number=True))
    rows = tuple((f"row {k}", f"{k}") for k in range(n_rows))
    return TableBlock(columns, rows, "Sizes", **changes)


def test_a_page_without_figures_is_a_single_file():
    files = page_files(FRONT, [])
    assert set(files) == {"report.html"}
    text = files["report.html"].decode()
    assert text.startswith("<!DOCTYPE html>")
    assert re.findall("<p>(.*?)</p>", text) == ["First.", "Second."]


def test_every_kind_of_block_is_filled_in_and_escaped():
    blocks = (
        Paragraph(HOSTILE),
        Note(HOSTILE),
        Subheading(HOSTILE),
        Points((HOSTILE,)),
        Verbatim(HOSTILE),
        References((Reference(HOSTILE, HOSTILE),)),
        TableBlock(
            (TableColumn(HOSTILE), TableColumn("b")),
            ((HOSTILE, Citation(HOSTILE, HOSTILE)),),
            HOSTILE,
        ),
    )
    for block in blocks:
        text = html(block)
        assert "alert(1)" in text, block
        assert "<script>alert" not in text, block


def test_cells_stand_under_their_columns():
    text = html(table(2, marked=frozenset({1})))
    assert re.findall(r"<th .*?>(.*?)</th>", text) == ["Name", "Size"]
    assert re.findall(r'<td class="n">(.*?)</td>', text) == ["0", "1"]
    assert text.count('<tr class="mark">') == 1


def test_only_tables_worth_it_are_sortable():
    assert '<table class="sortable">' in html(table(3))
    assert '<table class="sortable">' not in html(table(2))


def test_a_cited_source_leads_to_its_entry():
    cited = TableBlock((TableColumn("Source"),), ((Citation("atlas", "see "),),), "")
    text = html(cited, References((Reference("atlas", "An atlas."),)))
    assert 'see <a href="#source-atlas">atlas</a>' in text
    assert '<li id="source-atlas">' in text


class Noted(Executor):
    """Does work at once and notes that it was given some."""

    def __init__(self, told: list[str]) -> None:
        self.told = told

    def submit(self, fn, /, *args, **kwargs) -> Future:
        self.told.append("begun")
        future: Future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_figures_of_a_section_are_begun_before_the_next_one_is_made():
    told: list[str] = []

    def sections():
        for name in ("one", "two"):
            told.append(name)
            figure = sheet("Title", "Reading.", "Foot.", 0.5).figure
            drawing = Drawing(name, "Title", "Alt.", "Caption.", figure, ("a",), ((1,),))
            yield Section(name, name, (drawing,))

    with house_style():
        files = page_files(FRONT, sections(), executor=Noted(told))
        assert told == ["one", "begun", "two", "begun"]
        assert files == page_files(FRONT, sections())
