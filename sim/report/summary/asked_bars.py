"""Figure of a comparison in a measure that is not trade: a bar of its spread for each scenario."""

from collections.abc import Mapping
from textwrap import fill

from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE
from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import opening, signed
from sim.report.page.style import BLUE, GREY, INK, PALE, SMALL, is_narrow, sheet
from sim.report.summary.asked_words import scale_of, short_number, title_of, unit_of_level
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.jobs.asked_columns import AskedMeasure, Spread

ROW_IN, LEFT_IN, RIGHT_IN = 0.42, 2.0, 1.5
LINE, NARROW_LINE = 30, 16
"""Letters of a label that stand on one line."""


@reflowed
def asked_bars(
    measure: AskedMeasure,
    spreads: Mapping[str, Spread],
    differences: Mapping[str, float],
    stamp: str,
) -> Drawing:
    """Median, middle half and 5 to 95 % of the simulations of every scenario.

    Parameters
    ----------
    measure : AskedMeasure
    spreads : mapping of str to Spread
        By scenario, in the order in which they are drawn.
    differences : mapping of str to float
        Median difference from the same run of the first baseline, by scenario that is compared, in
        the measure's unit; the others are drawn in grey.
    stamp : str
        Ledgers and runs, for the foot of the figure.
    """
    times, unit, title = scale_of(measure), unit_of_level(measure), title_of(measure)
    scale = "Per cent" if unit == "%" else opening(unit)
    page = sheet(
        title,
        f"{scale}. Dot and number: median simulation; in brackets: the median difference from the "
        "same simulation of the grey scenario. Thick bar: half of the simulations; thin: 5–95 %.",
        stamp,
        ROW_IN * len(spreads) + 0.5,
    )
    left, right = (1.15, 1.1) if is_narrow() else (LEFT_IN, RIGHT_IN)
    axes = page.axes(left, right, above_in=0.05, below_in=0.35)
    for row, (name, spread) in enumerate(spreads.items()):
        low, quarter, middle, most, high = (times * q for q in spread.quantiles)
        colour = BLUE if name in differences else GREY
        apart = f" ({signed(times * differences[name])})" if name in differences else ""
        axes.hlines(row, low, high, color=colour, linewidth=1.2)
        axes.hlines(row, quarter, most, color=colour, linewidth=5)
        axes.plot(middle, row, "o", color="white", markeredgecolor=colour, markersize=6, zorder=3)
        axes.annotate(
            f"{short_number(middle)}{apart}", (1.0, row), xycoords=("axes fraction", "data"),
            xytext=(6, 0), textcoords="offset points", va="center", size=SMALL, color=INK,
            annotation_clip=False,
        )  # fmt: skip
    letters = NARROW_LINE if is_narrow() else LINE
    axes.set_yticks(range(len(spreads)), [fill(name, letters) for name in spreads])
    axes.set_ylim(len(spreads) - 0.5, -0.5)
    axes.grid(axis="x", color=PALE)
    axes.tick_params(length=0)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    said = [
        f"{name} {short_number(times * s.quantiles[MIDDLE])} {unit} "
        f"({short_number(times * s.quantiles[LOW])} to {short_number(times * s.quantiles[HIGH])})"
        for name, s in spreads.items()
    ]
    return Drawing(
        name=f"compared-{measure.stem.replace('_', '-')}",
        title=title,
        alt=f"Medians, with 5–95 % of the simulations: {'; '.join(said)}.",
        caption="All scenarios have the same runs.",
        figure=page.figure,
        columns=("scenario", *(f"q{100 * q:02.0f}" for q in QUANTILES)),
        rows=tuple((name, *spread.quantiles) for name, spread in spreads.items()),
        unit=measure.unit,
    )
