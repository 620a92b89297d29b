"""The answer for machines: every section of the page, its numbers with their units."""

import json
import math
import pickle
import re

import pytest

from sim.report.answer_json import answer_bytes
from sim.report.contents import CONTENTS, each_target
from sim.report.page.amounts import Amount, records
from sim.report.page.blocks import Note, Paragraph, Points, Subheading, TableBlock, unfolded
from sim.report.page.figure import Drawing
from sim.report.page.style import house_style
from sim.report.trade.target import target_section
from tests.builders.amounts import amounts_in

NO_AMOUNT = re.compile(r"\b(19|20)\d\d(Q\d|-\d\d)*\b|\b(5–95|50|80|90) %|one-billion")
"""Numbers that say when or how an interval is read, and names."""
TELLS_NO_AMOUNT = {"omissions", "changes"}
"""Sections whose words hold settings of the model; those of agreements are told as facts."""


@pytest.fixture(scope="module", params=["both_made", "none_made"], ids=["both", "none"])
def made(request):
    parts = request.getfixturevalue(request.param)
    inputs, sections = parts.inputs, parts.sections
    return inputs, sections, json.loads(answer_bytes(inputs, sections))


def test_figures_can_be_saved_by_other_processes(made):
    _, sections, _ = made
    drawings = [drawing for section in sections for drawing in section.drawings]
    assert drawings
    for drawing in drawings:
        assert pickle.loads(pickle.dumps(drawing)).name == drawing.name


def test_every_section_of_the_page_is_in_the_answer_in_its_order(made):
    _, sections, answer = made
    assert list(answer["sections"]) == [section.name for section in sections]
    for section in sections:
        told = answer["sections"][section.name]
        assert told["heading"] == section.heading
        kinds = [type(block) for block in unfolded(section.blocks)]
        assert len(told.get("figures", ())) == kinds.count(Drawing)
        assert len(told.get("tables", ())) == kinds.count(TableBlock)
        n_texts = sum(kinds.count(kind) for kind in (Paragraph, Note, Points))
        assert len(told.get("texts", ())) == n_texts


def test_anchors_are_unique(made):
    _, sections, _ = made
    names = [section.name for section in sections]
    assert len(set(names)) == len(names) <= len(CONTENTS)


def test_every_amount_has_its_unit_and_is_a_number(made):
    _, _, answer = made
    amounts = list(amounts_in(answer["sections"]))
    assert len(amounts) > 300
    for amount in amounts:
        assert amount["unit"], amount
        assert amount["value"] is None or math.isfinite(amount["value"])
        if "low" in amount and amount["low"] is not None:
            assert amount["low"] <= amount["high"]


def test_numbers_of_the_page_s_tables_are_amounts(made):
    _, sections, _ = made
    for section in sections:
        for table in (b for b in unfolded(section.blocks) if isinstance(b, TableBlock)):
            numeric = [k for k, column in enumerate(table.columns) if column.is_number]
            for row in table.rows:
                assert all(isinstance(row[k], Amount) for k in numeric), (section.name, row)


def test_sentences_that_state_numbers_hold_them_as_facts(made):
    _, sections, _ = made
    for section in sections:
        if section.name in TELLS_NO_AMOUNT:
            continue
        for block in unfolded(section.blocks):
            if isinstance(block, Paragraph) and re.search(r"\d", NO_AMOUNT.sub("", block.text)):
                assert block.facts, block.text


def test_figures_tell_the_numbers_they_are_drawn_from(made):
    _, _, answer = made
    for section in answer["sections"].values():
        for figure in section.get("figures", ()):
            assert figure["facts"], figure["name"]
            assert list(amounts_in(figure["facts"])), figure["name"]
            assert figure["data"] == f"figures/{figure['name']}.csv"


def test_cells_of_the_page_are_those_of_the_answer(made, made_up):
    inputs, _, answer = made
    (finding,) = inputs.findings
    (table,) = answer["sections"]["target"]["tables"]
    (row,) = (r for r in table["rows"] if r["Year"] == "2030 (target)")
    assert row["Median"]["value"] == pytest.approx(finding.quantiles[2, finding.at], rel=1e-9)
    target = answer["targets"][finding.name]
    for column, key in (("Reaches it", "chance"), ("Reached by then", "touched")):
        for part in ("value", "low", "high"):
            assert row[column][part] == pytest.approx(target[key][part])
    assert target["trade_musd_by_year"]["2030Q4"]["q50"] == target["trade_musd"]["value"]


