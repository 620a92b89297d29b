"""Time to the target: share of futures by year, with and without the agreements."""

import numpy as np
from matplotlib.axes import Axes

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts import Amount, Facts
from sim.report.page.amounts_over_runs import chance_amount
from sim.report.page.blocks import Paragraph, Section
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import per_cent
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import (
    BLUE,
    GREY,
    INK,
    SMALL,
    VERMILION,
    is_narrow,
    label_ends,
    sheet,
    year_ticks,
)
from sim.report.page.time_axis import year_of, year_places
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT
from sim.study.ensemble.findings import Finding
from sim.study.ensemble.headline import share_with_error

BODY_IN = 2.3
BAR = "#A9CFE6"


def when_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """When; None where no future reaches the target within the horizon."""
    if not finding.course.touched[-1].value > 0:
        return None
    text = Paragraph(_in_words(finding), _facts(finding))
    return Section("when", "Time to target", (text, time_to_target(inputs, finding)))


def _in_words(finding: Finding) -> str:
    touched = finding.course.touched
    share = np.array([so_far.value for so_far in touched])
    last = year_of(finding, len(share) - 1)
    parts = []
    for part, words in ((0.25, "A quarter"), (0.5, "Half")):
        if share[-1] >= part:
            year = year_of(finding, int(np.argmax(share >= part)))
            parts.append(f"{words} of the futures have reached the target by {year}.")
    reach, kept = (share_with_error(c) for c in (touched[-1], finding.course.chance[-1]))
    parts.append(
        f"{reach} of the futures reach the target in some year up to {last}; {kept} are above it "
        f"in {last}."
    )
    return " ".join(parts)


def _facts(finding: Finding) -> Facts:
    """The numbers of those words, and the quartiles of the year that first reaches the target."""
    touched = finding.course.touched
    share = np.array([so_far.value for so_far in touched])
    facts = {
        "reach it within the horizon": chance_amount(touched[-1]),
        "at or above it at the end": chance_amount(finding.course.chance[-1]),
    }
    for part in (0.25, 0.5):
        if share[-1] >= part:
            year = int(finding.years[np.argmax(share >= part)])
            facts[f"year by which {100 * part:.0f} % of the futures have reached it"] = Amount(
                year, "year"
            )
    return facts


@reflowed
def time_to_target(inputs: ReportInputs, finding: Finding) -> Drawing:
    """Bars: first year at the target; lines: share of futures that have reached it by then."""
    share = {
        name: 100.0 * np.array(finding.answer.courses[name].touched)
        for name in (AS_ASKED, NO_AGREEMENT)
        if name in finding.answer.courses
    }
    asked = share[AS_ASKED][:, 0]
    a, b = finding.pair_names
    title = f"When {a}–{b} trade reaches the target"
    page = sheet(
        title,
        "Per cent of the futures. Bars: those that reach it for the first time in that year. Line: "
        "those that have reached it by then, with the agreements"
        + ("; dashed: no agreement." if NO_AGREEMENT in share else "."),
        inputs.stamp,
        BODY_IN,
    )
    _draw(page.axes(0.45, 1.45, above_in=0.08), finding, share)
    return Drawing(
        name=f"time-to-target{inputs.suffix(finding)}",
        title=title,
        alt=f"Share of futures that have reached the target by year: {per_cent(asked[0] / 100)} in "
        f"{year_of(finding, 0)}, {per_cent(asked[finding.at] / 100)} by {finding.by}, "
        f"{per_cent(asked[-1] / 100)} by {year_of(finding, len(asked) - 1)}.",
        caption="A future counts once it has reached the target in any year.",
        figure=page.figure,
        columns=(
            "variant",
            "year",
            "reached_by_then_per_cent",
            "low",
            "high",
            "reached_first_per_cent",
        ),
        rows=_rows(finding, share),
    )


def _draw(axes: Axes, finding: Finding, share: dict[str, FloatArray]) -> None:
    """Bars, lines and the target's date; per cent by year."""
    x, asked = year_places(finding), share[AS_ASKED][:, 0]
    axes.set_xlim(float(x[0]) - 0.6, float(x[-1]) + 0.6)
    axes.set_ylim(0.0, min(100.0, 1.15 * float(max(v[:, 0].max() for v in share.values()))))
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    axes.bar(x, np.diff(asked, prepend=0.0), width=0.66, color=BAR)
    axes.axvline(float(x[finding.at]), color=VERMILION, linewidth=0.9, linestyle=":")
    axes.annotate(
        "target" if is_narrow() else f"target date {finding.by}", (float(x[finding.at]), 1.0),
        color=VERMILION, size=SMALL, xycoords=("data", "axes fraction"), xytext=(-3, -2),
        textcoords="offset points", ha="right", va="top", parse_math=False,
    )  # fmt: skip
    labels = [(float(asked[-1]), f"with them {per_cent(asked[-1] / 100)}", BLUE)]
    if NO_AGREEMENT in share:
        without = share[NO_AGREEMENT][:, 0]
        axes.plot(x, without, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
        labels.append((float(without[-1]), f"no agreement {per_cent(without[-1] / 100)}", INK))
    axes.plot(x, asked, color=BLUE, linewidth=2.2, marker="o", markersize=3.5)
    axes.tick_params(axis="y", labelcolor=GREY)
    year_ticks(axes, float(np.ceil(x[0])), float(x[-1]), n_most=4 if is_narrow() else 14)
    label_ends(axes, labels)


def _rows(finding: Finding, share: dict[str, FloatArray]) -> tuple[tuple[Cell, ...], ...]:
    """Chances with their intervals, in per cent."""
    return tuple(
        (name, f"{year}{finding.by[4:]}", *map(float, values[k]), float(new[k]))
        for name, values in share.items()
        for new in (np.diff(values[:, 0], prepend=0.0),)
        for k, year in enumerate(finding.years)
    )
