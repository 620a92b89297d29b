"""The page of a discovery: the box of inputs in which the target is met."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

import numpy as np

from sim.laws.methods.prim import bounded
from sim.report.evidence.study_basis import overline
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import listed, opening, per_cent, plural, rounded
from sim.report.page.style import BLUE, GREY, INK, PALE, SMALL, is_narrow, sheet
from sim.report.studies.study_page import StudyPage, StudyTable
from sim.report.summary.asked_words import name_of, scale_of, short_number, unit_of_level
from sim.scenario.lever_titles import LeverTitle
from sim.study.discover import Discovery
from sim.study.ensemble.asked_answer import measure_asked
from sim.study.jobs.lever_words import lever_words, target_words
from sim.study.jobs.plan import Plan
from sim.study.mix_futures import Goal

Titled = Mapping[str, LeverTitle]
"""Inputs in words."""

ROW_IN, LEFT_IN, RIGHT_IN = 0.34, 2.4, 1.9
LINE, NARROW_LINE = 36, 20
"""Letters of a label that stand on one line."""
MIN_ROWS = 8
"""Rows filled up with inputs of which the box takes any value; the others are counted below."""


def discover_page(plan: Plan, found: Sequence[Discovery], stamp: str) -> StudyPage:
    """Page of a discovery."""
    scenario = plan.base
    goals = {**target_words(plan), **{d.target: met_in_words(d.goal) for d in found if d.goal}}
    titles = lever_words(plan, found[0].inputs)
    return StudyPage(
        title=f"Conditions of success: {scenario.title}",
        question=scenario.question,
        overline=overline(
            plan,
            "Discovery",
            plural(len(found[0].inputs), "input"),
            plural(plan.n_simulated, "run"),
        ),
        answers=(*_unmoved(plan, found), *(_answer(d, goals[d.target], titles) for d in found)),
        drawings=tuple(_boxes(d, goals[d.target], titles, stamp) for d in found),
        tables=(_table(found, goals),),
        notes=(
            "The box was found in one half of the runs (patient rule induction, Friedman and "
            "Fisher 1999) and is judged by the other half.",
            *_without_goal(plan, found),
            "Coverage: share of all runs that meet the target which lie in the box. Density: share "
            "of the runs in the box that meet it.",
            "Bounds that would do as well by luck in more than 5 % of cases were taken away. "
            "Residual shocks of trade are no inputs: where they decide, no box says much.",
        ),
    )


def _without_goal(plan: Plan, found: Sequence[Discovery]) -> Iterator[str]:
    """A note on what a run has to meet where the scenario names no goal."""
    named = plan.base.reach is not None and plan.base.reach.goal is not None
    if any(d.goal for d in found) and not named:
        yield (
            "The scenario's reach block names no goal: a run meets what was asked if it does no "
            "worse than half of all runs."
        )


def met_in_words(goal: Goal) -> str:
    """Goal that a run has to meet, inside a sentence."""
    text = f"{short_number(scale_of(goal.measure) * goal.amount)} {unit_of_level(goal.measure)}"
    limit = f"at {'most' if goal.measure.wants < 0 else 'least'} {text}"
    return f"{name_of(goal.measure)} of {limit}"


def _unmoved(plan: Plan, found: Sequence[Discovery]) -> Iterator[str]:
    """Sentence on a measure that is asked about and is the same in every run."""
    measure = measure_asked(plan.base)
    if measure != "trade" and not any(d.goal for d in found):
        yield f"Asked about {measure}: it is the same in every run, so that no input bears on it."


def _answer(d: Discovery, goal: str, titles: Titled) -> str:
    bounds = [f"{titles[d.inputs[k]].inside} {_bounds(d, k, titles)}" for k in bounded(d.box)]
    if not bounds:
        return (
            f"No box of these inputs is better than luck for {goal}; "
            f"{per_cent(d.share)} of the runs meet it wherever they are."
        )
    return (
        f"{opening(goal)} is met in {per_cent(d.box.density)} of the runs with "
        f"{listed(bounds)}, against {per_cent(d.share)} of all. The box holds "
        f"{per_cent(d.box.mass)} of the runs and {per_cent(d.box.coverage)} of those that meet it."
    )


def _bounds(d: Discovery, k: int, titles: Titled) -> str:
    title = titles[d.inputs[k]]
    low, high = (float(edge[k]) for edge in (d.box.low, d.box.high))
    ends = [title.value(edge) if title.unit else rounded(edge) for edge in (low, high)]
    if not np.isfinite(high):
        return f"from {ends[0]} up"
    if not np.isfinite(low):
        return f"up to {ends[1]}"
    return f"from {ends[0]} to {ends[1]}"


def _label(title: LeverTitle) -> str:
    """An input beside its bar, in lines that fit."""
    return fill(title.words, NARROW_LINE if is_narrow() else LINE)


@reflowed
def _boxes(d: Discovery, goal: str, titles: Titled, stamp: str) -> Drawing:
    """Every input's range, and the part of it that the box takes."""
    title = f"Where {goal} is met"
    shown = _shown(d)
    n_rest = len(d.inputs) - len(shown)
    foot = f" The box takes any value of {plural(n_rest, 'more input')}." if n_rest else ""
    page = sheet(
        title,
        "Grey: range of an input over the runs; blue: the part of it in the box.",
        stamp + foot,
        ROW_IN * len(shown) + 0.3,
    )
    left, right = (1.3, 1.2) if is_narrow() else (LEFT_IN, RIGHT_IN)
    axes = page.axes(left, right, above_in=0.1, below_in=0.1)
    for row, k in enumerate(shown):
        low, high = _part(d, k)
        axes.barh(row, 1.0, color=PALE, height=0.35)
        is_bounded = k in bounded(d.box)
        if is_bounded:
            axes.barh(row, max(high - low, 0.005), left=low, color=BLUE, height=0.35)
        text = _bounds(d, k, titles) if is_bounded else "any"
        axes.annotate(
            text, (1.0, row), xycoords=("axes fraction", "data"), xytext=(6, 0), va="center",
            textcoords="offset points", size=SMALL, color=INK if is_bounded else GREY,
            annotation_clip=False,
        )  # fmt: skip
    axes.set_yticks(range(len(shown)), [_label(titles[d.inputs[k]]) for k in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
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
        name=f"box-{d.target.replace('_', '-') if d.goal else d.target}",
        title=title,
        alt=_answer(d, goal, titles),
        caption=f"Judged by runs that had no part in the search: density "
        f"{per_cent(d.box.density)}, coverage {per_cent(d.box.coverage)}.",
        figure=page.figure,
        columns=("input", "lowest", "highest", "box_low", "box_high", "p_value"),
        rows=tuple(rows),
        unit="unit of the input",
        words={name: each.words for name, each in titles.items()},
    )


def _shown(d: Discovery) -> list[int]:
    """Inputs that have a row: those that the box bounds, then those that were swept."""
    bounds = bounded(d.box)
    others = [k for k in reversed(range(len(d.inputs))) if k not in bounds]
    return [*bounds, *others[: max(MIN_ROWS - len(bounds), 0)]]


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


def _table(found: Sequence[Discovery], goals: Mapping[str, str]) -> StudyTable:
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
        words={("target", name): goal for name, goal in goals.items()},
    )
