"""Figure of an attribution: a waterfall from no lever to all of them, with the target beside it."""

import textwrap
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import year_to
from sim.report.page.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    PALE,
    SMALL,
    VERMILION,
    is_narrow,
    sheet,
    thousands,
)
from sim.report.studies.rounded_parts import ShownParts, shown_parts
from sim.report.summary.asked_words import title_of, unit_of_change, unit_of_level
from sim.scenario.lever_titles import LeverTitle
from sim.study.explain import Attribution

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Target

BODY_IN, LEFT_IN = 3.0, 0.75
MAX_BARS = 14
MIN_ROOM = 0.1
"""Part of the highest bar that the steps are given at least [1]."""
MIN_ASKED_ROOM = 1e-4
"""The same of a measure that is not trade [1]."""
MAX_NAMED = 4
"""Steps up to which there is room for their intervals in figures."""
WRAPPED, NARROW_WRAPPED = 16, 9
"""Letters of a label that stand on one line, at least on a phone."""
NARROW_LETTERS = 60
"""Letters that stand beside each other below the steps on a phone."""


@reflowed
def waterfall(
    found: Attribution, target: "Target", goal: str, titles: Mapping[str, LeverTitle], stamp: str
) -> Drawing:
    """Steps of the levers, the largest first; the vertical axis begins where there is something.

    Parameters
    ----------
    found : Attribution
    target : Target
        Target that it is of.
    goal : str
        The target in words.
    titles : mapping of str to LeverTitle
        Levers in words.
    stamp : str
    """
    is_trade, target_musd = found.measure == "trade_musd", target.trade_musd
    shown = shown_parts(found)
    name, title, what, unit = _words_of(found, str(target.deadline), goal)
    page = sheet(
        title,
        f"{what} Each step is a lever's part by Shapley's rule; the thin bar is "
        "the error of the simulation (90 %).",
        stamp,
        BODY_IN,
    )
    axes = page.axes(LEFT_IN, 0.2, above_in=0.1, below_in=0.65)
    order = sorted(range(len(found.levers)), key=lambda k: -abs(found.parts[k]))
    labels = [titles[lever].words for lever in found.levers]
    _draw(axes, found, order[:MAX_BARS], shown, labels)
    if is_trade:
        _mark_target(axes, target_musd)
    is_cut = axes.get_ylim()[0] > 0.0
    _say_where_it_begins(axes)
    thousands(axes)
    rows = [
        (
            found.levers[k],
            float(found.parts[k]),
            float(found.interval[k, 0]),
            float(found.interval[k, 1]),
        )
        for k in order
    ]
    return Drawing(
        name=name,
        title=title,
        alt="; ".join(
            f"{labels[k]} {shown.within(shown.parts[k], found.interval[k])} {unit}" for k in order
        ),
        caption=f"From {_end(found, shown.without, found.without_interval)} without any lever to "
        f"{_end(found, shown.with_all, found.with_all_interval)} with all of them; the parts sum "
        "to the difference." + (" The vertical axis does not begin at 0." if is_cut else ""),
        figure=page.figure,
        columns=("lever", "part", "low", "high"),
        rows=tuple(rows),
        unit=found.unit,
        words={lever: title.words for lever, title in titles.items()},
    )


def _words_of(found: Attribution, by: str, goal: str) -> tuple[str, str, str, str]:
    """Name, title and scale of the figure, and the unit of a step."""
    if found.asked is not None:
        unit = unit_of_level(found.asked)
        return (
            f"waterfall-{found.measure.replace('_', '-')}",
            f"What the levers change: {_after_first(title_of(found.asked))}",
            f"Mean over the simulations, {unit}.",
            unit_of_change(found.asked),
        )
    if found.measure == "trade_musd":
        return (
            f"waterfall-trade-{found.target}",
            f"What the levers add to the trade of {year_to(by)}",
            "Median trade, million USD a year.",
            "million USD",
        )
    return (
        f"waterfall-chance-{found.target}",
        f"What the levers add to the chance of {goal}",
        "Share of runs that reach it, per cent.",
        "percentage points",
    )


def _after_first(text: str) -> str:
    """A title behind a colon."""
    return f"{text[0].lower()}{text[1:]}"


def _end(found: Attribution, value: float, interval: tuple[float, float]) -> str:
    shown = shown_parts(found)
    unit = "%" if found.unit == "1" else found.unit.removesuffix("/yr")
    return f"{shown.within(value, interval, as_change=False)} {unit}"


