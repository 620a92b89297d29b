"""Progress of each agreement over the years: in words, and as shares of the runs.

An agreement with dates of its own stands at the same stage in every run; one that the States
negotiate comes about in some runs and not in others.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import format_quarter, parse_quarter
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import amount_over, share_of_runs
from sim.report.page.blocks import Block, Paragraph, Section
from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import listed, per_cent, plural
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import (
    BLUE,
    GREY,
    INK,
    SKY,
    SMALL,
    VERMILION,
    draw_key,
    is_narrow,
    sheet,
    year_ticks,
)
from sim.report.page.time_axis import quarter_place, quarter_places
from sim.simulation.snapshot.accession import JOINED

if TYPE_CHECKING:
    from sim.world.world import World

STAGES = (("none", "#ECEEF0"), ("signed", "#F2C45A"), ("in force", SKY), ("phased in", BLUE))
"""From light to dark, so that they are told apart in grey as well."""
IN_FORCE, PHASED_IN = 2, 3
MAX_STRIPS = 8
STRIP_IN, NAME_IN, KEY_IN = 0.5, 0.24, 0.2
LEFT_IN, RIGHT_IN = 0.5, 0.15
LONGEST_NAME = 90


@dataclass(frozen=True)
class AgreementCourse:
    """Course of one agreement in the runs."""

    name: str
    title: str
    """Its name, or that of the agreement and who may join it, in words."""
    stage: NDArray[np.intp]
    """(n_runs, n_quarters) place in `STAGES`."""
    quarters: tuple[int, ...]

    @property
    def shares(self) -> FloatArray:
        """(n_stages, n_quarters) share of the runs at each stage [1]."""
        return np.stack([(self.stage == s).mean(axis=0) for s in range(len(STAGES))])

    def first(self, stage: int) -> NDArray[np.intp]:
        """Quarters in which the runs first come to a stage, of those that do."""
        hit = self.stage >= stage
        return np.asarray(np.array(self.quarters)[hit.argmax(axis=1)[hit.any(axis=1)]])

    @property
    def is_certain(self) -> bool:
        """True if it is the same in every run."""
        return bool((self.stage == self.stage[:1]).all())


def stages_section(inputs: ReportInputs) -> Section | None:
    """Section on agreement progress; None without agreements or where it was not recorded."""
    courses = courses_of(inputs)
    if not courses:
        return None
    blocks: list[Block] = [_in_words(inputs, course) for course in courses]
    return Section(
        "stages", "Stages of the agreements", (*blocks, stages_over_time(inputs, courses))
    )


def courses_of(inputs: ReportInputs) -> tuple[AgreementCourse, ...]:
    """Every agreement of the scenario, those that differ most between the runs first."""
    stage = inputs.asked.get("stage")
    if stage is None or set(stage.dims) != {"run", "quarter", "agreement"}:
        return ()
    values = stage.transpose("agreement", "run", "quarter").to_numpy().round().astype(np.intp)
    quarters = tuple(parse_quarter(str(q)) for q in stage["quarter"].to_numpy())
    courses = [
        AgreementCourse(str(name), title_of(str(name), inputs.world), of_one, quarters)
        for name, of_one in zip(stage["agreement"].to_numpy(), values, strict=True)
    ]
    return tuple(sorted(courses, key=lambda c: -float((1.0 - c.shares.max(axis=0)).mean())))


def title_of(name: str, world: "World") -> str:
    """An agreement's name; a protocol of accession as who joins what."""
    joined, _, code = name.rpartition(JOINED)
    return f"Accession of {world.name_of(code)} to {joined}" if joined else name


def _in_words(inputs: ReportInputs, course: AgreementCourse) -> Paragraph:
    """Outcome of an agreement: one date where all runs agree, else how many and when."""
    n_runs, begin = len(course.stage), course.quarters[0]
    entry, name = course.first(IN_FORCE), course.name
    if not entry.size:
        return Paragraph(
            f"{course.title} enters into force in no simulation.",
            {f"{name}: runs in which it enters into force": share_of_runs(0, n_runs)},
        )
    share = share_of_runs(entry.size, n_runs)
    if entry.size == n_runs and _is_dated(inputs, name):
        share = replace(share, low=1.0)
    facts = {
        f"{name}: runs in which it enters into force": share,
        f"{name}: entry into force": amount_over(entry / 4, "year, decimal"),
    }
    until = _end_in_words(inputs, name)
    phased = course.first(PHASED_IN)
    if entry.size == n_runs and np.ptp(entry) == 0:
        since = f"from {format_quarter(int(entry[0]))} on" if entry[0] > begin else "throughout"
        words = f"{course.title} is in force {since}{until} in every run"
        if phased.size == n_runs and np.ptp(phased) == 0 and phased[0] > entry[0]:
            facts[f"{name}: phased in"] = Amount(float(phased[0] / 4), "year, decimal")
            words += f", fully phased in by {format_quarter(int(phased[0]))}"
        return Paragraph(f"{words}.", facts)
    low, middle, high = (
        format_quarter(int(q))
        for q in np.quantile(entry, [0.05, 0.5, 0.95], method="nearest").tolist()
    )
    return Paragraph(
        f"{course.title} enters into force in {entry.size} of {plural(n_runs, 'run')} "
        f"({per_cent(share.value)}, {per_cent(share.low or 0.0)} to "
        f"{per_cent(share.high or 0.0)}){until}; where it does, in {middle} in the median run "
        f"(5–95 %: {low} to {high}).",
        facts,
    )


