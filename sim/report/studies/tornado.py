"""Figure of a sensitivity analysis: a bar an input with its interval, the largest on top."""

from collections.abc import Mapping, Sequence
from textwrap import fill

from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import plural, rounded
from sim.report.page.style import BLUE, GREY, INK, PALE, SMALL, is_narrow, sheet
from sim.report.summary.asked_words import unit_of_level
from sim.scenario.lever_titles import LeverTitle
from sim.study.sensitivity import SensitivityIndex

ROW_IN, NARROW_ROW_IN, LEFT_IN, RIGHT_IN = 0.3, 0.46, 2.2, 2.3
LINE, NARROW_LINE = 33, 24
"""Letters of a label that stand on one line."""
MIN_ROWS = 8
"""Rows filled up with inputs that are not told from 0; the others are counted at the foot."""
SMALLEST_SHOWN = 0.001
"""Index below which only that it is less is told [1]."""
UNTOLD = "not distinguishable from 0"
TITLES = {
    "total": "Share of the variance{of}, with interactions",
    "first_order": "Share of the variance{of}, by itself",
    "mean_effect": "Mean effect{on} of a move across the distribution",
}
LOG_TRADE = {"of": " of log trade", "on": " on log trade"}


@reflowed
def tornado(
    found: Sequence[SensitivityIndex], goal: str, titles: Mapping[str, LeverTitle], stamp: str
) -> Drawing:
    """Bars of one index; an input whose interval holds 0 has no bar but a word.

    Parameters
    ----------
    found : sequence of SensitivityIndex
        Of one target and one measure, the largest first.
    goal : str
        What answers to the inputs, inside a sentence.
    titles : mapping of str to LeverTitle
        Inputs in words.
    stamp : str
    """
    title, first = f"Which inputs {goal} answers to", found[0]
    name = first.target if first.asked is None else first.target.replace("_", "-")
    told = [index for index in found if index.differs_from_0]
    untold = [index for index in found if not index.differs_from_0]
    n_more = max(MIN_ROWS - len(told), 0)
    shown, n_rest = [*told, *untold[:n_more]], len(untold[n_more:])
    foot = f" {plural(n_rest, 'more input')} {UNTOLD}; the table has all." if n_rest else ""
    page = sheet(
        title,
        f"{scale_in_words(first)}. Thin bar: error of the simulation (90 %). "
        "Chance and residual shocks are switched off.",
        stamp + foot,
        (NARROW_ROW_IN if is_narrow() else ROW_IN) * len(shown) + 0.75,
    )
    left, right = (1.5, 0.95) if is_narrow() else (LEFT_IN, RIGHT_IN)
    axes = page.axes(left, right, above_in=0.1, below_in=0.35)
    for row, index in enumerate(shown):
        if index.differs_from_0:
            axes.barh(row, index.value, color=BLUE, height=0.6)
            axes.hlines(row, index.low, index.high, color=INK, linewidth=1.4)
        axes.annotate(
            _beside(index), (1.0, row), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", va="center", size=SMALL, annotation_clip=False,
            color=INK if index.differs_from_0 else GREY,
        )  # fmt: skip
    axes.set_yticks(range(len(shown)), [_label(titles[index.input]) for index in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(0.0, max([1e-9, *(index.high for index in told)]) * 1.02)
    axes.grid(axis="x", color=PALE)
    axes.tick_params(length=0)
    return Drawing(
        name=f"tornado-{first.measure}-{name}",
        title=title,
        alt="; ".join(f"{titles[index.input].words}: {shown_index(index)}" for index in found),
        caption="An input whose interval holds 0 is not told from one that does nothing.",
        figure=page.figure,
        columns=("input", "value", "low", "high"),
        # A value that is not told from 0 is left out: as a number it would mislead.
        rows=tuple(
            (i.input, i.value, i.low, i.high) if i.differs_from_0 else (i.input, UNTOLD, "", "")
            for i in found
        ),
        unit="1",
        words={name: title.words for name, title in titles.items()},
    )


def scale_in_words(index: SensitivityIndex) -> str:
    """Scale of an index; of what is asked about it is in that measure's unit."""
    asked = index.asked
    words = LOG_TRADE
    if asked is not None:
        unit = "as a part of demand" if asked.unit == "1" else f"in {unit_of_level(asked)}"
        words = {"of": "", "on": f", {unit},"}
    return TITLES[index.measure].format(**words)


def _beside(index: SensitivityIndex) -> str:
    """An index beside its bar; on a phone there is room for the number alone."""
    if not is_narrow():
        return shown_index(index)
    return shown_index(index).partition(" (")[0] if index.differs_from_0 else "no effect seen"


def _label(title: LeverTitle) -> str:
    """An input beside its bar, in lines that fit."""
    return fill(title.words, NARROW_LINE if is_narrow() else LINE)


def shown_index(index: SensitivityIndex) -> str:
    """An index with its interval, or that it is next to 0 or cannot be told from it."""
    if not index.differs_from_0:
        return UNTOLD
    if index.high < SMALLEST_SHOWN and index.asked is None:
        return f"under {SMALLEST_SHOWN}"
    return f"{rounded(index.value, 2)} ({rounded(index.low, 2)} to {rounded(index.high, 2)})"
