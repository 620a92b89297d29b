"""The block `energy`: what passes, and what is refused where it stands."""

import pytest

from sim.scenario.scenario_file import check_scenario
from sim.scenario.writing import resolved_yaml
from sim.world.names import world_names

HEAD = """\
version: 1
title: t
question: q
horizon: {start: 2022Q4, end: 2035Q4}
baseline: {ledger: pakistan}
targets: {goal: {pair: [PAK, KAZ], trade_musd: 1000, deadline: 2030Q4}}
energy:
"""


@pytest.fixture(scope="module")
def known():
    return world_names(None)


def checked(text, known, folder):
    file = folder / "question.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    return check_scenario(file, known)


def test_everything_at_once_passes_and_is_written_out_again(known, tmp_path):
    found = checked(
        "  projects: {tapi: {completes: by_hazard}, casa-1000: {completes: 2027Q2}}\n"
        "  deals:\n"
        "    a: {exporter: KAZ, importer: PAK, carrier: crude, volume: 2, from: 2027Q1,\n"
        "        through: [gwadar], take_or_pay: 0.8, discount: 0.1, signing: if_profitable}\n"
        "  prices: [{carrier: crude, year: 2027, price_usd_per_unit: 500}]\n"
        "  spikes: [{carrier: gas, factor: 2, from: 2027-01-01, until: 2027-06-30}]\n"
        "  force_majeure: [{exporter: QAT, carrier: gas, from: 2026-03-04}]\n",
        known,
        tmp_path,
    )
    assert not found.problems
    again = tmp_path / "again.yaml"
    again.write_text(resolved_yaml(found.scenario), encoding="utf-8")
    assert check_scenario(again, known).scenario == found.scenario


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  projects: {tapy: {completes: never}}\n", "did you mean 'tapi'"),
        ("  projects: {tapi: {completes: soon}}\n", "wanted a quarter such as 2029Q1, by_hazard"),
        ("  deals: {a: {exporter: KAZ, importer: IND, carrier: crude, volume: 1, from: 2027Q1}}\n",
         "no route on record takes crude from KAZ to IND"),
        ("  deals: {a: {exporter: SAU, importer: PAK, carrier: crude, volume: 1, from: 2027Q1}}\n",
         "wanted arc: crude-sau-pak or crude-yanbu-pak"),
        ("  deals: {a: {exporter: KAZ, importer: PAK, carrier: crud, volume: 1, from: 2027Q1}}\n",
         "did you mean 'crude'"),
        ("  deals: {a: {exporter: KAZ, importer: PAK, carrier: crude, volume: 0, from: 2027Q1}}\n",
         "wanted a yearly volume above 0"),
        ("  deals: {a: {exporter: KAZ, importer: PAK, carrier: crude, volume: 1, from: 2027Q1, "
         "until: 2026Q1}}\n", "is before from 2027Q1"),
        ("  deals: {a: {exporter: KAZ, importer: PAK, carrier: lpg, volume: 1, from: 2027Q1, "
         "arc: coal-kazakhstan-torkham}}\n", "does not take lpg from KAZ to PAK"),
        ("  spikes: [{carrier: gas, factor: 2, from: 2027-05-01, until: 2027-04-01}]\n",
         "is before from 2027-05-01"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_line(text, message, known, tmp_path):
    problems = [str(problem) for problem in checked(text, known, tmp_path).problems]
    assert len(problems) == 1, problems
    assert message in problems[0]
    assert "question.yaml:8:" in problems[0]


@pytest.mark.parametrize("ends", ["QAT, carrier: gas", "SAU, carrier: crude, arc: crude-sau-pak"])
def test_a_gulf_deal_on_a_route_in_use_passes(ends, known, tmp_path):
    text = f"  deals: {{a: {{exporter: {ends}, importer: PAK, volume: 1, from: 2027Q1}}}}\n"
    found = checked(text, known, tmp_path)
    assert not found.problems
    assert not found.warnings


def test_a_deal_after_the_horizon_is_warned_of(known, tmp_path):
    late = "  deals: {a: {exporter: KAZ, importer: PAK, carrier: crude, volume: 1, from: 2040Q1}}\n"
    found = checked(late, known, tmp_path)
    assert not found.problems
    assert any("lies outside the horizon 2022Q4" in str(warning) for warning in found.warnings)


@pytest.mark.parametrize(("until", "n_told"), [("2027Q4", 0), ("2028Q1", 1), ("2035Q4", 1)])
def test_deals_that_are_too_much_together_are_told_once(until, n_told, known, tmp_path):
    deal = "{{exporter: KAZ, importer: PAK, carrier: crude, volume: 7, from: {}, until: {}}}"
    text = f"  deals: {{a: {deal.format('2027Q1', until)}, b: {deal.format('2028Q1', '2030Q4')}}}\n"
    found = checked(text, known, tmp_path)
    assert not found.problems
    told = [str(w) for w in found.warnings if "a, b are 14 a year together from 2028Q1" in str(w)]
    assert len(told) == n_told
    assert len(found.warnings) == n_told


@pytest.mark.parametrize(
    ("volume", "warnings"),
    [
        (10, []),
        (20, ["crude-cpc-suez-karachi carries at most 10 a year"]),
        (500, ["crude-cpc-suez-karachi carries at most 10 a year", "KAZ makes at most 82"]),
    ],
)
def test_a_volume_beyond_the_way_or_the_seller_is_warned_of(known, tmp_path, volume, warnings):
    ends = "exporter: KAZ, importer: PAK, carrier: crude"
    deal = f"  deals: {{a: {{{ends}, volume: {volume}, from: 2026Q1}}}}\n"
    found = checked(deal, known, tmp_path)
    assert not found.problems
    told = [str(warning) for warning in found.warnings]
    assert len(told) == len(warnings), told
    assert all(any(words in one for one in told) for words in warnings)
