"""Published tables and closed forms come out of the gravity law."""

import math
from pathlib import Path

import numpy as np
import pytest

from sim.laws import gravity
from sim.validation.check import Check, SkippedCheck
from sim.validation.gravity import closed_forms, known_gravity, sector_percent
from sim.validation.published_cases import case_cards, published_values, read_one_good, read_sectors

CARDS = {card.kind: card for card in case_cards()}


@pytest.fixture(scope="module")
def gravity_cases(cases: Path) -> Path:
    folder = cases / "gravity"
    for card in CARDS.values():
        if not (folder / card.case).is_dir():
            pytest.skip(f"{card.case} is not in {folder}")
    return folder


def test_closed_forms_hold():
    rows = list(closed_forms())
    assert len(rows) >= 5
    assert all(row.ok for row in rows), [row for row in rows if not row.ok]


def test_every_published_number_is_reproduced(gravity_cases):
    rows = known_gravity(gravity_cases)
    assert not [row for row in rows if isinstance(row, SkippedCheck)]
    wrong = [row for row in rows if isinstance(row, Check) and not row.ok]
    assert not wrong
    printed = [row for row in rows if row.case in {value.case for value in published_values()}]
    assert len(printed) >= len(published_values())


@pytest.mark.parametrize("folder", [None, Path("nowhere")])
def test_absent_files_are_skipped_with_a_reason_and_closed_forms_stay(folder):
    rows = known_gravity(folder)
    skipped = [row for row in rows if isinstance(row, SkippedCheck)]
    assert {row.case for row in skipped} == {card.case for card in CARDS.values()}
    assert all("cases was given" in row.reason or "nowhere" in row.reason for row in skipped)
    assert any(isinstance(row, Check) for row in rows)


def test_a_number_that_is_not_there_is_not_reproduced():
    row = Check("case", "quantity", 1.0, math.nan, 0.1, "%", "nowhere")
    assert not row.ok
    assert Check("case", "quantity", 1.0, 1.05, 0.1, "%", "nowhere").ok
    assert not Check("case", "quantity", 1.0, 1.2, 0.1, "%", "nowhere").ok


def test_all_scenarios_of_the_large_case_clear(gravity_cases):
    card = CARDS["costs"]
    case = read_one_good(gravity_cases, card)
    law = {
        "trade_elasticity": card.trade_elasticity,
        "supply_elasticity": card.supply_elasticity,
    }
    batch = gravity.equilibrium(
        case.trade, trade_cost_change=case.trade_cost_change, goods_axis=False, **law
    )
    assert batch.trade.shape == (3, 151, 151)
    assert (batch.clearing_residual < 1e-12).all()
    assert (batch.residual < 1e-12).all()
    single = gravity.equilibrium(case.trade, trade_cost_change=case.trade_cost_change[2], **law)
    np.testing.assert_array_equal(batch.trade[2], single.trade)
    bare = gravity.equilibrium(
        case.trade,
        trade_cost_change=case.trade_cost_change[0],
        deficits="multiplicative",
        **law,
    )
    assert bare.clearing_residual > 1e-5


def test_conditional_and_direct_closures_of_the_large_case(gravity_cases):
    card = CARDS["costs"]
    case = read_one_good(gravity_cases, card)
    cost = case.trade_cost_change[0]
    law = {"trade_cost_change": cost, "trade_elasticity": card.trade_elasticity}
    held = gravity.equilibrium(case.trade, closure="conditional", **law)
    np.testing.assert_allclose(held.trade.sum(axis=0), case.trade.sum(axis=0), rtol=1e-11)
    direct = gravity.equilibrium(case.trade, closure="direct", **law)
    np.testing.assert_allclose(direct.trade, case.trade * cost**-card.trade_elasticity)


def test_sector_case_has_its_accounts_in_order(gravity_cases):
    card = CARDS["sectors"]
    case = read_sectors(gravity_cases, card)
    assert case.trade.shape == (40, 31, 31)
    assert (case.trade >= 0).all()
    services = case.trade[case.n_traded :]
    assert (services == services * np.eye(31)).all()
    changed = (case.tariff_rate != case.tariff_rate_baseline).any(axis=(0, 1))
    assert set(np.array(card.states)[changed]) == set(card.members)


def test_sector_case_reports_both_welfare_measures(gravity_cases):
    card = CARDS["sectors"]
    percent = sector_percent(read_sectors(gravity_cases, card), card)
    first, exact = percent["welfare, first order"], percent["welfare, exact"]
    member = np.isin(np.array(card.states), card.members)
    assert abs(first[member] - exact[member]).max() > 1
    assert abs(first[~member] - exact[~member]).max() < 0.05
