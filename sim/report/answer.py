"""The answer for machines: the facts of the first screen as JSON."""

import json
from typing import Any

from sim.report.books import recorded_years
from sim.report.effects import effects_of
from sim.report.series import QUANTILE_NAMES, SHOWN_QUANTILES, Material
from sim.study.findings import INTERVAL, Finding, sentence

RECORDED = ("run_id", "scenario_hash", "world_hash", "seed", "versions")
"""Entries of the run's record that go into the answer; wall time and such stay out of it."""


def answer_bytes(material: Material) -> bytes:
    """The answer as JSON text with a stable order of keys."""
    world, scenario, record = material.world, material.scenario, material.record
    content: dict[str, Any] = {
        "title": scenario.title,
        "question": scenario.question,
        "ledger": world.ledger,
        "base_year": world.base_year,
        "world": world.name,
        "runs": scenario.runs,
        "run": {key: record[key] for key in RECORDED if key in record},
        "targets": {f.name: _target(material, f) for f in material.findings},
    }
    content["run"].setdefault("seed", scenario.seed)
    content["run"].setdefault("world_hash", world.content_hash)
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


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
