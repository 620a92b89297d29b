"""Where effort goes, what it does to trade, and who is left behind."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.laws.diplomacy.effort import (
    attention_effects,
    concentration,
    contagion,
    converted_memoranda,
    effort_shares,
)

SIZE = np.array([[0.086, 0.077, 0.0], [0.08, 0.06, 0.01]])


def effects(quarter, *acts, fade_years=2.0):
    when, kind, flow = np.array(acts, dtype=np.int64).reshape(-1, 3).T
    fade = np.array([fade_years, fade_years])
    return attention_effects(quarter, when, kind, flow, 2, size=SIZE, fade_years=fade)


def test_a_visit_raises_the_flow_it_is_for_and_is_gone_in_two_years() -> None:
    visit = (8100, 0, 0)
    assert effects(8100, visit)[:, 0] == pytest.approx(SIZE[:, 0])
    assert effects(8104, visit)[:, 0] == pytest.approx(SIZE[:, 0] / 2)
    assert not effects(8108, visit).any()
    assert not effects(8099, visit).any()
    assert not effects(8100, visit)[:, 1].any()


def test_of_two_visits_the_fresher_counts_but_consulates_add_up() -> None:
    assert effects(8104, (8100, 0, 0), (8104, 0, 0))[:, 0] == pytest.approx(SIZE[:, 0])
    twice = effects(8200, (8100, 1, 1), (8104, 1, 1))[:, 1]
    assert twice == pytest.approx(2 * SIZE[:, 1])


def test_a_mission_does_what_its_size_says() -> None:
    assert effects(8100, (8100, 2, 0))[:, 0] == pytest.approx(SIZE[:, 2])


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.booleans()), min_size=1, max_size=5), st.floats(0, 9)
)
def test_no_more_effort_is_spent_than_there_is(rows, pull) -> None:
    interest, busy = np.array([i for i, _ in rows]), np.array([b for _, b in rows])
    shares = effort_shares(interest, busy, pull)
    assert np.all(shares >= 0)
    assert shares.sum() <= 1 + 1e-12
    assert not shares[~busy].any()


def test_a_second_negotiation_and_a_suitor_take_effort_from_the_first() -> None:
    alone = effort_shares(np.zeros(2), np.array([True, False]), 1.0)[0]
    both = effort_shares(np.zeros(2), np.array([True, True]), 1.0)[0]
    courted = effort_shares(np.zeros(2), np.array([True, False]), 2.0)[0]
    assert alone == pytest.approx(1 / 2)
    assert both == courted == pytest.approx(1 / 3)


def test_equal_partners_lean_on_nobody() -> None:
    assert concentration(np.ones(4)) == pytest.approx(0.25)
    assert concentration(np.zeros(4)) == 0.0


def test_contagion_counts_only_markets_sold_to_and_rivals_with_a_deal() -> None:
    exports = np.array([3.0, 1.0])
    share = np.array([[0.2, 0.3], [0.5, 0.0]])
    none = np.zeros((2, 2), dtype=bool)
    assert contagion(exports, share, none) == 0.0
    deal = none.copy()
    deal[0, 1] = True
    assert contagion(exports, share, deal) == pytest.approx(0.75 * 0.3)
    deal[1, 0] = True
    assert contagion(exports, share, deal) == pytest.approx(0.75 * 0.3 + 0.25 * 0.5)


def test_the_share_of_memoranda_that_convert_is_the_share_named() -> None:
    uniform = (np.arange(500) + 0.5) / 500
    for share in (0.09, 0.82):
        assert converted_memoranda(500, np.full(500, share), uniform).mean() / 500 == pytest.approx(
            share, abs=1e-3
        )
    assert converted_memoranda(35, np.array([0.0, 1.0]), np.array([0.9, 0.1])).tolist() == [
        0.0,
        35.0,
    ]
