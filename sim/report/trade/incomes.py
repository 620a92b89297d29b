"""Gains and losses: real income by region against no agreement."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE, SHOWN_QUANTILES, over_runs
from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import (
    aligned,
    listed,
    plural,
    rounded,
    signed,
    signed_musd,
    year_to,
)
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import BLUE, GREY, INK, SMALL, VERMILION, ink_of, is_narrow, sheet
from sim.study.ensemble.asked_answer import income_of_goods, year_values
from sim.study.ensemble.findings import Finding

ROW_IN = 0.25
MAX_ROWS = 14
MIN_SHARE = 0.01
"""Regions that change by less than this part of the largest change are not drawn [1]."""
UNITS = (
    (1e-3, 1e2, "per cent", "%"),
    (1e-5, 1e4, "basis points (hundredths of a per cent)", "bp"),
)


@dataclass(frozen=True)
class Incomes:
    """Change of real income by region, paired over the runs."""

    regions: tuple[str, ...]
    names: tuple[str, ...]
    share: FloatArray
    """(n_quantiles, n_regions) change over the base year's product, services and all [1]."""
    gain: FloatArray
    """(n_quantiles, n_regions) change at the base year's incomes [musd]."""

    @property
    def musd(self) -> FloatArray:
        """(n_regions,) the median of it [musd]."""
        return np.asarray(self.gain[MIDDLE])


def incomes_of(inputs: ReportInputs, finding: Finding) -> Incomes:
    """Change of real income in the target year, every region, largest gain first.

    Raises
    ------
    ValueError
        If the scenario has no agreement to compare with.
    """
    if inputs.without is None:
        raise ValueError("a scenario without agreements has no change of income to show")
    asked = year_values(inputs.asked, "welfare_change", finding)[:, finding.at]
    without = year_values(inputs.without, "welfare_change", finding)[:, finding.at]
    world = inputs.world
    gain = over_runs(asked / without - 1.0) * goods_income(inputs)
    share = gain / world.gdp_musd
    order = np.argsort(-share[MIDDLE], kind="stable")
    return Incomes(
        regions=tuple(world.regions[k] for k in order),
        names=tuple(world.region_names[k] for k in order),
        share=share[:, order],
        gain=gain[:, order],
    )


def goods_income(inputs: ReportInputs) -> FloatArray:
    """(n_regions,) income that a relative change of real income is a part of [musd/year]."""
    return income_of_goods(inputs.scenario, inputs.world)


@reflowed
def gains_and_losses(inputs: ReportInputs, finding: Finding, incomes: Incomes) -> Drawing:
    """Median and 90 % interval of the change of real income by region, sorted."""
    kept = _kept(incomes, inputs)
    n_left_out = len(incomes.regions) - len(kept)
    scale, unit, short = unit_of(incomes.share[MIDDLE])
    title = "Gains and losses of real income"
    page = sheet(
        title,
        f"Change of real income in {year_to(finding.by)} against no agreement, in "
        f"{unit} of GDP. Dot: median; bar: 5–95 %; filled: gain, open: loss.",
        inputs.stamp + _left_out(incomes, kept, scale, short),
        0.55 + ROW_IN * len(kept),
    )
    axes = page.axes(1.3 if is_narrow() else 1.75, 1.42, above_in=0.22, below_in=0.28)
    _draw(axes, incomes, kept, scale, short)
    ends = (kept[0], kept[-1])
    return Drawing(
        name=f"gains-and-losses{inputs.suffix(finding)}",
        title=title,
        alt=f"Change of real income by region in {unit}: "
        + listed(
            [
                f"{incomes.names[k]} {signed(scale * incomes.share[MIDDLE, k])} "
                f"({signed_musd(incomes.musd[k])} million USD)"
                for k in (ends if len(kept) > 1 else ends[:1])
            ]
        )
        + f" at the two ends of {len(kept)} regions shown, {n_left_out} not shown.",
        caption="In the base year's money. Real income counts cheaper goods, dearer or cheaper "
        "exports and the duty that is no longer collected; services are taken to stand still.",
        figure=page.figure,
        columns=("region", "quantile", "real_income_change_share", "real_income_change_musd"),
        rows=tuple(
            (region, name, float(incomes.share[q, k]), float(incomes.gain[q, k]))
            for k, region in enumerate(incomes.regions)
            for q, name in SHOWN_QUANTILES
        ),
    )


