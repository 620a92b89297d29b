"""Laws of what chance and ignorance contribute to a block of runs."""

from dataclasses import fields, replace
from datetime import date, timedelta

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from sim.laws.numerics.calendar import quarter_bounds
from sim.laws.uncertainty.residuals import points_at
from sim.scenario.sampling.quantiles import draw_parameters
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.closures.gate_openings import season_open_share
from sim.simulation.closures.shut_borders import PairStops
from sim.simulation.uncertainty.draws import draw, drawn_parameters
from sim.simulation.uncertainty.residual_shocks import (
    asked_pairs,
    base_flow,
    residual,
    residual_paths_of,
    shock_points,
)

ON = {"parameters": True, "events": True, "residual_shocks": True}
OFF = dict.fromkeys(ON, False)
PATHS = ("growth", "gate_open_share", "residual")


@pytest.fixture
def drawn(world, scenario_with):
    """Draw runs over quarters counted from the last one of the base year."""

    def build(layers=ON, runs=range(4), n_quarters=13, *, inside=world, first=None, **keys):
        scenario = scenario_with(uncertainty_sources=layers, **keys)
        start = 4 * world.base_year + 3 if first is None else first
        return draw(scenario, inside, list(runs), start, n_quarters)

    return build


def with_gates(world, **changes):
    """The world with every gate changed in the same way, each closing for itself."""
    gates = tuple(replace(gate, **changes) for gate in world.gates)
    return replace(world, gates=gates, borders=())


def among(members):
    """An agreement of these states, so that their trade with each other is asked about."""
    timeline = {"signed": "2023Q1", "in_force": "2023Q2"}
    return {"t": {"kind": "transit", "members": list(members), "timeline": timeline}}


def calm_gates(world):
    """The world with gates that no season and no chance closes."""
    return with_gates(world, closure_rate_per_year=0.0, closed_months=())


def test_factors_of_pairs_are_those_of_all_layers_together(drawn, world):
    draws = drawn(runs=range(6), agreements=among(world.regions[:3]))
    for tick in (0, 5, 12):
        known = draws.growth_factor[..., tick] * draws.break_factor[..., tick]
        assert_array_equal(draws.known_factor(tick), known)
        assert_array_equal(draws.pair_factor(tick), np.exp(draws.residual[..., tick]) * known)
    assert (draws.pair_factor(12) != 1.0).any()


# --- runs, horizons and layers ----------------------------------------------------------------


@pytest.mark.parametrize("layers", [ON, OFF])
def test_parameters_drawn_alone_have_the_bits_of_a_whole_draw(drawn, world, scenario_with, layers):
    alone = drawn_parameters(scenario_with(uncertainty_sources=layers), world, range(2, 6))
    whole = drawn(layers, range(2, 6)).parameters
    assert alone.keys() == whole.keys()
    for name, values in alone.items():
        assert_array_equal(values, whole[name])


def test_draws_do_not_depend_on_the_other_runs_of_the_block(drawn):
    block = drawn(runs=[5, 0, 9, 2])
    for place, run in enumerate([5, 0, 9, 2]):
        alone = drawn(runs=[run])
        for name in PATHS:
            assert_array_equal(getattr(block, name)[place], getattr(alone, name)[0], name)
        for name, values in block.parameters.items():
            assert values[place] == alone.parameters[name][0], name


def test_a_longer_horizon_keeps_the_draws_of_a_shorter_one(drawn):
    short, long = drawn(n_quarters=7), drawn(n_quarters=16)
    for name in (*PATHS, "season_open_share"):
        assert_array_equal(getattr(long, name)[..., :7], getattr(short, name), name)


def test_another_seed_is_another_draw(drawn):
    here, there = drawn(), drawn(seed=8)
    assert not np.any(
        here.residual[..., 1:] == there.residual[..., 1:], where=here.residual[..., 1:] != 0
    )
    assert not np.any(here.growth[..., 1:] == there.growth[..., 1:])


