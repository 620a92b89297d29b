"""Passage through a network: choice of paths, its cost, and what has no way left."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array

from sim.laws.transport.along_paths import pair_log_cost
from sim.laws.transport.route_choice import (
    CargoLoads,
    Constants,
    KeptAttraction,
    Offer,
    Paths,
    Response,
    passage,
)
from tests.twins.plain_twins import plain_passage

N_GOODS = 2
SEEDS = st.integers(0, 2**32 - 1)
NUMBERS = st.lists(st.integers(1, 4), min_size=1, max_size=4)
"""Paths of every pair of ends."""
RUNS = st.integers(1, 5)


def paths_of(numbers, draws):
    ends = np.repeat(np.arange(len(numbers)), numbers)
    of_ends = csr_array(
        (np.ones(len(ends)), (ends, np.arange(len(ends)))), shape=(len(numbers), len(ends))
    )
    return Paths(ends, of_ends, draws.uniform(0.2, 1.0, len(ends)))


def case(numbers, n_runs, seed, *, shut_share=0.2):
    """Paths, offer, loads and cargo; some paths are shut."""
    draws = np.random.default_rng(seed)
    paths = paths_of(numbers, draws)
    shape = (len(paths.ends), n_runs)
    with np.errstate(divide="ignore"):
        log_open = np.log(draws.uniform(0.1, 1.0, shape) * (draws.random(shape) >= shut_share))
    offer = Offer(
        charges_usd=draws.uniform(500, 9000, shape),
        days=draws.uniform(1, 40, shape),
        log_open_share=log_open,
        border_factor=draws.uniform(0.9, 1.0, shape),
    )
    loads = CargoLoads(
        value_usd=draws.uniform(1e4, 2e5, (N_GOODS, n_runs)),
        time_cost_per_day=draws.uniform(0.006, 0.021, n_runs),
        dispersion=draws.uniform(5.0, 20.0, n_runs),
    )
    return paths, offer, loads, draws.uniform(0, 1e6, (N_GOODS, len(numbers), n_runs))


def with_open(offer, log_open_share):
    return offer._replace(log_open_share=log_open_share)


@settings(max_examples=40)
@given(NUMBERS, RUNS, SEEDS)
def test_passage_is_that_of_its_plain_twin(numbers, n_runs, seed):
    paths, offer, loads, cargo = case(numbers, n_runs, seed)
    found, twin = passage(paths, offer, loads, cargo), plain_passage(paths, offer, loads, cargo)
    assert_allclose(found.log_cost, twin.log_cost, rtol=1e-10)
    assert_allclose(found.carried, twin.carried, rtol=1e-10)
    assert_allclose(found.stranded, twin.stranded, rtol=1e-10)


def by_good(offer, draws, n_alike=1):
    """The offer with border factors by good, the first of them in common."""
    shape = offer.charges_usd.shape
    apart = draws.uniform(0.8, 1.0, (N_GOODS - n_alike, *shape))
    first = np.repeat(draws.uniform(0.8, 1.0, (1, *shape)), n_alike, axis=0)
    return offer._replace(border_factor=np.concatenate([first, apart]))


@settings(max_examples=40)
@given(NUMBERS, RUNS, SEEDS)
def test_goods_that_save_hours_of_their_own_pass_as_in_the_plain_twin(numbers, n_runs, seed):
    paths, offer, loads, cargo = case(numbers, n_runs, seed)
    offer = by_good(offer, np.random.default_rng(seed))
    found, twin = passage(paths, offer, loads, cargo), plain_passage(paths, offer, loads, cargo)
    assert_allclose(found.log_cost, twin.log_cost, rtol=1e-10)
    assert_allclose(found.carried, twin.carried, rtol=1e-10)
    assert_allclose(found.stranded, twin.stranded, rtol=1e-10)


@settings(max_examples=20)
@given(NUMBERS, RUNS, SEEDS)
def test_what_other_goods_save_bears_on_no_good(numbers, n_runs, seed):
    paths, offer, loads, cargo = nested_case(numbers, n_runs, seed)[:4]
    draws = np.random.default_rng(seed)
    apart = by_good(offer, draws)
    constants = nested_case(numbers, n_runs, seed)[4]
    others = draws.choice(len(paths.ends), draws.integers(1, len(paths.ends) + 1), replace=False)
    others.sort()
    other = Offer(*(part[..., others, :] for part in apart))
    terms = {
        "answer": Response(draws.uniform(0, 0.1, cargo.shape), draws.uniform(2, 7, n_runs)),
        "used_share": draws.uniform(0, 1, cargo.shape),
        "constants": constants,
    }
    found = passage(paths, apart, loads, cargo, instead=(others, other), **terms)
    carried = np.zeros_like(found.carried)
    for good in range(N_GOODS):
        alone = passage(
            paths,
            offer._replace(border_factor=apart.border_factor[good]),
            loads,
            cargo,
            instead=(others, other._replace(border_factor=other.border_factor[good])),
            **terms,
        )
        assert_array_equal(found.log_cost[good], alone.log_cost[good])
        assert_array_equal(found.log_cost_otherwise[good], alone.log_cost_otherwise[good])
        own = cargo * (np.arange(N_GOODS) == good)[:, None, None]
        carried += passage(
            paths,
            offer._replace(border_factor=apart.border_factor[good]),
            loads,
            own,
            instead=(others, other._replace(border_factor=other.border_factor[good])),
            **terms,
        ).carried
    assert_allclose(found.carried, carried, rtol=1e-12, atol=1e-9)


@given(NUMBERS, RUNS, SEEDS)
def test_goods_that_save_the_same_have_the_bits_of_one_factor(numbers, n_runs, seed):
    paths, offer, loads, cargo = case(numbers, n_runs, seed)
    alike = offer._replace(border_factor=np.repeat(offer.border_factor[None], N_GOODS, axis=0))
    one, several = (passage(paths, o, loads, cargo) for o in (offer, alike))
    for a, b in zip(one, several, strict=True):
        assert_array_equal(a, b)


def test_on_a_single_path_a_good_saves_just_its_own_factor():
    """Closed form: log cost moves by the log of the factor, that of other goods not at all."""
    paths, offer, loads, cargo = case([1], 3, 5, shut_share=0.0)
    offer = offer._replace(border_factor=np.ones((1, 3)), log_open_share=np.zeros((1, 3)))
    factor = np.array([0.97, 1.0]).reshape(2, 1, 1)
    before = passage(paths, offer, loads, cargo).log_cost
    after = passage(paths, offer._replace(border_factor=factor), loads, cargo).log_cost
    assert_allclose(after[0] - before[0], np.log(0.97), rtol=1e-9)
    assert_array_equal(after[1], before[1])


def test_a_world_without_a_network_has_no_passage():
    _, _, loads, _ = case([1], 3, 0)
    nothing = np.zeros((0, 3))
    paths = Paths(np.zeros(0, dtype=np.intp), csr_array((0, 0)), np.zeros(0))
    found = passage(paths, Offer(nothing, nothing, nothing, nothing), loads, np.zeros((2, 0, 3)))
    assert found.log_cost.shape == (2, 0, 3)
    assert found.carried.shape == found.stranded.shape == (0, 3)


def nested_case(numbers, n_runs, seed, *, shut_share=0.2):
    """The same with modes, and routes that have constants of their own; costs stay above -1."""
    paths, offer, loads, cargo = case(numbers, n_runs, seed, shut_share=shut_share)
    draws = np.random.default_rng(seed + 7)
    unit = np.arange(len(paths.ends)) // 2
    step = (draws.random(len(unit)) < 0.5) | (np.diff(paths.ends, prepend=-1) > 0)
    paths = Paths(paths.ends, paths.of_ends, paths.size, np.cumsum(step) - 1, unit)
    constants = Constants(
        draws.normal(-3.0, 1.0, (N_GOODS, unit.max() + 1, n_runs)), draws.uniform(0.3, 1.0, n_runs)
    )
    return paths, offer, loads, cargo, constants


@settings(max_examples=40)
@given(NUMBERS, RUNS, SEEDS)
def test_choice_of_mode_and_path_is_that_of_its_plain_twin(numbers, n_runs, seed):
    paths, offer, loads, cargo, constants = nested_case(numbers, n_runs, seed)
    found = passage(paths, offer, loads, cargo, constants=constants)
    twin = plain_passage(paths, offer, loads, cargo, constants)
    assert_allclose(found.log_cost, twin.log_cost, rtol=1e-9)
    assert_allclose(found.carried, twin.carried, rtol=1e-9, atol=1e-9)
    assert_allclose(found.stranded, twin.stranded, rtol=1e-9)


@settings(max_examples=30)
@given(NUMBERS, RUNS, SEEDS)
def test_opening_a_route_only_lowers_the_cost_and_loses_no_cargo(numbers, n_runs, seed):
    paths, offer, loads, cargo, constants = nested_case(numbers, n_runs, seed, shut_share=0.5)
    opened = with_open(offer, np.zeros_like(offer.days))
    before, after = (
        passage(paths, each, loads, cargo, constants=constants) for each in (offer, opened)
    )
    assert np.all(after.log_cost <= before.log_cost + 1e-12)
    for found in (before, after):
        total = paths.of_ends @ found.carried + found.stranded
        assert_allclose(total, cargo.sum(axis=0), rtol=1e-12)
    assert np.all(before.carried[np.isneginf(offer.log_open_share)] == 0)


@settings(max_examples=30)
@given(NUMBERS, RUNS, SEEDS)
def test_cargo_in_the_habit_of_the_paths_as_they_were_goes_by_them(numbers, n_runs, seed):
    paths, offer, loads, cargo, constants = nested_case(numbers, n_runs, seed)
    _, other, *_ = nested_case(numbers, n_runs, seed + 1)
    places = np.flatnonzero(np.random.default_rng(seed).random(len(paths.ends)) < 0.5)
    instead = places, Offer(*(values[places] for values in other))
    used = np.random.default_rng(seed + 3).uniform(0.0, 1.0, cargo.shape)
    found = passage(
        paths, offer, loads, cargo, instead=instead, constants=constants, used_share=used
    )
    mixed = Offer(*(values.copy() for values in offer))
    for values, others in zip(mixed, other, strict=True):
        values[places] = others[places]
    parts = ((offer, used), (mixed, 1.0 - used))
    changed = np.isin(np.arange(len(numbers)), paths.ends[places])
    whole = passage(paths, offer, loads, cargo, constants=constants).carried
    blend = sum(passage(paths, o, loads, c * cargo, constants=constants).carried for o, c in parts)
    expected = np.where(changed[paths.ends][:, None], blend, whole)
    assert_allclose(found.carried, expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=20)
@given(NUMBERS, RUNS, SEEDS)
def test_what_is_kept_of_charges_changes_no_bit(numbers, n_runs, seed):
    paths, offer, loads, cargo, constants = nested_case(numbers, n_runs, seed)
    draws, kept = np.random.default_rng(seed + 5), KeptAttraction()
    base = Response(np.full(cargo.shape, 0.3), draws.uniform(3.0, 9.0, n_runs))
    places = np.flatnonzero(draws.random(len(paths.ends)) < 0.5)
    for _ in range(4):
        instead = places, Offer(*(values[places] for values in offer))
        moved = draws.random((len(paths.ends), 1)) < 0.5
        offer = offer._replace(
            charges_usd=np.where(moved, draws.uniform(500, 9000, moved.shape), offer.charges_usd),
            days=draws.uniform(1, 40, offer.days.shape),
        )
        known = {"answer": base, "instead": instead, "constants": constants}
        found = passage(paths, offer, loads, cargo, kept=kept, **known)
        anew = passage(paths, offer, loads, cargo, **known)
        for here, there in zip(found, anew, strict=True):
            assert_array_equal(here, there)
        places = places if draws.random() < 0.5 else places[1:]


def test_trade_left_is_what_its_cost_leaves_and_nothing_where_no_path_is_open():
    paths, offer, loads, cargo, constants = nested_case([2, 3], 4, 3, shut_share=0.0)
    offer.log_open_share[paths.ends == 1] = -np.inf
    base = Response(np.full(cargo.shape, 0.3), np.array([3.0, 4.0, 5.0, 6.0]))
    found = passage(paths, offer, loads, cargo, answer=base, constants=constants)
    assert_allclose(found.left[:, 0], np.exp(-base.trade_elasticity * (found.log_cost[:, 0] - 0.3)))
    assert np.all(found.left[:, 1] == 0.0)


@settings(max_examples=20)
@given(NUMBERS, RUNS, SEEDS)
def test_a_batch_with_modes_is_its_single_runs(numbers, n_runs, seed):
    paths, offer, loads, cargo, constants = nested_case(numbers, n_runs, seed)
    found = passage(paths, offer, loads, cargo, constants=constants)
    for r in range(n_runs):
        own = slice(r, r + 1)
        alone = passage(
            paths,
            Offer(*(values[:, own] for values in offer)),
            CargoLoads(
                loads.value_usd[:, own], loads.time_cost_per_day[own], loads.dispersion[own]
            ),
            cargo[..., own],
            constants=Constants(constants.log_constant[..., own], constants.nesting[own]),
        )
        for batch, single in zip(found, alone, strict=True):
            assert_array_equal(batch[..., own], single)


@settings(max_examples=40)
@given(NUMBERS, RUNS, SEEDS)
def test_no_cargo_is_lost_and_none_takes_a_path_that_is_shut(numbers, n_runs, seed):
    paths, offer, loads, cargo = case(numbers, n_runs, seed, shut_share=0.5)
    found = passage(paths, offer, loads, cargo)
    assert_allclose(paths.of_ends @ found.carried + found.stranded, cargo.sum(axis=0), rtol=1e-12)
    assert np.all(found.carried[np.isneginf(offer.log_open_share)] == 0)
    is_open = (paths.of_ends @ np.isfinite(offer.log_open_share).astype(float)) > 0
    assert np.all(found.stranded[is_open] == 0)
    assert_array_equal(np.isfinite(found.log_cost), np.broadcast_to(is_open, cargo.shape))


@settings(max_examples=40)
@given(NUMBERS, RUNS, SEEDS)
def test_opening_a_path_never_makes_passage_dearer(numbers, n_runs, seed):
    paths, offer, loads, cargo = case(numbers, n_runs, seed, shut_share=0.5)
    opened = with_open(offer, np.zeros_like(offer.days))
    before, after = (passage(paths, o, loads, cargo) for o in (offer, opened))
    assert np.all(after.log_cost <= before.log_cost + 1e-12)


@settings(max_examples=40)
@given(NUMBERS, RUNS, SEEDS)
def test_having_all_paths_never_costs_less_than_the_cheapest(numbers, n_runs, seed):
    paths, offer, loads, cargo = case(numbers, n_runs, seed, shut_share=0.0)
    found = passage(paths, with_open(offer, np.zeros_like(offer.days)), loads, cargo)
    time = 1.0 + loads.time_cost_per_day * offer.days
    own = (time + offer.charges_usd / loads.value_usd[:, None]) * offer.border_factor
    least = np.minimum.reduceat(own, np.searchsorted(paths.ends, np.arange(len(numbers))), axis=1)
    assert np.all(np.exp(found.log_cost) >= least * (1 - 1e-12))


@settings(max_examples=20)
@given(NUMBERS, SEEDS)
def test_more_days_or_charges_on_a_path_take_cargo_from_it(numbers, seed):
    paths, offer, loads, cargo = case(numbers, 3, seed, shut_share=0.0)
    dearer = offer.days.copy()
    dearer[0] += 5.0
    before = passage(paths, offer, loads, cargo)
    after = passage(paths, offer._replace(days=dearer), loads, cargo)
    assert np.all(after.carried[0] <= before.carried[0] * (1 + 1e-12))
    assert np.all(after.log_cost >= before.log_cost)


@settings(max_examples=20)
@given(NUMBERS, RUNS, SEEDS)
def test_a_batch_is_its_single_runs(numbers, n_runs, seed):
    paths, offer, loads, cargo = case(numbers, n_runs, seed)
    found = passage(paths, offer, loads, cargo)
    for r in range(n_runs):
        own = slice(r, r + 1)
        alone = passage(
            Paths(paths.ends, paths.of_ends, paths.size),
            Offer(*(values[:, own] for values in offer)),
            CargoLoads(
                loads.value_usd[:, own], loads.time_cost_per_day[own], loads.dispersion[own]
            ),
            cargo[..., own],
        )
        for batch, single in zip(found, alone, strict=True):
            assert_array_equal(batch[..., own], single)


@settings(max_examples=30)
@given(NUMBERS, RUNS, SEEDS)
def test_what_would_hold_instead_is_priced_as_on_its_own(numbers, n_runs, seed):
    paths, offer, loads, cargo = case(numbers, n_runs, seed)
    _, other, _, _ = case(numbers, n_runs, seed + 1)
    places = np.flatnonzero(np.random.default_rng(seed).random(len(paths.ends)) < 0.5)
    instead = places, Offer(*(values[places] for values in other))
    found = passage(paths, offer, loads, cargo, instead=instead)
    mixed = Offer(*(values.copy() for values in offer))
    for values, others in zip(mixed, other, strict=True):
        values[places] = others[places]
    assert_array_equal(found.log_cost, passage(paths, offer, loads, cargo).log_cost)
    assert_array_equal(found.log_cost_otherwise, passage(paths, mixed, loads, cargo).log_cost)


@settings(max_examples=30)
@given(NUMBERS, RUNS, SEEDS)
def test_cargo_that_costs_more_than_in_the_baseline_stays_away_by_its_elasticity(
    numbers, n_runs, seed
):
    paths, offer, loads, cargo = case(numbers, n_runs, seed)
    draws = np.random.default_rng(seed)
    answer = Response(draws.uniform(0.0, 1.0, cargo.shape), draws.uniform(2.0, 8.0, n_runs))
    found = passage(paths, offer, loads, cargo, answer=answer)
    kept = np.exp(-answer.trade_elasticity * (found.log_cost - answer.log_cost_baseline))
    assert_allclose(paths.of_ends @ found.carried, (kept * cargo).sum(axis=0), rtol=1e-10)
    plain = passage(paths, offer, loads, cargo)
    assert_array_equal(found.log_cost, plain.log_cost)
    assert_array_equal(found.stranded, plain.stranded)


# --- pairs of regions -----------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.integers(1, 5), SEEDS)
def test_a_pairs_cost_moves_its_trade_as_its_ends_do_together(n_ends, seed):
    draws = np.random.default_rng(seed)
    change = draws.normal(0.0, 0.3, (N_GOODS, n_ends, 3))
    share = draws.dirichlet(np.ones(n_ends))
    elasticity = draws.uniform(2.0, 8.0, 3)
    found = pair_log_cost(change, np.zeros_like(change), csr_array(share[None]), elasticity)[:, 0]
    trade = sum(share[k] * np.exp(-elasticity * change[:, k]) for k in range(n_ends))
    assert_allclose(np.exp(-elasticity * found), trade, rtol=1e-12)
    assert np.all(found >= change.min(axis=1) - 1e-12)
    assert np.all(found <= change.max(axis=1) + 1e-12)


def test_a_pair_none_of_whose_ends_is_reached_is_infinitely_far():
    change = np.full((1, 2, 1), np.inf)
    found = pair_log_cost(
        change, np.zeros_like(change), csr_array(np.array([[0.5, 0.5]])), np.array([5.0])
    )
    assert np.isposinf(found).all()
