"""Columns of a study's rows that hold the known paths of a target's pair.

A row keeps what its known path trades every quarter, so that cases can be crossed when they are
read.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import format_quarter, quarter_year
from sim.study.conditioning.pairing import Flows, Window
from sim.study.ensemble.measures import year_ends

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario, Target


FINISHED, FAILED = "finished", "failed"
KNOWN, APART = "known_musd", "apart_musd"
PATHS = (f"{KNOWN}|", f"{APART}|")
"""How columns begin that hold known paths: what cases are crossed from, and nobody else reads."""


class TargetYears(NamedTuple):
    """Years of a target in a record of a scenario."""

    window: Window
    at: int
    """Place of the year asked among them."""
    numbers: tuple[int, ...]
    """Calendar year in which each ends."""


def years_of(scenario: "Scenario", target: "Target") -> TargetYears:
    """Years of four quarters that end with a target's quarter."""
    horizon = scenario.horizon
    last, ends = year_ends(int(horizon.start), int(horizon.end), int(target.deadline))
    at = int(np.searchsorted(ends, int(target.deadline)))
    return TargetYears(Window.to(last), at, tuple(quarter_year(int(q)) for q in ends))


def path_columns(scenario: "Scenario", pair: tuple[str, str]) -> tuple[list[str], list[str]]:
    """Columns of a pair's known paths: of both directions one after the other, and apart."""
    a, b = pair
    quarters = [
        format_quarter(q) for q in range(int(scenario.horizon.start), int(scenario.horizon.end) + 1)
    ]
    known = [
        f"{KNOWN}|{flow}|{quarter}" for flow in (f"{a}>{b}", f"{b}>{a}") for quarter in quarters
    ]
    return known, [f"{APART}|{a}-{b}|{quarter}" for quarter in quarters]


def paths_as_columns(
    scenario: "Scenario", pair: tuple[str, str], flows: Flows
) -> dict[str, FloatArray]:
    """Known paths of a pair as the columns of rows."""
    known, apart = path_columns(scenario, pair)
    values = [*flows.known.reshape(len(flows.known), -1).T, *flows.apart.T]
    return dict(zip([*known, *apart], values, strict=True))
