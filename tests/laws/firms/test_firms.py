"""Exporters: rest, the way to the gravity equilibrium, turnover, attention, and a plain twin."""

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.laws import firms as exporters
from sim.laws.firms import Attention
from sim.laws.firms.attention import SIMILAR_MARKET_CUT
from tests.twins.exporters_twin import log_sales_path

IMPACT, YEAR_4 = 0.2436, 0.849
LEVELS = st.floats(-3.0, 3.5)


@lru_cache(maxsize=64)
def rates_of(impact, year_4):
    return exporters.solve_notice([impact], [year_4])


def market_of(n_runs=1, n_cells=1, n_firms=100.0, impact=IMPACT, year_4=YEAR_4, uniforms=None):
    one = rates_of(impact, year_4)
    turnover = exporters.Turnover(*(np.repeat(rate, n_runs) for rate in one))
    strata = exporters.size_strata(n_firms)
    firms = np.broadcast_to(strata.expected, (n_runs, n_cells, strata.n_strata))
    if uniforms is not None:
        firms = strata.counted(uniforms((n_runs, n_cells, strata.n_strata)))
    return exporters.open_market(turnover, strata, firms)


def path_of(market, levels, attention=None):
    """Log sales of every quarter, (n_quarters, n_runs, n_cells)."""
    population, path = exporters.first_population(market), []
    for quarter, given_level in enumerate(levels):
        level = np.broadcast_to(given_level, market.weight.shape[:2])
        now = attention(quarter) if attention else None
        path.append(exporters.standing(market, population, level, now).log_sales)
        population = exporters.advance(market, population, level, now)
    return np.array(path)


def held(level, n_quarters):
    return [level] * n_quarters


def test_where_nothing_happens_nothing_departs() -> None:
    rng = np.random.default_rng(1)
    market = market_of(3, 2, uniforms=rng.random)
    assert np.array_equal(path_of(market, held(0.0, 20)), np.zeros((20, 3, 2)))


@given(level=LEVELS, impact=st.floats(0.15, 0.35), year_4=st.floats(0.75, 0.92))
@settings(max_examples=15)
def test_firms_settle_at_the_gravity_equilibrium(level, impact, year_4) -> None:
    market = market_of(impact=impact, year_4=year_4)
    assert path_of(market, held(level, 500))[-1] == pytest.approx(level, abs=2e-3)


@pytest.mark.parametrize(("n_firms", "level"), [(30, 0.1), (1000, 1.0)])
def test_with_enough_firms_nearly_every_run_settles_within_a_hundredth(n_firms, level) -> None:
    rng = np.random.default_rng(2)
    market = market_of(200, n_firms=n_firms, uniforms=rng.random)
    miss = path_of(market, held(level, 300))[-1, :, 0] - level
    assert np.quantile(np.abs(miss), 0.9) < 0.01
    assert abs(miss.mean()) < 0.002


def test_few_firms_do_not_bias_what_many_runs_expect() -> None:
    rng = np.random.default_rng(3)
    market = market_of(2000, n_firms=20, uniforms=rng.random)
    sales = path_of(market, held(0.1, 17))[-1, :, 0]
    expected = path_of(market_of(n_firms=20), held(0.1, 17))[-1, 0, 0]
    assert abs(sales.mean() - expected) < 3 * sales.std() / np.sqrt(2000) + 2e-3 * expected


@pytest.mark.parametrize(("impact", "year_4"), [(0.2436, 0.849), (0.15, 0.75), (0.35, 0.92)])
def test_a_small_cut_phases_in_as_the_parameters_say(impact, year_4) -> None:
    size = 0.01
    reached = path_of(market_of(impact=impact, year_4=year_4), held(size, 60))[:, 0, 0] / size
    assert reached[0] == pytest.approx(impact, abs=1e-5)
    assert reached[16] == pytest.approx(year_4, abs=0.005)
    predicted = exporters.phase_in(exporters.solve_notice([impact], [year_4]), 59)[0]
    np.testing.assert_allclose(reached, predicted, atol=0.005)
    assert np.all(np.diff(reached) > 0)


def test_firms_of_the_world_come_and_go_as_on_record() -> None:
    ledgers = exporters.year_on_year(exporters.solve_notice([IMPACT], [YEAR_4]))
    assert 0.4 < ledgers.new_share[0] < 0.55
    assert ledgers.new_sales_share[0] < 0.1
    assert ledgers.new_survival[0] < 0.5