def test_the_page_prints_the_text_of_every_cell(both_told):
    answer = json.loads(both_told["answer.json"])
    html = both_told["report.html"].decode()
    printed = set(re.findall(r"<td[^>]*>([^<]*)</td>", html))
    for section in answer["sections"].values():
        for table in section.get("tables", ()):
            for row in table["rows"]:
                for cell in row.values():
                    if isinstance(cell, dict):
                        assert cell["text"].replace("<", "&lt;") in printed


def test_levers_winners_and_gates_come_with_intervals(both_told):
    sections = json.loads(both_told["answer.json"])["sections"]
    levers = sections["effects"]["figures"][0]["facts"]
    assert {lever["variant"] for lever in levers} == {"pta", "transit", "all together"}
    for lever in levers:
        change = lever["difference_musd_per_year"]
        assert change["low"] <= change["value"] <= change["high"]
        assert change["unit"] == "million USD/yr"
    (incomes,) = (f for f in sections["incomes"]["figures"] if f["name"] == "gains-and-losses")
    for region in incomes["facts"]:
        gain = region["real_income_change_musd"]
        assert gain["low"] <= gain["value"] <= gain["high"]
    (when,) = sections["when"]["figures"]
    for year in when["facts"]:
        reached = year["reached_by_then_per_cent"]
        assert reached["low"] <= reached["value"] <= reached["high"]
    (gates,) = (f for f in sections["routes"]["figures"] if f["name"] == "gates-over-time")
    assert {fact["year"] for fact in gates["facts"]} == {"2023Q4", "2030Q4"}


def test_assumptions_have_value_unit_range_and_source(both_told):
    (table,) = json.loads(both_told["answer.json"])["sections"]["assumptions"]["tables"]
    first = table["rows"][0]
    assert first["Parameter"].endswith("(changed)")
    value = first["Value or distribution"]
    assert (value["low"], value["value"], value["high"], value["unit"]) == (3.8, 5, 7, "1")
    assert all(row["Source"] for row in table["rows"])


def test_the_other_books_stand_beside_the_run_s_own(both_told):
    tables = json.loads(both_told["answer.json"])["sections"]["confidence"]["tables"]
    (ledgers,) = (
        t for t in tables if t["caption"].startswith("The same question from other statistics")
    )
    own, other = (row["Statistics"] for row in ledgers["rows"])
    assert (own, other) == ("Pakistan statistics", "Kazakhstan statistics")
    for row in ledgers["rows"]:
        chance = row["Chance of the target"]
        assert 0 <= chance["low"] <= chance["value"] <= chance["high"] <= 1


def test_parts_of_several_targets_say_which_they_are_of(made_up):
    targets = {
        "near": {"pair": ["PAK", "KAZ"], "trade_musd": 300, "deadline": "2027Q2"},
        "far": {"pair": ["PAK", "UZB"], "trade_musd": 5000, "deadline": "2035Q4"},
    }
    inputs = made_up.inputs(made_up.scenario({}, targets=targets), energy=False)
    with house_style():
        sections = (each_target(target_section)(inputs),)
    answer = json.loads(answer_bytes(inputs, sections))
    tables = answer["sections"]["target"]["tables"]
    assert [t["under"] for t in tables] == [
        "Pakistan–Kazakhstan, target near",
        "Pakistan–Uzbekistan, target far",
    ]
    assert any(isinstance(block, Subheading) for block in sections[0].blocks)


def test_quantiles_side_by_side_and_bounds_become_intervals():
    columns = ("path", "value", "case", "reached_share", "low", "high", "q05", "q50", "q95")
    (record,) = records(columns, [("cut", "0.5", 3, 0.25, 0.2, 0.3, 1.0, 2.0, 9.0)], "million USD")
    assert record == {
        "path": "cut",
        "value": "0.5",
        "case": "3",
        "reached_share": Amount(0.25, "1", 0.2, 0.3),
        "over_runs": Amount(2.0, "million USD", 1.0, 9.0),
    }


def test_what_is_not_a_number_is_null():
    assert Amount(float("nan"), "days").as_json() == {"value": None, "unit": "days"}
