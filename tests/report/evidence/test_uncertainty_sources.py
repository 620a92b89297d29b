"""Sources of uncertainty: drawn where runs differ, left out where they agree or none is known."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from sim.report.evidence.uncertainty_sources import FIRMS, residual_shocks
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import house_style
from sim.study.ensemble.counterfactuals import AS_ASKED


@pytest.fixture(scope="module")
def inputs(made_up):
    asked = made_up.scenario()
    datasets = made_up.results(asked)
    return ReportInputs(asked, made_up.world(), datasets, made_up.found(asked, datasets))


@pytest.fixture
def drawn(inputs):
    """Draw the figure with measures put in the place of others, or None for those left out."""

    def draw(**measures):
        asked = inputs.asked.drop_vars([name for name, m in measures.items() if m is None])
        asked = asked.assign({name: m for name, m in measures.items() if m is not None})
        changed = replace(inputs, results={**inputs.results, AS_ASKED: asked})
        with house_style():
            return residual_shocks(changed, inputs.findings[0])

    return draw


def parted_stage(inputs):
    stage = inputs.asked["stage"].copy(deep=True)
    late = stage["quarter"].to_numpy() >= "2027Q1"
    stage.loc[{"agreement": "pta"}] = 0.0
    stage.loc[{"agreement": "pta", "run": range(10), "quarter": late}] = 3.0
    return stage


def shut_gate(inputs):
    opened = xr.ones_like(inputs.asked["gate_open_share"])
    opened.loc[{"gate": "torkham", "quarter": "2030Q1"}] = 0.5
    opened.loc[{"gate": "torkham", "quarter": "2025Q1", "run": [3, 4]}] = 0.0
    opened.loc[{"gate": "karachi", "quarter": "2025Q1", "run": [3]}] = 0.5
    return opened


def test_a_gate_that_is_only_planned_has_no_closures_before_it_is_built(drawn, inputs):
    world = inputs.world
    (planned,) = (world.gates[k].gate for k in np.flatnonzero(world.network.planned_gates))
    opened = xr.ones_like(inputs.asked["gate_open_share"])
    opened.loc[{"gate": planned, "quarter": ["2025Q1", "2031Q1"], "run": [3, 4]}] = 0.0
    opened.loc[{"gate": "torkham", "quarter": "2025Q1", "run": [3]}] = 0.0
    tonnes = xr.zeros_like(inputs.asked["gate_tonnes"])
    unbuilt = drawn(stage=None, gate_open_share=opened, gate_tonnes=tonnes)
    assert series_of(unbuilt) == {"torkham: shut"}
    tonnes.loc[{"gate": planned, "quarter": "2030Q1", "run": [3]}] = 1e4
    opened.loc[{"gate": "torkham"}] = 1.0  # no gate of the pair's routes is hit
    built = drawn(stage=None, gate_open_share=opened, gate_tonnes=tonnes)
    shut = {row[2]: row[3] for row in built.rows if row[0] == f"{planned}: shut"}
    assert shut["2025Q1"] == 0.0
    assert shut["2031Q1"] == pytest.approx(1 / len(opened["run"]))


def test_gates_that_the_scenario_shuts_come_first_and_those_of_no_route_last(drawn, inputs):
    (shut,) = inputs.scenario.closures
    route = str(inputs.asked["route"].to_numpy()[0]).partition(": ")[2].split(" > ")
    on_the_way = next(gate for gate in route if gate != shut)
    passed = "".join(str(label) for label in inputs.asked["route"].to_numpy())
    gates = [str(gate) for gate in inputs.asked["gate"].to_numpy()]
    elsewhere = next(gate for gate in gates if gate not in passed and gate != shut)
    opened = xr.ones_like(inputs.asked["gate_open_share"])
    opened.loc[{"gate": shut, "quarter": "2026Q1"}] = 0.0  # in every run
    opened.loc[{"gate": elsewhere, "quarter": "2030Q1", "run": range(20)}] = 0.0
    tonnes = xr.ones_like(inputs.asked["gate_tonnes"])
    alone = drawn(stage=None, gate_open_share=opened, gate_tonnes=tonnes)
    assert [*dict.fromkeys(row[0] for row in alone.rows)] == [f"{shut}: shut"]
    assert "none of those shown" in alone.alt
    opened.loc[{"gate": on_the_way, "quarter": "2030Q1", "run": [3]}] = 0.0
    both = drawn(stage=None, gate_open_share=opened, gate_tonnes=tonnes)
    told = [*dict.fromkeys(row[0] for row in both.rows)]
    assert told == [f"{shut}: shut", f"{on_the_way}: shut"]


def test_of_gates_that_the_scenario_shuts_those_on_the_way_come_first(made_up):
    passed = [str(label).partition(": ")[2] for label in made_up.results(made_up.scenario())[
        AS_ASKED]["route"].to_numpy()]  # fmt: skip
    gates = [gate.gate for gate in made_up.world().gates]
    elsewhere = next(gate for gate in gates if not any(gate in route for route in passed))
    on_the_way = passed[0].split(" > ")[-1]
    spell = [{"from": "2026-01-01", "until": "2026-03-31"}]
    inputs = made_up.inputs(made_up.scenario(closures={elsewhere: spell, on_the_way: spell}))
    opened = xr.ones_like(inputs.asked["gate_open_share"])
    opened.loc[{"gate": [elsewhere, on_the_way], "quarter": "2026Q1"}] = 0.0
    opened.loc[{"gate": on_the_way, "quarter": "2030Q1", "run": [3]}] = 0.0
    asked = inputs.asked.assign(
        gate_open_share=opened, gate_tonnes=xr.ones_like(inputs.asked["gate_tonnes"])
    )
    changed = replace(inputs, results={**inputs.results, AS_ASKED: asked})
    with house_style():
        drawing = residual_shocks(changed, inputs.findings[0])
    told = [row[0] for row in drawing.rows if row[0].endswith(": shut")]
    assert [*dict.fromkeys(told)] == [f"{on_the_way}: shut", f"{elsewhere}: shut"]


def firms(inputs):
    flows = ["PAK>KAZ", "KAZ>PAK"]
    trade = inputs.asked["goods_trade"].sel(flow=flows).sum("good")
    statuses = xr.DataArray([0.7, 0.3], dims="status", coords={"status": ["established", "new"]})
    return trade * statuses


def series_of(drawing):
    return {row[0] for row in drawing.rows}


def test_where_all_runs_agree_there_is_no_figure(drawn):
    assert drawn() is None


@pytest.mark.parametrize("gone", ["stage", "gate_open_share"])
def test_a_panel_without_its_measure_is_left_out(drawn, inputs, gone):
    measures = {"stage": parted_stage(inputs), "gate_open_share": shut_gate(inputs)}
    both, one = drawn(**measures), drawn(**{**measures, gone: None})
    assert len(one.figure.axes) < len(both.figure.axes)
    assert series_of(one) < series_of(both)
    assert drawn(stage=None, gate_open_share=None) is None


def test_three_sources_stand_in_one_figure(drawn, inputs):
    drawing = drawn(
        stage=parted_stage(inputs),
        gate_open_share=shut_gate(inputs),
        **{FIRMS: firms(inputs)},
    )
    written = [text.get_text() for text in drawing.figure.texts]
    assert {"Agreements", "Firms, million USD a year", "Closures, 40 of 40 runs"} <= set(written)
    assert "pta in 25\u00a0%" in drawing.alt
    assert "established" in drawing.alt


def test_firms_recorded_in_another_form_are_left_out(drawn, inputs):
    other = firms(inputs).rename(status="size")
    assert drawn(**{FIRMS: other}) is None


def test_what_shuts_in_every_run_is_told_from_chance(drawn, inputs):
    drawing = drawn(gate_open_share=shut_gate(inputs))
    rows = {(row[0], row[2]): row[3] for row in drawing.rows}
    assert rows["torkham: shut", "2025Q1"] == pytest.approx(2 / 40)
    assert rows["torkham: shut", "2030Q1"] == pytest.approx(0.5)
    torkham = next(a for a in drawing.figure.axes if "Torkham" in a.get_title(loc="left"))
    always, chance = (len(boxes.get_paths()) for boxes in torkham.collections)
    assert (always, chance) == (1, 2)
    assert "Torkham in 5\u00a0%" in drawing.alt


def test_shares_of_the_stages_add_up(drawn, inputs):
    drawing = drawn(stage=parted_stage(inputs))
    shares: dict[str, float] = {}
    for series, _, period, value in drawing.rows:
        if series.startswith("pta: "):
            shares[period] = shares.get(period, 0.0) + value
    assert np.allclose(list(shares.values()), 1.0)
