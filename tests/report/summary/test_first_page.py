"""The first page: short, complete, and with the numbers that the rest of the report has."""

import re
from dataclasses import replace

import numpy as np
import pytest

from sim.report.evidence.omissions import estimates_in_short, routes_in_short
from sim.report.page.formatting import spread_of
from sim.report.page.style import house_style
from sim.report.summary.first_page import first_page, gainers_in_words, losers_in_words
from sim.report.summary.key_numbers import key_numbers
from sim.report.summary.next_steps import steps_of
from sim.report.trade.incomes import Incomes
from sim.world.transport.network import FROM_GEOGRAPHY


def test_the_first_page_is_short(both_told, words):
    html = both_told["report.html"].decode()
    assert len(words.first_screen(html).split()) <= words.MAX_OF_FIRST_PAGE
    answer = re.search(r'id="answer".*?<p>(.*?)</p>', html, re.S)
    assert answer is not None
    assert len(answer[1].split()) <= words.MAX_OF_ANSWER


@pytest.fixture(scope="module")
def inputs(made_up):
    return made_up.inputs(made_up.scenario(), energy=False)


def test_the_sections_come_in_the_order_in_which_a_minister_asks(inputs):
    with house_style():
        names = [section.name for section in first_page(inputs)]
    assert names == ["numbers", "next", "losers", "certainty", "fan"]


def test_the_key_numbers_are_those_of_the_runs(inputs):
    (finding,) = inputs.findings
    trade, income, partner_income, revenue, partner_revenue = key_numbers(inputs).rows
    assert trade[1].value == pytest.approx(float(finding.quantiles[2, finding.at]))
    assert trade[2].value == pytest.approx(float(finding.change.musd[2]))
    assert (income[0], partner_income[0]) == ("Real income, Pakistan", "Real income, Kazakhstan")
    assert partner_revenue[0] == "Customs revenue on all imports, Kazakhstan"
    year = [f"2030Q{q}" for q in (1, 2, 3, 4)]
    after, before = (
        data["tariff_revenue"].sel(region="PAK", quarter=year).mean("quarter").to_numpy()
        for data in (inputs.asked, inputs.without)
    )
    assert revenue[1].value == pytest.approx(np.median(after))
    assert revenue[2].value == pytest.approx(np.median(after - before))


def test_steps_name_who_must_act(made_up):
    steps = steps_of(made_up.scenario(), made_up.world())
    what = [step for step, _, _ in steps]
    assert what[:2] == [
        "Sign and ratify the preferential agreement (pta)",
        "Sign and ratify the transit agreement",
    ]
    assert ("Allow Kazakhstan to cut its duties alone", "EAEU", "2027Q3") in steps
    assert ("Reopen Torkham", "Afghanistan and Pakistan", "shut to 2026-12-31, assumed") in steps
    assert steps_of(made_up.scenario({}, closures={}), made_up.world()) == []


def test_gates_that_no_route_of_the_pair_passes_need_not_reopen(made_up):
    asked = made_up.scenario(), made_up.world()
    assert steps_of(*asked, {"torkham"}) == [
        step for step in steps_of(*asked) if step[0] != "Reopen Chaman-Spin Boldak"
    ]
    assert not [what for what, _, _ in steps_of(*asked, {"khunjerab"}) if "Reopen" in what]


def test_a_step_says_only_what_is_open_and_has_a_date_or_says_that_it_has_none(made_up):
    pta = made_up.PREFERENTIAL | {"timeline": {"negotiated": {"signed": "2026Q1"}}}
    other = made_up.PREFERENTIAL | {"timeline": "negotiated"}
    steps = steps_of(made_up.scenario({"pta": pta, "other": other}), made_up.world())
    assert steps[0][::2] == (
        "Ratify the preferential agreement (pta)", "signed 2026Q1, in force at no set date",
    )  # fmt: skip
    assert steps[1][0] == "Negotiate, sign and ratify the preferential agreement (other)"
    assert [when for what, _, when in steps if "alone" in what] == ["no date: as States negotiate"]


def test_a_gate_that_reopens_after_the_deadline_is_no_step(made_up):
    def reopened(until):
        closures = {"torkham": [{"from": "2025-10-11", "until": until}]}
        steps = steps_of(made_up.scenario({}, closures=closures), made_up.world())
        return [what for what, _, _ in steps]

    assert reopened("2030-12-30") == ["Reopen Torkham"]
    assert reopened("2030-12-31") == []
    assert reopened("2034-12-31") == []


