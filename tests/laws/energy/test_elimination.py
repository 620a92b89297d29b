"""Elimination on a network: its answers are those of dense algebra, run by run."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.energy.elimination import Incidence


def networks(seed, n_rows, n_runs, *, by_run):
    """Activities that each draw on one row and feed another at a loss, and some ends."""
    draws = np.random.default_rng(seed)
    n_arcs = 3 * n_rows
    tail = draws.integers(0, n_rows, n_arcs)
    head = (tail + draws.integers(1, n_rows, n_arcs)) % n_rows if n_rows > 1 else tail
    arcs = np.flatnonzero(tail != head)
    ends = np.arange(n_rows)
    row = np.concatenate([tail[arcs], head[arcs], ends])
    activity = np.concatenate([np.arange(arcs.size)] * 2 + [arcs.size + ends])
    kept = draws.uniform(0.8, 1.0, (arcs.size, n_runs if by_run else 1))
    ones = np.ones((1, kept.shape[1]))
    coefficient = np.concatenate([-ones.repeat(arcs.size, 0), kept, ones.repeat(n_rows, 0)])
    n_activities = arcs.size + n_rows
    found = Incidence(n_rows, n_activities, row, activity, coefficient)
    dense = np.zeros((n_runs, n_rows, n_activities))
    for run in range(n_runs):
        np.add.at(dense[run], (row, activity), coefficient[:, run if by_run else 0])
    # Weights of an interior point spread over many orders of size.
    return found, dense, np.exp(draws.uniform(-6, 6, (n_activities, n_runs))), draws


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 4), st.booleans())
def test_solves_are_those_of_dense_algebra(seed, n_rows, n_runs, by_run):
    incidence, dense, weight, draws = networks(seed, n_rows, n_runs, by_run=by_run)
    right = draws.normal(size=(n_rows, n_runs))
    matrix = np.einsum("Rra,aR,Rsa->Rrs", dense, weight, dense)
    wanted = np.linalg.solve(matrix, right.T[..., None])[..., 0].T
    assert_allclose(incidence.factor(weight).solve(right), wanted, rtol=1e-6)
    price, quantity = right, draws.normal(size=weight.shape)
    assert_allclose(incidence.gain(price), np.einsum("Rra,rR->aR", dense, price), atol=1e-12)
    balance = np.einsum("Rra,aR->rR", dense, quantity)
    assert_allclose(incidence.balance(quantity), balance, atol=1e-12)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.booleans())
def test_a_batch_is_its_single_runs_to_the_bit(seed, n_rows, by_run):
    incidence, _, weight, draws = networks(seed, n_rows, 5, by_run=by_run)
    right = draws.normal(size=(n_rows, 5))
    together = incidence.factor(weight).solve(right)
    for run in range(5):
        own = np.array([run])
        alone = incidence.runs(own).factor(weight[:, own]).solve(right[:, own])
        assert_array_equal(alone, together[:, own])


def test_a_row_that_nothing_moves_keeps_its_price():
    one = np.array([0, 1])
    incidence = Incidence(2, 2, one, one, np.ones((2, 1)))
    found = incidence.factor(np.array([[2.0], [0.0]])).solve(np.array([[6.0], [5.0]]))
    assert_array_equal(found, [[3.0], [0.0]])
