"""Goods and energy in a pair's trade over the same weighed futures as the pair's trade itself.

Every part of a flow is multiplied by the flow's residual shock, energy by new routes is not; so a
part can be met with every residual path as the whole is (`sim.study.conditioning.pairing`), and its
quantiles rest on the weights by recorded trade that those of the headline rest on.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import NamedTuple

import numpy as np
import xarray as xr

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.uncertainty.crossing import PathPairs
from sim.laws.uncertainty.pair_trade import pair_trade
from sim.study.conditioning.crossed_paths import QUANTILES, ratio_of
from sim.study.conditioning.pairing import Crossing

ENOUGH_PAIRS = 2**17
"""Pairs of paths over which a part is looked at: enough for the two digits that are shown."""
TRADE = "goods_trade"


class FlowParts(NamedTuple):
    """Parts of one flow by run and quarter: each good, energy where it is one, and all of it."""

    known: FloatArray
    """(n_runs, n_parts, n_quarters) what a residual shock multiplies [musd/year]."""
    apart: FloatArray
    """(n_runs, n_parts, n_quarters) what has no residual shock [musd/year]."""
    own: FloatArray
    """(n_runs, n_parts, n_quarters) both with the residual path of the run's number [musd/year]."""


def parts_of(result: xr.Dataset, flow: str, measure: str = TRADE) -> FlowParts:
    """Parts of a flow as they were recorded: goods, for trade energy as well, and all of it.

    Parameters
    ----------
    result : xarray.Dataset
        Measures of the runs.
    flow : str
        Label of the flow.
    measure : str
        Trade in goods, or another measure by good that moves with it, such as duty collected.
    """
    of_flow = result.sel(flow=flow)
    goods, own = (
        of_flow[name].transpose("run", "good", "quarter").to_numpy() for name in (TRADE, measure)
    )
    energy, new, known = (
        of_flow[name].transpose("run", "quarter").to_numpy()[:, None]
        for name in ("energy_trade", "new_trade", "known_trade")
    )
    # All goods and the energy of old routes have the same shock: that of the run's own path.
    shocked = goods.sum(axis=1, keepdims=True) + energy - new
    apart = np.zeros_like(own)
    if measure == TRADE:
        own, apart = (np.concatenate(both, axis=1) for both in ((own, energy), (apart, new)))
    own, apart = (
        np.concatenate([each, each.sum(axis=1, keepdims=True)], axis=1) for each in (own, apart)
    )
    return FlowParts((own - apart) * ratio_of(known, shocked, nothing=0.0), apart, own)


def weighed_parts(
    crossing: Crossing,
    result: xr.Dataset,
    pair: tuple[str, str],
    side: int,
    ends: Sequence[str],
    against: xr.Dataset | None = None,
    *,
    measure: str = TRADE,
    only_all: bool = False,
) -> FloatArray:
    """Quantiles over the weighed futures of the parts of one direction of a pair's trade.

    Parameters
    ----------
    crossing : Crossing
        Futures that are meant.
    result : xarray.Dataset
        Measures of the variant wanted, of the runs that are crossed.
    pair : (str, str)
        Codes of the regions.
    side : int
        Direction: 0 from the first of the pair to the second, 1 back.
    ends : sequence of str
        Quarters with which the years wanted end, such as 2030Q4.
    against : xarray.Dataset, optional
        Measures of another variant, which is subtracted in the same futures.
    measure : str
        As for `parts_of`.
    only_all : bool
        True for the sum of the parts alone.

    Returns
    -------
    (n_quantiles, n_parts, n_years) ndarray
        [musd/year].
    """
    crossing, flow = thinned_crossing(crossing), ">".join(pair[:: 1 - 2 * side])
    variants = [parts_of(one, flow, measure) for one in (result, against) if one is not None]
    recorded = [str(quarter) for quarter in result["quarter"].to_numpy()]
    n_parts = variants[0].own.shape[1]
    parts = range(n_parts - 1 if only_all else 0, n_parts)
    found = np.empty((len(QUANTILES), len(parts), len(ends)))
    for column, end in enumerate(map(recorded.index, ends)):
        quarters = slice(end + 1 - QUARTERS_PER_YEAR, end + 1)
        for row, part in enumerate(parts):
            values, *others = (_values(crossing, v, side, part, quarters) for v in variants)
            for other in others:
                values = list(map(np.subtract, values, other))
            found[:, row, column] = crossing.pairs.quantiles(values, QUANTILES)
    return found


def _values(
    crossing: Crossing, parts: FlowParts, side: int, part: int, quarters: slice
) -> list[FloatArray]:
    """One part in every pair of paths over a year, (n_known, n_residual) by group [musd]."""
    if not crossing.factors:
        return [parts.own[:, part, quarters].mean(axis=1)[:, None]]
    return [
        pair_trade(
            parts.known[group, part : part + 1, quarters],
            factor[:, side : side + 1, quarters],
            parts.apart[group, part, quarters],
        )
        for group, factor in zip(crossing.groups, crossing.factors, strict=True)
    ]


def thinned_crossing(crossing: Crossing, enough: int = ENOUGH_PAIRS) -> Crossing:
    """The same crossing with the first residual paths of each group alone, few enough."""
    step = ceil(crossing.pairs.n_pairs / enough)
    if step == 1 or not crossing.factors:
        return crossing
    kept = [slice(ceil(n_residual / step)) for _, n_residual in crossing.pairs.shapes]
    pairs = crossing.pairs
    fewer = PathPairs(
        tuple((n, k.stop) for (n, _), k in zip(pairs.shapes, kept, strict=True)),
        pairs.log_weight
        and tuple(each[:, k] for each, k in zip(pairs.log_weight, kept, strict=True)),
        pairs.parents and tuple(each[:, k] for each, k in zip(pairs.parents, kept, strict=True)),
    )
    factors = tuple(each[k] for each, k in zip(crossing.factors, kept, strict=True))
    return replace(crossing, pairs=fewer, factors=factors)
