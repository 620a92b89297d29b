"""The answer of the tiny world, word for word and number for number, beside the one kept here.

A change of any number shows as a difference of this file. Where it is meant, write the file again
and let the difference be read with the change:

    UPDATE_GOLDEN=1 python -m pytest -n 0 tests/report/test_golden.py
"""

import json
import os
from pathlib import Path

import pytest

from sim.report.answer_json import answer_bytes
from sim.report.contents import sections_of
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import house_style
from sim.report.summary.first_page import first_page
from sim.study.ensemble.findings import findings
from sim.study.ensemble.run import run_variants

GOLDEN = Path(__file__).resolve().parents[1] / "worlds" / "tiny-answer.json"
HASHES = ("world_hash",)
"""Entries about the input, not about what comes of it."""


@pytest.fixture(scope="module")
def answer(tiny_world, tiny_scenario):
    results = run_variants(tiny_scenario, tiny_world)
    found = findings(tiny_scenario, tiny_world, results.variants)
    with house_style():
        inputs = ReportInputs(tiny_scenario, tiny_world, results.variants, found)
        sections = (*first_page(inputs), *sections_of(inputs))
        content = json.loads(answer_bytes(inputs, sections))
    for name in HASHES:
        content["run"].pop(name, None)
    return content


def differences(wanted, found, place="answer"):
    """Places at which two answers differ; numbers may differ by the last digits of a machine."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in [*wanted, *(key for key in found if key not in wanted)]:
            there = wanted.get(key, "nothing"), found.get(key, "nothing")
            yield from differences(*there, f"{place}.{key}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for number, there in enumerate(zip(wanted, found, strict=True)):
            yield from differences(*there, f"{place}[{number}]")
    elif isinstance(wanted, float) and isinstance(found, float):
        if found != pytest.approx(wanted, rel=1e-9, abs=1e-12):
            yield f"{place}: wanted {wanted}, found {found}"
    elif wanted != found:
        yield f"{place}: wanted {wanted}, found {found}"


def test_the_answer_of_the_tiny_world_is_the_one_kept(answer):
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(f"{json.dumps(answer, indent=1, ensure_ascii=False)}\n", encoding="utf-8")
    kept = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert not [*differences(kept, answer)]


def test_a_number_that_moves_is_noticed(answer):
    for target in answer["targets"].values():
        moved = json.loads(json.dumps(target))
        name = next(key for key, value in target.items() if isinstance(value, float))
        moved[name] *= 1.0 + 1e-6
        assert [*differences(target, moved)]
