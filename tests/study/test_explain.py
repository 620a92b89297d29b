"""Explanations: parts of the levers sum to what all of them change."""

import numpy as np
import pytest

from sim.study.explain import attributions, explain_plan, levers_of
from sim.study.workers.study_errors import StudyError


def test_parts_sum_to_the_total(asked, tiny_names, world_of, carried_out):
    scenario = asked("levers: [agreements.treaty, closures]\nclosures:\n  pass:\n"
                     "    - {from: 2025-01-01, until: 2028-12-31}\n")  # fmt: skip
    levers = levers_of(scenario)
    assert levers.coalitions == (0, 1, 2, 3)
    plan = explain_plan(scenario, levers, 6, world_of, tiny_names)
    found = attributions(plan, levers, carried_out(plan))
    assert [a.measure for a in found] == ["trade_musd", "reached_share"]
    for part in found:
        assert part.parts.sum() == pytest.approx(part.with_all - part.without, abs=1e-9)
        assert (part.interval[:, 0] <= part.interval[:, 1]).all()
    assert found[0].parts[0] > 0.0


def test_orders_give_what_all_coalitions_give_where_levers_do_not_meet(tiny_scenario):
    many = tuple(f"agreements.a{k}" for k in range(12))
    levers = levers_of(tiny_scenario.model_copy(update={"levers": many}), 4)
    assert len(levers.orders) == 8
    assert levers.coalitions[0] == 0
    assert levers.coalitions[-1] == 2**12 - 1
    assert len(levers.coalitions) <= 8 * 12 + 1
    assert all(sorted(order) == list(range(12)) for order in levers.orders)
    np.testing.assert_array_equal(levers.orders[0], levers.orders[1][::-1])


def test_nothing_to_switch_is_refused(tiny_scenario):
    with pytest.raises(StudyError, match="nothing to explain"):
        levers_of(tiny_scenario.model_copy(update={"agreements": {}}))
