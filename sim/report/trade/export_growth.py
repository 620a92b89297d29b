"""Without agreements: growth of every region's exports to the target year."""

import numpy as np
from matplotlib.axes import Axes

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import parse_quarter
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE, SHOWN_QUANTILES, over_runs
from sim.report.page.blocks import Section
from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import aligned, listed, musd, signed, year_to
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import BLUE, GREY, INK, SMALL, VERMILION, is_narrow, sheet
from sim.study.ensemble.asked_answer import year_values
from sim.study.ensemble.findings import Finding

ROW_IN = 0.25
MAX_ROWS = 22


def exports_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """Growth of exports; None where it is told who gains and who loses."""
    if inputs.without is not None and inputs.has_incomes:
        return None
    return Section("exports", "Growth of exports", (growth_of_exports(inputs, finding),))


@reflowed
def growth_of_exports(inputs: ReportInputs, finding: Finding) -> Drawing:
    """Median and 90 % interval of the yearly growth of exports since the base year, sorted."""
    world = inputs.world
    before = _exports_of_base_year(inputs)
    after = year_values(inputs.asked, "exports", finding)[:, finding.at]
    years = (parse_quarter(finding.by) + 1) / 4 - (world.base_year + 1)
    growth = over_runs(100.0 * ((after / before) ** (1.0 / max(years, 0.25)) - 1.0))
    order = np.argsort(-growth[MIDDLE], kind="stable")[:MAX_ROWS]
    middle = over_runs(after)[MIDDLE]
    title = f"Growth of exports by region, {world.base_year} to {year_to(finding.by)}"
    page = sheet(
        title,
        "Per cent a year, current prices, all partners. Dot: median; bar: 5–95 %.",
        inputs.stamp,
        0.55 + ROW_IN * len(order),
    )
    axes = page.axes(1.3 if is_narrow() else 1.75, 1.55, above_in=0.22, below_in=0.28)
    _draw(axes, growth[:, order], [world.region_names[k] for k in order], middle[order], finding)
    first, last = order[0], order[-1]
    return Drawing(
        name=f"growth-of-exports{inputs.suffix(finding)}",
        title=title,
        alt="Growth of exports by region, per cent a year: "
        + listed([f"{world.region_names[k]} {signed(growth[MIDDLE, k])}" for k in (first, last)])
        + " are the highest and the lowest.",
        caption="Growth follows the outlook for each region's output and world prices. The "
        "intervals hold the errors of those outlooks; the shocks of single pairs wash out in a "
        "region's total and are left out.",
        figure=page.figure,
        columns=("region", "quantile", "growth_per_cent_per_year", "median_exports_musd_per_year"),
        rows=tuple(
            (world.regions[k], name, float(growth[q, k]), float(middle[k]))
            for k in np.argsort(-growth[MIDDLE], kind="stable")
            for q, name in SHOWN_QUANTILES
        ),
    )


def _exports_of_base_year(inputs: ReportInputs) -> FloatArray:
    """(n_regions,) exports to all partners, energy included [musd/year]."""
    world = inputs.world
    flow = world.trade.sum(axis=0) + world.energy_trade
    return np.asarray(flow.sum(axis=1) - np.diag(flow))


def _draw(
    axes: Axes, growth: FloatArray, names: list[str], musd_after: FloatArray, finding: Finding
) -> None:
    low, high = min(0.0, float(growth[LOW].min())), max(0.0, float(growth[HIGH].max()))
    room = 0.05 * (high - low or 1.0)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.grid(axis="x")
    pair = set(finding.pair_names)
    medians = aligned([float(value) for value in growth[MIDDLE]])
    for row, name in enumerate(names):
        colour = VERMILION if name in pair else BLUE
        axes.plot(growth[[LOW, HIGH], row], [row, row], color=colour, linewidth=4, alpha=0.35,
                  solid_capstyle="butt")  # fmt: skip
        axes.plot([growth[MIDDLE, row]], [row], color=colour, markersize=6,
                  marker="D" if name in pair else "o")  # fmt: skip
        for edge, x, text in (
            (0.0, -6, name),
            (1.0, 44, medians[row]),
            (1.0, 106, musd(musd_after[row])),
        ):
            axes.annotate(
                text, (edge, row), xycoords=("axes fraction", "data"), xytext=(x, 0),
                textcoords="offset points", ha="right", va="center", size=SMALL, color=INK,
                weight="bold" if name in pair else "normal", annotation_clip=False,
                parse_math=False,
            )  # fmt: skip
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", length=0)
    for x, text in ((44, "% a year"), (106, "million USD")):
        axes.annotate(
            text, (1.0, 1.0), xycoords="axes fraction", xytext=(x, 4), ha="right",
            textcoords="offset points", size=7.5, color=GREY,
        )  # fmt: skip
