"""What a report says that it leaves out, where it depends on what is asked."""

from sim.report.evidence.omissions import omissions_of
from sim.scenario.blocks.quarters import Quarter


def said(world, scenario, end):
    horizon = scenario.horizon.model_copy(update={"end": Quarter.parse(end)})
    (points,) = omissions_of(world, scenario.model_copy(update={"horizon": horizon})).blocks
    return [text for text in points.points if "Growth is known or assumed" in text]


def test_growth_beyond_the_tables_is_told_and_up_to_there_it_is_not(tiny_world, tiny_scenario):
    last = tiny_world.growth_years[-1]
    assert said(tiny_world, tiny_scenario, f"{last}Q4") == []
    (text,) = said(tiny_world, tiny_scenario, f"{last + 5}Q1")
    assert f"up to {last}; from then on to {last + 5} each region goes on growing" in text
