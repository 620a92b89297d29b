"""Capacity that binds: which gate is full in which year, and which members lose by it.

An agreement that draws more cargo to a gate than it can serve makes all who use it wait, members
too. A gate binds in a year of four quarters in which its arrivals reach its capacity in one run of
twenty at least, and in as many more than without the agreement unless it waits longer there. A
pair of members loses when its trade is lower with the agreement than without by more than noise,
run by run.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray

if TYPE_CHECKING:
    from xarray import Dataset


FULL = 0.98
"""Arrivals over capacity from which a gate counts as full [1]."""
OFTEN = 0.05
"""Part of the runs in which a gate that binds is full at least: less is chance of the draws [1]."""
LONGER_HOURS = 1.0
"""Further wait that counts [h]."""
NOISE = 0.005
"""Loss of trade that counts, on the log scale [1]."""


class BindingGate(NamedTuple):
    """A gate that is full in a year because of what is agreed."""

    gate: str
    year_end: str
    """Quarter with which the year ends."""
    full_share: float
    """Part of the runs in which it is full with the agreement [1]."""
    further_wait_hours: float
    """Mean wait beyond that without the agreement [h]."""
    losers: tuple[tuple[str, float], ...]
    """Pairs whose median trade is lower in that year, and the log change [1]."""


class YearlyUse(NamedTuple):
    """Use of gates and trade of pairs by year."""

    utilisation: FloatArray
    delay_hours: FloatArray
    """(n_runs, n_years, n_gates) largest arrivals over capacity [1] and mean wait [h] of a year."""
    trade: FloatArray
    """(n_runs, n_years, n_pairs) trade of the members' pairs [any]."""


def binding_gates(
    gates: Sequence[str],
    pairs: Sequence[str],
    year_ends: Sequence[str],
    with_it: YearlyUse,
    without: YearlyUse,
) -> tuple[BindingGate, ...]:
    """Gates that bind because of an agreement, by year, with the pairs that lose in that year.

    Parameters
    ----------
    gates, pairs : sequence of str
        Names along the last axes.
    year_ends : sequence of str
        Quarters with which the years end, such as 2030Q2.
    with_it, without : YearlyUse
        Of the same runs with the agreement and without.

    Returns
    -------
    tuple of BindingGate
        Only years in which a pair of members loses, the fullest gate of a year first.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.median(np.log(with_it.trade / without.trade), axis=0)
    more = (with_it.utilisation >= FULL).mean(axis=0) - (without.utilisation >= FULL).mean(axis=0)
    wait = (with_it.delay_hours - without.delay_hours).mean(axis=0)
    full = (with_it.utilisation >= FULL).mean(axis=0)
    found: list[BindingGate] = []
    for row, end in enumerate(year_ends):
        losing = np.flatnonzero(change[row] < -NOISE).tolist()
        losers = tuple((pairs[k], float(change[row, k])) for k in losing)
        if not losers:
            continue
        binds = (full[row] >= OFTEN) & ((more[row] >= OFTEN) | (wait[row] > LONGER_HOURS))
        own = np.flatnonzero(binds)
        found += [
            BindingGate(gates[gate], end, float(full[row, gate]), float(wait[row, gate]), losers)
            for gate in own[np.argsort(-wait[row, own], kind="stable")].tolist()
        ]
    return tuple(found)


def yearly_use(results: "Dataset", year_ends: Sequence[str], pairs: Sequence[str]) -> YearlyUse:
    """Use of gates by year in results, and trade of the pairs on record in them.

    Parameters
    ----------
    results : Dataset
        Of one variant.
    year_ends : sequence of str
        Quarters with which the years of four quarters end; all of their quarters are on record.
    pairs : sequence of str
        Named `A-B`, an end of each a party: one that a target names. Where the other end is none,
        its imports are not kept, and what the party buys from it stands for the pair.
    """
    quarters = [str(quarter) for quarter in results["quarter"].values]
    own = [np.arange(last - 3, last + 1) for last in map(quarters.index, year_ends)]
    parties = [str(code) for code in results["party"].values]
    regions = [str(code) for code in results["region"].values]
    bought = results["party_imports"].values

    def of_pair(pair: str) -> FloatArray:
        a, b = pair.split("-")
        sides = [
            bought[:, :, regions.index(seller), parties.index(buyer)]
            for seller, buyer in ((a, b), (b, a))
            if buyer in parties
        ]
        return np.asarray(np.sum(sides, axis=0))

    trade = np.stack([of_pair(pair) for pair in pairs], axis=-1)
    use, delay = results["gate_utilisation"].values, results["gate_delay_hours"].values
    return YearlyUse(
        utilisation=np.stack([use[:, k].max(axis=1) for k in own], axis=1),
        delay_hours=np.stack([delay[:, k].mean(axis=1) for k in own], axis=1),
        trade=np.stack([trade[:, k].sum(axis=1) for k in own], axis=1),
    )
