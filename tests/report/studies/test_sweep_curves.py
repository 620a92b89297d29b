"""Curves of a sweep: bars where points can be told apart, else a band over neighbours."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from sim.report.page.style import house_style
from sim.report.studies.sweep_curves import MAX_BARS, N_GROUPS, Curve, curves
from sim.scenario.lever_titles import lever_titles
from sim.study.sweep import PointSummary

PATH = "agreements.treaty.concessions.*.cut"


def panel(scenario, n_points):
    """Points of which the median rises from 100 to 200 million USD with the cut, in any order."""
    title = lever_titles(scenario, [PATH], {})[PATH]
    cuts = np.random.default_rng(1).permutation(np.linspace(0.0, 1.0, n_points)).tolist()
    points = tuple(
        (cut, PointSummary(k, "goal", 8, 0, 0.0, (0.0, 0.1), tuple(100 * (1 + cut) + spread), {}))
        for k, (cut, spread) in enumerate(
            zip(cuts, [np.array([-80.0, -40.0, 0.0, 40.0, 80.0])] * n_points, strict=True)
        )
    )
    return Curve(PATH, title, points)


@pytest.mark.parametrize("n_points", [MAX_BARS, MAX_BARS + 1])
def test_points_have_bars_as_long_as_bars_can_be_told_apart(tiny_scenario, n_points):
    with house_style():
        drawn = curves("goal", 1000.0, [panel(tiny_scenario, n_points)], "stamp")
    axes = drawn.figure.axes[0]
    bars = [c for c in axes.collections if isinstance(c, LineCollection)]
    bands = [c for c in axes.collections if not isinstance(c, LineCollection)]
    dots = next(line for line in axes.lines if line.get_marker() == "o")
    assert len(dots.get_xdata()) == n_points
    if n_points <= MAX_BARS:
        assert len(bars[0].get_segments()) == n_points
        assert not bands
        return
    assert not bars
    line = next(x for x in axes.lines if len(x.get_xdata()) == N_GROUPS)
    np.testing.assert_allclose(line.get_ydata(), 100.0 + line.get_xdata())
    (area,) = (path.vertices for path in bands[0].get_paths())
    assert area[:, 1].min() < 100.0 < 200.0 < area[:, 1].max()


def test_values_that_are_no_numbers_have_no_neighbours(tiny_scenario):
    many = panel(tiny_scenario, MAX_BARS + 1)
    switched = tuple((cut > 0.5, summary) for cut, summary in many.points)
    assert many.is_grouped
    assert not Curve(PATH, many.title, switched).is_grouped
