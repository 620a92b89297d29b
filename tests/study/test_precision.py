"""Runs until an answer is sure: the same answer as that many runs from the beginning."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.precision import asked_by_command, spread
from sim.study.ensemble.counterfactuals import variants_of
from sim.study.ensemble.findings import findings
from sim.study.ensemble.run import run_variants, start_variants
from sim.study.precision import half_width, runs_for, until_precise

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"


def test_a_precision_gives_the_answer_of_a_fixed_number(
    brief_scenario: "Scenario", tiny_world: "World"
) -> None:
    """Blocks that follow on one another are the runs of one study, bit for bit."""
    told: list[str] = []
    sizes: list[range] = []

    def simulate(asked: "Scenario", runs: range):  # type: ignore[no-untyped-def]
        sizes.append(runs)
        return start_variants(asked, tiny_world, variants_of(asked), runs=runs)(None).variants

    one = brief_scenario.model_copy(update={"runs": 64})
    first = run_variants(one, tiny_world).variants
    goal = 0.9 * max(half_width(f.chance) for f in findings(one, tiny_world, first))
    sure = until_precise(
        brief_scenario, goal, simulate, lambda s, v: findings(s, tiny_world, v), told.append
    )
    assert len(sizes) > 1
    assert sizes[0] == range(64)
    assert max(half_width(finding.chance) for finding in sure.found) <= goal
    whole = run_variants(sure.scenario, tiny_world).variants
    for name, dataset in whole.items():
        for measure in ("known_trade", "goods_trade", "run"):
            assert np.array_equal(sure.variants[name][measure], dataset[measure])
    fixed = findings(sure.scenario, tiny_world, whole)
    assert [f.chance for f in fixed] == [f.chance for f in sure.found]
    assert told[0].startswith("64 runs: chance to ±")


def test_the_number_of_runs_grows_by_whole_groups_and_with_the_square_of_the_precision() -> None:
    """Half the width takes four times the runs; there is always some progress."""
    assert runs_for(128, 0.02, 0.01) == 512
    assert runs_for(128, 0.0100001, 0.01) == 192
    assert runs_for(64, 1.0, 0.01) == 256


@pytest.mark.slow
def test_answers_of_many_seeds_spread_as_little_as_their_intervals_say(tmp_path: Path) -> None:
    """What `bench.precision` measures of the main scenario, in the tiny world: 24 seeds of 64 runs.

    Twenty-four seeds tell a coverage to six points and a standard deviation to a seventh. What the
    treaty changes here, less than a tenth of a point, is the doing of some five of 64 known paths:
    intervals are wide of it, as they should be where one more such path would change the answer.
    """
    seeds = range(1001, 1025)
    scenario = TINY.with_suffix(".yaml")
    told = [*asked_by_command(scenario, 64, seeds, tmp_path, ("--world", str(TINY)))]
    found = spread(told)
    assert 0.01 < found["goal chance"].mean < 0.99
    assert found["goal chance"].sd <= 0.02
    assert found["goal chance_difference"].sd <= 0.004
    for name, each in found.items():
        assert each.coverage >= 0.75, name
        widest = 4.0 if name.endswith("difference") else 2.4
        assert 1.2 <= each.half_width / each.sd <= widest, name
    # What stands there already is read again, not simulated.
    assert [*asked_by_command(scenario, 64, seeds, tmp_path)] == told
