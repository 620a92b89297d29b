"""The figure of a hindcast."""

from sim.report.render import render_hindcast
from sim.study.hindcasts.hindcast import hindcast
from sim.world.history.terms import PastTerms
from sim.world.history.trade import PastFlow


def study(world, n):
    flows = [
        PastFlow("", f"<b>${k}$", "There", True, 2005, {2005: 5.0, 2007: 9.0 + k}, ({}, {}),
                 PastTerms(), 2)
        for k in range(n)
    ]  # fmt: skip
    return hindcast(flows, world, {}, runs=20)


def test_the_figure_has_its_data_beside_it_and_the_same_bytes_each_time(world):
    first, second = (render_hindcast(study(world, 2)) for _ in range(2))
    assert first == second
    assert set(first) == {f"figures/hindcast.{kind}" for kind in ("svg", "png", "csv")}
    rows = first["figures/hindcast.csv"].decode().splitlines()
    assert len(rows) == 3
    assert rows[0].startswith("flow,year,recorded_musd,q05")


def test_many_flows_are_not_all_drawn_and_the_figure_says_so(world):
    from sim.report.studies.hindcast_figure import MAX_PANELS, past_fans

    drawn = past_fans(study(world, MAX_PANELS + 3))
    assert len(drawn.figure.axes) == MAX_PANELS
    lines = sorted(drawn.figure.texts, key=lambda text: -text.get_position()[1])
    assert "3 more flows" in " ".join(text.get_text() for text in lines)
