"""Groups of states that trade links to each other, and so to one level of prices.

Two states are linked where one of them buys some good from the other in the baseline and no
endless cost cuts that off. Groups of states that no chain of links joins have nothing to do with
each other.
"""

import numpy as np

from sim.laws.gravity.problem import GravityProblem
from sim.laws.numerics.arrays import BoolArray, IndexArray


def links(problem: GravityProblem) -> BoolArray:
    """Pairs that still trade, (run, exporter, importer); one run where all are alike."""
    traded = problem.trade > 0
    if problem.has_cuts:
        traded = traded & np.isfinite(problem.log_cost)
    return np.asarray(traded.any(axis=1))


def groups(link: BoolArray) -> IndexArray:
    """Group of every state in each run, named after its first member, (run, state)."""
    # Eight links to a byte and a run to an item: rows of many columns take long to sort.
    packed = np.packbits(link.reshape(len(link), -1), axis=1)
    _, first, place = np.unique(
        packed.view(f"V{packed.shape[1]}"), return_index=True, return_inverse=True
    )
    found = np.stack([_groups(link[run]) for run in first])
    return found[place.reshape(-1)]


def _groups(link: BoolArray) -> IndexArray:
    joined: BoolArray = link | link.T
    group = np.full(len(joined), -1, dtype=np.intp)
    for state in range(group.size):
        if group[state] >= 0:
            continue
        reached = joined[state].copy()
        reached[state] = True
        while True:
            wider = joined[reached].any(axis=0) | reached
            if (wider == reached).all():
                break
            reached = wider
        group[reached] = state
    return group
