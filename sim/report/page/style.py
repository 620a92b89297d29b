"""One look for every figure: colours, sheet, labels, and bytes that do not depend on the day.

Colours are those of Okabe and Ito (2008), told apart by people with any colour vision; shapes and
line styles repeat what colours say, so that figures can be read in grey. Every figure is drawn
inside `house_style`, which starts from matplotlib's own defaults and not from a user's settings.
"""

import io
import logging
import re
import warnings
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, takewhile
from math import inf

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from matplotlib.ticker import StrMethodFormatter

from sim.report.page.fonts import FAMILY, families_for

BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY = "#E69F00", "#56B4E9"
INK, GREY, PALE = "#1A1A1A", "#5F6368", "#D5D8DC"
SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
Line = str | tuple[float, tuple[float, ...]]
LINES: tuple[Line, ...] = (
    "-", "--", "-.", (0, (1, 0.7)), (0, (6, 1)), (0, (3, 1, 1, 1)), (0, (2, 2))
)  # fmt: skip

WIDTH_IN = 7.2
"""Width of a figure: the text of an A4 page [in]."""
NARROW_IN = 3.7
"""Width of a figure that a phone shows without moving it sideways [in]."""
_WIDTH: ContextVar[float] = ContextVar("width_in", default=WIDTH_IN)
MARGIN_IN = 0.12
ROOM_FOR_TEXT = 0.98
"""Part of the width that lines fill: a picture of dots widens letters a little [1]."""
LEADING = 1.32
"""Distance of lines over the size of their type."""
PNG_DPI = 200
PNG_EFFORT = 3
"""Level of compression: half the time of the usual 6 for a tenth more bytes."""
SMALL, PLAIN, LARGE = 8.0, 9.0, 11.5

_SETTINGS = {
    "font.family": FAMILY,
    "font.size": PLAIN,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    # Titles stand on their axes; by default every drawing measures labels that may be in the way.
    "axes.titley": 1.0,
    "axes.unicode_minus": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
    # Names are the author's: a dollar in one is a dollar and no formula.
    "text.parse_math": False,
    "svg.hashsalt": "sim",
    "svg.fonttype": "path",
    "figure.facecolor": "white",
}
BRIGHTEST_INK, DARKER = 0.5, 0.65
"""Luminance up to which a colour is fit for text, and the factor that makes others so [1]."""
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>]*>\s*")
_SVG = re.compile(rb"<svg [^>]*>")
_INDENT = re.compile(rb"\n +")
_PATH = re.compile(rb' d="[^"]*"')
_FINE = re.compile(rb"(\d\.\d\d)\d+")
"""Digits of a place beyond the hundredth of a point, which no eye sees and every page carries."""


@contextmanager
def house_style() -> Iterator[None]:
    """Settings under which every figure is drawn and saved.

    Letters that no font has are told once by the command, not one by one by matplotlib, which also
    protests where another font has no bold face.
    """
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with matplotlib.style.context(["default", _SETTINGS]), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
            yield
    finally:
        log.setLevel(level)


@contextmanager
def narrow_figures() -> Iterator[None]:
    """Span in which figures are as wide as a phone."""
    before = _WIDTH.set(NARROW_IN)
    try:
        yield
    finally:
        _WIDTH.reset(before)


def full_width_in() -> float:
    """Width of the figures that are drawn just now [in]."""
    return _WIDTH.get()


def is_narrow() -> bool:
    """True while figures are drawn for a phone."""
    return full_width_in() < WIDTH_IN


@dataclass(frozen=True)
class Sheet:
    """A figure with its heading and foot already set."""

    figure: Figure
    width_in: float
    height_in: float
    top_in: float
    """Space taken by the heading [in]."""
    bottom_in: float
    """Space taken by the foot [in]."""

    def axes(
        self, left_in: float, right_in: float, above_in: float = 0.0, below_in: float = 0.3
    ) -> Axes:
        """Axes that fill the sheet but for the given margins, counted from heading and foot."""
        bottom = self.bottom_in + below_in
        height = self.height_in - self.top_in - above_in - bottom
        width = self.width_in - left_in - right_in
        box = (
            left_in / self.width_in,
            bottom / self.height_in,
            width / self.width_in,
            height / self.height_in,
        )
        return self.figure.add_axes(box)


