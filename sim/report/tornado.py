"""Figure of a sensitivity analysis: a bar an input with its interval, the largest on top."""

from collections.abc import Sequence

from sim.report.drawing import Drawing
from sim.report.style import BLUE, GREY, INK, PALE, SMALL, sheet
from sim.report.wording import rounded
from sim.study.sensitivity import Index

ROW_IN, LEFT_IN, RIGHT_IN = 0.27, 2.3, 1.7
UNTOLD = "not distinguishable from 0"
TITLES = {
    "total": "Share of the variance of log trade, with interactions",
    "first_order": "Share of the variance of log trade, by itself",
    "mean_effect": "Mean effect on log trade of a move across the distribution",
}


def tornado(target: str, measure: str, found: Sequence[Index], stamp: str) -> Drawing:
    """Bars of one index; an input whose interval holds 0 has no bar but a word."""
    title = f"Which inputs {target} answers to"
    page = sheet(
        title,
        f"{TITLES[measure]}. Thin bar: 90 % interval. Chance and surprises are switched off.",
        stamp,
        ROW_IN * len(found) + 0.75,
    )
    axes = page.axes(LEFT_IN, RIGHT_IN, above_in=0.1, below_in=0.35)
    for row, index in enumerate(found):
        if index.is_told_from_0:
            axes.barh(row, index.value, color=BLUE, height=0.6)
            axes.hlines(row, index.low, index.high, color=INK, linewidth=1.4)
        axes.annotate(
            shown_index(index), (1.0, row), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", va="center", size=SMALL, annotation_clip=False,
            color=INK if index.is_told_from_0 else GREY,
        )  # fmt: skip
    axes.set_yticks(range(len(found)), [index.input.replace("_", " ") for index in found])
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_xlim(0.0, max([1e-9, *(i.high for i in found if i.is_told_from_0)]) * 1.02)
    axes.grid(axis="x", color=PALE)
    axes.tick_params(length=0)
    return Drawing(
        name=f"tornado-{measure}-{target}",
        title=title,
        alt="; ".join(f"{index.input}: {shown_index(index)}" for index in found),
        caption="An input whose interval holds 0 is not told from one that does nothing.",
        figure=page.figure,
        columns=("input", "value", "low", "high"),
        # A value that is not told from 0 is left out: as a number it would mislead.
        rows=tuple(
            (i.input, i.value, i.low, i.high) if i.is_told_from_0 else (i.input, UNTOLD, "", "")
            for i in found
        ),
        unit="1",
    )


def shown_index(index: Index) -> str:
    """An index with its interval, or that it cannot be told from 0."""
    if not index.is_told_from_0:
        return UNTOLD
    return f"{rounded(index.value, 2)} ({rounded(index.low, 2)} to {rounded(index.high, 2)})"
