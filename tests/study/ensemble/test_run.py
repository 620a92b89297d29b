"""Runs in blocks, variants on the same draws."""

import pickle
import tracemalloc
import weakref
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from sim.simulation.model import TradeModel
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT, variants_of
from sim.study.ensemble.measures import by_year, record
from sim.study.ensemble.run import (
    OF_ALONE,
    OF_OTHER_LEDGERS,
    RecordedMeasures,
    _Joint,
    _recorded,
    idle_agreements,
    run_variants,
)
from sim.study.workers.pool import WORTH_A_POOL, processes
from sim.world.load import load_world
from sim.world.names import world_names

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.study.ensemble.run import Results
    from sim.world.world import World

TINY = Path(__file__).resolve().parents[2] / "worlds" / "tiny"
TIMELINE = {"signed": "2023Q1", "in_force": "2023Q2"}


@pytest.fixture
def two_agreements(scenario_with, outsider, union_member, partner):
    """Preferences of two States for others, four years of five runs."""

    def cut(by, to):
        return {
            "kind": "preferential",
            "members": [by, to],
            "timeline": TIMELINE,
            "concessions": [{"grantor": by, "goods": "all", "cut": 1.0}],
        }

    agreements = {"near": cut(outsider, union_member), "far": cut(partner, outsider)}
    return scenario_with(agreements=agreements, runs=5)


def test_variants_are_all_none_and_each_alone(two_agreements, scenario_with):
    assert list(variants_of(two_agreements)) == [AS_ASKED, NO_AGREEMENT, "near", "far"]
    assert list(variants_of(scenario_with())) == [AS_ASKED]


@pytest.fixture(scope="module")
def kept() -> dict[str, "Results"]:
    """Results that several tests look at."""
    return {}


@pytest.fixture
def of_two(two_agreements, world, kept):
    """Results of the two agreements, in these statistics twice over."""
    if "two" not in kept:
        kept["two"] = run_variants(two_agreements, world, others={"other": world}, block=3)
    return kept["two"]


class Case(NamedTuple):
    """Two agreements, the world they are in, and the same world in other ledgers."""

    scenario: "Scenario"
    world: "World"
    others: dict[str, "World"]


@pytest.fixture(params=["tiny", pytest.param("packaged", marks=pytest.mark.slow)])
def case(request):
    """Three years of the tiny world with two agreements, or the packaged world with two."""
    if request.param == "tiny":
        folder, ledger = TINY, "bayland"
        first, world = (request.getfixturevalue(name) for name in ("tiny_scenario", "tiny_world"))
        second = first.agreements["treaty"].model_copy(update={"members": ("BBB", "CCC")})
        agreements = {**first.agreements, "far": second}
        short = first.horizon.model_copy(update={"end": first.horizon.start + 12})
        changes = {"agreements": agreements, "runs": 5, "horizon": short}
        scenario = first.model_copy(update=changes)
    else:
        scenario, world = (request.getfixturevalue(name) for name in ("two_agreements", "world"))
        folder, ledger = None, world.ledger
    ledgers = [name for name in world_names(folder).ledgers if name != ledger]
    return Case(scenario, world, {name: load_world(folder, ledger=name) for name in ledgers})


def test_the_block_size_bears_on_nothing(case):
    few = case.scenario.model_copy(update={"runs": 3})
    results = [run_variants(few, case.world, block=n).variants for n in (1, 2, 64)]
    for other in results[1:]:
        for variant, dataset in results[0].items():
            assert dataset.identical(other[variant]), variant


def test_workers_bear_on_nothing(case):
    alone = run_variants(case.scenario, case.world, block=2).variants
    with processes(2, WORTH_A_POOL) as pool:
        assert pool is not None
        together = run_variants(case.scenario, case.world, block=2, executor=pool).variants
    for variant, dataset in alone.items():
        assert dataset.identical(together[variant]), variant


