"""Figures of a pair's routes: names of gates, within the page, and where terms hold."""

import pytest

from sim.report.page.style import house_style
from sim.report.transport.pair_routes import duties_and_routes, known_routes, route_rows
from sim.report.transport.route_bars import route_bars


def test_routes_are_named_by_their_gates_within_the_page(made_up):
    inputs = made_up.inputs(made_up.scenario({}), energy=False)
    with house_style():
        figure = duties_and_routes(inputs, inputs.findings[0]).figure
    figure.canvas.draw()
    texts = [text for axes in figure.axes for text in axes.texts]
    written = " ".join(text.get_text() for text in texts)
    names = {gate.gate: gate.name for gate in inputs.world.gates}
    first = str(inputs.asked["route"].to_numpy()[0]).partition(": ")[2].split(" > ")[0]
    assert names[first].split()[0] in written
    assert first not in written
    assert all(text.get_window_extent().x1 <= figure.bbox.x1 for text in texts)


CUSTOMS = {
    "kind": "customs", "members": ["PAK", "AFG", "UZB", "KAZ"],
    "timeline": {"signed": "2026Q1", "in_force": "2027Q1"}, "border_time_cut": 0.4,
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("transit", "An agreement cuts hours and fees only at gates whose owners are all members, "
                    "and tolls only where all states on the way are members."),
        ("customs", "An agreement cuts hours only at gates whose owners are all members."),
        ("pta", "No agreement of the scenario cuts hours, fees or tolls."),
    ],
)  # fmt: skip
def test_terms_are_told_as_far_as_an_agreement_has_them(made_up, kind, told):
    terms = {"transit": made_up.TRANSIT, "customs": CUSTOMS, "pta": made_up.PREFERENTIAL}[kind]
    inputs = made_up.inputs(made_up.scenario({kind: terms}), energy=False)
    finding = inputs.findings[0]
    with house_style():
        used, known = route_rows(inputs, finding), known_routes(inputs, finding)
        assert route_bars(inputs, finding, used, known).caption == told
