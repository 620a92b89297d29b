"""Goods and energy over the weighed futures, against futures put together one by one."""

import numpy as np
import pytest
import xarray as xr

from sim.laws.uncertainty.crossing import PathPairs
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.conditioning.pairing import Crossing
from sim.study.conditioning.weighed_parts import parts_of, thinned_crossing, weighed_parts
from sim.study.ensemble.findings import flows_of

RUNS, PATHS, GOODS, QUARTERS = 5, 12, 3, 8
PAIR = ("AAA", "BBB")
FLOWS = ("AAA>BBB", "BBB>AAA")
ENDS = ("2029Q4", "2030Q4")


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def recorded(rng):
    """Measures of some runs, each with a shock of its own on goods and on energy of old routes."""
    goods = rng.uniform(1.0, 9.0, (RUNS, QUARTERS, 2, GOODS))
    energy, new = rng.uniform(0.0, 4.0, (2, RUNS, QUARTERS, 2))
    shock = rng.lognormal(0.0, 0.5, (RUNS, QUARTERS, 2))
    of_flow = ("run", "quarter", "flow")
    return xr.Dataset(
        {
            "goods_trade": ((*of_flow, "good"), goods * shock[..., None]),
            "flow_duty": ((*of_flow, "good"), 0.1 * goods * shock[..., None]),
            "energy_trade": (of_flow, energy * shock + new),
            "new_trade": (of_flow, new),
            "known_trade": (of_flow, goods.sum(axis=-1) + energy),
        },
        coords={"flow": list(FLOWS), "quarter": [f"20{29 + q // 4}Q{q % 4 + 1}" for q in range(8)]},
    )


def crossed(rng):
    """All runs met with all residual paths, unevenly weighed."""
    pairs = PathPairs(((RUNS, PATHS),), (rng.normal(0.0, 1.0, (RUNS, PATHS)),))
    factor = rng.lognormal(0.0, 0.6, (PATHS, 2, QUARTERS))
    return Crossing(pairs, (np.arange(RUNS),), (factor,), ())


def test_parts_are_those_of_futures_put_together_one_by_one(rng):
    """Slow twin: each run with each path by itself, its parts read off where weights end."""
    data, crossing = recorded(rng), crossed(rng)
    weight, (factor,) = crossing.pairs.weight[0].ravel(), crossing.factors
    for side, flow in enumerate(FLOWS):
        goods, energy, new, known = (
            data[name].sel(flow=flow).to_numpy()
            for name in ("goods_trade", "energy_trade", "new_trade", "known_trade")
        )
        shock = (goods.sum(axis=-1) + energy - new) / known
        for year in (0, 1):
            q = slice(4 * year, 4 * year + 4)
            got = weighed_parts(crossing, data, PAIR, side, ENDS[year : year + 1])[..., 0]
            for part in range(GOODS + 2):
                values = []
                for k in range(RUNS):
                    for r in range(PATHS):
                        path = factor[r, side, q]
                        of = (goods[k, q] / shock[k, q, None] * path[:, None]).T
                        fuel = (energy - new)[k, q] / shock[k, q] * path + new[k, q]
                        values.append([*of, fuel, of.sum(axis=0) + fuel][part].mean())
                order = np.argsort(values)
                up_to = np.cumsum(weight[order])
                wanted = [np.array(values)[order][np.argmax(up_to >= p)] for p in QUANTILES]
                assert got[:, part] == pytest.approx(wanted, rel=1e-12)


def test_all_parts_of_both_directions_are_the_trade_of_the_headline(rng):
    """Where only one direction trades, its whole has the quantiles of the pair's own trade."""
    data, crossing = recorded(rng), crossed(rng)
    one_way = data * xr.DataArray([1.0, 0.0], coords={"flow": list(FLOWS)})
    whole = crossing.trade(flows_of(one_way, PAIR), slice(4, 8))
    got = weighed_parts(crossing, one_way, PAIR, 0, ENDS[1:], only_all=True)[:, 0, 0]
    assert got == pytest.approx(crossing.pairs.quantiles(whole, QUANTILES), rel=1e-12)
    assert not weighed_parts(crossing, one_way, PAIR, 1, ENDS[1:]).any()


def test_a_difference_is_of_the_same_futures_and_duty_moves_with_goods(rng):
    data, crossing = recorded(rng), crossed(rng)
    same = weighed_parts(crossing, data, PAIR, 0, ENDS, data)
    assert same.shape == (len(QUANTILES), GOODS + 2, 2)
    assert not same.any()
    goods = weighed_parts(crossing, data, PAIR, 1, ENDS[1:])[:, :GOODS]
    duty = weighed_parts(crossing, data, PAIR, 1, ENDS[1:], measure="flow_duty")
    assert duty[:, :GOODS] == pytest.approx(0.1 * goods)
    assert duty.shape[1] == GOODS + 1


def test_runs_that_are_not_crossed_keep_their_own_paths(rng):
    data = recorded(rng)
    alone = Crossing(PathPairs(((RUNS, 1),)), (np.arange(RUNS),), ())
    own = parts_of(data, FLOWS[0]).own[:, :, 4:].mean(axis=-1)
    got = weighed_parts(alone, data, PAIR, 0, ENDS[1:])[..., 0]
    assert got == pytest.approx(np.quantile(own, QUANTILES, axis=0))


def test_fewer_pairs_are_the_first_paths_with_their_weights(rng):
    crossing = crossed(rng)
    few = thinned_crossing(crossing, RUNS * PATHS // 3)
    assert few.pairs.shapes == ((RUNS, PATHS // 3),)
    kept = crossing.pairs.weight[0][:, : PATHS // 3]
    assert few.pairs.weight[0] == pytest.approx(kept / kept.sum())
    assert np.array_equal(few.factors[0], crossing.factors[0][: PATHS // 3])
    assert thinned_crossing(crossing) is crossing