def sheet(title: str, reading: str, foot: str, body_in: float) -> Sheet:
    """Start a figure: title in bold, how to read it below, ledgers and runs at the foot.

    Parameters
    ----------
    title, reading, foot : str
        Plain text, broken into lines here.
    body_in : float
        Height of what is between heading and foot [in]; the width is that of the page or phone.
    """
    width_in = full_width_in()
    bold = wrapped(title, LARGE, is_bold=True)
    heading = [(line, LARGE, "bold", INK) for line in bold]
    plain = wrapped(reading, PLAIN)
    heading += [(line, PLAIN, "normal", GREY) for line in plain]
    feet = wrapped(foot, SMALL)
    top_in = MARGIN_IN + sum(LEADING * size / 72 for _, size, _, _ in heading) + 0.14
    bottom_in = MARGIN_IN + LEADING * len(feet) * SMALL / 72
    height_in = top_in + body_in + bottom_in
    figure = Figure(figsize=(width_in, height_in))
    FigureCanvasAgg(figure)
    x, y = MARGIN_IN / width_in, height_in - MARGIN_IN
    for line, size, weight, colour in heading:
        figure.text(
            x, y / height_in, line, size=size, weight=weight, color=colour, va="top",
            parse_math=False,
        )  # fmt: skip
        y -= LEADING * size / 72
    for k, line in enumerate(reversed(feet)):
        y = MARGIN_IN + LEADING * k * SMALL / 72
        figure.text(x, y / height_in, line, size=SMALL, color=GREY, parse_math=False)
    return Sheet(figure, width_in, height_in, top_in, bottom_in)


def wrapped(text: str, size: float, *, is_bold: bool = False) -> list[str]:
    """Lines that fit between the margins of a figure; a number stays with its per cent."""
    room = ROOM_FOR_TEXT * (full_width_in() - 2 * MARGIN_IN)

    def fits(line: str) -> bool:
        return text_width_in(line, size, is_bold=is_bold) <= room

    lines: list[str] = []
    words = re.findall(r"[^ \t\n]+", text.replace(" %", "\N{NO-BREAK SPACE}%"))
    while words:
        n = _first_words(words, fits, lambda char: text_width_in(char, size, is_bold=is_bold), room)
        if n:
            lines.append(" ".join(words[:n]))
            words = words[n:]
        else:
            # A letter more never makes a line shorter.
            word = words[0]
            n = bisect_left(range(2, len(word) + 1), True, key=lambda n: not fits(word[:n])) + 1
            lines.append(word[:n])
            words[:1] = filter(None, [word[n:]])
    return lines


def _first_words(
    words: Sequence[str],
    fits: Callable[[str], bool],
    width_in: Callable[[str], float],
    room: float,
) -> int:
    """Number of words that fit on a line; a word more never makes it shorter.

    Their letters one by one are nearly as wide as the line that they make, which takes longer to
    measure: they say where to look first.
    """
    ends = accumulate(sum(map(width_in, word)) + width_in(" ") for word in words)
    n = sum(1 for _ in takewhile(lambda end: end <= room, ends))
    while n and not fits(" ".join(words[:n])):
        n -= 1
    while n < len(words) and fits(" ".join(words[: n + 1])):
        n += 1
    return n


def text_width_in(text: str, size: float, *, is_bold: bool = False) -> float:
    """Width of a line in the type of the figures [in]."""
    return _width_pt(text, is_bold) * size / PLAIN / 72


@cache
def _width_pt(text: str, is_bold: bool) -> float:
    """Width of a line in plain size [pt]."""
    weight = "bold" if is_bold else "normal"
    font = FontProperties(family=families_for(text), weight=weight, size=PLAIN)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width)


def spread(
    wanted: Sequence[float], gap: float, low: float = -inf, high: float = inf
) -> list[float]:
    """Places nearest to the wanted ones that keep their order and a gap between neighbours.

    Least squares under the gap, by pooling neighbours that are too close; places stay between
    `low` and `high` where there is room for all, else they begin at `low`.

    Examples
    --------
    >>> spread([1.0, 1.0, 5.0], 1.0)
    [0.5, 1.5, 5.0]
    >>> spread([1.0, 1.0, 5.0], 1.0, low=1.0)
    [1.0, 2.0, 5.0]
    """
    order = sorted(range(len(wanted)), key=lambda k: (wanted[k], k))
    pools: list[tuple[float, int]] = []
    for rank, k in enumerate(order):
        mean, n = wanted[k] - rank * gap, 1
        while pools and pools[-1][0] > mean:
            before, m = pools.pop()
            mean, n = (mean * n + before * m) / (n + m), n + m
        pools.append((mean, n))
    most = high - (len(wanted) - 1) * gap
    flat = [max(min(mean, most), low) for mean, n in pools for _ in range(n)]
    places = [0.0] * len(wanted)
    for rank, k in enumerate(order):
        places[k] = flat[rank] + rank * gap
    return places


