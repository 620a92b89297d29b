"""Figures of a pair's routes: where terms hold."""

import pytest

from sim.report.page.style import house_style
from sim.report.transport.pair_routes import known_routes, route_rows
from sim.report.transport.route_bars import route_bars

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
