"""Boxes: a planted one is found, luck is told from sense, and the way keeps its promises."""

import numpy as np
import pytest

from sim.laws.methods.prim import MIN_MASS, bounded, contains, p_value, peel, scored_box


@pytest.fixture
def planted():
    """Hits where the first input is above 0.7 and the third below 0.4."""
    inputs = np.random.default_rng(1).uniform(size=(2000, 4))
    return inputs, (inputs[:, 0] > 0.7) & (inputs[:, 2] < 0.4)


def test_a_planted_box_is_found(planted):
    inputs, is_hit = planted
    last = peel(inputs, is_hit)[-1]
    assert bounded(last) == [0, 2]
    assert last.density == 1.0
    assert last.low[0] == pytest.approx(0.7, abs=0.05)
    assert last.high[2] == pytest.approx(0.4, abs=0.05)
    assert last.coverage > 0.8


def test_the_way_starts_with_everything_and_density_never_falls(planted):
    trajectory = peel(*planted)
    assert trajectory[0].mass == trajectory[0].coverage == 1.0
    density = [box.density for box in trajectory]
    assert density == sorted(density)
    assert all(box.mass >= MIN_MASS for box in trajectory)


def test_a_box_counts_as_a_plain_loop_does(planted):
    inputs, is_hit = planted
    box = peel(inputs, is_hit)[5]
    inside = [
        all(lo <= x <= hi for lo, x, hi in zip(box.low, row, box.high, strict=True))
        for row in inputs
    ]
    assert contains(box.low, box.high, inputs).tolist() == inside
    hits = [hit for hit, within in zip(is_hit, inside, strict=True) if within]
    assert box.density == pytest.approx(np.mean(hits))
    assert box.coverage == pytest.approx(sum(hits) / is_hit.sum())


def test_bounds_that_matter_are_told_from_those_that_do_not(planted):
    inputs, is_hit = planted
    box = scored_box(np.array([0.7, -np.inf, -np.inf, 0.02]), np.full(4, np.inf), inputs, is_hit)
    luck = p_value(box, inputs, is_hit)
    assert luck[0] < 1e-6
    assert luck[3] > 0.1
    assert luck[1] == luck[2] == 1.0


def test_equal_values_are_peeled_together():
    inputs = np.repeat([[0.0], [1.0]], 50, axis=0)
    last = peel(inputs, inputs[:, 0] == 1.0)[-1]
    assert last.low.tolist() == [1.0]
    assert last.density == 1.0
