"""Sections: made where there is something to say, one for several targets, in the page's order."""

from dataclasses import replace

import pytest

from sim.report.contents import each_target, sections_of
from sim.report.page.blocks import Paragraph, Section, Subheading
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import house_style
from sim.report.transport.route_section import routes_section

TWO = {
    "near": {"pair": ["PAK", "KAZ"], "trade_musd": 300, "deadline": "2027Q2"},
    "far": {"pair": ["PAK", "UZB"], "trade_musd": 5000, "deadline": "2035Q4"},
}


@pytest.fixture(scope="module")
def inputs_of(made_up):
    def inputs(*, energy=False, **changes) -> ReportInputs:
        return made_up.inputs(made_up.scenario(**changes), energy=energy)

    return inputs


def said(_, finding):
    return Section("said", f"About {finding.name}", (Paragraph(finding.name),))


def test_a_single_target_needs_no_heading_of_its_own(inputs_of):
    section = each_target(said)(inputs_of())
    assert section == Section("said", "About one-billion", (Paragraph("one-billion"),))


def test_targets_share_a_section_under_their_own_headings(inputs_of):
    section = each_target(said)(inputs_of(targets=TWO))
    kinds = [type(block) for block in section.blocks]
    assert kinds == [Subheading, Paragraph, Subheading, Paragraph]
    assert section.heading == "About near"
    assert section.blocks[2] == Subheading("Pakistan–Uzbekistan, target far")


def test_targets_with_nothing_to_say_are_passed_over(inputs_of):
    def about_far(inputs, finding):
        return said(inputs, finding) if finding.name == "far" else None

    section = each_target(about_far)(inputs_of(targets=TWO))
    assert [b.text for b in section.blocks] == ["Pakistan–Uzbekistan, target far", "far"]
    assert each_target(lambda *_: None)(inputs_of(targets=TWO)) is None


def test_a_measure_that_was_not_recorded_takes_its_section_along(both_made):
    inputs = both_made.inputs
    bare = {name: data.drop_vars("route_tonnes") for name, data in inputs.results.items()}
    without = ReportInputs(inputs.scenario, inputs.world, bare, inputs.findings)
    with house_style():
        left = [section.name for section in sections_of(without)]
    names = [section.name for section in both_made.sections]
    assert "routes" in names
    assert left == [name for name in names if name != "routes"]


def test_cargo_that_finds_no_way_open_is_told_and_whether_trade_stops(inputs_of):
    inputs = inputs_of(agreements={})
    (finding,) = inputs.findings
    with house_style():
        assert not [b for b in routes_section(inputs, finding).blocks if isinstance(b, Paragraph)]
    (name,) = inputs.results
    data = inputs.results[name].copy(deep=True)
    data["stranded_tonnes"][:4, 30:33] = 2e5
    data["goods_trade"][:4, 30:33] = 0.0
    shut = replace(inputs, results={name: data})
    with house_style():
        section = routes_section(shut, replace(finding, n_stopped=4))
    (told,) = [block.text for block in section.blocks if isinstance(block, Paragraph)]
    assert (
        "In 4 runs of 40 some cargo of the pair finds no route open: 20,000 ± 20,000 t a year"
        in told
    )
    assert "trade in goods stops, for 3 quarters in the median of these runs" in told


def test_cargo_that_a_ban_stops_is_told_as_banned(inputs_of):
    ban = {"pair": ["KAZ", "PAK"], "from": "2030-05-01", "until": "2030-06-30", "share": 0.5}
    inputs = inputs_of(agreements={}, bans={"quarrel": ban})
    (finding,) = inputs.findings
    (name,) = inputs.results
    data = inputs.results[name].copy(deep=True)
    quarters = [str(quarter) for quarter in data["quarter"].to_numpy()]
    passed = str(data["route"].to_numpy()[0]).partition(": ")[2].split(" > ")
    data = data.drop_sel(gate=[gate for gate in passed[:1] if gate in data["gate"].to_numpy()])

    def told(quarter, open_share):
        here = data.copy(deep=True)
        here["stranded_tonnes"][:4, quarters.index(quarter)] = 2e5
        here["gate_open_share"][:] = open_share
        with house_style():
            section = routes_section(replace(inputs, results={name: here}), finding)
        (text,) = [block.text for block in section.blocks if isinstance(block, Paragraph)]
        return text

    assert "some cargo of the pair finds no route open: " in told("2029Q2", 1.0)
    assert "some cargo of the pair finds no route open or is banned: " in told("2030Q2", 0.97)
    assert "some cargo of the pair is stopped by a ban: " in told("2030Q2", 1.0)
