"""Gates that bind because of an agreement, and who loses by it."""

import numpy as np
import pytest

from sim.study.ensemble.binding_gates import YearlyUse, binding_gates, yearly_use
from sim.study.ensemble.run import run_variants

GATES, PAIRS, YEARS = ("pass", "bridge"), ("A-B", "B-C"), ("2028Q2", "2029Q2")


def use(full=0.5, wait=0.0, trade=1.0):
    shape = (4, len(YEARS), len(GATES))
    found = YearlyUse(np.full(shape, 0.5), np.zeros(shape), np.ones((4, 2, 2)))
    found.utilisation[:, 1, 0] = full
    found.delay_hours[:, 1, 0] = wait
    found.trade[:, 1, 1] = trade
    return found


def test_post_year_and_loser_are_named_where_an_agreement_fills_a_gate():
    (found,) = binding_gates(GATES, PAIRS, YEARS, use(1.1, 30.0, 0.9), use())
    assert (found.gate, found.year_end, found.full_share) == ("pass", "2029Q2", 1.0)
    assert found.further_wait_hours == pytest.approx(30.0)
    assert found.losers == (("B-C", pytest.approx(np.log(0.9))),)


def test_nothing_binds_where_nobody_loses_or_the_gate_is_full_without_it():
    assert binding_gates(GATES, PAIRS, YEARS, use(1.1, 30.0, 1.1), use()) == ()
    assert binding_gates(GATES, PAIRS, YEARS, use(1.1, 0.5, 0.9), use(1.1, 0.0)) == ()
    assert binding_gates(GATES, PAIRS, YEARS, use(0.9, 30.0, 0.9), use()) == ()


def test_a_gate_that_is_full_in_few_runs_does_not_bind():
    def in_runs(n_full):
        shape = (40, len(YEARS), len(GATES))
        found = YearlyUse(np.full(shape, 0.5), np.zeros(shape), np.full((40, 2, 2), 0.9))
        found.utilisation[:n_full, 1, 0] = 1.1
        found.delay_hours[:, 1, 0] = 30.0
        return found

    without = in_runs(0)._replace(trade=np.ones((40, 2, 2)))
    assert binding_gates(GATES, PAIRS, YEARS, in_runs(1), without) == ()
    assert [one.gate for one in binding_gates(GATES, PAIRS, YEARS, in_runs(2), without)] == ["pass"]


def test_use_by_year_is_read_from_results(tiny_scenario, tiny_world):
    scenario = tiny_scenario.model_copy(update={"runs": 2})
    results = next(iter(run_variants(scenario, tiny_world).variants.values()))
    quarters = [str(quarter) for quarter in results["quarter"].values]
    own = [2, 3, 4, 5]
    party, other = str(results["party"].values[0]), str(results["party"].values[1])
    found = yearly_use(results, [quarters[5]], [f"{party}-{other}"])
    assert found.utilisation.shape == (2, 1, results.sizes["gate"])
    bought = results["party_imports"].sel(region=[party, other], party=[party, other]).values
    expected = bought[:, own][:, :, [0, 1], [1, 0]].sum(axis=(1, 2))
    np.testing.assert_allclose(found.trade[:, 0, 0], expected)
