"""Fonts of figures: what the one that ships lacks is drawn by another, or told once."""

import warnings

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager

from sim.report.page import fonts
from sim.report.page.blocks import Section
from sim.report.page.figure import Drawing
from sim.report.page.page import PageHeader, page_files
from sim.report.page.style import _width_pt, house_style, sheet, text_width_in, wrapped

INVENTED = "\U00013254\U00013200"
"""Two hieroglyphs, of which the font of the tests has the first."""
CACHES = (fonts._is_odd, fonts._characters, fonts._family_of, fonts._others, _width_pt)
HEADER = PageHeader("Kind", "Title", "Question?", ("Answer.",))


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with the font that ships and one of one letter, a square twice as wide as high."""
    ours = [e for e in font_manager.fontManager.ttflist if e.name in (fonts.FAMILY, "Last Resort")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", ours)
    path = tmp_path / "Sand.ttf"
    pen = TTGlyphPen(None)
    for number, place in enumerate([(0, 0), (0, 1000), (2000, 1000), (2000, 0)]):
        (pen.lineTo if number else pen.moveTo)(place)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({ord(INVENTED[0]): "square"})
    builder.setupGlyf({".notdef": square, "square": square})
    builder.setupHorizontalMetrics({".notdef": (2000, 0), "square": (2000, 0)})
    builder.setupHorizontalHeader(ascent=1000, descent=0)
    builder.setupNameTable(
        {"familyName": "Sand Sans", "styleName": "Regular", "psName": "SandSans"}
    )
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(path)])
    yield
    _forget()


@pytest.fixture(autouse=True)
def forgetful():
    _forget()


def _forget():
    for cache in CACHES:
        cache.cache_clear()
    font_manager.fontManager._findfont_cached.cache_clear()


def drawing(title: str, labels: list[str], name: str = "names") -> Drawing:
    with house_style():
        page = sheet(title, "Reading.", "Foot.", 1.0)
        axes = page.axes(1.0, 0.2)
        axes.set_yticks(range(len(labels)), labels)
        return Drawing(name, title, "Alt.", "Caption.", page.figure, ("a",), ((1,),))


def saved(*drawings: Drawing) -> tuple[dict[str, bytes], list[str]]:
    told: list[str] = []
    with house_style(), warnings.catch_warnings():
        return page_files(HEADER, [Section("s", "S", drawings)], tell=told.append), told


@pytest.mark.usefixtures("machine")
def test_letters_that_the_font_lacks_are_those_of_another(caplog):
    assert fonts.families_for("Ақтау, Türkiye") == (fonts.FAMILY,)
    assert fonts.families_for(f"a{INVENTED[0]}b") == (fonts.FAMILY, "Sand Sans")
    with house_style():
        assert text_width_in(INVENTED[0] * 3, 36.0) == pytest.approx(3.0, rel=0.02)
        assert len(wrapped(INVENTED[0] * 30, 36.0)) == 5  # six on seven inches
    files, told = saved(drawing(INVENTED[0], ["a", INVENTED[0]]), drawing("plain", ["a"], "plain"))
    assert told == []
    assert not caplog.records
    picture = files["figures/names.svg"].decode()
    assert "SandSans" in picture
    assert "SandSans" not in files["figures/plain.svg"].decode()


@pytest.mark.usefixtures("machine")
def test_letters_that_no_font_has_are_told_once():
    """In a title, in a label that is set when axes are drawn, in two figures: one sentence."""
    first, second = drawing(INVENTED, ["a", INVENTED]), drawing(INVENTED, ["b"])
    _, told = saved(first, second)
    assert told == [
        f"Figures show a box for {INVENTED[1]}, which no font of this machine has; with one that "
        "has it, such as one of the Noto fonts, the same command draws it."
    ]
    _, told = saved(drawing("plain", [INVENTED[1]]))
    assert len(told) == 1


def test_many_letters_without_a_font_are_counted():
    assert " and 3 more, which no font" in fonts.boxes_in_words("中" * (fonts.MAX_NAMED + 3))


def test_what_is_not_drawn_needs_no_font():
    assert fonts.families_for("a\u200db\u202ac\n\u2003d") == (fonts.FAMILY,)
    assert fonts.without_font([drawing("a\u200db", ["c"]).figure]) == ""


def test_a_figure_of_plain_letters_is_drawn_by_the_font_that_ships(monkeypatch):
    monkeypatch.setattr(fonts, "_others", lambda: pytest.fail("other fonts were looked for"))
    saved(drawing("Trade of Türkiye and Қазақстан, 5 % − 2 ≥ 1 “a”–“b” → c", ["1,000"]))