def test_agreements_do_not_move_the_draws(drawn, world, outsider, union_member):
    plain, asked = drawn(), drawn(agreements=among([outsider, union_member]))
    for name in PATHS:
        assert_array_equal(getattr(asked, name), getattr(plain, name), name)
    wider = drawn(agreements=among(world.regions))
    known = plain.residual != 0
    assert_array_equal(wider.residual[known], plain.residual[known])


def test_certain_parameters_stand_at_the_middle_of_their_distributions(drawn, world):
    given = {"trade_elasticity": {"triangular": [3.0, 4.0, 8.0]}}
    draws = drawn({**ON, "parameters": False}, uncertainty=given)
    middle = np.full((1, len(world.parameters)), 0.5)
    expected = draw_parameters({}, world.parameters, middle)
    for name, values in draws.parameters.items():
        assert np.ptp(values) == 0.0, name
        if name not in given:
            assert values[0] == expected[name][0], name
    assert draws.parameters["trade_elasticity"][0] == pytest.approx(8 - np.sqrt(0.5 * 5 * 4))


def test_uncertain_parameters_differ_between_runs(drawn, world):
    draws = drawn(runs=range(8))
    uncertain = [p.name for p in world.parameters.values() if p.distribution != "fixed"]
    assert uncertain
    for name in uncertain:
        assert len(np.unique(draws.parameters[name])) == 8, name


def test_without_chance_the_world_grows_by_its_outlook_and_gates_keep_their_seasons(drawn, world):
    draws = drawn({**ON, "events": False})
    assert np.ptp(draws.growth, axis=0).max() == 0.0
    assert_array_equal(
        draws.gate_open_share,
        np.broadcast_to(draws.season_open_share, draws.gate_open_share.shape),
    )
    still = drawn({**ON, "events": False}, inside=replace(world, growth=0 * world.growth))
    assert np.all(still.growth == 1.0)


def test_without_residuals_no_pair_has_a_shock(drawn):
    assert not drawn({**ON, "residual_shocks": False}).residual.any()


def test_a_layer_switched_off_leaves_the_draws_of_the_others(drawn):
    all_on = drawn()
    no_chance = drawn({**ON, "events": False})
    no_residual = drawn({**ON, "residual_shocks": False})
    certain = drawn({**ON, "parameters": False})
    assert_array_equal(no_chance.residual, all_on.residual)
    assert_array_equal(no_residual.growth, all_on.growth)
    assert_array_equal(no_residual.gate_open_share, all_on.gate_open_share)
    assert_array_equal(certain.residual, all_on.residual)
    assert_array_equal(certain.gate_open_share, all_on.gate_open_share)
    for name, values in all_on.parameters.items():
        assert_array_equal(no_chance.parameters[name], values)


# --- growth -----------------------------------------------------------------------------------


def test_quarters_of_the_base_year_stand_at_the_base(drawn, world):
    draws = drawn(first=4 * world.base_year, n_quarters=8, agreements=among(world.regions))
    assert np.all(draws.growth[..., :4] == 1.0)
    i, j = np.nonzero(world.held_log_sd)
    assert len(i) > 0
    # The level of the year may be in error, alike in all of its quarters; elsewhere it is known.
    assert np.all(draws.residual[:, i, j, :4] != 0.0)
    assert np.all(draws.residual[..., :4] == draws.residual[..., :1])
    assert not draws.residual[:, world.held_log_sd == 0.0, :4].any()
    off_diagonal = ~np.eye(len(world.regions), dtype=bool)
    assert np.all(draws.growth[..., 4:] != 1.0)
    assert np.all(draws.residual[:, off_diagonal, 4:] != 0.0)


def test_growth_between_mid_years_is_the_outlook_of_the_year(drawn, world):
    """From July of one year to June of the next, three quarters apart between their centres."""
    size = np.log(drawn(OFF, n_quarters=17).growth[0])
    outlook = np.log1p(world.growth)
    assert world.growth_years[0] == world.base_year + 1
    assert_allclose(size[:, 1], 0.625 * outlook[:, 0], rtol=1e-12)
    for year in range(1, 4):
        third_quarter = 4 * (year - 1) + 3
        risen = size[:, third_quarter + 3] - size[:, third_quarter]
        assert_allclose(risen, 0.75 * outlook[:, year], rtol=1e-9, atol=1e-14)


