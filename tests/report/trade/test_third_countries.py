"""Why outsiders gain: which agreement, with whom, by which routes."""

from dataclasses import replace

import pytest

from sim.report.page.blocks import Note, Paragraph
from sim.report.page.formatting import opening, rounded, signed, with_article
from sim.report.trade.incomes import goods_income, incomes_of
from sim.report.trade.third_countries import outsiders_in_words
from sim.study.route import routes


@pytest.fixture(scope="module")
def transit_alone(made_up):
    """One agreement on transit; an outsider that buys and sells by the members' own gates gains."""
    return made_up.inputs(made_up.scenario({"transit": made_up.TRANSIT}), energy=False)


def gaining(inputs, region: str, share: float):
    """The same results, but for a region whose income rises by so much and all others by none."""
    asked, without = inputs.results["as asked"], inputs.results["no agreement"]
    place = inputs.world.region_index(region)
    welfare = without["welfare_change"].copy(deep=True)
    welfare[..., place] *= 1.0 + share
    return {**inputs.results, "as asked": asked.assign(welfare_change=welfare)}


def told_of(inputs):
    finding = inputs.findings[0]
    return outsiders_in_words(inputs, finding, incomes_of(inputs, finding))


def said(inputs, results) -> list[str]:
    inputs = replace(inputs, results=results)
    blocks = list(told_of(inputs))
    assert isinstance(blocks[-1], Note)
    assert all(isinstance(block, Paragraph) for block in blocks[:-1])
    return [block.text for block in blocks]


def test_a_gain_is_told_with_the_ways_that_bring_it(transit_alone):
    inputs = transit_alone
    (first, note) = said(inputs, gaining(inputs, "RUS", 1e-4))
    income = goods_income(inputs)[inputs.world.region_index("RUS")]
    assert f"{signed(1e-4 * income)} million USD" in first
    assert "Uzbekistan" in first
    asked = inputs.scenario
    quarter = int(asked.targets["one-billion"].deadline)
    hours = [
        sum(
            route.share * route.gate_hours
            for route in routes(inputs.world, "UZB", "RUS", quarter, s)
        )
        for s in (asked, asked.model_copy(update={"agreements": {}}))
    ]
    assert hours[0] < hours[1]
    assert f"{rounded(hours[0], 2)} hours at gates instead of {rounded(hours[1], 2)}" in first
    assert "no longer collect" in note
    assert "the agreement opens routes, cuts hours, cuts fees and sets one toll" in first


def test_terms_are_told_as_far_as_the_agreement_has_them(made_up):
    customs = {
        "kind": "customs", "members": ["PAK", "AFG", "UZB", "KAZ"],
        "timeline": {"signed": "2026Q1", "in_force": "2027Q1"}, "border_time_cut": 0.4,
    }  # fmt: skip
    inputs = made_up.inputs(made_up.scenario({"transit": customs}), energy=False)
    (first, _) = said(inputs, gaining(inputs, "RUS", 1e-4))
    assert "for which the agreement cuts hours whoever is at the other end" in first
    assert "hours at gates instead of" in first
    assert "USD a container" not in first  # it pays what it paid


def test_names_that_need_an_article_have_it(transit_alone):
    (first, _) = said(transit_alone, gaining(transit_alone, "ROW", 1e-4))
    assert first.startswith("The rest of the world belongs to no agreement")


def test_a_loss_is_not_put_down_to_ways_that_become_cheaper(transit_alone):
    (first, _) = said(transit_alone, gaining(transit_alone, "RUS", -1e-4))
    assert "−" in first
    assert "hours at gates" not in first


def test_where_members_alone_change_nobody_needs_explaining(transit_alone):
    (note,) = said(transit_alone, gaining(transit_alone, "KAZ", 1e-3))
    assert "no longer collect" in note


def test_duties_alone_open_no_ways(made_up):
    inputs = made_up.inputs(made_up.scenario({"pta": made_up.PREFERENTIAL}), energy=False)
    told = list(told_of(inputs))
    assert told
    assert not any(isinstance(block, Note) for block in told)
    assert not any("gates" in block.text for block in told)


def test_each_of_several_agreements_gets_its_part(made_up):
    inputs = made_up.inputs(made_up.scenario(), energy=False)
    finding = inputs.findings[0]
    first = next(told_of(inputs)).text
    incomes = incomes_of(inputs, finding)
    name = max(
        (k for k, code in enumerate(incomes.regions) if code not in {"PAK", "AFG", "UZB", "KAZ"}),
        key=lambda k: abs(incomes.musd[k]),
    )
    assert first.startswith(opening(with_article(incomes.names[name])))
    assert "pta alone" in first
    assert "transit alone" in first