def test_parameters_that_no_rule_asks_for_are_told_from_those_that_were_used(
    two_agreements, of_two, scenario_with, world
):
    def used(results):
        dataset = results.variants[AS_ASKED]
        return {name for name in world.parameters if dataset[f"parameter_{name}"].attrs["is_used"]}

    dated = used(of_two)
    assert "trade_elasticity" in dated
    assert "talks_years" not in dated, "dates leave nothing to negotiate"
    assert "visit_trade_effect" not in dated, "nobody visits anybody"
    terms = two_agreements.agreements["near"].model_dump(mode="json", exclude_none=True)
    talks = scenario_with(agreements={"near": terms | {"timeline": "negotiated"}}, runs=4)
    talked = run_variants(talks, world, block=3)
    assert dated | {"talks_years", "opening_years"} <= used(talked)


def test_few_runs_are_not_worth_a_pool():
    with processes(2, WORTH_A_POOL - 1) as pool:
        assert pool is None


def test_variants_share_their_draws(of_two, world):
    results = of_two.variants
    for dataset in results.values():
        for name in world.parameters:
            key = f"parameter_{name}"
            assert np.array_equal(dataset[key], results[AS_ASKED][key])
    # An agreement between others is too far away to move the pair by more than a little.
    plain, far = results[NO_AGREEMENT]["goods_trade"], results["far"]["goods_trade"]
    np.testing.assert_allclose(far, plain, rtol=0.05)
    assert not np.array_equal(far, plain)


def test_progress_counts_every_run_of_every_variant(tiny_scenario, tiny_world):
    done: list[int] = []
    scenario = tiny_scenario.model_copy(update={"runs": 5})
    run_variants(scenario, tiny_world, block=2, progress=done.append)
    assert sum(done) == 5 * len(variants_of(scenario))


def test_another_seed_gives_other_trade(scenario_with, world):
    def trade_of(**layers):
        asked = (scenario_with(seed=seed, uncertainty_sources=layers) for seed in (1, 2))
        return [run_variants(s, world).variants[AS_ASKED]["goods_trade"] for s in asked]

    one, other = trade_of()
    assert not np.array_equal(one[:, -1], other[:, -1])
    # The base year's level is uncertain too, but for the error of its ledgers it is as recorded.
    assert not np.array_equal(one[:, 0], other[:, 0])
    one, other = trade_of(residual_shocks=False)
    assert not np.array_equal(one[:, -1], other[:, -1])
    assert np.array_equal(one[:, 0], other[:, 0])


def test_years_are_means_of_four_quarters_and_end_where_asked():
    quarters = np.arange(11.0)[None]
    assert by_year(quarters, 10).tolist() == [[(3 + 4 + 5 + 6) / 4, (7 + 8 + 9 + 10) / 4]]
    assert by_year(quarters, 2).shape == (1, 0)


def test_agreements_that_change_nothing_are_named(
    scenario_with, world, outsider, union_member, partner
):
    refused = {
        "kind": "preferential",
        "members": [union_member, outsider],
        "timeline": TIMELINE,
        "concessions": [{"grantor": union_member, "goods": "all", "cut": 0.5}],
    }
    granted = {**refused, "concessions": [{"grantor": outsider, "goods": "all", "cut": 0.5}]}
    nowhere = {
        "kind": "transit",
        "members": [outsider, partner],
        "timeline": TIMELINE,
        "border_time_cut": 0.5,
    }
    route = next(c for c in world.corridors if set(c.ends) == {outsider, union_member})
    somewhere = {**nowhere, "members": sorted({*route.ends, *route.transit})}
    agreements = {"refused": refused, "nowhere": nowhere, "somewhere": somewhere}
    scenario = scenario_with(agreements={**agreements, "granted": granted})
    assert idle_agreements(scenario, world) == ("refused", "nowhere")


def test_other_ledgers_get_what_a_run_of_their_own_gives(case, monkeypatch):
    monkeypatch.setattr("sim.study.ensemble.run.OF_OTHER_LEDGERS", None)  # keep all, to compare all
    assert case.others
    together = run_variants(case.scenario, case.world, others=case.others)
    assert set(together.ledgers) == set(case.others)
    for ledger, on_ledger in case.others.items():
        alone = run_variants(case.scenario, on_ledger).variants[AS_ASKED]
        assert alone.identical(together.ledgers[ledger]), ledger


