"""Weighed values that are sorted cell by cell, against a sort of all of them."""

from itertools import pairwise

import numpy as np
import pytest

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.ranked_values import MAX_CELLS, UnweightedSample, WeightedSample, by_size
from tests.twins.plain_twins import plain_weighed_quantile

LEVELS = (0.0, 1e-9, 0.03, 0.05, 0.25, 0.5, 0.75, 0.95, 0.97, 1.0)


def _samples() -> dict[str, FloatArray]:
    rng = np.random.default_rng(3)
    spread = rng.standard_t(2, 3000)
    return {
        "heavy tails": np.exp(3.0 * spread),
        "both signs": spread,
        "below zero": -np.exp(spread),
        "mostly nothing": np.where(rng.random(3000) < 0.9, 0.0, spread),
        "few values": np.round(spread),
        "all alike": np.full(3000, 7.0),
        "one": np.array([-2.0]),
    }


@pytest.mark.parametrize("name", _samples())
def test_every_level_is_the_value_that_a_sort_of_all_finds(name: str) -> None:
    values = _samples()[name]
    weight = np.exp(3.0 * np.random.default_rng(4).normal(size=len(values)))
    weight /= weight.sum()
    ranked = WeightedSample(values, weight)
    assert ranked.at(LEVELS).tolist() == [
        plain_weighed_quantile(values, weight, level) for level in LEVELS
    ]
    assert ranked.ends == (values.min(), values.max())


def test_cells_hold_rising_values_and_no_cell_holds_many_of_a_wide_spread() -> None:
    values = _samples()["heavy tails"]
    kept, weight, first, up_to = by_size(
        values, np.full(3000, 1 / 3000), (float(values.min()), float(values.max()))
    )
    assert sorted(kept) == sorted(values)
    assert weight.sum() == pytest.approx(1.0)
    assert up_to[-1] == pytest.approx(1.0)
    assert first[-1] == 3000
    assert len(first) <= MAX_CELLS + 1
    cells = [kept[a:b] for a, b in pairwise(first) if b > a]
    assert all(low.max() < high.min() for low, high in pairwise(cells))
    assert max(map(len, cells)) < 30


def test_values_that_weigh_alike_are_read_between_neighbours() -> None:
    ranked = UnweightedSample(np.array([3.0, 1.0, 2.0]))
    assert ranked.at((0.0, 0.25, 1.0)).tolist() == [1.0, 1.5, 3.0]
    assert ranked.ends == (1.0, 3.0)