def test_deals_to_be_signed_and_reforms_are_steps(made_up):
    crude = {
        "exporter": "KAZ", "importer": "PAK", "carrier": "crude", "volume": 2.0, "from": "2027Q3",
        "signing": "if_profitable",
    }  # fmt: skip
    posts = {
        "state": "PAK", "measure": "border_time", "change": 0.2, "start": "2026Q3",
        "duration_years": 2.0, "cost_musd": 120.0,
    }  # fmt: skip
    asked = made_up.scenario(
        {}, closures={}, energy={"deals": {"oil": crude}}, reforms={"steps": {"posts": posts}}
    )
    assert steps_of(asked, made_up.world()) == [
        (
            "Sign the deal on crude oil (oil)",
            "Kazakhstan and Pakistan",
            "delivery from 2027Q3, once it pays",
        ),
        ("Carry out the reform posts", "Pakistan", "from 2026Q3, over 2 years"),
    ]


def test_the_first_page_says_how_routes_are_known(tiny_world):
    network = tiny_world.network
    n = len(network.links)
    sources = {
        "": ("survey",) * n,
        "Some routes are estimated from geography, not on record.": (
            FROM_GEOGRAPHY, *("survey",) * (n - 1),
        ),
        "Routes are estimated from geography, not on record.": (FROM_GEOGRAPHY,) * n,
    }  # fmt: skip
    for said, of in sources.items():
        world = replace(tiny_world, network=replace(network, link_sources=of))
        assert routes_in_short(world) == said
    bare = replace(tiny_world, network=replace(network, nodes=(), links=(), link_sources=()))
    assert routes_in_short(bare) == "This world has no routes: duties alone change costs of trade."


def test_the_first_page_counts_what_a_world_of_downloads_estimates(tiny_world):
    counts = {"tariffs": {"seen": 2, "estimated": 6}, "gdp": {"seen": 3, "estimated": 0}}
    bare = replace(tiny_world, flag_counts=counts, energy=None)
    assert estimates_in_short(bare) == "Estimated: 6 of 8 duties. Energy has no market here."
    known = replace(bare, flag_counts={"gdp": {"seen": 3}})
    assert estimates_in_short(known) == "Energy has no market here."


def gains(*rows) -> Incomes:
    """Regions with 5, 50 and 95 % of their gain."""
    names = tuple(row[0] for row in rows)
    gain = np.array([[low, low, middle, high, high] for _, low, middle, high in rows]).T
    return Incomes(names, names, gain / 1e3, gain)


def test_losers_are_those_that_lose_for_certain_and_members_that_may():
    text, facts = losers_in_words(gains(("A", -9, -5, -2), ("B", 1, 2, 3), ("C", -2, 1, 4)), {"B"})
    assert text == "Real income falls in A (−5.0), million USD. No member loses."
    assert set(facts) == {"A"}
    text, facts = gainers_in_words(gains(("A", -9, -5, -2), ("B", 1, 2, 3), ("C", -2, 1, 4)))
    assert text == "Real income rises in B (+2.0), million USD."
    assert set(facts) == {"B"}
    assert gainers_in_words(gains(("A", -9, -5, -2))) == ("", {})
    text, _ = losers_in_words(gains(("A", 1, 2, 3), ("C", -2, 1, 4)), {"C"})
    assert text.startswith("No region loses real income in 19 of 20 simulations.")
    assert text.endswith("Members that may lose: C.")
    # What a search for prices leaves is no loss, nor what the table writes as nothing.
    for low in (-4e-10, -0.3):
        text, _ = losers_in_words(gains(("A", 1, 2, 3), ("C", low, 1, 40)), {"C"})
        assert text.endswith(" No member loses.")


@pytest.mark.parametrize("numbers", [(70.0, 250.0, 770.0), (0.068, 0.152, 0.275), (-3, 4.4, 12)])
def test_an_interval_has_the_decimals_of_its_estimate(numbers):
    shown = re.findall(r"\d+(?:\.\d+)?", spread_of(*numbers))
    assert len({len(number.partition(".")[2]) for number in shown}) == 1
