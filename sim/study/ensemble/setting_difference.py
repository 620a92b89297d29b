"""Difference between two settings of a scenario over the same pairs of known and residual paths."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sim.study.conditioning.crossed_paths import TradeChange, answer_of
from sim.study.conditioning.pairing import Window, crossing_of
from sim.study.conditioning.residual_paths import residual_key, rules_that_read_the_record
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT
from sim.study.ensemble.findings import flows_of
from sim.study.ensemble.measures import year_ends

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


def why_not_comparable(after: "Scenario", before: "Scenario", world: "World") -> str | None:
    """Reason for which two settings have no difference on the same draws; None if they have one.

    Parameters
    ----------
    after, before : Scenario
    world : World
        Held to the ledger that both name.
    """
    if after.baseline.ledger != before.baseline.ledger:
        return "they start from different ledgers"
    if after.own_figures != before.own_figures:
        return "they start from different figures of their own"
    if (after.runs, after.horizon) != (before.runs, before.horizon):
        return "they have different runs or years"
    if residual_key(after, world) != residual_key(before, world):
        return "they draw different shocks (seed, sources or sizes of uncertainty)"
    return None


def setting_differences(
    after: "Scenario",
    before: "Scenario",
    world: "World",
    results: tuple[xr.Dataset, xr.Dataset],
) -> dict[str, TradeChange]:
    """Change of each target's trade and chance from one setting to another, as `sim compare` has.

    Records weigh the pairs of paths by the setting that is compared with, for both.

    Parameters
    ----------
    after, before : Scenario
        Comparable: `why_not_comparable` gives None.
    world : World
        Held to the ledger that both name.
    results : pair of Dataset
        Of the same runs as asked, after and before.

    Returns
    -------
    dict of str to TradeChange
        By target of the setting compared with; targets that the other asks otherwise are left out.
    """
    reasons = tuple(
        dict.fromkeys(
            rule for setting in (before, after) for rule in rules_that_read_the_record(setting)
        )
    )
    runs = results[1]["run"].to_numpy().tolist()
    horizon, found = before.horizon, {}
    for name, target in before.targets.items():
        if after.targets.get(name) != target:
            continue
        last, ends = year_ends(int(horizon.start), int(horizon.end), int(target.deadline))
        ours, theirs = (flows_of(result, target.pair) for result in results)
        crossing = crossing_of(before, world, target.pair, runs, theirs, reasons=reasons)
        answer = answer_of(
            crossing,
            {AS_ASKED: ours, NO_AGREEMENT: theirs},
            Window.to(last),
            int(np.searchsorted(ends, int(target.deadline))),
            target.trade_musd,
            against=NO_AGREEMENT,
        )
        found[name] = answer.changes[AS_ASKED]
    return found
