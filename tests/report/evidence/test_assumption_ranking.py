"""The page's ranking of assumptions: order, words, and deals that a clause forces."""

from dataclasses import replace

import numpy as np
import pytest

from sim.report.evidence.assumption_ranking import is_forced, label_of, ranking_section
from sim.report.page.blocks import Note, Paragraph, TableBlock
from sim.report.page.figure import Drawing
from sim.report.page.style import house_style
from sim.study.one_at_a_time.ranking import AssumptionMove, ForcedDeal, Ranking


def ranking_of(world, **deal):
    parameter = next(iter(world.parameters))
    moves = (
        AssumptionMove("closures.gate", "entry", None, np.array([100.1]), np.array([100.1])),
        AssumptionMove(parameter, "parameter", (1.0, 2.0), np.array([95.0]), np.array([108.0])),
        AssumptionMove("agreements.pta", "entry", None, np.array([80.0]), np.array([80.0])),
    )
    clauses = {"shipped": 1.4, "shipped_freely": 0.0, "buyer_pays_musd": 0.0} | deal
    deals = (
        ForcedDeal("crude", "Mt", seller_pays_musd=47.0, trade_musd=np.array([60.0]), **clauses),
    )
    return Ranking(np.array([100.0]), moves, deals)


@pytest.fixture
def section_of(made_up):
    inputs = made_up.inputs(made_up.scenario())

    def made(ranking):
        with house_style():
            asked = replace(inputs, ranking=ranking)
            return ranking_section(asked, asked.findings[0])

    return made


def test_the_largest_move_is_told_first_and_small_ones_have_no_bar(section_of, world):
    section = section_of(ranking_of(world))
    (figure,) = [block for block in section.blocks if isinstance(block, Drawing)]
    assert figure.rows[0][0] == "Agreement pta"
    assert figure.rows[0][-1] == pytest.approx(-20.0)
    assert figure.rows[1][4:] == pytest.approx((-5.0, 8.0))
    assert len(figure.rows) == 2
    first = section.blocks[0]
    assert isinstance(first, Paragraph)
    assert "Agreement pta" in first.text
    assert any(isinstance(b, Note) and "1 further assumption" in b.text for b in section.blocks)


def test_a_year_that_ends_within_a_calendar_year_is_told_as_one(made_up, world):
    inputs = replace(made_up.inputs(made_up.scenario()), ranking=ranking_of(world))
    finding = replace(inputs.findings[0], by="2029Q2")
    with house_style():
        section = ranking_section(inputs, finding)
    (figure,) = [block for block in section.blocks if isinstance(block, Drawing)]
    assert "trade in the year to 2029Q2 comes to" in section.blocks[0].text
    assert figure.title == "What the projection for the year to 2029Q2 rests on"


def test_a_forced_deal_has_a_row_and_a_free_one_has_none(section_of, world):
    tables = [b for b in section_of(ranking_of(world)).blocks if isinstance(b, TableBlock)]
    assert [str(row[0]) for row in tables[0].rows] == ["crude"]
    assert tables[0].rows[0][4].value == 47.0
    last = tables[0].columns[-1]
    assert last.title == "Change in trade without the clauses, million USD"
    assert (tables[0].rows[0][5].value, tables[0].rows[0][5].text) == (-40.0, "−40")
    free = section_of(ranking_of(world, shipped_freely=1.39))
    assert not [b for b in free.blocks if isinstance(b, TableBlock)]


def test_nothing_is_said_without_a_ranking(section_of):
    assert section_of(None) is None


def test_parameters_bear_their_titles(world):
    name = next(iter(world.parameters))
    move = AssumptionMove(name, "parameter", (0.0, 1.0), np.ones(1), np.ones(1))
    assert label_of(move, world) == world.parameters[name].title
    assert is_forced(ForcedDeal("a", "Mt", 1.0, 0.5, 0.0, 0.0, np.ones(1)))
