"""Laws of schedules: however lines are written, consignments meet the same duties."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.policy.duty_schedules import DutyLine, StandingDuties, bundles, raised_rate, terms_of

LAYERS = 2
SHARES = st.sampled_from([0.0, 0.2, 0.5, 1.0])
LINES = st.lists(
    st.tuples(
        st.tuples(SHARES, SHARES), st.sampled_from([0.1, 0.4, 1.0]), st.sampled_from([0.01, 0.05])
    ),
    max_size=5,
)
"""Cuts by layer, covered share and cost of origin."""
STANDING = StandingDuties(
    np.array([[0.12], [0.08]]), margins=np.array([[0.1], [0.0]]), extra_rate=np.array([0.03])
)


def settled(lines, standing=STANDING, n_runs=1):
    """Terms of one pool under lines of a schedule."""
    found = bundles([[(k, DutyLine(cover, cost)) for k, (_, cover, cost) in enumerate(lines)]])
    cut = np.array([cuts for cuts, _, _ in lines], dtype=float).reshape(len(lines), LAYERS).T
    costs = np.array([cost for *_, cost in lines], dtype=float)
    return terms_of(
        found,
        standing,
        np.broadcast_to(cut, (n_runs, LAYERS, len(lines))),
        origin_cost_ave=np.broadcast_to(costs, (n_runs, len(lines))),
        spread=np.full(n_runs, 0.8),
        marked=np.zeros(len(lines), dtype=bool),
    )


def assert_same(one, other):
    for first, second in zip(one, other, strict=True):
        assert_allclose(first, second, rtol=1e-12, atol=1e-15)


@settings(max_examples=80)
@given(LINES, st.randoms())
def test_order_and_repetition_change_nothing(lines, random):
    other = [*lines, *lines[:2]]
    random.shuffle(other)
    assert_same(settled(lines), settled(other))


@settings(max_examples=80)
@given(LINES)
def test_a_line_split_by_layer_changes_nothing(lines):
    split = [
        part
        for (customs, extra), cover, cost in lines
        for part in (((customs, 0.0), cover, cost), ((0.0, extra), cover, cost))
    ]
    assert_same(settled(lines), settled(split))


@settings(max_examples=80)
@given(LINES, LINES)
def test_a_further_line_never_makes_anybody_pay_more(lines, more):
    def paid(terms):
        return (1.0 + terms.applied_rate) * terms.origin_cost_factor

    assert np.all(paid(settled([*lines, *more])) <= paid(settled(lines)) * (1.0 + 1e-12))


@settings(max_examples=40)
@given(LINES)
def test_rates_lie_between_the_extra_duty_and_the_normal_one(lines):
    found = settled(lines)
    assert np.all(found.applied_rate >= 0.03 - 1e-15)
    assert np.all(found.applied_rate <= STANDING.rate + 1e-15)
    assert np.all((found.used_share >= 0.0) & (found.used_share <= 1.0 + 1e-12))
    assert np.all(found.origin_cost_factor >= 1.0)


def test_without_lines_everybody_pays_what_stands():
    assert_allclose(STANDING.rate, 0.12 * 0.9 + 0.08 + 0.03, rtol=1e-15)
    found = settled([])
    assert_array_equal(found.applied_rate, STANDING.rate[None])
    assert not found.used_share.any()


def test_a_margin_of_the_base_year_is_not_added_to_a_smaller_cut():
    assert_same(settled([((0.1, 0.0), 1.0, 0.0)]), settled([]))


def test_of_nested_lists_the_deeper_cut_counts_for_what_it_covers():
    """Free of origin costs: three tenths enter free, the next half at half the duty."""
    plain = StandingDuties(np.array([[0.2], [0.0]]), np.zeros((2, 1)), np.zeros(1))
    lists = [((1.0, 0.0), 0.3, 0.0), ((0.5, 0.0), 0.8, 0.0)]
    found = settled(lists, plain)
    assert_allclose(found.applied_rate, 0.5 * 0.1 + 0.2 * 0.2, rtol=1e-12)
    assert_allclose(found.used_share, 0.8, rtol=1e-12)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 2.0)), max_size=5), st.floats(0.0, 1.0))
def test_of_several_rises_the_highest_counts(rises, base):
    added = np.array([value if adds else np.nan for adds, value in rises])
    levels = np.array([np.nan if adds else value for adds, value in rises])
    said = [base + value if adds else value for adds, value in rises]
    found = raised_rate(np.array([base]), added[None], levels[None])
    assert found.item() == (max(said) if said else base)
    twice = raised_rate(np.array([base]), np.tile(added, 2)[None], np.tile(levels, 2)[None])
    assert_array_equal(found, twice)
