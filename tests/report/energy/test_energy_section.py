"""Energy in the report: volumes add up, states may have none, and what lacks is never hidden."""

from dataclasses import replace

import numpy as np
import pytest

from sim.report.energy.diagram import energy_diagram
from sim.report.energy.energy_section import energy_section
from sim.report.energy.flows import bought_before, flows_of
from sim.report.energy.shortage import shortage_blocks
from sim.report.page.blocks import Paragraph, TableBlock
from sim.report.page.figure import csv_bytes
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import house_style
from sim.simulation.energy.energy_setup import energy_table

NAMES = ["energy-flows", "energy-prices", "supplier-concentration", "unserved-energy"]


@pytest.fixture(scope="module")
def inputs(made_up) -> ReportInputs:
    return made_up.inputs(made_up.scenario({}))


def changed(inputs: ReportInputs, **measures) -> ReportInputs:
    """The same with other values of some measures."""
    asked = inputs.asked.copy()
    for name, value in measures.items():
        asked[name] = asked[name] * 0.0 + value
    return replace(inputs, results={**inputs.results, "as asked": asked})


def words(blocks) -> str:
    return " ".join(block.text for block in blocks if isinstance(block, Paragraph))


def test_flows_before_are_all_that_crosses_the_border(inputs):
    (finding,), energy = inputs.findings, inputs.world.energy
    for party in finding.pair:
        own = inputs.world.region_index(party)
        flows = flows_of(inputs, finding, party)
        arcs = energy.arcs
        out = arcs.is_trade & (arcs.tail == own)
        into = arcs.is_trade & (arcs.head == own)
        sold = sum(f.before for f in flows if not f.is_import)
        bought = sum(f.before for f in flows if f.is_import)
        assert sold == pytest.approx(arcs.flow[out].sum(), rel=1e-9)
        assert bought == pytest.approx((arcs.flow * arcs.delivered_share)[into].sum(), rel=1e-9)


def test_contracts_and_spot_are_one_flow(inputs):
    (finding,) = inputs.findings
    arcs = energy_table(inputs.world, {}).market_arcs
    twice = changed(inputs, energy_flow=0.0)
    flow = twice.asked["energy_flow"].to_numpy()
    contract = len(inputs.world.energy.arcs.names)  # the first contract of the tables
    flow[..., contract], flow[..., arcs.arc[contract]] = 3.0, 2.0
    party = inputs.world.regions[arcs.head[contract]]
    if party not in finding.pair:
        pytest.skip("the first contract is of others")
    (only,) = (f for f in flows_of(twice, finding, party) if f.mean > 0)
    assert only.after == pytest.approx(5.0)
    assert only.partner == arcs.tail[contract]


def test_a_flow_between_the_two_is_named_however_small(inputs):
    (finding,) = inputs.findings
    flows = {party: flows_of(inputs, finding, party) for party in finding.pair}
    a, b = (inputs.world.region_index(party) for party in finding.pair)
    own = replace(flows[finding.pair[0]][0], partner=b, before=1e-3, after=np.full(5, 1e-3))
    with_it = {**flows, finding.pair[0]: (own, *flows[finding.pair[0]])}
    with house_style():
        drawing = energy_diagram(inputs, finding, with_it)
    name = inputs.world.region_names[b]
    drawn = [text.get_text() for axes in drawing.figure.axes for text in axes.texts]
    assert any(text.startswith(f"{name}, ") and "0.001" in text for text in drawn)
    assert a != b


def test_a_lone_small_flow_goes_by_its_name(inputs):
    (finding,) = inputs.findings
    flows = {party: flows_of(inputs, finding, party) for party in finding.pair}
    party = finding.pair[0]
    large = max(flows[party], key=lambda f: f.size)
    small = replace(large, partner=len(inputs.world.regions) - 1, before=1e-3 * large.before)
    with house_style():
        drawing = energy_diagram(inputs, finding, {**flows, party: (large, small)})
    drawn = [text.get_text() for axes in drawing.figure.axes[:1] for text in axes.texts]
    assert any(text.startswith(inputs.world.region_names[small.partner]) for text in drawn)
    assert not any("small flow" in text or "others" in text for text in drawn)


