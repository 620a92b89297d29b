"""Fonts of figures: the one that comes with matplotlib, and others of this machine beside it.

A name may be written in any script. Letters that the font of the figures lacks are taken from the
first font of this machine that has them, fonts without serifs before others, so the bytes of such a
figure are those of one machine; of letters that no font has the command tells once.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

FAMILY = "DejaVu Sans"
Tell = Callable[[str], None]
"""Takes a sentence for who gave the command."""
_BOXES = "Last Resort"
"""A font that has a box for every character, and is no help."""
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Categories of characters that are not drawn."""
MAX_NAMED = 12
"""Characters that are told one by one."""


def families_for(text: str) -> tuple[str, ...]:
    """Families that have the letters of a text between them, the font of the figures first.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> families_for("Türkiye, Қазақстан")
    ('DejaVu Sans',)
    """
    others = (_family_of(char) for char in _odd(text))
    return tuple(dict.fromkeys([FAMILY, *filter(None, others)]))


def set_fonts(figure: Figure) -> None:
    """Give each text of a figure the fonts that its letters need."""
    for text in _texts(figure):
        families = families_for(text.get_text())
        if len(families) > 1:
            text.set_fontfamily(families)


def without_font(figures: Iterable[Figure]) -> str:
    """Characters of figures that no font of this machine has, in their order; each once."""
    chars = "".join(_odd("".join(text.get_text() for f in figures for text in _texts(f))))
    return "".join(char for char in dict.fromkeys(chars) if _family_of(char) is None)


def tell_of_boxes(figures: Iterable[Figure], tell: Tell) -> None:
    """Tell once of all characters that no font has, if there are any."""
    if chars := without_font(figures):
        tell(boxes_in_words(chars))


def boxes_in_words(chars: str) -> str:
    """A sentence about characters that no font has.

    Examples
    --------
    >>> boxes_in_words("中")
    'Figures show a box for 中, which no font of this machine has; with one that has it, such as \
one of the Noto fonts, the same command draws it.'
    """
    many = len(chars) > 1
    named = " ".join(chars[:MAX_NAMED])
    more = f" and {len(chars) - MAX_NAMED} more" if len(chars) > MAX_NAMED else ""
    boxes, them = ("boxes", "them") if many else ("a box", "it")
    return (
        f"Figures show {boxes} for {named}{more}, which no font of this machine has; with one that "
        f"has {them}, such as one of the Noto fonts, the same command draws {them}."
    )


def _texts(figure: Figure) -> Iterator[Text]:
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            # Other labels are numbers, or were given with their places.
            if isinstance(axis.get_major_formatter(), FuncFormatter):
                axis.get_ticklabels()  # brings labels up to date with their places
    for artist in figure.findobj(Text):
        assert isinstance(artist, Text)
        yield artist


def _odd(text: str) -> str:
    """Characters that are drawn and that the font of the figures lacks, each once."""
    return "".join(char for char in dict.fromkeys(text) if not char.isascii() and _is_odd(char))


@cache
def _is_odd(char: str) -> bool:
    return ord(char) not in _own() and unicodedata.category(char) not in _UNSEEN


@cache
def _own() -> frozenset[int]:
    """Characters that the font of the figures has in plain and in bold."""
    faces = [font_manager.FontProperties(family=FAMILY, weight=w) for w in ("normal", "bold")]
    plain, bold = (_characters(font_manager.findfont(face)) for face in faces)
    return plain & bold


@cache
def _characters(path: str, index: int = 0) -> frozenset[int]:
    """Characters of a face of a font's file; none of a file that cannot be read."""
    with suppress(OSError, RuntimeError):
        face = FT2Font(path, face_index=index) if index else FT2Font(path)
        return frozenset(face.get_charmap())
    return frozenset()


@cache
def _family_of(char: str) -> str | None:
    """First family of this machine that has a character, or None."""
    for path, index, family in _others():
        if ord(char) in _characters(path, index):
            return family
    return None


@cache
def _others() -> tuple[tuple[str, int, str], ...]:
    """Upright fonts of this machine: file, number of its face, family; sans serif first."""
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in font_manager.findSystemFonts():
        # The list that matplotlib keeps may be older than a font.
        if path not in known:
            with suppress(Exception):  # files of any kind lie among fonts
                font_manager.fontManager.addfont(path)
    entries = [
        (entry.name, entry.fname, getattr(entry, "index", 0))
        for entry in font_manager.fontManager.ttflist
        if entry.style == "normal" and not entry.name.startswith(_BOXES)
    ]
    entries.sort(key=lambda e: ("sans" not in e[0].casefold(), "mono" in e[0].casefold(), *e))
    return tuple((path, index, family) for family, path, index in entries)
