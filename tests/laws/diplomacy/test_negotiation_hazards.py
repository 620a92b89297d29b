"""How agreements come about: what a State wants and when a stage is over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.laws.diplomacy.negotiation_hazards import (
    Motives,
    base_hazard,
    capacity_factor,
    interest,
    number_factor,
    shared_tie,
    stage_passed,
    threshold,
    will_factor,
)

WEIGHTS = Motives(0.5, 1.0, 5.0, 0.5, 1.0, 5.0)
NOTHING = Motives(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_an_agreement_that_holds_nothing_is_neither_wanted_nor_shunned() -> None:
    assert interest(NOTHING, WEIGHTS) == 0.0


@pytest.mark.parametrize("motive", Motives._fields)
def test_every_motive_but_losses_makes_a_state_keener(motive: str) -> None:
    keener = float(interest(NOTHING._replace(**{motive: 0.1}), WEIGHTS))
    assert (keener < 0) == (motive == "losses")
    assert keener == pytest.approx(
        (-1 if motive == "losses" else 1) * 0.1 * getattr(WEIGHTS, motive)
    )


def test_the_least_keen_member_sets_the_pace_and_outsiders_do_not() -> None:
    wants = np.array([0.7, 0.2, -2.0])
    assert will_factor(wants, np.array([True, True, False])) == pytest.approx(np.exp(0.2))
    assert will_factor(wants, np.array([True, True, True])) == pytest.approx(np.exp(-2.0))


def test_a_stage_at_even_odds_takes_the_typical_time() -> None:
    hazard, limit = base_hazard(3.0), threshold(np.array(0.5))
    quarters = next(
        q for q in range(1, 99) if stage_passed((q - 1) * hazard, hazard, limit - 1e-12)
    )
    assert quarters == 12


@given(
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30),
    st.floats(1.0, 3.0),
    st.floats(0.01, 0.99),
)
def test_a_higher_hazard_never_delays_a_date(hazards, factor, uniform) -> None:
    def ends(path: list[float]) -> int:
        limit, pressure = threshold(np.array(uniform)), np.zeros(())
        for quarter, hazard in enumerate(path):
            if stage_passed(pressure, np.array(hazard), limit):
                return quarter
            pressure = pressure + hazard
        return len(path)

    assert ends([factor * h for h in hazards]) <= ends(hazards)


def test_dates_spread_as_an_exponential_time_does() -> None:
    uniform = (np.arange(2000) + 0.5) / 2000
    times = threshold(uniform) / base_hazard(2.0) / 4
    assert np.median(times) == pytest.approx(2.0, rel=2e-3)
    assert times.mean() == pytest.approx(2.0 / np.log(2.0), rel=2e-3)


def test_more_members_take_longer_and_two_the_usual_time() -> None:
    factor = number_factor(np.array([2, 3, 6]), 0.1)
    assert factor[0] == 1.0
    assert np.all(np.diff(factor) < 0)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=6))
def test_ties_add_up_to_no_more_than_one_and_none_is_lost(rows) -> None:
    ties, shared = np.array([t for t, _ in rows]), np.array([s for _, s in rows])
    tie = float(shared_tie(ties, shared))
    strongest = max((t for t, s in rows if s), default=0.0)
    assert strongest - 1e-12 <= tie <= 1.0


def test_the_weakest_member_sets_the_pace_of_entry() -> None:
    law, works = np.array([0.4, 0.1]), np.array([0.5, 0.5])
    assert capacity_factor(law, works, 0.2, 1.0) == pytest.approx(0.25)
    assert capacity_factor(law[:1], works[:1], 0.2, 1.0) == pytest.approx(1.0)
