"""Rows of changes: for each a dot at the median run, a bar over 90 % of them, and the numbers."""

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.formatting import spoken
from sim.report.page.material import HIGH, LOW, MIDDLE
from sim.report.page.style import BLUE, GREY, INK, SMALL

PANEL_IN = 2.5
"""Width of a panel whose numbers fit [in]."""
CHARACTER_IN = 0.066
"""Width of a character of the numbers, generously [in]."""
LONGEST_NAME, WRAPPED_NAME = 18, 24
"""Characters of a name on one line, and of its lines in smaller type if it is longer."""


def draw_intervals(axes: Axes, values: Sequence[FloatArray], unit: str) -> None:
    """Fill a panel with a bar, a dot and the numbers for every row.

    Parameters
    ----------
    axes : Axes
        `PANEL_IN` wide.
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
    half = 0.5 * len(text) * CHARACTER_IN / PANEL_IN * (high - low)
    left = 0.0 if wanted > 0 and high > 2 * half else low
    return min(max(wanted, left + half), high - half)


def name_row(axes: Axes, row: int, name: str, detail: str) -> None:
    """Write the name of a row, and a detail below it, to the left of its panel."""
    is_long = len(name) > LONGEST_NAME
    shown = textwrap.fill(name, WRAPPED_NAME, max_lines=3) if is_long else name
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
    return spoken(float(quantiles[LOW]), float(quantiles[MIDDLE]), float(quantiles[HIGH]))
