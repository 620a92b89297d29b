"""Duty collected: for whom, and each run against its twin."""

from dataclasses import replace

import numpy as np
import pytest

from sim.report.policy.revenue import duty_collected


def test_the_change_is_that_of_each_run_against_its_twin(made_up):
    inputs = made_up.inputs(made_up.scenario(), energy=False)
    (finding,) = inputs.findings
    table = duty_collected(inputs, finding)
    names = [row[0] for row in table.rows]
    assert names == ["Pakistan", "Kazakhstan", "Afghanistan", "Uzbekistan"]
    year = [f"2030Q{q}" for q in (1, 2, 3, 4)]
    after, before = (
        data["tariff_revenue"].sel(region="PAK", quarter=year).mean("quarter").to_numpy()
        for data in (inputs.asked, inputs.without)
    )
    cells = dict(zip([column.title for column in table.columns], table.rows[0], strict=True))
    assert cells["Change"].value == pytest.approx(np.median(after - before))
    assert cells["Change"].low == pytest.approx(np.quantile(after - before, 0.05))
    assert cells["2030, with the agreements"].value == pytest.approx(np.median(after))


def test_without_agreements_there_is_no_change_to_tell(made_up):
    inputs = made_up.inputs(made_up.scenario({}), energy=False)
    (finding,) = inputs.findings
    table = duty_collected(inputs, finding)
    assert [column.title for column in table.columns] == [
        "Customs revenue of", "2023", "2030", "5–95 %",
    ]  # fmt: skip
    assert len(table.rows) == 2


def test_what_was_not_recorded_is_left_out(made_up):
    inputs = made_up.inputs(made_up.scenario({}), energy=False)
    (finding,) = inputs.findings
    bare = {name: data.drop_vars("tariff_revenue") for name, data in inputs.results.items()}
    assert duty_collected(replace(inputs, results=bare), finding) is None
    unknown = {
        name: data.assign(tariff_revenue=data["tariff_revenue"] * np.nan)
        for name, data in inputs.results.items()
    }
    assert duty_collected(replace(inputs, results=unknown), finding) is None
