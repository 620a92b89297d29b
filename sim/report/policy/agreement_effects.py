"""Changes by each agreement in the target year's trade, on the same draws."""

from dataclasses import dataclass

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.crossing import Estimate
from sim.report.page.amounts_over_runs import MIDDLE, SHOWN_QUANTILES
from sim.report.page.blocks import Section
from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import entry_in_words, listed, signed, year_to
from sim.report.page.interval_rows import (
    draw_intervals,
    interval_panels,
    interval_words,
    name_row,
    panels_height_in,
)
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import is_narrow, sheet
from sim.study.ensemble.counterfactuals import AS_ASKED
from sim.study.ensemble.findings import Finding

ROW_IN = 0.56
TOGETHER = "all together"


@dataclass(frozen=True)
class AgreementEffect:
    """Effect of one variant against no agreement, quantiles over the same futures."""

    name: str
    detail: str
    musd: FloatArray
    """(n_quantiles,) difference [musd/year]."""
    share: FloatArray
    """(n_quantiles,) relative difference [1]."""
    chance: Estimate
    """Difference of the chance that the year reaches the target, with its interval [1]."""
    median: Estimate
    """Difference of the median trade, with its interval [musd/year]."""


def effects_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """Section on the effects of the agreements; None without agreements."""
    if inputs.without is None:
        return None
    drawing = agreement_effects(inputs, finding)
    return Section("effects", "Effects of the agreements", (drawing,))


def effects_of(inputs: ReportInputs, finding: Finding) -> tuple[AgreementEffect, ...]:
    """Each agreement alone, then all together; empty without agreements."""
    if finding.without is None:
        return ()
    agreements = inputs.scenario.agreements
    only = next(iter(agreements)) if len(agreements) == 1 else None
    names = [name for name in finding.variant_trade if name in agreements] + [AS_ASKED]
    effects = []
    for name in names:
        change = finding.answer.changes[name]
        agreement = agreements[only or name] if only or name in agreements else None
        detail = (
            "with all agreements"
            if agreement is None
            else f"{agreement.kind_in_words}, {entry_in_words(agreement.timeline)}"
        )
        effects.append(
            AgreementEffect(
                name=only or (TOGETHER if name == AS_ASKED else name),
                detail=detail,
                musd=change.musd,
                share=change.share,
                chance=change.chance,
                median=change.median,
            )
        )
    return tuple(effects)


@reflowed
def agreement_effects(inputs: ReportInputs, finding: Finding) -> Drawing:
    """Median and 90 % interval of the paired differences, in million USD and per cent."""
    effects = effects_of(inputs, finding)
    a, b = finding.pair_names
    title = f"Effects of the agreements on {a}–{b} trade"
    page = sheet(
        title,
        f"Trade in {year_to(finding.by)} against the same future without agreements. Dot: median "
        "future; bar: 5–95 %.",
        inputs.stamp,
        panels_height_in(0.62 + ROW_IN * len(effects)),
    )
    left, right = interval_panels(page, above_in=0.0)
    for axes, unit, scale in ((left, "million USD a year", 1.0), (right, "per cent", 100.0)):
        values = [scale * (e.musd if axes is left else e.share) for e in effects]
        draw_intervals(axes, values, unit)
        if axes is left or is_narrow():
            for row, effect in enumerate(effects):
                name_row(axes, row, effect.name, effect.detail)
    return Drawing(
        name=f"agreement-effects{inputs.suffix(finding)}",
        title=title,
        alt=_alt(finding, effects),
        caption=_caption(effects),
        figure=page.figure,
        columns=("variant", "quantile", "difference_musd_per_year", "difference_share"),
        rows=tuple(
            (effect.name, quantile, float(effect.musd[q]), float(effect.share[q]))
            for effect in effects
            for q, quantile in SHOWN_QUANTILES
        ),
    )


def _caption(effects: tuple[AgreementEffect, ...]) -> str:
    text = (
        "Every future is compared with the same future without the agreements, so that the "
        "difference is policy and not luck."
    )
    if len(effects) > 1:
        text += " The parts need not add up to the whole."
    return text


def _alt(finding: Finding, effects: tuple[AgreementEffect, ...]) -> str:
    parts = [
        f"{e.name} {interval_words(e.musd)} million USD, or {signed(100 * e.share[MIDDLE])} %"
        for e in effects
    ]
    return f"Change of trade in {year_to(finding.by)} against no agreement: {listed(parts)}."
