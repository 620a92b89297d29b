"""Trade of the runs of a study's case, read back from its rows and crossed with residual paths.

A row keeps what its known path trades every quarter, so that cases are crossed when they are read:
all of them with the same residual paths, in the process that tells the answer.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import IndexArray
from sim.study.conditioning.pairing import Crossing, Flows, crossed_like, crossing_of
from sim.study.conditioning.residual_paths import residual_key, rules_that_read_the_record
from sim.study.jobs.case_columns import FINISHED, path_columns, years_of

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.study.jobs.plan import Plan

Rows = Mapping[str, Any]


class CaseTrade(NamedTuple):
    """Trade of a case's finished runs towards one target."""

    runs: IndexArray
    """Their numbers."""
    flows: Flows


def finished_runs(rows: Rows) -> NDArray[np.bool_]:
    """(n_rows,) which runs finished."""
    return np.array([status == FINISHED for status in rows["status"]], dtype=np.bool_)


def case_trade(
    rows: Rows, base: "Scenario", name: str, fine: NDArray[np.bool_] | None = None
) -> CaseTrade:
    """Trade towards a target from the rows of a case.

    Parameters
    ----------
    rows : mapping
        From `sim.study.jobs.plan.case_rows`.
    base : Scenario
        What the study is a variation of.
    name : str
        Target.
    fine : (n_rows,) bool ndarray, optional
        Rows that are wanted; those that finished unless given.
    """
    fine = finished_runs(rows) if fine is None else fine
    target = base.targets[name]
    known, apart = path_columns(base, target.pair)
    years = years_of(base, target)
    n_quarters = len(apart)
    own = np.zeros((int(fine.sum()), n_quarters))
    for number, year in enumerate(years.numbers):
        own[:, years.window.year(number)] = rows[f"{name}|trade_musd|{year}"][fine, None]
    flows = Flows(
        known=np.stack([rows[column][fine] for column in known], axis=1).reshape(-1, 2, n_quarters),
        apart=np.stack([rows[column][fine] for column in apart], axis=1),
        own=own,
    )
    return CaseTrade(np.asarray(rows["run"])[fine].astype(np.intp), flows)


def crossings_of(
    plan: "Plan",
    name: str,
    trades: Sequence[CaseTrade],
    cases: Sequence[int],
    *,
    weighs: int = 0,
) -> list[Crossing]:
    """Cross some cases of a plan alike: the same residual paths and weights for the same runs.

    Parameters
    ----------
    plan : Plan
    name : str
        Target.
    trades : sequence of CaseTrade
        Of each case, of the same number of runs.
    cases : sequence of int
        Numbers of the cases.
    weighs : int
        Place among them of the case by which records weigh the pairs.
    """
    scenarios = [scenario_of(plan, case) for case in cases]
    reasons = tuple(
        dict.fromkeys(rule for s in scenarios for rule in rules_that_read_the_record(s))
    )
    target, chosen = plan.base.targets[name], scenarios[weighs]
    base = crossing_of(
        chosen,
        plan.world_of(chosen),
        target.pair,
        trades[weighs].runs.tolist(),
        trades[weighs].flows,
        reasons=reasons,
    )
    return [
        base
        if case == cases[weighs]
        else case_crossing(plan, name, base, cases[weighs], case, trade)
        for case, trade in zip(cases, trades, strict=True)
    ]


def case_crossing(
    plan: "Plan", name: str, base: Crossing, of: int, case: int, trade: CaseTrade
) -> Crossing:
    """Cross a case as another one of the same runs is: the same path numbers and weights.

    Parameters
    ----------
    plan, name
        Study and target.
    base : Crossing
        Of the case `of`.
    of, case : int
        Numbers of both cases.
    trade : CaseTrade
        Of the case.
    """
    ours, theirs = scenario_of(plan, case), scenario_of(plan, of)
    world, other = (plan.world_of(s) for s in (ours, theirs))
    if residual_key(ours, world) == residual_key(theirs, other):
        return base
    return crossed_like(base, ours, world, plan.base.targets[name].pair, trade.runs.tolist())


def scenario_of(plan: "Plan", case: int) -> "Scenario":
    """Scenario of a case, over the quarters that the rows of the study have."""
    made = plan.case(case).scenario or plan.base
    if made.horizon == plan.base.horizon:
        return made
    return made.model_copy(update={"horizon": plan.base.horizon})
