"""The page of a sensitivity analysis."""

from collections.abc import Iterator, Mapping, Sequence
from math import nan

from sim.report.evidence.study_basis import overline
from sim.report.page.formatting import listed, opening, plural
from sim.report.studies.study_page import StudyPage, StudyTable
from sim.report.studies.tornado import UNTOLD, scale_in_words, shown_index, tornado
from sim.report.summary.asked_words import name_of
from sim.scenario.lever_titles import LeverTitle
from sim.study.ensemble.asked_answer import measure_asked
from sim.study.jobs.lever_words import lever_words, target_words
from sim.study.jobs.plan import Plan
from sim.study.sensitivity import Design, SensitivityIndex

NAMES = {"morris": "Morris' screening", "sobol": "Sobol's shares of the variance"}


def sensitivity_page(
    plan: Plan, design: Design, found: Sequence[SensitivityIndex], stamp: str
) -> StudyPage:
    """Page of a sensitivity analysis."""
    scenario, goals = plan.base, target_words(plan)
    titles = lever_words(plan, design.inputs)
    groups: dict[tuple[str, str], list[SensitivityIndex]] = {}
    for index in found:
        groups.setdefault((index.target, index.measure), []).append(index)
    heads = [at for at in groups if at[1] != "first_order"]
    what = {at: _what(of[0], goals) for at, of in groups.items()}
    return StudyPage(
        title=f"Sensitivity to inputs: {scenario.title}",
        question=scenario.question,
        overline=overline(
            plan,
            NAMES[design.method],
            plural(len(design.inputs), "input"),
            plural(plan.n_runs, "run"),
        ),
        answers=(
            *_unmoved(plan, found),
            *(_answer(what[at], groups[at], titles) for at in heads),
        ),
        drawings=tuple(tornado(of, what[at], titles, stamp) for at, of in groups.items()),
        tables=(
            StudyTable(
                name="indices",
                title="All indices",
                caption="With the ends of their 90 % intervals. An index whose interval holds 0 "
                f"is {UNTOLD} and has no value.",
                columns=("target", "measure", "input", "index", "low", "high"),
                rows=tuple((i.target, i.measure, i.input, *_told(i)) for i in found),
                n_words=3,
                words={
                    **{("target", name): words for (name, _), words in what.items()},
                    **{("input", name): title.words for name, title in titles.items()},
                },
            ),
        ),
        notes=(
            "Indices of trade are of its logarithm in the target's year, those of what else was "
            "asked about in its own unit. Chance and shocks are switched off: they are no inputs, "
            "and their spread comes on top.",
            "An input counts over the whole of its own distribution; a wider one matters more.",
            f"{opening(UNTOLD)} is not the same as without effect: more samples (--size) may tell.",
        ),
    )


def _told(index: SensitivityIndex) -> tuple[float, float, float]:
    """An index with its interval; a value that is not told from 0 would mislead."""
    return (index.value, index.low, index.high) if index.differs_from_0 else (nan, nan, nan)


def _what(index: SensitivityIndex, goals: Mapping[str, str]) -> str:
    """Quantity that indices are of, inside a sentence."""
    if index.asked is not None:
        return name_of(index.asked)
    return f"trade towards {goals[index.target]}"


def _unmoved(plan: Plan, found: Sequence[SensitivityIndex]) -> Iterator[str]:
    """Sentence on a measure that is asked about and that no input moves."""
    measure = measure_asked(plan.base)
    if measure != "trade" and not any(index.asked for index in found):
        yield f"Asked about {measure}: it is the same in every run, so that no input bears on it."


def _answer(what: str, found: Sequence[SensitivityIndex], titles: Mapping[str, LeverTitle]) -> str:
    told = [f"{titles[i.input].inside} {shown_index(i)}" for i in found if i.differs_from_0]
    rest = len(found) - len(told)
    if not told:
        return f"Of what {what} answers to, no input is told from 0 with so few samples."
    scale = scale_in_words(found[0])
    word = f"{scale[0].lower()}{scale[1:]}"
    tail = f"; {plural(rest, 'other input')} cannot be told from 0" if rest else ""
    return f"{opening(what)} answers most to {listed(told[:4])} ({word}){tail}."
