"""Dated spells are sets of days: how they are written down changes nothing."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.numerics.calendar import parse_quarter, quarter_bounds
from sim.laws.numerics.spells import Days, Spell, strongest_factor

FIRST = date(2023, 11, 1)
YEAR = Days.of_quarters([parse_quarter("2024Q1") + q for q in range(4)])
SHARES = st.sampled_from([0.1, 0.25, 1 / 3, 0.5, 1.0])
SPELLS = st.lists(
    st.builds(
        lambda begin, length, share: Spell.dated(
            FIRST + timedelta(days=begin), FIRST + timedelta(days=begin + length), share
        ),
        st.integers(0, 420),
        st.integers(0, 200),
        SHARES,
    ),
    max_size=5,
)


def plain_days(spells: list[Spell]) -> list[float]:
    """Strongest spell of each day of 2024, one by one."""
    start = date(2024, 1, 1).toordinal()
    return [
        max((s.share for s in spells if s.first <= day <= s.last), default=0.0)
        for day in range(start, start + 366)
    ]


def rewritten(spells: list[Spell], seed: int) -> list[Spell]:
    """The same days in other entries: split, with pieces that overlap, repeated and shuffled."""
    rng = np.random.default_rng(seed)
    entries = []
    for spell in spells:
        cut = int(rng.integers(spell.first, spell.last + 1))
        back = int(rng.integers(spell.first, cut + 1))
        entries += [spell._replace(last=cut), spell._replace(first=back)]
        if rng.random() < 0.5:
            entries.append(spell)
    return [entries[k] for k in rng.permutation(len(entries))]


@given(SPELLS)
def test_a_day_takes_its_strongest_spell_and_a_quarter_the_mean_of_its_days(spells):
    plain = plain_days(spells)
    assert_array_equal(YEAR.united(spells), plain)
    for number, share in enumerate(YEAR.mean(YEAR.united(spells))):
        first, last = quarter_bounds(parse_quarter("2024Q1") + number)
        at = slice(first.timetuple().tm_yday - 1, last.timetuple().tm_yday)
        assert_allclose(share, np.mean(plain[at]), rtol=1e-13)


@given(SPELLS, st.integers(0, 10_000))
def test_splitting_repeating_and_reordering_changes_no_bit(spells, seed):
    again = rewritten(spells, seed)
    assert_array_equal(YEAR.mean(YEAR.united(again)), YEAR.mean(YEAR.united(spells)))


@given(st.lists(st.tuples(SPELLS, SHARES), max_size=3), st.integers(0, 10_000))
def test_factors_do_not_mind_how_they_are_written_either(groups, seed):
    factors = [(spell, 0.5 + 2 * share) for spells, share in groups for spell in spells]
    again = [(s, f) for spell, f in factors for s in rewritten([spell], seed)]
    assert_array_equal(strongest_factor(YEAR, again[::-1]), strongest_factor(YEAR, factors))


@given(st.integers(0, 500), st.integers(0, 400))
def test_no_day_is_lost_between_quarters(begin, length):
    days = Days.of_quarters([parse_quarter("2020Q1") + q for q in range(40)])
    first = date(2021, 1, 1) + timedelta(days=begin)
    spell = Spell.dated(first, first + timedelta(days=length))
    assert days.total(days.united([spell])).sum() == length + 1


def test_the_worked_case_of_two_lists_of_the_same_days():
    """10 April to 20 May and 10 May to 15 June shut 67 days of the 91 of a quarter."""
    quarter = Days.of_quarters([parse_quarter("2024Q2")])
    spells = [
        Spell.dated(date(2024, 4, 10), date(2024, 5, 20)),
        Spell.dated(date(2024, 5, 10), date(2024, 6, 15)),
    ]
    assert quarter.mean(quarter.united(spells))[0] == 67 / 91


def test_the_last_day_counts_and_a_spell_without_end_lasts():
    days = Days.of_quarters([parse_quarter("2025Q1"), parse_quarter("2025Q2")])
    last = Spell.dated(date(2025, 3, 31), date(2025, 3, 31))
    assert days.mean(days.united([last])).tolist() == [1 / 90, 0.0]
    open_end = Spell.dated(date(2025, 4, 1), None)
    assert days.mean(days.united([open_end])).tolist() == [0.0, 1.0]


def test_leap_years_have_their_day():
    assert Days.of_years([2023, 2024]).lengths.tolist() == [365, 366]
    assert Days.of_quarters([]).mean(np.zeros(0)).shape == (0,)
    assert np.bincount(YEAR.months)[1:].tolist() == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


@pytest.mark.parametrize(("a", "b", "counts"), [(2.0, 0.5, 2.0), (1.5, 0.4, 0.4), (1.2, 1.3, 1.3)])
def test_of_two_factors_on_one_day_the_one_furthest_from_one_counts(a, b, counts):
    day = Days(1, np.array([1]))
    for order in ([a, b], [b, a]):
        assert strongest_factor(day, [(Spell(1, 1), f) for f in order]).tolist() == [counts]
