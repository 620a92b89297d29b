"""Figure of a two-way sweep: a shade for every point, and the line beyond which the target is met.

The shade is the chance of the target, or the median trade where the chance hardly moves. The line
is where the median reaches the target.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import musd, per_cent
from sim.report.page.style import BLUE, INK, PALE, SMALL, VERMILION, is_narrow, sheet
from sim.report.summary.asked_words import scale_of, short_number, title_of, unit_of_level
from sim.scenario.lever_titles import LeverTitle
from sim.scenario.variation import Changes, Value
from sim.study.jobs.asked_columns import AskedMeasure
from sim.study.sweep import value_text

CELL_IN, LEFT_IN, NARROW_LEFT_IN = 0.42, 1.0, 0.85
LINE, NARROW_LINE = 44, 30
"""Letters of a label that stand on one line."""
LONGEST_LABEL = 14
MIN_MOVE = 0.1
"""Difference between the largest and the smallest chance from which it is what is shaded [1]."""
DARK = 0.6
"""Shade from which numbers on it are white [1]."""
SHADES = LinearSegmentedColormap.from_list("shares", ["white", BLUE])


@dataclass(frozen=True)
class SweptAxis:
    """One of the two things that are swept."""

    path: str
    title: LeverTitle
    values: tuple[Value, ...]
    """In the order in which they are drawn."""

    @property
    def ticks(self) -> list[str]:
        """Values as the figure shows them."""
        return [self.title.value(value) for value in self.values]

    @property
    def written(self) -> list[str]:
        """Values as a scenario has them."""
        return [value_text(value) for value in self.values]


@dataclass(frozen=True)
class SweepGrid:
    """A two-way sweep of one target."""

    target: str
    target_musd: float
    axes: tuple[SweptAxis, SweptAxis]
    """Down and across."""
    reached_share: FloatArray
    """(n_down, n_across) [1]."""
    trade_musd: FloatArray
    """(n_down, n_across) median trade in the target's year [musd]."""


@reflowed
def shades(grid: SweepGrid, stamp: str, goal: str = "the target") -> Drawing:
    """A shade for every point of a two-way sweep; `goal` is the target in words."""
    down, across = (axis.written for axis in grid.axes)
    title = f"Chance of {goal} and median trade"
    shade, of_what = _shade(grid)
    page = sheet(
        title,
        f"Upper number: chance of {musd(grid.target_musd)} million USD in the year asked; lower "
        f"number: median trade in that year, million USD. Shade: {of_what}, from least to most.",
        stamp,
        max(1.4, CELL_IN * len(down)) + 0.9,
    )
    axes = page.axes(NARROW_LEFT_IN if is_narrow() else LEFT_IN, 0.2, above_in=0.3, below_in=0.6)
    axes.imshow(shade, cmap=SHADES, vmin=0.0, vmax=1.0, aspect="auto", origin="lower")
    _numbers(
        axes, grid, shade,
        lambda i, j: f"{per_cent(float(grid.reached_share[i, j]))}\n"
        f"{musd(float(grid.trade_musd[i, j]))}",
    )  # fmt: skip
    has_line = _target_line(axes, grid)
    _ticks(axes, grid)
    rows = [
        (down[i], across[j], float(grid.reached_share[i, j]), float(grid.trade_musd[i, j]))
        for i in range(len(down))
        for j in range(len(across))
    ]
    line = (
        "The orange line is where the median just reaches the target."
        if has_line
        else "The median passes the target nowhere between the points."
    )
    best = max(rows, key=lambda row: (row[2], row[3]))
    return Drawing(
        name=f"shades-{grid.target}",
        title=title,
        alt=(
            f"Chance of the target by {_by(grid)}; the most is {per_cent(best[2])} at "
            f"{_settings(grid, best[0], best[1])}."
        ),
        caption=f"Every point has the same runs. {line}",
        figure=page.figure,
        columns=(*(axis.path for axis in grid.axes), "reached_share", "median_trade_musd"),
        rows=tuple(rows),
        words={axis.path: axis.title.written for axis in grid.axes},
    )


def _by(grid: SweepGrid) -> str:
    """Levers that are swept, inside a sentence."""
    return " and ".join(axis.title.inside for axis in grid.axes)


def _settings(grid: SweepGrid, down: str, across: str) -> str:
    """A point of the grid inside a sentence."""
    return " and ".join(
        axis.title.setting(axis.values[axis.written.index(at)])
        for axis, at in zip(grid.axes, (down, across), strict=True)
    )


