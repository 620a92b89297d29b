"""How busy gates are over the years."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from sim.report.page.style import house_style
from sim.report.transport.gate_use import FULL, MAX_GATES, gates_over_time


@pytest.fixture(scope="module")
def material(made_up):
    return made_up.material(made_up.scenario(), energy=False)


def drawn(material, **measures):
    """The figure, with measures of the results as asked in another form."""
    asked = material.asked.assign(**measures)
    changed = replace(material, results={**material.results, "as asked": asked})
    with house_style():
        return gates_over_time(changed, changed.findings[0])


def test_data_are_the_quantiles_of_the_runs(material):
    use = material.asked["gate_utilisation"].copy()
    gate = drawn(material).rows[0][0]
    use.loc[{"gate": gate, "quarter": [f"2030Q{q}" for q in (1, 2, 3, 4)]}] = np.linspace(
        0.5, 1.5, use.sizes["run"]
    )[:, None]
    rows = {row[1:4]: row[4] for row in drawn(material, gate_utilisation=use).rows
            if row[0] == gate}  # fmt: skip
    assert rows["as asked", "2030Q4", "q50"] == pytest.approx(FULL * 1.0)
    assert rows["as asked", "2030Q4", "q95"] == pytest.approx(FULL * 1.45)
    assert rows["no agreement", "2030Q4", "q50"] == pytest.approx(70.0)


def test_gates_of_the_pairs_own_ways_are_shown_by_their_cargo(material):
    drawing = drawn(material)
    gates = list(dict.fromkeys(row[0] for row in drawing.rows))
    assert 1 <= len(gates) <= MAX_GATES
    passed = {gate for label in material.asked["route"].to_numpy()
              for gate in str(label).partition(": ")[2].split(" > ")}  # fmt: skip
    assert set(gates) <= passed
    assert len(drawing.figure.axes) == len(gates)
    # A way that takes all of the cargo puts its own gates first.
    route = str(material.asked["route"].to_numpy()[-1])
    tonnes = xr.zeros_like(material.asked["route_tonnes"])
    tonnes.loc[{"route": route}] = 1.0
    alone = drawn(material, route_tonnes=tonnes)
    assert {row[0] for row in alone.rows} == set(route.partition(": ")[2].split(" > "))


def test_gates_without_a_capacity_are_left_out(material):
    nothing = xr.zeros_like(material.asked["gate_utilisation"])
    assert drawn(material, gate_utilisation=nothing) is None
    gate = drawn(material).rows[0][0]
    one = nothing.copy()
    one.loc[{"gate": gate}] = 0.3
    assert {row[0] for row in drawn(material, gate_utilisation=one).rows} == {gate}