def label_ends(
    axes: Axes, labels: Sequence[tuple[float, str, str]], *, size: float = SMALL
) -> None:
    """Write labels to the right of the axes at given heights, moved apart where they would touch.

    Parameters
    ----------
    axes : Axes
        With its final limits.
    labels : sequence of (height, text, colour)
        Heights in data units; those outside the axes are written at its edge.
    """
    low, high = axes.get_ylim()
    figure = axes.get_figure(root=True)
    assert figure is not None
    height_in = axes.get_position().height * figure.get_size_inches()[1]
    lines = max((text.count("\n") + 1 for _, text, _ in labels), default=1)
    gap = 1.25 * lines * size / 72 / height_in * (high - low)
    wanted = [min(max(y, low), high) for y, _, _ in labels]
    places = spread(wanted, gap, low + gap / 3, high)
    for place, (_, text, colour) in zip(places, labels, strict=True):
        axes.annotate(
            text, (1.0, place), xycoords=("axes fraction", "data"), xytext=(5, 0),
            textcoords="offset points", va="center", ha="left", size=size, color=ink_of(colour),
            annotation_clip=False, parse_math=False,
        )  # fmt: skip


def ink_of(colour: str) -> str:
    """A colour dark enough for small text on white.

    Examples
    --------
    >>> ink_of(BLUE) == BLUE, ink_of(ORANGE)
    (True, '#966700')
    """
    red, green, blue = to_rgb(colour)
    bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    if bright <= BRIGHTEST_INK:
        return colour
    return to_hex((red * DARKER, green * DARKER, blue * DARKER))


def draw_key(
    figure: Figure,
    names: Sequence[tuple[str, str]],
    left_in: float,
    below_top_in: float,
    size: float = SMALL,
) -> None:
    """A row of coloured squares, each with its name.

    Parameters
    ----------
    figure : Figure
    names : sequence of (name, colour)
    left_in, below_top_in : float
        Where the first square begins, from the left and from the top of the figure [in].
    size : float
        Of the names; squares are a point larger.
    """
    width_in, height_in = figure.get_size_inches()
    y = 1.0 - below_top_in / height_in
    for name, colour in names:
        figure.text(left_in / width_in, y, "■", size=size + 1, color=colour, va="top")
        text = figure.text((left_in + 0.11) / width_in, y, name, size=size, color=INK, va="top",
                           parse_math=False)  # fmt: skip
        left_in += 0.20 + text_width_in(text.get_text(), size)


def thousands(axes: Axes) -> None:
    """Numbers on the vertical axis with their thousands apart."""
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def year_ticks(axes: Axes, first: float, last: float, *, n_most: int = 8) -> None:
    """Whole years below an axis; a year's label stands under the middle of the year."""
    step = 1
    while (last - first) / step > n_most:
        step = {1: 2, 2: 5, 5: 10, 10: 20}.get(step, 2 * step)
    years = [year for year in range(int(first), int(last) + 1) if year % step == 0]
    axes.set_xticks(years, [str(year) for year in years])
    axes.tick_params(axis="both", length=0)


def yearly_axes(axes: Axes, first: float, last: float, *, n_years: int, n_values: int) -> None:
    """Give a panel over the years lines across and at most so many ticks of either axis."""
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="y", nbins=n_values)
    year_ticks(axes, first, last, n_most=n_years)


def svg_bytes(figure: Figure, title: str) -> bytes:
    """Vector form; the same figure gives the same bytes, and nothing outside it is named."""
    buffer = io.BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    plain = _INDENT.sub(b"\n", _DOCTYPE.sub(b"", buffer.getvalue()))
    plain = _PATH.sub(lambda path: _FINE.sub(rb"\1", path[0]), plain)
    name = title.replace("&", "&amp;").replace("<", "&lt;").encode()
    return _SVG.sub(lambda m: m[0] + b"\n <title>" + name + b"</title>", plain, count=1)


def png_bytes(figure: Figure) -> bytes:
    """Raster form; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="png", dpi=PNG_DPI, metadata={"Software": None},
        pil_kwargs={"compress_level": PNG_EFFORT},
    )  # fmt: skip
    return buffer.getvalue()
