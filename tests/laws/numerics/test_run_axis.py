"""Rows with runs last as columns with runs first, and back."""

import numpy as np
from numpy.testing import assert_array_equal

from sim.laws.numerics.run_axis import columns_of_rows, rows_from_columns, sums_of_columns


def test_columns_are_the_rows_they_name_and_rows_the_sums_of_their_columns():
    draws = np.random.default_rng(3)
    rows, row = draws.normal(size=(7, 4)), draws.integers(-1, 7, 30)
    columns = columns_of_rows(rows, row)
    expected = np.where(row >= 0, rows[row].T, 0.0)
    assert_array_equal(columns, expected)
    back = np.zeros((7, 4))
    known = row >= 0
    np.add.at(back, row[known], 0.5 * columns[:, known].T)
    assert_array_equal(rows_from_columns(columns, row, 0.5, 7), back)


def test_columns_are_summed_where_they_belong():
    draws = np.random.default_rng(4)
    columns, place = draws.normal(size=(5, 40)), draws.integers(-1, 6, 40)
    wanted, known = np.zeros((5, 8)), place >= 0
    np.add.at(wanted, (slice(None), place[known]), columns[:, known])
    assert_array_equal(sums_of_columns(columns, place, 8), wanted)
