"""Runs in blocks, variants on the same draws."""

import numpy as np
import pytest

from sim.study.record import by_year
from sim.study.run import (
    AS_ASKED,
    NO_AGREEMENT,
    WORTH_A_POOL,
    idle_agreements,
    processes,
    run_variants,
    variants_of,
)

TIMELINE = {"signed": "2023Q1", "in_force": "2023Q2"}


@pytest.fixture
def two_agreements(scenario_with, outsider, union_member, partner):
    def cut(by, to):
        return {
            "kind": "preferential",
            "members": [by, to],
            "timeline": TIMELINE,
            "concessions": [{"by": by, "goods": "all", "cut": 1.0}],
        }

    agreements = {"near": cut(outsider, union_member), "far": cut(partner, outsider)}
    return scenario_with(agreements=agreements, runs=5)


def test_variants_are_all_none_and_each_alone(two_agreements, scenario_with):
    assert list(variants_of(two_agreements)) == [AS_ASKED, NO_AGREEMENT, "near", "far"]
    assert list(variants_of(scenario_with())) == [AS_ASKED]


def test_the_block_size_bears_on_nothing(two_agreements, world):
    results = [run_variants(two_agreements, world, block=block) for block in (1, 2, 64)]
    for other in results[1:]:
        for variant, dataset in results[0].items():
            assert dataset.identical(other[variant]), variant


def test_workers_bear_on_nothing(two_agreements, world):
    alone = run_variants(two_agreements, world, block=2)
    with processes(2, WORTH_A_POOL) as pool:
        assert pool is not None
        together = run_variants(two_agreements, world, block=2, executor=pool)
    for variant, dataset in alone.items():
        assert dataset.identical(together[variant]), variant


def test_few_runs_are_not_worth_a_pool():
    with processes(2, WORTH_A_POOL - 1) as pool:
        assert pool is None


def test_variants_share_their_draws(two_agreements, world):
    results = run_variants(two_agreements, world)
    for dataset in results.values():
        for name in world.parameters:
            key = f"parameter_{name}"
            assert np.array_equal(dataset[key], results[AS_ASKED][key])
    # An agreement between others is too far away to move the pair by more than a little.
    plain, far = results[NO_AGREEMENT]["goods_trade"], results["far"]["goods_trade"]
    np.testing.assert_allclose(far, plain, rtol=0.05)
    assert not np.array_equal(far, plain)


def test_progress_counts_every_run_of_every_variant(two_agreements, world):
    done: list[int] = []
    run_variants(two_agreements, world, block=2, progress=done.append)
    assert sum(done) == 5 * 4


def test_another_seed_gives_other_trade(scenario_with, world):
    one, other = (
        run_variants(scenario_with(seed=seed), world)[AS_ASKED]["goods_trade"] for seed in (1, 2)
    )
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
        "concessions": [{"by": union_member, "goods": "all", "cut": 0.5}],
    }
    granted = {**refused, "concessions": [{"by": outsider, "goods": "all", "cut": 0.5}]}
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
