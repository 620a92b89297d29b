"""The page of a discovery: the box of inputs in which the target is met."""

from collections.abc import Sequence
from textwrap import fill

import numpy as np

from sim.laws.methods.prim import bounded
from sim.report.evidence.evidence import overline
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import listed, per_cent, plural, rounded
from sim.report.page.style import BLUE, GREY, INK, PALE, SMALL, is_narrow, sheet
from sim.report.studies.study_page import StudyPage, StudyTable
from sim.study.discover import Discovery
from sim.study.jobs.plan import Plan

ROW_IN, LEFT_IN, RIGHT_IN = 0.34, 2.4, 1.9
LINE, NARROW_LINE = 44, 20
"""Letters of a label that stand on one line."""


def discover_page(plan: Plan, found: Sequence[Discovery], stamp: str) -> StudyPage:
    """Page of a discovery."""
    scenario = plan.base
    return StudyPage(
        title=f"Conditions of success: {scenario.title}",
        question=scenario.question,
        overline=overline(
            plan,
            "Discovery",
            plural(len(found[0].inputs), "input"),
            plural(plan.n_simulated, "run"),
        ),
        answers=tuple(_answer(d) for d in found),
        drawings=tuple(_boxes(d, stamp) for d in found),
        tables=(_table(found),),
        notes=(
            "The box was found in one half of the runs (patient rule induction, Friedman and "
            "Fisher 1999) and is judged by the other half.",
            "Coverage: share of all runs that meet the target which lie in the box. Density: share "
            "of the runs in the box that meet it.",
            "Bounds that would do as well by luck in more than 5 % of cases were taken away. "
            "Residual shocks of trade are no inputs: where they decide, no box says much.",
        ),
    )


def _answer(d: Discovery) -> str:
    bounds = [f"{_words(d.inputs[k])} {_bounds(d, k)}" for k in bounded(d.box)]
    if not bounds:
        return (
            f"{d.target}: no box of these inputs is better than luck; "
            f"{per_cent(d.share)} of the runs meet it wherever they are."
        )
    return (
        f"{d.target} is met in {per_cent(d.box.density)} of the runs with {listed(bounds)}, "
        f"against {per_cent(d.share)} of all; the box holds {per_cent(d.box.mass)} of the runs and "
        f"{per_cent(d.box.coverage)} of those that meet it."
    )


def _bounds(d: Discovery, k: int) -> str:
    low, high = (float(edge[k]) for edge in (d.box.low, d.box.high))
    if not np.isfinite(high):
        return f"from {rounded(low)} up"
    if not np.isfinite(low):
        return f"up to {rounded(high)}"
    return f"from {rounded(low)} to {rounded(high)}"


def _words(name: str) -> str:
    """A parameter in words; a path as it is typed."""
    return name if "." in name else name.replace("_", " ")


def _label(name: str) -> str:
    """A parameter beside its bar, in lines that fit."""
    return fill(_words(name).replace(".", ". "), NARROW_LINE if is_narrow() else LINE)


@reflowed
def _boxes(d: Discovery, stamp: str) -> Drawing:
    """Every input's range, and the part of it that the box takes."""
    title = f"Where {d.target} is met"
    page = sheet(
        title,
        "Grey: range of an input over the runs; blue: the part of it in the box.",
        stamp,
        ROW_IN * len(d.inputs) + 0.3,
    )
    left, right = (1.3, 1.2) if is_narrow() else (LEFT_IN, RIGHT_IN)
    axes = page.axes(left, right, above_in=0.1, below_in=0.1)
    for row in range(len(d.inputs)):
        low, high = _part(d, row)
        axes.barh(row, 1.0, color=PALE, height=0.35)
        is_bounded = row in bounded(d.box)
        if is_bounded:
            axes.barh(row, max(high - low, 0.005), left=low, color=BLUE, height=0.35)
        text = _bounds(d, row) if is_bounded else "any"
        axes.annotate(
            text, (1.0, row), xycoords=("axes fraction", "data"), xytext=(6, 0), va="center",
            textcoords="offset points", size=SMALL, color=INK if is_bounded else GREY,
            annotation_clip=False,
        )  # fmt: skip
    axes.set_yticks(range(len(d.inputs)), [_label(name) for name in d.inputs])
    axes.set_ylim(len(d.inputs) - 0.4, -0.6)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    rows: list[tuple[Cell, ...]] = [
        (name, float(d.lowest[k]), float(d.highest[k]), *_edges(d, k), float(d.p_value[k]))
        for k, name in enumerate(d.inputs)
    ]
    return Drawing(
        name=f"box-{d.target}",
        title=title,
        alt=_answer(d),
        caption=f"Judged by runs that had no part in the search: density "
        f"{per_cent(d.box.density)}, coverage {per_cent(d.box.coverage)}.",
        figure=page.figure,
        columns=("input", "lowest", "highest", "box_low", "box_high", "p_value"),
        rows=tuple(rows),
        unit="unit of the input",
    )


def _edges(d: Discovery, k: int) -> tuple[float, float]:
    low, high = float(d.box.low[k]), float(d.box.high[k])
    return (
        low if np.isfinite(low) else float(d.lowest[k]),
        high if np.isfinite(high) else float(d.highest[k]),
    )


def _part(d: Discovery, k: int) -> tuple[float, float]:
    width = float(d.highest[k] - d.lowest[k]) or 1.0
    low, high = _edges(d, k)
    return (low - float(d.lowest[k])) / width, (high - float(d.lowest[k])) / width


def _table(found: Sequence[Discovery]) -> StudyTable:
    rows: list[tuple[Cell, ...]] = [
        (d.target, k, len(bounded(box)), box.coverage, box.density, box.mass)
        for d in found
        for k, box in enumerate(d.trajectory)
    ]
    return StudyTable(
        name="boxes",
        title="Boxes of the search",
        caption="Boxes of the search from all runs to the smallest, judged by the other half.",
        columns=("target", "step", "bounded_inputs", "coverage", "density", "mass"),
        rows=tuple(rows),
    )