def _draw(
    axes: Axes, found: Attribution, order: list[int], shown: ShownParts, titles: Sequence[str]
) -> None:
    scale = shown.scale
    heights = [scale * found.without]
    labels = ["No lever", *(titles[k] for k in order), "All levers"]
    axes.bar(0, heights[0], color=GREY, width=0.6)
    level = heights[0]
    for place, k in enumerate(order, start=1):
        part, (low, high) = scale * found.parts[k], scale * found.interval[k]
        colour = GREEN if part >= 0 else VERMILION
        axes.bar(place, part, bottom=level, color=colour, width=0.6)
        axes.plot([place - 0.7, place + 0.3], [level, level], color=GREY, linewidth=0.7)
        if not isfinite(high - low):  # one run knows no error
            low = high = part
        axes.vlines(place + 0.38, level + low, level + high, color=INK, linewidth=1.4)
        text = shown.signed(shown.parts[k])
        if len(order) <= MAX_NAMED and not is_narrow():
            text = shown.within(shown.parts[k], found.interval[k])
        axes.annotate(
            text, (place, max(level, level + part)), xytext=(0, 3), ha="center",
            textcoords="offset points", size=SMALL, color=INK,
        )  # fmt: skip
        level += part
        heights += [level, level + low - part, level + high - part]
    axes.bar(len(order) + 1, scale * found.with_all, color=BLUE, width=0.6)
    letters = max(NARROW_WRAPPED, NARROW_LETTERS // len(labels)) if is_narrow() else WRAPPED
    names = [textwrap.fill(label, letters) for label in labels]
    fit = 4 if is_narrow() else 7
    axes.set_xticks(range(len(labels)), names, size=SMALL if len(labels) < fit else 6.0)
    low, high = min(heights), max(*heights, scale * found.with_all)
    if low < 0.0:  # losses: nothing is cut off, and nothing is where it was
        axes.axhline(0.0, color=GREY, linewidth=0.7)
        room = max(high, 0.0) - low
        axes.set_ylim(low - 0.1 * room, max(high, 0.0) + 0.2 * room)
        _grid(axes)
        return
    # Levers that change nothing are told from each other by no scale, so it is the measure's own.
    # What levers change little of a large amount is still what was asked.
    least = max(MIN_ROOM * high, 1.0) if found.asked is None else MIN_ASKED_ROOM * high or 1.0
    room = max(high - low, least)
    changes = high - low > 1e-9 * high
    # Bars begin at nothing, unless that would leave the steps too small to be seen.
    from_nothing = not changes or high - low >= MIN_ROOM * high
    axes.set_ylim(0.0 if from_nothing else max(0.0, low - room), high + 0.4 * room)
    _grid(axes)


def _mark_target(axes: Axes, target_musd: float) -> None:
    """Mark a target by a line, or say at the top that it lies beyond the axis.

    One far above would flatten every step, so the axis may end below it.
    """
    top = axes.get_ylim()[1]
    is_seen = target_musd < 2.5 * top
    if is_seen:
        axes.axhline(target_musd, color=VERMILION, linewidth=1.2)
        axes.set_ylim(0.0, max(top, 1.1 * target_musd))
    axes.annotate(
        f"target {target_musd:,.0f}" + ("" if is_seen else ", above the axis"),
        (1.0, target_musd if is_seen else 1.0), xytext=(-4, 2 if is_seen else -2), ha="right",
        va="bottom" if is_seen else "top", textcoords="offset points", size=SMALL, color=VERMILION,
        xycoords=("axes fraction", "data" if is_seen else "axes fraction"),
    )  # fmt: skip


def _grid(axes: Axes) -> None:
    """Marks of the vertical axis: whole numbers unless it is too short for them."""
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=high - low > 4.0))
    axes.grid(axis="y", color=PALE)
    axes.tick_params(length=0)


def _say_where_it_begins(axes: Axes) -> None:
    """A word where the axis leaves out the lower part of the bars."""
    low = axes.get_ylim()[0]
    if low > 0.0:
        axes.annotate(
            f"the axis begins at {low:,.0f}", (0.0, 1.0), xytext=(4, -2), ha="left", va="top",
            xycoords="axes fraction", textcoords="offset points", size=SMALL - 0.5, color=GREY,
        )  # fmt: skip