def _is_dated(inputs: ReportInputs, name: str) -> bool:
    """True if the scenario sets when an agreement enters into force, so that all runs have it."""
    agreement = inputs.scenario.agreements.get(name)
    return agreement is not None and agreement.timeline.in_force is not None


def _end_in_words(inputs: ReportInputs, name: str) -> str:
    agreement = inputs.scenario.agreements.get(name)
    timeline = None if agreement is None else agreement.timeline
    if timeline is None or timeline.in_force is None or timeline.ends is None:
        return ""
    return f" until {timeline.ends}"


@reflowed
def stages_over_time(inputs: ReportInputs, courses: tuple[AgreementCourse, ...]) -> Drawing:
    """A strip an agreement: shares of the runs at each stage, stacked."""
    shown = courses[:MAX_STRIPS]
    title = "Agreements, stage by stage"
    left_out = len(courses) - len(shown)
    more = f" {plural(left_out, 'more agreement')} in the data." if left_out else ""
    page = sheet(
        title,
        "Share of the runs at each stage, per cent. Where all runs agree, a strip is full: its "
        "dates are certain. Dotted: the target's date.",
        inputs.stamp + more,
        KEY_IN + (STRIP_IN + NAME_IN) * len(shown) + 0.22,
    )
    draw_key(page.figure, STAGES, LEFT_IN, page.top_in)
    x = quarter_places(inputs.asked)
    for k, course in enumerate(shown):
        axes = page.axes(
            LEFT_IN,
            RIGHT_IN,
            above_in=KEY_IN + k * (STRIP_IN + NAME_IN) + NAME_IN,
            below_in=(len(shown) - 1 - k) * (STRIP_IN + NAME_IN) + 0.22,
        )
        _draw(axes, x, course, inputs)
        year_ticks(axes, float(np.ceil(x[0])), float(x[-1]), n_most=7 if is_narrow() else 14)
        if k < len(shown) - 1:
            axes.set_xticklabels([])
    by = [finding.by for finding in inputs.findings]
    last = format_quarter(courses[0].quarters[-1])
    return Drawing(
        name="agreement-stages",
        title=title,
        alt=f"Share of the runs in which each agreement is in force in {last}: "
        + listed([f"{c.title} {per_cent(float(c.shares[IN_FORCE:, -1].sum()))}" for c in courses])
        + ".",
        caption="Signed: agreed and not yet in force. Phased in: every cut has come to its end.",
        figure=page.figure,
        columns=("agreement", "stage", "quarter", "share_of_runs"),
        rows=tuple(
            (course.name, label, format_quarter(quarter), float(course.shares[s, t]))
            for course in courses
            for s, (label, _) in enumerate(STAGES)
            for t, quarter in enumerate(course.quarters)
        ),
        answer_periods=(*by, last),
    )


def _draw(axes: Axes, x: FloatArray, course: AgreementCourse, inputs: ReportInputs) -> None:
    """One strip."""
    stack_stages(axes, x, course)
    axes.set_xlim(float(x[0]), float(x[-1]))
    for finding in inputs.findings:
        for colour, line, thick in (("white", "-", 2.0), (VERMILION, ":", 1.4)):
            axes.axvline(quarter_place(parse_quarter(finding.by) + 1), color=colour,
                         linewidth=thick, linestyle=line)  # fmt: skip
    detail = "the same in every run" if course.is_certain else "differs between the runs"
    name = f"{course.title}: {detail}"
    axes.set_title(name[:LONGEST_NAME], size=SMALL, loc="left", color=INK, pad=3, parse_math=False)


def stack_stages(axes: Axes, x: FloatArray, course: AgreementCourse) -> None:
    """Shares of the runs at each stage; told apart in grey by the lines between them too."""
    shares = 100.0 * course.shares
    axes.stackplot(x, shares, colors=[colour for _, colour in STAGES], linewidth=0, step="mid")
    for edge in np.cumsum(shares, axis=0)[:-1]:
        axes.step(x, edge, where="mid", color=INK, linewidth=0.5)
    axes.set_ylim(0.0, 100.0)
    axes.set_yticks([0, 50, 100], ["0", "50", "100 %"])
    axes.tick_params(axis="y", labelcolor=GREY, length=0)
