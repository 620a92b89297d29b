"""Baseline accounts: what the given flows say about output, spending, deficits and shares.

Spending of importer j on good s is gross of tariff, E[s,j] = sum_i X[s,i,j] (1 + t[s,i,j]).
Final spending is what is left of E after the inputs that j's own producers buy.
"""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.laws.gravity.components import groups, links
from sim.laws.gravity.problem import GravityProblem
from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.recent_cache import RecentCache

ROUNDING = 1e-9  # sums that differ by less, relatively, are taken for equal


@dataclass(frozen=True)
class Accounts:
    """Baseline values; the run axis has length 1 where all runs share them."""

    output: FloatArray
    """(run, good, state) value of sales [value of trade]."""
    spending: FloatArray
    """(run, good, state) gross of tariff."""
    spending_share: FloatArray
    """(run, good, exporter, importer) share of each exporter in the importer's spending."""
    value_added: FloatArray
    """(run, state) wage bill; equals output without inputs."""
    revenue: FloatArray
    """(run, state) tariff revenue."""
    deficit: FloatArray
    """(run, state) purchases net of tariff less sales."""
    final_share: FloatArray
    """(run, good, state) share of each good in final spending."""
    further: RecentCache[Any] = field(
        default_factory=lambda: RecentCache(most=4), repr=False, compare=False
    )
    """What else follows from the baseline alone, by what it is."""

    def take_states(self, states: npt.NDArray[np.intp]) -> "Accounts":
        """The accounts of some of the states; what they trade with others stays in their sums."""
        names = [each.name for each in fields(self) if each.name != "further"]
        taken: dict[str, Any] = {name: getattr(self, name)[..., states] for name in names}
        taken["spending_share"] = taken["spending_share"][..., states, :]
        taken = {name: np.ascontiguousarray(value) for name, value in taken.items()}
        return Accounts(**taken)


_KNOWN: RecentCache[Accounts] = RecentCache(most=2)
"""Of the baselines asked about last: a simulation asks about one in every quarter."""


def baseline_accounts(problem: GravityProblem) -> Accounts:
    """Accounts of the baseline flows, or an error that names the impossible state."""
    given = problem.baseline
    if any(values is not None and len(values) > 1 for values in given):
        return _accounts(problem)
    of_what = (problem.clip_final_demand, problem.closure, problem.deficits)
    parts = (None if values is None else (values.shape, values.tobytes()) for values in given)
    return _KNOWN.of((*parts, *of_what), lambda: _accounts(problem))


def _accounts(problem: GravityProblem) -> Accounts:
    trade = problem.trade
    factor = problem.baseline_factor
    gross = trade if factor is None else trade * factor
    output = trade.sum(axis=-1)
    bought = trade.sum(axis=-2)
    spending = bought if factor is None else gross.sum(axis=-2)
    empty = spending == 0
    share = gross / (spending + empty)[..., None, :]
    total = output.sum(axis=1)
    value_added = total
    final = spending
    if problem.input_share is not None and problem.value_added_share is not None:
        weight = problem.input_share * (1 - problem.value_added_share)[:, None]
        final = spending - np.einsum("rksj,tsj->tkj", weight, output)
        value_added = (problem.value_added_share * output).sum(axis=1)
    _check_states(problem, total, bought.sum(axis=1))
    return Accounts(
        output=output,
        spending=spending,
        spending_share=share,
        value_added=value_added,
        revenue=spending.sum(axis=1) - bought.sum(axis=1),
        deficit=bought.sum(axis=1) - total,
        final_share=_final_share(problem, final, spending),
    )


def new_deficit(problem: GravityProblem, accounts: Accounts) -> FloatArray:
    """Additive deficits to hold, (run, state); given ones must sum to zero.

    Who is cut off has nobody to owe: deficits are made to sum to zero among those still linked.
    """
    output = accounts.output.sum(axis=1)
    if problem.has_cuts:
        deficit = accounts.deficit if problem.deficit is None else problem.deficit
        return _among_linked(deficit, output, groups(links(problem)))
    if problem.deficit is None:
        return accounts.deficit
    deficit = problem.deficit
    world, gap = output.sum(axis=-1), deficit.sum(axis=-1)
    if (np.abs(gap) > ROUNDING * world).any():
        run = int(np.argmax(np.abs(gap) / world))
        raise ValueError(
            f"deficit of run {run} sums to {gap[min(run, gap.size - 1)]:.6g} over the states "
            "linked by trade; wanted 0"
        )
    closed: FloatArray = deficit - (gap / world)[:, None] * output
    return closed


def _among_linked(
    deficit: FloatArray, output: FloatArray, group: npt.NDArray[np.intp]
) -> FloatArray:
    """Deficits less each state's part, by output, in the sum over its group."""
    together = group[:, :, None] == group[:, None, :]
    gap = (together * deficit[:, None]).sum(axis=-1)
    world = (together * output[:, None]).sum(axis=-1)
    owed = np.where(np.abs(gap) > ROUNDING * world, gap, 0.0)
    return np.asarray(deficit - owed / np.where(world > 0, world, 1.0) * output)


def _final_share(problem: GravityProblem, final: FloatArray, spending: FloatArray) -> FloatArray:
    if problem.final_share is not None:
        total = problem.final_share.sum(axis=1, keepdims=True)
        if (np.abs(total - 1) > 1e-6).any():
            run, _, state = (int(i) for i in np.argwhere(np.abs(total - 1) > 1e-6)[0])
            raise ValueError(
                f"final_share of state {state} sums to {total[run, 0, state]}; wanted 1 over goods"
            )
        given: FloatArray = problem.final_share / total
        return given
    if problem.clip_final_demand:
        final = np.maximum(final, 0.0)
    negative = final < -1e-9 * spending.sum(axis=1, keepdims=True)
    if negative.any():
        run, good, state = (int(i) for i in np.argwhere(negative)[0])
        raise ValueError(
            f"final demand for good {good} in state {state} is {final[run, good, state]:.6g}: "
            f"its producers need more of it as input than the state buys "
            f"({spending[run, good, state]:.6g}); correct the data, give final_share, or set "
            'final_share="clipped"'
        )
    final = np.maximum(final, 0.0)
    total = final.sum(axis=1, keepdims=True)
    return final / np.where(total > 0, total, 1.0)


def _check_states(problem: GravityProblem, sold: FloatArray, bought: FloatArray) -> None:
    """A state that sells must buy; one that only buys needs an additive deficit."""
    if problem.closure != "full":
        return
    _raise_first(
        (sold > 0) & (bought == 0),
        "state {state} sells but buys nothing, so it has no price index; "
        "give it purchases, for instance its domestic sales on the diagonal",
    )
    if problem.deficits != "additive":
        _raise_first(
            (sold == 0) & (bought > 0),
            "state {state} buys but sells nothing, so its spending is no multiple of its income; "
            'give it output or use deficits="additive"',
        )


def _raise_first(bad: npt.NDArray[np.bool_], message: str) -> None:
    if bad.any():
        run, state = (int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f"trade of run {run}: {message.format(state=state)}")
