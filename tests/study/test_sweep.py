"""Points of a sweep: their order, their designs, what a point comes to."""

import numpy as np
import pytest

from sim.study.sweep import points_of, summaries
from sim.study.workers.study_errors import StudyError
from tests.study.conftest import CUT

LIST = f"sweep:\n  {CUT}: [0, 0.5, 1]\n  agreements.treaty: [true, false]\n"
RANGE = f"sweep:\n  {CUT}: {{from: 0.2, to: 0.6}}\n"


def test_a_grid_has_every_combination_once(asked):
    points = points_of(asked(LIST))
    assert len(points) == len({tuple(point.items()) for point in points}) == 6


@pytest.mark.parametrize("design", ["latin", "sobol"])
def test_spread_points_fill_the_range_evenly(asked, design):
    points = points_of(asked(RANGE), design, 16)
    values = np.array([point[CUT] for point in points])
    assert ((values >= 0.2) & (values <= 0.6)).all()
    slots = np.floor((values - 0.2) / 0.4 * 16 * (1 - 1e-6))
    assert sorted(slots) == list(range(16))
    assert points_of(asked(RANGE), design, 16) == points


@pytest.mark.parametrize(
    ("block", "design", "n_points", "said"),
    [
        (RANGE, "grid", None, "has a range"),
        (LIST, "grid", 8, "--points is for others"),
        (RANGE, "sobol", 12, "take --points 16"),
    ],
)
def test_a_design_that_does_not_go_with_it_is_refused(asked, block, design, n_points, said):
    with pytest.raises(StudyError, match=said):
        points_of(asked(block), design, n_points)


def test_points_without_a_sweep_are_refused(tiny_scenario):
    assert points_of(tiny_scenario) == ({},)
    with pytest.raises(StudyError, match="no sweep: block"):
        points_of(tiny_scenario, "latin", 8)


def test_a_summary_counts_what_finished(swept, carried_out):
    plan = swept([{CUT: 0.0}, {CUT: 3.0}], n_runs=4)
    fine, failed = summaries(plan, carried_out(plan))
    assert (fine.n_runs, fine.n_failed) == (4, 0)
    assert (failed.n_runs, failed.n_failed) == (4, 4)
    assert np.isnan(failed.reached_share)
    low, high = fine.reached_interval
    assert low <= fine.reached_share <= high