def test_growth_misses_its_outlook_by_the_error_it_is_given(drawn, world):
    draws = drawn({**ON, "residual_shocks": False}, runs=range(150))
    known = np.log(drawn(OFF).growth[0])
    miss = np.log(draws.growth) - known
    yearly = [miss[..., 1] / 0.625, *((miss[..., q + 3] - miss[..., q]) / 0.75 for q in (3, 7))]
    residual_shock = np.stack(yearly, axis=-1) / draws.parameters["growth_sd"][:, None, None]
    assert stats.kstest(residual_shock.ravel(), "norm").pvalue > 0.01
    assert_allclose(residual_shock.std(), 1.0, atol=4 / np.sqrt(2 * residual_shock.size))
    for one, other in (
        (residual_shock[:, 0], residual_shock[:, 1]),
        (residual_shock[..., 0], residual_shock[..., 1]),
    ):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / np.sqrt(one.size)


# --- gates ------------------------------------------------------------------------------------


def closures(*spells):
    return [
        {"from": str(start)} if end is None else {"from": str(start), "to": str(end)}
        for start, end in spells
    ]


@pytest.mark.parametrize(
    ("start", "days"),
    [("2023-01-01", 9), ("2023-03-20", 40), ("2023-06-30", 1), ("2023-02-11", 500)],
)
def test_a_dated_closure_takes_its_days_and_no_others(drawn, world, start, days):
    first = date.fromisoformat(start)
    last = first + timedelta(days=days - 1)
    gate = world.gates[0].gate
    draws = drawn(inside=calm_gates(world), closures={gate: closures((first, last))})
    shut = {first + timedelta(days=d) for d in range(days)}
    for tick in range(13):
        begin, end = quarter_bounds(4 * world.base_year + 3 + tick)
        calendar = {begin + timedelta(days=d) for d in range((end - begin).days + 1)}
        expected = 1.0 - len(calendar & shut) / len(calendar)
        assert_allclose(draws.gate_open_share[:, 0, tick], expected, rtol=1e-13, atol=1e-15)
    assert np.all(draws.gate_open_share[:, 1:] == 1.0)


def test_two_spells_of_one_quarter_add_their_days(drawn, world):
    spells = closures(("2023-01-02", "2023-01-10"), ("2023-03-01", "2023-03-18"))
    draws = drawn(inside=calm_gates(world), closures={world.gates[0].gate: spells})
    assert_allclose(draws.gate_open_share[:, 0, 1], 1 - 27 / 90, rtol=1e-13)


def test_a_closure_without_an_end_lasts(drawn, world):
    gate = world.gates[0].gate
    draws = drawn(inside=calm_gates(world), closures={gate: closures(("2024-01-01", None))})
    assert np.all(draws.gate_open_share[:, 0, :5] == 1.0)
    assert np.all(draws.gate_open_share[:, 0, 5:] == 0.0)


@pytest.mark.parametrize(
    ("months", "open_in"),
    [
        ((), (1, 1, 1, 1)),
        ((12, 1, 2, 3), (0, 1, 1, 61 / 92)),
        ((5, 7, 8), (1, 60 / 91, 30 / 92, 1)),
    ],
)
def test_the_season_takes_the_days_of_the_months_of_the_gate(drawn, world, months, open_in):
    shut = with_gates(world, closure_rate_per_year=0.0, closed_months=months)
    draws = drawn(inside=shut, first=4 * world.base_year, n_quarters=8)
    expected = np.broadcast_to([*open_in, *open_in], draws.season_open_share.shape)
    assert_allclose(draws.season_open_share, expected, rtol=1e-14)
    assert_allclose(draws.gate_open_share[0], expected, rtol=1e-14)


def test_each_gate_has_its_own_season(drawn, world):
    season = drawn(first=4 * world.base_year, n_quarters=4).season_open_share
    lengths = dict(enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1))
    shut = [sum(lengths[month] for month in gate.closed_months) for gate in world.gates]
    assert_allclose((1.0 - season) @ [90, 91, 92, 92], shut, rtol=1e-12, atol=1e-12)
    assert len(set(shut)) > 1


