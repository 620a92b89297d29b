"""The answer for machines: the facts of the page as JSON.

The first screen stands under `targets`, the rest under `sections`, made of the objects that the
page is made of.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sim.report.answer_parts import READING, sections_json
from sim.report.blocks import Section
from sim.report.books import latest_record, recorded_years
from sim.report.effects import effects_of
from sim.report.series import QUANTILE_NAMES, SHOWN_QUANTILES, Material
from sim.study.findings import INTERVAL, Finding, sentence

ANSWER = "answer.json"
RECORDED = ("run_id", "kind", "command", "scenario_hash", "world_hash", "seed", "versions")
"""Entries of the run's record that go into the answer; wall time and such stay out of it."""


def answer_bytes(material: Material, sections: Sequence[Section]) -> bytes:
    """The answer of a run as JSON text: its front, then the sections in the order of the page."""
    world, scenario, record = material.world, material.scenario, material.record
    content: dict[str, Any] = {
        "title": scenario.title,
        "question": scenario.question,
        "ledger": world.ledger,
        "base_year": world.base_year,
        "trade_on_record_to": latest_record(world, [f.pair for f in material.findings]),
        "world": world.name,
        "runs": scenario.runs,
        "run": run_of(record),
        "targets": {f.name: _target(material, f) for f in material.findings},
    }
    content["run"].setdefault("seed", scenario.seed)
    content["run"].setdefault("world_hash", world.content_hash)
    return json_text(content, sections)


def run_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says of how the numbers came about."""
    return {key: record[key] for key in RECORDED if key in record}


def json_text(front: Mapping[str, Any], sections: Sequence[Section]) -> bytes:
    """JSON of a front and of sections, the same bytes for the same page."""
    content = {**front, "reading": READING, "sections": sections_json(sections)}
    return f"{json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)}\n".encode()


def _target(material: Material, finding: Finding) -> dict[str, Any]:
    world = material.world
    low, high = finding.reached_interval
    return {
        "sentence": sentence(finding, world.ledger, world.base_year),
        "pair": list(finding.pair),
        "target_musd": finding.target_musd,
        "by": finding.by,
        "baseline_musd": finding.baseline_musd,
        "n_runs": finding.n_runs,
        "n_reached": finding.n_reached,
        "n_stopped": finding.n_stopped,
        "reached_share": finding.reached_share,
        "reached_interval": {"coverage": INTERVAL, "low": low, "high": high},
        "is_probability": finding.is_probability,
        "energy_share": finding.energy_share,
        "trade_musd_by_year": {
            f"{year}{finding.by[4:]}": dict(zip(QUANTILE_NAMES, values.tolist(), strict=True))
            for year, values in zip(finding.years, finding.quantiles.T, strict=True)
        },
        "agreement_effects": {
            effect.name: {
                f"difference_{unit}": {name: float(values[q]) for q, name in SHOWN_QUANTILES}
                for unit, values in (("musd", effect.musd), ("share", effect.share))
            }
            for effect in effects_of(material, finding)
        },
        "recorded_musd": [
            {"books": y.books, "period": y.period, "trade_musd": y.trade_musd}
            for y in recorded_years(world, finding.pair).years
        ],
    }