@given(
    levels=st.lists(LEVELS, min_size=12, max_size=12),
    notices=st.lists(st.floats(0.5, 1.5), min_size=12, max_size=12),
    costs=st.lists(st.floats(0.2, 1.5), min_size=12, max_size=12),
    impact=st.sampled_from([0.15, 0.2436, 0.6]),
)
@settings(max_examples=30)
def test_the_plain_twin_agrees(levels, notices, costs, impact) -> None:
    rng = np.random.default_rng(4)
    market = market_of(n_firms=40, impact=impact, uniforms=rng.random)
    ours = path_of(
        market,
        levels,
        lambda q: Attention(np.array([[notices[q]]]), np.array([[costs[q]]])),
    )[:, 0, 0]
    rates = tuple(float(rate[0]) for rate in market.turnover)
    plain = log_sales_path(
        rates, market.strata.edge.tolist(), market.n_firms[0, 0].tolist(), levels, notices, costs
    )
    # Single precision against double, through a logarithm of what is left of the sales.
    np.testing.assert_allclose(ours, plain, atol=2e-4)


def test_what_makes_one_run_give_up_leaves_others_alone() -> None:
    levels = np.zeros((6, 2, 1))
    levels[:3, :, 0], levels[3:, 1, 0] = 0.6, -2.0
    both = path_of(market_of(2), levels)
    assert np.array_equal(both[:, :1], path_of(market_of(1), levels[:, :1]))
    assert np.array_equal(both[:, 1:], path_of(market_of(1), levels[:, 1:]))


def test_a_batch_is_its_single_runs_and_markets_in_any_order() -> None:
    rng = np.random.default_rng(5)
    market = market_of(300, 5, uniforms=rng.random)
    levels = rng.normal(size=(8, 300, 5))
    whole = path_of(market, levels)
    order = rng.permutation(5)
    runs = slice(130, 133)
    part = exporters.open_market(
        exporters.Turnover(*(rate[runs] for rate in market.turnover)),
        market.strata,
        market.n_firms[runs][:, order],
    )
    assert np.array_equal(path_of(part, levels[:, runs][:, :, order]), whole[:, runs][:, :, order])


def test_firms_stay_when_what_drew_them_is_gone() -> None:
    back = path_of(market_of(), held(0.5, 40) + held(0.0, 40))[:, 0, 0]
    never_gone = path_of(market_of(), held(-0.5, 40) + held(0.0, 40))[:, 0, 0]
    assert back[45] > 0.03
    assert back[45] > back[79] > 0.0
    assert never_gone[45] < never_gone[79] < 0.0


def test_who_was_there_before_sells_less_than_it_would_take_to_come() -> None:
    """A loss is followed more slowly than the same gain: the sunk cost is spent."""
    gain = path_of(market_of(), held(0.3, 17))[-1, 0, 0]
    loss = path_of(market_of(), held(-0.3, 17))[-1, 0, 0]
    assert -loss < gain


def raised(notice):
    return lambda quarter: Attention(np.array([[notice(quarter)]]), np.ones((1, 1)))


def test_a_passing_visit_leaves_hardly_anything() -> None:
    market = market_of()
    fades = path_of(market, held(0.0, 16), raised(lambda q: np.exp(0.09 * max(1 - q / 8, 0))))
    assert fades[0, 0, 0] == pytest.approx(0.09)
    assert np.all(np.diff(fades[:9, 0, 0]) < 0)
    assert 0 < fades[9, 0, 0] < 0.01


def test_a_lasting_notice_ends_in_the_gain_that_is_predicted() -> None:
    market = market_of()
    gain = float(market.turnover.lasting_gain[0])
    lasting = path_of(market, held(0.0, 300), raised(lambda q: np.exp(0.01)))[:, 0, 0]
    assert lasting[-1] == pytest.approx(0.01 * gain, rel=0.01)
    assert np.all(np.diff(lasting) > -1e-7)


def test_a_cheaper_start_draws_firms_in() -> None:
    cheap = lambda quarter: Attention(np.ones((1, 1)), np.full((1, 1), 1.0 - SIMILAR_MARKET_CUT))  # noqa: E731
    helped = path_of(market_of(), held(0.2, 24), cheap)[:, 0, 0]
    plain = path_of(market_of(), held(0.2, 24))[:, 0, 0]
    assert helped[0] == plain[0]
    assert np.all(helped[2:] > plain[2:])


def test_the_census_counts_the_firms_it_is_given() -> None:
    market = market_of(n_firms=100)
    firms = exporters.census(market, exporters.first_population(market))
    turnover = market.turnover
    assert firms.established[0, 0] == pytest.approx(100 * turnover.established[0])
    hopeful = 100 * np.expm1(2.5) * turnover.hopeful[0]
    assert firms.tentative[0, 0] == pytest.approx(100 * turnover.tentative[0] + hopeful)


def test_no_firms_are_refused() -> None:
    with pytest.raises(ValueError, match="n_firms is 0; wanted at least 1"):
        exporters.size_strata(0)