def test_days_of_season_and_date_are_united_and_chance_leaves_its_part_of_the_rest(drawn, world):
    """Nine days of January, three of them in February again, and all of February: 34 of 90."""
    gate = world.gates[0].gate
    spell = {gate: closures(("2023-01-26", "2023-02-03"))}
    by_chance = with_gates(world, closed_months=(), closure_rate_per_year=3.0)
    by_all = with_gates(world, closed_months=(2,), closure_rate_per_year=3.0)
    chance = drawn(inside=by_chance).gate_open_share
    together = drawn(inside=by_all, closures=spell).gate_open_share
    assert chance[:, 0, 1].min() < 1.0
    assert_allclose(together[:, 0, 1], chance[:, 0, 1] * (56 / 90), rtol=1e-12)
    assert_allclose(together[:, 1, 1], chance[:, 1, 1] * (62 / 90), rtol=1e-12)


def test_nothing_closes_by_chance_in_the_quarter_the_model_starts_from(drawn, world):
    draws = drawn(inside=with_gates(world, closed_months=(), closure_rate_per_year=50.0))
    assert np.all(draws.gate_open_share[..., 0] == 1.0)
    assert np.all(draws.gate_open_share[..., 1] < 1.0)


def test_chance_closes_each_gate_by_its_own_hazard(drawn, world):
    hazards = tuple(
        replace(gate, closed_months=(), closure_rate_per_year=rate, mean_closure_days=3.0)
        for gate, rate in zip(world.gates, np.linspace(0.0, 4.0, len(world.gates)), strict=True)
    )
    inside = replace(world, gates=hazards, borders=())
    draws = drawn({**ON, "residual_shocks": False}, runs=range(200), inside=inside)
    begun = np.array([gate.closure_rate_per_year for gate in hazards]) / 4
    # Leave out the first quarters, which miss what began before.
    days = (1 - draws.gate_open_share[..., 2:]).mean(axis=(0, 2)) * 365.25 / 4
    error = 3.0 * np.sqrt(2 * begun / (200 * 11))
    assert np.all(np.abs(days - begun * 3.0) <= 4 * error)
    assert days[0] == 0.0


# --- residuals --------------------------------------------------------------------------------


def test_energy_counts_towards_the_size_of_a_flow(world):
    grown = replace(world, energy_trade=world.energy_trade + 1e9)
    assert_allclose(base_flow(grown) - base_flow(world), 1e9)


def test_what_breaks_add_is_taken_off_the_lower_tail(world):
    middle = draw_parameters({}, world.parameters, np.full((1, len(world.parameters)), 0.5))
    known = {name: float(v[0]) for name, v in middle.items()}
    measured, left = shock_points(world).log_error, shock_points(world, known).log_error
    assert np.all(left[..., 0] > measured[..., 0])
    assert_allclose(left[..., -1], measured[..., -1], rtol=0.05)
    never = {**known, "political_break_rate_per_year": 0.0}
    assert_allclose(shock_points(world, never).log_error, measured, atol=5e-3)


def test_shocks_are_as_large_and_as_lopsided_as_past_errors_of_flows_of_their_size(
    world, scenario_with
):
    runs, n = range(60), len(world.regions)
    scenario = scenario_with(agreements=among(world.regions))
    quarters = 4 * world.base_year + 3 + np.arange(13)
    paths = residual(scenario, world, Streams(scenario.seed, runs), quarters)
    years = paths[..., 1:].reshape(len(runs), n, n, 3, 4).mean(axis=-1)
    middle = draw_parameters({}, world.parameters, np.full((1, len(world.parameters)), 0.5))
    points = shock_points(world, {name: float(v[0]) for name, v in middle.items()})
    pairs = ~np.eye(n, dtype=bool)
    for year in range(3):
        wanted = points_at(points, base_flow(world)[pairs], [year + 1.0])[:, 0]
        for k, share in enumerate(points.shares):
            below = (years[:, pairs, year] < wanted[:, k]).mean()
            error = np.sqrt(share * (1 - share) / (len(runs) * pairs.sum()))
            assert abs(below - share) < 4 * error


