"""What a report says that it leaves out, where it depends on what is asked."""

from dataclasses import replace

from sim.report.evidence.omissions import omissions_of
from sim.scenario.blocks.quarters import Quarter
from sim.world.transport.network import FROM_GEOGRAPHY


def said(world, scenario, end):
    horizon = scenario.horizon.model_copy(update={"end": Quarter.parse(end)})
    points = omissions_of(world, scenario.model_copy(update={"horizon": horizon})).blocks[0]
    return [text for text in points.points if "Growth is known or assumed" in text]


def test_growth_beyond_the_tables_is_told_and_up_to_there_it_is_not(tiny_world, tiny_scenario):
    last = tiny_world.growth_years[-1]
    assert said(tiny_world, tiny_scenario, f"{last}Q4") == []
    (text,) = said(tiny_world, tiny_scenario, f"{last + 5}Q1")
    assert f"up to {last}; from then on to {last + 5} each region goes on growing" in text


def test_estimated_links_are_counted_and_remembered_ones_are_not_called_estimated(
    tiny_world, tiny_scenario
):
    network = tiny_world.network
    n = len(network.links)
    wanted = {0: "", 1: f"1 of {n} links of this world are estimated", n: "The routes of this"}
    for estimated, said in wanted.items():
        sources = (FROM_GEOGRAPHY,) * estimated + ("survey",) * (n - estimated)
        world = replace(tiny_world, network=replace(network, link_sources=sources))
        points = omissions_of(world, tiny_scenario).blocks[0].points
        assert any("without railways and tolls" in text for text in points) == bool(estimated)
        assert any(text.startswith(said) for text in points)


def test_levers_without_a_size_are_listed_each_with_its_reason(tiny_world, tiny_scenario):
    fold = omissions_of(tiny_world, tiny_scenario).blocks[-1]
    (listed,) = fold.blocks
    assert len(listed.points) >= 8
    # A name alone is no reason.
    assert all(len(point) > 80 for point in listed.points)
    for lever in ("Investors", "Memoranda", "Summits", "Payment channels", "Diversification"):
        assert sum(point.startswith(lever) for point in listed.points) == 1
