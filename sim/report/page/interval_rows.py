"""Rows of changes: for each a dot at the median run, a bar over 90 % of them, and the numbers."""

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE
from sim.report.page.formatting import change_with_interval
from sim.report.page.style import BLUE, GREY, INK, SMALL, Sheet, full_width_in, is_narrow

PANEL_IN = 2.5
"""Width of a panel whose numbers fit [in]."""
CHARACTER_IN = 0.066
"""Width of a character of the numbers, generously [in]."""
NAMES_IN, PANELS_APART_IN, NARROW_NAMES_IN, BELOW_IN = 1.75, 2.8, 1.3, 0.42
"""Room for the names, from one panel to the next, for names on a phone, and below [in]."""
LONGEST_NAME, WRAPPED_NAME = 18, 24
"""Characters of a name on one line, and of its lines in smaller type if it is longer."""


def panels_height_in(one_in: float) -> float:
    """Height of two panels of a height: side by side, on a phone one below the other [in]."""
    return 2 * one_in if is_narrow() else one_in


def interval_panels(page: Sheet, above_in: float) -> tuple[Axes, Axes]:
    """Two panels on a sheet that is `panels_height_in` high, names at the left."""
    if is_narrow():
        half = (page.height_in - page.top_in - page.bottom_in) / 2
        return (
            page.axes(NARROW_NAMES_IN, 0.1, above_in, half + BELOW_IN),
            page.axes(NARROW_NAMES_IN, 0.1, half + above_in, BELOW_IN),
        )
    left, right = (
        page.axes(start, full_width_in() - start - PANEL_IN, above_in, BELOW_IN)
        for start in (NAMES_IN, NAMES_IN + PANELS_APART_IN)
    )
    return left, right


def draw_intervals(axes: Axes, values: Sequence[FloatArray], unit: str) -> None:
    """Fill a panel with a bar, a dot and the numbers for every row.

    Parameters
    ----------
    axes : Axes
        As `interval_panels` makes them.
    values : sequence of (n_quantiles,) float
        Quantiles over the runs, the uppermost row first.
    unit : str
        Written below the panel.
    """
    low = min(0.0, *(float(v[LOW]) for v in values))
    high = max(0.0, *(float(v[HIGH]) for v in values))
    room = 0.10 * (high - low or 1.0)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(len(values) - 0.45, -0.75)
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.grid(axis="x")
    for row, value in enumerate(values):
        axes.plot([value[LOW], value[HIGH]], [row, row], color=BLUE, linewidth=5, alpha=0.35,
                  solid_capstyle="butt")  # fmt: skip
        axes.plot([value[MIDDLE]], [row], marker="o", color=BLUE, markersize=7)
        text = interval_words(value)
        axes.annotate(
            text, (_text_place(axes, float(value[MIDDLE]), text), row), xytext=(0, 7),
            textcoords="offset points", ha="center", va="bottom", size=SMALL, color=INK,
            annotation_clip=False, parse_math=False, zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )  # fmt: skip
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", length=0)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(unit, size=SMALL, color=GREY)


def _text_place(axes: Axes, wanted: float, text: str) -> float:
    """Centre of a text as near to the wanted one as keeps it inside the panel, right of zero."""
    low, high = axes.get_xlim()
    width_in = axes.get_position().width * full_width_in()
    half = 0.5 * len(text) * CHARACTER_IN / width_in * (high - low)
    left = 0.0 if wanted > 0 and high > 2 * half else low
    return min(max(wanted, left + half), high - half)


def name_row(axes: Axes, row: int, name: str, detail: str) -> None:
    """Write the name of a row, and a detail below it, to the left of its panel."""
    room = NARROW_NAMES_IN / NAMES_IN if is_narrow() else 1.0
    is_long = len(name) > LONGEST_NAME * room
    shown = textwrap.fill(name, int(WRAPPED_NAME * room), max_lines=3) if is_long else name
    detail = textwrap.fill(detail, int(WRAPPED_NAME * room)) if is_narrow() else detail
    for text, dy, size, weight, colour in (
        (shown, 2, 7.0 if is_long else 9.0, "bold", INK),
        (detail, -3, 7.5, "normal", GREY),
    ):
        axes.annotate(
            text, (0.0, row), xycoords=("axes fraction", "data"), xytext=(-8, dy),
            textcoords="offset points", ha="right", va="bottom" if dy > 0 else "top", size=size,
            weight=weight, color=colour, annotation_clip=False, parse_math=False,
        )  # fmt: skip


def interval_words(quantiles: FloatArray) -> str:
    """Median and 90 % interval of a change in words."""
    return change_with_interval(
        float(quantiles[LOW]), float(quantiles[MIDDLE]), float(quantiles[HIGH])
    )