def test_paths_of_some_directions_alone_are_those_of_all(world, scenario_with):
    scenario = scenario_with()
    start, runs = 4 * world.base_year + 3, range(5)
    pairs = asked_pairs(scenario, world)
    quarters = np.arange(start, start + 20)
    whole = residual(scenario, world, Streams(scenario.seed, runs), quarters)
    few = residual_paths_of(scenario, world, Streams(scenario.seed, runs), quarters, pairs[:1])
    assert_array_equal(few[:, 0], whole[:, pairs[0][0], pairs[0][1]])
    earlier = np.arange(start - 2, start + 9)
    shifted = residual_paths_of(scenario, world, Streams(scenario.seed, runs), earlier, pairs[:1])
    assert_array_equal(shifted[:, 0, 2:], few[:, 0, :9])
    assert not shifted[:, 0, :3].any()


def test_domestic_sales_have_no_residual_shock_and_each_direction_has_its_own(drawn, world):
    residual = drawn(agreements=among(world.regions)).residual[..., 5]
    assert not np.diagonal(residual, axis1=1, axis2=2).any()
    pairs = np.triu_indices(len(world.regions), 1)
    there, back = residual[:, pairs[0], pairs[1]], residual[:, pairs[1], pairs[0]]
    assert not np.any(there == back)
    assert abs(stats.spearmanr(there.ravel(), back.ravel()).statistic) < 4 / np.sqrt(there.size)


def test_residual_shocks_hit_the_trade_that_is_asked_about_and_no_other(
    drawn, world, outsider, union_member, partner
):
    def asked(residual):
        exporters, importers = np.nonzero(np.any(residual != 0, axis=(0, 3)))
        return {
            (world.regions[i], world.regions[j]) for i, j in zip(exporters, importers, strict=True)
        }

    by_target = asked(drawn().residual)
    assert by_target == {(outsider, union_member), (union_member, outsider)}
    by_both = asked(drawn(agreements=among([outsider, partner])).residual)
    three = (outsider, union_member, partner)
    assert by_both == {(a, b) for a in three for b in three if a != b}


def test_arrays_hold_every_run_region_gate_and_quarter(drawn, world):
    draws = drawn(runs=range(3), n_quarters=9)
    n, n_gates = len(world.regions), len(world.gates)
    assert draws.growth.shape == (3, n, 9)
    assert draws.gate_open_share.shape == (3, n_gates, 9)
    assert draws.season_open_share.shape == (n_gates, 9)
    assert draws.residual.shape == (3, n, n, 9)
    assert set(draws.parameters) == set(world.parameters)
    assert draws.project_opening.shape == (3, len(world.network.projects))
    for field in fields(draws):
        value = getattr(draws, field.name)
        arrays = value.values() if isinstance(value, dict) else (value,)
        if isinstance(value, PairStops):
            arrays = (value.ends, value.banned, value.stopped)
        assert all(np.all(np.isfinite(array)) for array in arrays)


def test_a_gate_that_is_open_all_year_keeps_its_season_in_the_baseline_alone(world, scenario_with):
    seasonal = next(gate for gate in world.gates if gate.closed_months)
    number = world.gates.index(seasonal)
    since = f"{world.base_year + 2}Q1"
    quarters = np.arange(4 * world.base_year, 4 * world.base_year + 16)
    calm = {"parameters": False, "events": False, "residual_shocks": False}
    scenario = scenario_with(open_all_year={seasonal.gate: since}, uncertainty_sources=calm)
    drawn = draw(scenario, world, [0], int(quarters[0]), len(quarters))
    season = season_open_share(world, quarters)[number]
    assert season.min() < 1.0
    assert_allclose(drawn.gate_open_share[0, number, :8], season[:8])
    assert_allclose(drawn.gate_open_share[0, number, 8:], 1.0)
    assert_allclose(drawn.season_open_share[number], season)