def test_labels_of_ribbons_never_touch(inputs):
    (finding,) = inputs.findings
    flows = {party: flows_of(inputs, finding, party) for party in finding.pair}
    with house_style():
        drawing = energy_diagram(inputs, finding, flows)
    for axes in drawing.figure.axes:
        height = axes.get_position().height * drawing.figure.get_size_inches()[1]
        assert height == pytest.approx(axes.get_ylim()[0], rel=1e-6)  # units are inches
        for align in ("left", "right"):
            places = [t.get_position()[1] for t in axes.texts if t.get_ha() == align]
            places = sorted(y for y in places if y > 0)
            assert all(np.diff(places) > 0.13)


def test_the_section_comes_with_its_figures_and_the_same_data_twice(inputs):
    (finding,) = inputs.findings
    with house_style():
        section, again = (energy_section(inputs, finding) for _ in range(2))
    assert [drawing.name for drawing in section.drawings] == NAMES
    for one, other in zip(section.drawings, again.drawings, strict=True):
        assert csv_bytes(one.columns, one.rows) == csv_bytes(other.columns, other.rows)


def test_a_pair_that_trades_no_energy_is_told_so(inputs):
    (finding,) = inputs.findings
    none = replace(finding, energy=np.zeros(finding.n_runs), energy_share=0.0)
    with house_style():
        said = words(energy_section(inputs, none).blocks)
    assert "trade no energy" in said


def test_states_without_any_energy_leave_the_diagram_out(inputs):
    (finding,) = inputs.findings
    arcs = inputs.world.energy.arcs
    nothing = replace(arcs, flow=np.zeros_like(arcs.flow))
    empty = replace(inputs.world, energy=replace(inputs.world.energy, arcs=nothing))
    bare = changed(replace(inputs, world=empty), energy_flow=0.0, unserved=0.0, concentration=0.0)
    with house_style():
        section = energy_section(bare, finding)
    assert [drawing.name for drawing in section.drawings] == ["energy-prices"]


def test_a_state_that_only_sells_is_drawn(inputs):
    (finding,) = inputs.findings
    flows = {party: flows_of(inputs, finding, party) for party in finding.pair}
    flows[finding.pair[0]] = tuple(f for f in flows[finding.pair[0]] if not f.is_import)
    flows[finding.pair[1]] = ()
    with house_style():
        drawing = energy_diagram(inputs, finding, flows)
    drawn = [text.get_text() for axes in drawing.figure.axes for text in axes.texts]
    assert drawn.count("buys none abroad") == 4
    assert drawn.count("sells none abroad") == 2


def test_nil_is_said_and_not_left_out(inputs):
    (finding,) = inputs.findings
    calm = list(shortage_blocks(changed(inputs, unserved=0.0), finding))
    assert all(isinstance(block, Paragraph) for block in calm)
    for name in finding.pair_names:
        assert f"In {name} nothing goes unserved" in words(calm)


def test_what_lacks_in_a_single_run_is_shown(inputs):
    (finding,) = inputs.findings
    rare = changed(inputs, unserved=0.0)
    rare.asked["unserved"].to_numpy()[0, :, 0, 0] = 0.5
    with house_style():
        blocks = list(shortage_blocks(rare, finding))
    (figure,) = (block for block in blocks if hasattr(block, "figure"))
    assert len(figure.figure.axes) == 1
    assert not [block for block in blocks if isinstance(block, TableBlock)]


def test_the_worst_year_tells_who_steps_in(inputs):
    (finding,) = inputs.findings
    with house_style():
        blocks = list(shortage_blocks(inputs, finding))
    (table,) = (block for block in blocks if isinstance(block, TableBlock))
    last = str(finding.years[-1])
    assert {row[1].text for row in table.rows} == {last}
    assert all(row[0].startswith(finding.pair_names[1]) for row in table.rows)
    assert {row[4].text for row in table.rows} == {"+25\xa0% (+25\xa0to\xa0+25\xa0%)"}


def test_an_index_of_the_base_year_is_the_sum_of_squared_shares(inputs):
    (finding,) = inputs.findings
    flows = flows_of(inputs, finding, finding.pair[0])
    total, index = bought_before(flows, len(inputs.world.energy.carriers))
    for c in np.flatnonzero(total):
        shares = [f.before / total[c] for f in flows if f.is_import and f.carrier == c]
        assert sum(shares) == pytest.approx(1.0)
        assert index[c] == pytest.approx(sum(share**2 for share in shares))


def test_without_a_market_or_its_measures_there_is_no_section(inputs, tiny_world):
    (finding,) = inputs.findings
    assert energy_section(replace(inputs, world=tiny_world), finding) is None
    bare = {name: data.drop_vars("unserved") for name, data in inputs.results.items()}
    assert energy_section(replace(inputs, results=bare), finding) is None