@reflowed
def shades_of(measure: AskedMeasure, grid: SweepGrid, stamp: str) -> Drawing:
    """A shade for every point of a two-way sweep, of a measure that is not trade.

    Parameters
    ----------
    measure : AskedMeasure
    grid : SweepGrid
        Its `trade_musd` holds the medians of the measure, in the measure's unit.
    stamp : str
    """
    down, across = (axis.written for axis in grid.axes)
    title, unit, times = title_of(measure), unit_of_level(measure), scale_of(measure)
    page = sheet(
        title,
        f"Number: median simulation, {unit}. Shade: the same, from least to most.",
        stamp,
        max(1.4, CELL_IN * len(down)) + 0.9,
    )
    axes = page.axes(NARROW_LEFT_IN if is_narrow() else LEFT_IN, 0.2, above_in=0.3, below_in=0.6)
    shade, _ = _shade(grid)
    axes.imshow(shade, cmap=SHADES, vmin=0.0, vmax=1.0, aspect="auto", origin="lower")
    _numbers(axes, grid, shade, lambda i, j: short_number(times * float(grid.trade_musd[i, j])))
    _ticks(axes, grid)
    medians = times * grid.trade_musd
    return Drawing(
        name=f"shades-{measure.stem.replace('_', '-')}",
        title=title,
        alt=(
            f"Medians by {_by(grid)} lie between "
            f"{short_number(float(np.nanmin(medians)))} and "
            f"{short_number(float(np.nanmax(medians)))} {unit}."
        ),
        caption="Every point has the same runs.",
        figure=page.figure,
        columns=(*(axis.path for axis in grid.axes), f"median_{measure.stem}"),
        words={axis.path: axis.title.written for axis in grid.axes},
        rows=tuple(
            (down[i], across[j], float(grid.trade_musd[i, j]))
            for i in range(len(down))
            for j in range(len(across))
        ),
        unit=measure.unit,
    )


def _shade(grid: SweepGrid) -> tuple[FloatArray, str]:
    """Shade of every point, 0 to 1, and its measure: the chance, or trade if that hardly moves."""
    share = grid.reached_share
    moves = bool(np.isfinite(share).any()) and np.nanmax(share) - np.nanmin(share) >= MIN_MOVE
    shaded = share if moves else grid.trade_musd
    low, high = (np.nanmin(shaded), np.nanmax(shaded)) if np.isfinite(shaded).any() else (0.0, 0.0)
    shade = (shaded - low) / (high - low) if high > low else np.zeros_like(shaded)
    return shade, "the chance" if moves else "the median"


def _numbers(
    axes: Axes, grid: SweepGrid, shade: FloatArray, write: Callable[[int, int], str]
) -> None:
    """Numbers on the points that are known, if there is room."""
    n_down, n_across = grid.reached_share.shape
    if n_down * n_across > 120:
        return
    for i in range(n_down):
        for j in range(n_across):
            if np.isfinite(grid.trade_musd[i, j]):
                own = float(shade[i, j])
                axes.text(
                    j, i, write(i, j), ha="center", va="center", size=SMALL - 0.5, zorder=3,
                    color="white" if own > DARK else INK,
                    bbox={"facecolor": SHADES(own), "edgecolor": "none", "pad": 1.0},
                )  # fmt: skip


def _target_line(axes: Axes, grid: SweepGrid) -> bool:
    """Contour at which the median trade is the target's; False if it passes nowhere."""
    trade = grid.trade_musd
    if min(trade.shape) < 2 or not np.isfinite(trade).all():
        return False
    if not trade.min() < grid.target_musd < trade.max():
        return False
    axes.contour(trade, levels=[grid.target_musd], colors=[VERMILION], linewidths=2.0, zorder=1.5)
    return True


def _ticks(axes: Axes, grid: SweepGrid) -> None:
    for axis, swept in zip((axes.yaxis, axes.xaxis), grid.axes, strict=True):
        ticks = swept.ticks
        axis.set_ticks(range(len(ticks)), [_short(tick) for tick in ticks])
        letters = NARROW_LINE if is_narrow() else LINE
        axis.set_label_text(fill(swept.title.words, letters), size=SMALL)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_color(PALE)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


def grid_of(
    target: str,
    target_musd: float,
    points: Sequence[tuple[Changes, float, float]],
    titles: Mapping[str, LeverTitle],
) -> SweepGrid:
    """Lay points out as a grid, values in the order they come.

    Parameters
    ----------
    points : sequence of (changes, reached_share, trade_musd)
    titles : mapping of str to LeverTitle
        Of the two paths that are swept, the first of them down.
    """

    def axis_of(path: str) -> SweptAxis:
        values = {value_text(at[path]): at[path] for at, _, _ in points}
        return SweptAxis(path, titles[path], tuple(values.values()))

    down, across = map(axis_of, titles)
    share, trade = (np.full((len(down.values), len(across.values)), np.nan) for _ in range(2))
    for at, reached, median in points:
        place = tuple(axis.written.index(value_text(at[axis.path])) for axis in (down, across))
        share[place], trade[place] = reached, median
    return SweepGrid(target, target_musd, (down, across), share, trade)
