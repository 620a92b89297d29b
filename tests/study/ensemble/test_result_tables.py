"""Tables a result leaves behind."""

from dataclasses import replace

import numpy as np
import pytest

from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.ensemble.counterfactuals import AS_ASKED
from sim.study.ensemble.findings import findings
from sim.study.ensemble.result_tables import SERIES_COLUMNS, outcomes_table, series_table
from sim.study.ensemble.run import run_variants


@pytest.fixture(scope="module")
def scenario(world, tmp_path_factory):
    from sim.scenario.scenario_file import load_scenario

    pair = next(c.ends for c in world.corridors)
    text = f"""
        version: 1
        title: Test
        question: Does it?
        horizon: {{start: {world.base_year}Q4, end: {world.base_year + 3}Q4}}
        runs: 3
        baseline: {{ledger: {world.ledger}}}
        targets:
          goal: {{pair: [{", ".join(pair)}], trade_musd: 500, deadline: {world.base_year + 2}Q4}}
    """
    path = tmp_path_factory.mktemp("tables") / "s.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path, None)


@pytest.fixture(scope="module")
def answer(scenario, world):
    results = run_variants(scenario, world).variants
    return results, findings(scenario, world, results)


def test_the_series_are_long_and_complete(scenario, world, answer):
    results, found = answer
    table = series_table("sim", scenario, results, found)
    assert tuple(table) == SERIES_COLUMNS
    assert len({len(column) for column in table.values()}) == 1
    rows = list(zip(*table.values(), strict=True))
    pair_rows = [row for row in rows if row[3] == "Trade|Both Directions"]
    assert len(pair_rows) == 3 * len(QUANTILES)
    medians = [row[-1] for row in pair_rows if row[6] == 0.5]
    np.testing.assert_array_equal(medians, found[0].quantiles[QUANTILES.index(0.5)])
    regional = {row[3] for row in rows} - {"Trade|Both Directions"}
    assert len([row for row in rows if row[3] in regional]) == (
        len(regional) * 3 * len(QUANTILES) * len(world.regions)
    )


def test_two_targets_of_a_pair_leave_its_series_once(scenario, answer):
    results, found = answer
    alone = series_table("sim", scenario, results, found)
    twice = series_table("sim", scenario, results, [*found, replace(found[0], name="more")])
    assert twice == alone
    by = f"{found[0].by[:4]}Q2"
    other = series_table("sim", scenario, results, [*found, replace(found[0], by=by)])
    added = set(other["variable"]) - set(alone["variable"])
    assert added == {"Trade|Both Directions|Year to Q2"}


def test_exports_of_all_regions_are_imports_of_all_regions(answer):
    results, _ = answer
    exports, imports = (results[AS_ASKED][name].sum("region") for name in ("exports", "imports"))
    np.testing.assert_allclose(exports, imports, rtol=1e-12)


def test_a_row_for_every_run_with_what_was_drawn(world, answer):
    results, found = answer
    table = outcomes_table(world, results, found)
    assert table["run"] == [0, 1, 2]
    assert set(world.parameters) <= set(table)
    assert table["goal|trade_musd"] == found[0].trade[:, found[0].at].tolist()
    assert table["status"] == ["finished"] * 3