def _kept(incomes: Incomes, inputs: ReportInputs) -> list[int]:
    """Rows shown: parties first of all, then the regions that change most, in sorted order."""
    parties = {
        region for agreement in inputs.scenario.agreements.values() for region in agreement.members
    }
    parties |= {region for finding in inputs.findings for region in finding.pair}
    size = np.abs(incomes.share[MIDDLE])
    ranked = sorted(
        range(len(incomes.regions)), key=lambda k: (incomes.regions[k] not in parties, -size[k])
    )
    large = [
        k
        for k in ranked
        if incomes.regions[k] in parties or size[k] >= MIN_SHARE * float(size.max())
    ]
    return sorted(large[:MAX_ROWS])


def unit_of(share: FloatArray) -> tuple[float, str, str]:
    """Scale, name and sign of the unit in which the largest change is a readable number."""
    largest = float(np.abs(share).max())
    _, scale, name, short = next((unit for unit in UNITS if largest >= unit[0]), UNITS[-1])
    return scale, name, short


def _left_out(incomes: Incomes, kept: list[int], scale: float, unit: str) -> str:
    rest = [k for k in range(len(incomes.regions)) if k not in kept]
    if not rest:
        return ""
    largest = max(abs(float(incomes.share[MIDDLE, k])) for k in rest)
    return f" {plural(len(rest), 'other region')}: at most {rounded(scale * largest, 2)} {unit}."


def _draw(axes: Axes, incomes: Incomes, kept: list[int], scale: float, unit: str) -> None:
    values = scale * incomes.share[:, kept]
    low, high = min(0.0, float(values[LOW].min())), max(0.0, float(values[HIGH].max()))
    room = 0.05 * (high - low or 1.0)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(len(kept) - 0.5, -0.5)
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.grid(axis="x")
    medians = aligned([float(value) for value in values[MIDDLE]])
    dollars = aligned([float(incomes.musd[k]) for k in kept])
    for row, k in enumerate(kept):
        gain = values[MIDDLE, row] >= 0
        colour = BLUE if gain else VERMILION
        axes.plot(values[[LOW, HIGH], row], [row, row], color=colour, linewidth=4, alpha=0.35,
                  solid_capstyle="butt")  # fmt: skip
        axes.plot([values[MIDDLE, row]], [row], marker="o", markersize=6, color=colour,
                  markerfacecolor=colour if gain else "white", markeredgewidth=1.4)  # fmt: skip
        _row_text(axes, row, (incomes.names[k], medians[row], dollars[row]), colour)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", length=0)
    axes.locator_params(axis="x", nbins=2 if is_narrow() else 6)
    for x, text in ((44, unit), (92, "million USD")):
        axes.annotate(
            text, (1.0, 1.0), xycoords="axes fraction", xytext=(x, 4), ha="right",
            textcoords="offset points", size=7.5, color=GREY,
        )  # fmt: skip


def _row_text(axes: Axes, row: int, texts: tuple[str, str, str], colour: str) -> None:
    places = ((0.0, -6, INK), (1.0, 44, ink_of(colour)), (1.0, 92, INK))
    for (edge, x, ink), text in zip(places, texts, strict=True):
        axes.annotate(
            text, (edge, row), xycoords=("axes fraction", "data"), xytext=(x, 0),
            textcoords="offset points", ha="right", va="center", size=SMALL, color=ink,
            annotation_clip=False, parse_math=False,
        )  # fmt: skip