def test_other_ledgers_get_the_first_runs_whatever_the_block(case, monkeypatch):
    monkeypatch.setattr("sim.study.ensemble.run.MIN_ELSEWHERE", 2)
    whole = run_variants(case.scenario, case.world, others=case.others, block=5)
    told = []
    split = run_variants(
        case.scenario, case.world, others=case.others, block=3, progress=told.append
    )
    assert sum(told) == 5 * len(whole.variants) + 2 * len(case.others)
    for ledger, dataset in whole.ledgers.items():
        assert dataset["run"].to_numpy().tolist() == [0, 1]
        assert dataset.identical(split.ledgers[ledger])
    assert split.variants[AS_ASKED].identical(whole.variants[AS_ASKED])
    short = case.scenario.model_copy(update={"runs": 2})
    for ledger, dataset in run_variants(short, case.world, others=case.others).ledgers.items():
        np.testing.assert_array_equal(dataset["known_trade"], whole.ledgers[ledger]["known_trade"])


def test_a_recorded_model_leaves_memory_at_once(two_agreements, world):
    model = TradeModel(two_agreements, world, runs=range(2))
    values = record(model)
    was_there = weakref.ref(model.snapshot)
    _recorded(model, values)
    assert was_there() is None


def test_a_network_sent_twice_arrives_as_one(world):
    network = world.network
    once, again = (pickle.loads(pickle.dumps(world)).network for _ in range(2))
    assert once is again
    for field in fields(network):
        here, there = getattr(network, field.name), getattr(once, field.name)
        is_array = isinstance(here, np.ndarray)
        same = np.array_equal(here, there, equal_nan=True) if is_array else here == there
        assert same, field.name


def recorded(values):
    return RecordedMeasures(values, dict.fromkeys(values, ()), {}, {})


def test_blocks_are_put_together_with_what_is_the_same_kept_once():
    """Two simulations that are the same in the first block, part in the second, and meet again."""
    a, b, c = (np.full((2, 3), value) for value in (1.0, 2.0, 3.0))
    joint = _Joint(range(6))
    for start, (one, other, third) in enumerate([(a, a, a), (b, c, c), (a, a, a)]):
        runs = range(2 * start, 2 * start + 2)
        joint.add(runs, [recorded({"x": value, "y": a}) for value in (one, other, third)])
    made = [joint.made(number).values for number in range(3)]
    np.testing.assert_array_equal(made[0]["x"], np.concatenate([a, b, a]))
    np.testing.assert_array_equal(made[1]["x"], np.concatenate([a, c, a]))
    assert made[1]["x"] is made[2]["x"]
    assert made[0]["y"] is made[1]["y"]
    np.testing.assert_array_equal(made[0]["y"], np.concatenate([a, a, a]))


def test_no_run_is_held_twice_while_blocks_are_put_together():
    n_blocks, n_bytes = 16, 8 * 64 * 1000
    tracemalloc.start()
    try:
        joint = _Joint(range(64 * n_blocks))
        for number in range(n_blocks):
            values = {"x": np.full((64, 1000), float(number))}
            joint.add(range(64 * number, 64 * number + 64), [recorded(values)])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.3 * n_blocks * n_bytes


def test_of_one_agreement_alone_and_of_other_books_only_what_is_asked_for_is_kept(of_two, world):
    results = of_two
    full = set(results.variants[AS_ASKED].data_vars)
    assert set(results.variants[NO_AGREEMENT].data_vars) == full
    parameters = {f"parameter_{name}" for name in world.parameters}
    for name in ("near", "far"):
        assert set(results.variants[name].data_vars) == parameters | set(OF_ALONE)
    assert set(results.ledgers["other"].data_vars) == parameters | set(OF_OTHER_LEDGERS)
    assert full > set(OF_ALONE)
