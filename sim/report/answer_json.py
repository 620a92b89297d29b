"""The answer for machines: the facts of the page as JSON.

The first screen stands under `targets`, the rest under `sections`, made of the objects that the
page is made of.
"""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.crossing import Estimate
from sim.report.answer_sections import READING, sections_json
from sim.report.page.amounts_over_runs import QUANTILE_NAMES, SHOWN_QUANTILES
from sim.report.page.blocks import Section
from sim.report.page.recorded_trade import latest_record, recorded_years
from sim.report.page.report_inputs import ReportInputs
from sim.report.policy.agreement_effects import effects_of
from sim.study.ensemble.counterfactuals import AS_ASKED
from sim.study.ensemble.findings import INTERVAL, Finding
from sim.study.ensemble.headline import headline, sentence

ANSWER = "answer.json"
RECORDED = ("run_id", "kind", "command", "scenario_hash", "world_hash", "seed", "versions")
"""Entries of the run's record that go into the answer; wall time and such stay out of it."""


def answer_bytes(inputs: ReportInputs, sections: Sequence[Section]) -> bytes:
    """The answer of a run as JSON text: its header, then the sections in the order of the page."""
    world, scenario, record = inputs.world, inputs.scenario, inputs.record
    content: dict[str, Any] = {
        "title": scenario.title,
        "question": scenario.question,
        "ledger": world.ledger,
        "base_year": world.base_year,
        "trade_on_record_to": latest_record(world, [f.pair for f in inputs.findings]),
        "world": world.name,
        "runs": scenario.runs,
        "run": run_of(record),
        "targets": {f.name: target_json(inputs, f) for f in inputs.findings},
    }
    content["run"].setdefault("seed", scenario.seed)
    content["run"].setdefault("world_hash", world.tables_hash)
    return json_text(content, sections)


def run_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Entries of a record on how the numbers were produced."""
    return {key: record[key] for key in RECORDED if key in record}


def json_text(header: Mapping[str, Any], sections: Sequence[Section]) -> bytes:
    """JSON of a header and of sections, the same bytes for the same page."""
    content = {**header, "reading": READING, "sections": sections_json(sections)}
    return f"{json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)}\n".encode()


def target_json(inputs: ReportInputs, finding: Finding) -> dict[str, Any]:
    """One target's answer: estimates with their intervals, by year and by agreement."""
    world = inputs.world
    crossing = finding.answer.crossing
    return {
        "headline": headline(finding),
        "sentence": sentence(finding, world.ledger, world.base_year),
        "pair": list(finding.pair),
        "target_musd": finding.target_musd,
        "by": finding.by,
        "baseline_musd": finding.baseline_musd,
        "stated_musd": finding.stated_musd,
        "year": int(finding.years[finding.at]),
        "trade_musd": estimate_json(finding.median),
        "chance": estimate_json(finding.chance),
        **_without(finding),
        "touched": estimate_json(finding.touched),
        "reached_share": finding.chance.value,
        "reached_interval": {
            "coverage": INTERVAL,
            "low": finding.chance.low,
            "high": finding.chance.high,
        },
        "is_probability": finding.is_probability,
        "known_share": finding.answer.known_share[AS_ASKED],
        "n_runs": finding.n_runs,
        "n_residual_paths": crossing.pairs.n_residual,
        "n_pairs": crossing.pairs.n_pairs,
        "effective_sample": crossing.pairs.effective_sample,
        "not_crossed_because": list(crossing.reasons),
        "n_stopped": finding.n_stopped,
        "energy_share": finding.energy_share,
        **_by_year(finding),
        "agreement_effects": {
            effect.name: {
                "difference_musd": _quantiles(effect.musd),
                "difference_share": _quantiles(effect.share),
                "chance_difference": estimate_json(effect.chance),
            }
            for effect in effects_of(inputs, finding)
        },
        "recorded_musd": [
            {"statistics": y.ledgers, "period": y.period, "trade_musd": y.trade_musd}
            for y in recorded_years(world, finding.pair).years
        ],
    }


def _quantiles(values: FloatArray) -> dict[str, float]:
    return {name: float(values[q]) for q, name in SHOWN_QUANTILES}


def _by_year(finding: Finding) -> dict[str, Any]:
    """Trade and chances of every year, by its name."""
    return {
        "trade_musd_by_year": {
            f"{year}{finding.by[4:]}": dict(zip(QUANTILE_NAMES, values.tolist(), strict=True))
            for year, values in zip(finding.years, finding.quantiles.T, strict=True)
        },
        "chance_by_year": {
            f"{year}{finding.by[4:]}": {
                "chance": estimate_json(chance),
                "touched": estimate_json(so_far),
            }
            for year, chance, so_far in zip(
                finding.years, finding.course.chance, finding.course.touched, strict=True
            )
        },
    }


def _without(finding: Finding) -> dict[str, Any]:
    """Chances without agreements and what these change; nothing where there are none."""
    without, change = finding.without, finding.change
    if without is None or change is None:
        return {}
    return {
        "chance_without_agreements": estimate_json(without.chance[finding.at]),
        "chance_difference": estimate_json(change.chance),
        "touched_without_agreements": estimate_json(without.touched[finding.at]),
        "touched_difference": estimate_json(change.touched),
        "trade_musd_without_agreements": estimate_json(without.median[finding.at]),
        "trade_musd_difference": estimate_json(change.median),
    }


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    """An estimate with its interval; null for an end that so few runs cannot tell."""
    low, high = (edge if isfinite(edge) else None for edge in estimate[1:])
    return {"value": estimate.value, "coverage": INTERVAL, "low": low, "high": high}
