"""What each agreement changes in the target year's trade, on the same draws."""

import textwrap
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.report.blocks import Section
from sim.report.drawing import Drawing
from sim.report.series import HIGH, LOW, MIDDLE, Material, over_runs
from sim.report.style import BLUE, GREY, INK, SMALL, WIDTH_IN, Sheet, sheet
from sim.report.wording import entry_in_words, listed, signed, spoken, year_to
from sim.study.findings import Finding
from sim.study.run import AS_ASKED, NO_AGREEMENT

FloatArray = NDArray[np.float64]

ROW_IN = 0.56
PANEL_IN = 2.5
CHARACTER_IN = 0.066
"""Width of a character of the numbers, generously [in]."""
LONGEST_NAME, WRAPPED_NAME = 18, 24
"""Characters of a name on one line, and of its lines in smaller type if it is longer."""
ROUNDING = 1e-9
"""Relative difference below which two runs are the same [1]."""
TOGETHER = "all together"


@dataclass(frozen=True)
class Effect:
    """What one variant changes against no agreement, quantiles over the paired runs."""

    name: str
    detail: str
    musd: FloatArray
    """(n_quantiles,) difference [musd/year]."""
    share: FloatArray
    """(n_quantiles,) relative difference [1]."""


def effects_section(material: Material, finding: Finding) -> Section | None:
    """What the agreements change; None without agreements."""
    if material.without is None:
        return None
    drawing = agreement_effects(material, finding)
    return Section("effects", "What the agreements change", (drawing,))


def effects_of(material: Material, finding: Finding) -> tuple[Effect, ...]:
    """Each agreement alone, then all together; empty without agreements."""
    without = finding.variant_trade.get(NO_AGREEMENT)
    if without is None:
        return ()
    agreements = material.scenario.agreements
    only = next(iter(agreements)) if len(agreements) == 1 else None
    names = [name for name in finding.variant_trade if name in agreements] + [AS_ASKED]
    effects = []
    for name in names:
        before = without[:, finding.at]
        difference = finding.variant_trade[name][:, finding.at] - before
        # Where an agreement never came about, rounding errors are all that differs.
        difference = np.where(np.abs(difference) < ROUNDING * before, 0.0, difference)
        agreement = agreements[only or name] if only or name in agreements else None
        detail = (
            "as asked"
            if agreement is None
            else f"{agreement.kind}, {entry_in_words(agreement.timeline)}"
        )
        effects.append(
            Effect(
                name=only or (TOGETHER if name == AS_ASKED else name),
                detail=detail,
                musd=over_runs(difference),
                share=over_runs(difference / before),
            )
        )
    return tuple(effects)


def agreement_effects(material: Material, finding: Finding) -> Drawing:
    """Median and 90 % interval of the paired differences, in million USD and per cent."""
    effects = effects_of(material, finding)
    a, b = finding.pair_names
    title = f"What the agreements change in {a}–{b} trade"
    page = sheet(
        title,
        f"Trade in {year_to(finding.by)} against no agreement with the same draws. Dot: median "
        "run; bar: 90 % of the runs.",
        material.stamp,
        0.62 + ROW_IN * len(effects),
    )
    left, right = _panels(page)
    for axes, unit, scale in ((left, "million USD a year", 1.0), (right, "per cent", 100.0)):
        values = [scale * (e.musd if axes is left else e.share) for e in effects]
        _draw(axes, values, unit)
    for row, effect in enumerate(effects):
        _name_row(left, row, effect)
    return Drawing(
        name=f"agreement-effects{material.suffix(finding)}",
        title=title,
        alt=_alt(finding, effects),
        caption=_caption(effects),
        figure=page.figure,
        columns=("variant", "quantile", "difference_musd_per_year", "difference_share"),
        rows=tuple(
            (effect.name, quantile, float(effect.musd[q]), float(effect.share[q]))
            for effect in effects
            for q, quantile in ((LOW, "q05"), (MIDDLE, "q50"), (HIGH, "q95"))
        ),
    )


def _panels(page: Sheet) -> tuple[Axes, Axes]:
    return (
        page.axes(1.75, WIDTH_IN - 1.75 - PANEL_IN, above_in=0.0, below_in=0.42),
        page.axes(4.55, WIDTH_IN - 4.55 - PANEL_IN, above_in=0.0, below_in=0.42),
    )


def _draw(axes: Axes, values: list[FloatArray], unit: str) -> None:
    """One panel: a bar, a dot and the numbers for every row."""
    low = min(0.0, *(float(v[LOW]) for v in values))
    high = max(0.0, *(float(v[HIGH]) for v in values))
    room = 0.10 * (high - low or 1.0)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(len(values) - 0.45, -0.75)
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.grid(axis="x")
    for row, value in enumerate(values):
        axes.plot([value[LOW], value[HIGH]], [row, row], color=BLUE, linewidth=5, alpha=0.35,
                  solid_capstyle="butt")  # fmt: skip
        axes.plot([value[MIDDLE]], [row], marker="o", color=BLUE, markersize=7)
        text = _in_words(value)
        axes.annotate(
            text, (_text_place(axes, float(value[MIDDLE]), text), row), xytext=(0, 7),
            textcoords="offset points", ha="center", va="bottom", size=SMALL, color=INK,
            annotation_clip=False, parse_math=False, zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )  # fmt: skip
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", length=0)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(unit, size=SMALL, color=GREY)


def _text_place(axes: Axes, wanted: float, text: str) -> float:
    """Centre of a text as near to the wanted one as keeps it inside the panel, right of zero."""
    low, high = axes.get_xlim()
    half = 0.5 * len(text) * CHARACTER_IN / PANEL_IN * (high - low)
    left = 0.0 if wanted > 0 and high > 2 * half else low
    return min(max(wanted, left + half), high - half)


def _name_row(axes: Axes, row: int, effect: Effect) -> None:
    is_long = len(effect.name) > LONGEST_NAME
    name = textwrap.fill(effect.name, WRAPPED_NAME, max_lines=3) if is_long else effect.name
    for text, dy, size, weight, colour in (
        (name, 2, 7.0 if is_long else 9.0, "bold", INK),
        (effect.detail, -3, 7.5, "normal", GREY),
    ):
        axes.annotate(
            text, (0.0, row), xycoords=("axes fraction", "data"), xytext=(-8, dy),
            textcoords="offset points", ha="right", va="bottom" if dy > 0 else "top", size=size,
            weight=weight, color=colour, annotation_clip=False, parse_math=False,
        )  # fmt: skip


def _caption(effects: tuple[Effect, ...]) -> str:
    text = (
        "Every run is compared with its own twin without agreements, so that what is shown is "
        "policy and not luck; surprises of trade move both alike."
    )
    if len(effects) > 1:
        text += " The parts need not add up to the whole."
    return text


def _in_words(quantiles: FloatArray) -> str:
    return spoken(float(quantiles[LOW]), float(quantiles[MIDDLE]), float(quantiles[HIGH]))


def _alt(finding: Finding, effects: tuple[Effect, ...]) -> str:
    parts = [
        f"{e.name} {_in_words(e.musd)} million USD, or {signed(100 * e.share[MIDDLE])} %"
        for e in effects
    ]
    return f"Change of trade in {year_to(finding.by)} against no agreement: {listed(parts)}."
