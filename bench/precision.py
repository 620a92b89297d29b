"""Spread of answers over seeds, and how often their intervals hold the mean of all seeds.

Every seed is a run of the main scenario to a short horizon, read against several targets, so that
small and large chances are tried on the same simulations. Run with
`OMP_NUM_THREADS=1 python -m bench.precision [RUNS [SEEDS [SCENARIO]]]`.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sim.laws.uncertainty.crossing import Estimate
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.load import load_scenario
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT, variants_of
from sim.study.ensemble.findings import findings
from sim.study.ensemble.run import run_variants
from sim.world.load import load_world
from sim.world.names import world_names
from sim.world.world import World

SCENARIO = Path(__file__).resolve().parents[1] / "scenarios" / "pta-and-transit.yaml"
TARGETS_MUSD = (150.0, 300.0, 600.0, 1000.0, 1500.0)
"""Sums to be reached: from likely to very unlikely [musd/year]."""
FIRST_SEED = 1001


def answers(asked: Scenario, world: World, seed: int) -> dict[str, Estimate]:
    """Chances, their differences and the median of one seed, by name."""
    target = next(iter(asked.targets.values()))
    targets = {f"{musd:g}": target.model_copy(update={"trade_musd": musd}) for musd in TARGETS_MUSD}
    horizon = asked.horizon.model_copy(update={"end": target.deadline})
    scenario = asked.model_copy(update={"seed": seed, "targets": targets, "horizon": horizon})
    both = variants_of(scenario)
    wanted = {name: both[name] for name in (AS_ASKED, NO_AGREEMENT) if name in both}
    found = findings(scenario, world, run_variants(scenario, world, variants=wanted).variants)
    told: dict[str, Estimate] = {"median": found[0].median}
    for finding in found:
        told[f"chance of {finding.name}"] = finding.chance
        told[f"touched {finding.name}"] = finding.touched
        if finding.change is not None:
            told[f"difference of {finding.name}"] = finding.change.chance
    return told


def spread(told: Sequence[Mapping[str, Estimate]]) -> list[tuple[str, float, float, float, float]]:
    """Mean, standard deviation, half-width and coverage of every number over the seeds."""
    rows = []
    for name in told[0]:
        values = np.array([each[name] for each in told])
        middle = values[:, 0].mean()
        is_in = (values[:, 1] <= middle) & (middle <= values[:, 2])
        half = float(np.mean(values[:, 2] - values[:, 1]) / 2)
        rows.append((name, float(middle), float(values[:, 0].std(ddof=1)), half, is_in.mean()))
    return rows


def main(runs: int = 64, seeds: int = 24, path: Path = SCENARIO) -> None:
    """Print a table: chances in percentage points."""
    world = load_world()
    asked = load_scenario(path, world_names()).model_copy(update={"runs": runs})
    told = [answers(asked, world, FIRST_SEED + k) for k in range(seeds)]
    print(f"{path.stem}, {runs} runs, {seeds} seeds: mean, sd over seeds, half-width, coverage")
    for name, mean, sd, half, share in spread(told):
        scale = 1.0 if name == "median" else 100.0
        sizes = f"{scale * mean:9.2f} {scale * sd:7.3f} {scale * half:7.3f}"
        print(f"  {name:22s} {sizes} {100 * share:5.0f} %", flush=True)


if __name__ == "__main__":
    given = [*map(int, sys.argv[1:3])]
    main(*given, *map(Path, sys.argv[3:4]))
