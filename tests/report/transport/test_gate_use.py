"""How busy gates are over the years."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from sim.report.page.style import house_style
from sim.report.transport.gate_use import FULL, MAX_GATES, gates_over_time


@pytest.fixture(scope="module")
def inputs(made_up):
    return made_up.inputs(made_up.scenario(), energy=False)


def drawn(inputs, **measures):
    """The figure, with measures of the results as asked in another form."""
    asked = inputs.asked.assign(**measures)
    changed = replace(inputs, results={**inputs.results, "as asked": asked})
    with house_style():
        return gates_over_time(changed, changed.findings[0])


def test_data_are_the_quantiles_of_the_runs(inputs):
    use = inputs.asked["gate_utilisation"].copy()
    gate = drawn(inputs).rows[0][0]
    use.loc[{"gate": gate, "quarter": [f"2030Q{q}" for q in (1, 2, 3, 4)]}] = np.linspace(
        0.5, 1.5, use.sizes["run"]
    )[:, None]
    rows = {row[1:4]: row[4] for row in drawn(inputs, gate_utilisation=use).rows
            if row[0] == gate}  # fmt: skip
    assert rows["as asked", "2030Q4", "q50"] == pytest.approx(FULL * 1.0)
    assert rows["as asked", "2030Q4", "q95"] == pytest.approx(FULL * 1.45)
    assert rows["no agreement", "2030Q4", "q50"] == pytest.approx(70.0)


def test_gates_of_the_pairs_own_ways_are_shown_by_their_cargo(inputs):
    drawing = drawn(inputs)
    gates = list(dict.fromkeys(row[0] for row in drawing.rows))
    assert 1 <= len(gates) <= MAX_GATES
    passed = {gate for label in inputs.asked["route"].to_numpy()
              for gate in str(label).partition(": ")[2].split(" > ")}  # fmt: skip
    assert set(gates) <= passed
    assert len(drawing.figure.axes) == len(gates)
    # A way that takes all of the cargo puts its own gates first.
    route = str(inputs.asked["route"].to_numpy()[-1])
    tonnes = xr.zeros_like(inputs.asked["route_tonnes"])
    tonnes.loc[{"route": route}] = 1.0
    alone = drawn(inputs, route_tonnes=tonnes)
    assert {row[0] for row in alone.rows} == set(route.partition(": ")[2].split(" > "))


def test_gates_without_a_capacity_are_left_out(inputs):
    nothing = xr.zeros_like(inputs.asked["gate_utilisation"])
    assert drawn(inputs, gate_utilisation=nothing) is None
    gate = drawn(inputs).rows[0][0]
    one = nothing.copy()
    one.loc[{"gate": gate}] = 0.3
    assert {row[0] for row in drawn(inputs, gate_utilisation=one).rows} == {gate}
