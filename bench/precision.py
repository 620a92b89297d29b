"""Spread of answers over seeds, and how often their intervals hold the mean of all seeds.

`python -m bench.precision` asks `sim run --seed S --runs 64` of 24 seeds, as anybody would, reads
each `answer.json` and prints mean, standard deviation over seeds, half of the intervals and their
coverage; seeds whose answer stands in the folder already are not simulated again.
`python -m bench.precision --targets` simulates in this process instead, draws no figures and reads
the same runs against several sums, so that small and large chances are tried at once.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.laws.uncertainty.crossing import Estimate
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.scenario_file import load_scenario
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
READ = ("chance", "chance_difference", "touched", "touched_difference", "trade_musd",
        "trade_musd_difference")  # fmt: skip
"""Estimates of an answer that are looked at."""
MONEY = "trade_musd"
HEADINGS = "mean, sd over seeds, half of the interval, coverage"

Estimates = Mapping[str, Estimate]
"""Estimates of one seed, by name."""


class Spread(NamedTuple):
    """One number over all seeds."""

    mean: float
    sd: float
    half_width: float
    """Mean half of the intervals."""
    coverage: float
    """Share of the seeds whose interval holds the mean [1]."""


def read_answer(file: Path) -> dict[str, Estimate]:
    """Estimates of an `answer.json`, by target and name."""
    targets = json.loads(file.read_text(encoding="utf-8"))["targets"]
    return {
        f"{target} {name}": Estimate(*(answer[name][key] for key in ("value", "low", "high")))
        for target, answer in targets.items()
        for name in READ
        if name in answer
    }


def answers_in(folder: Path) -> dict[int, Path]:
    """Answers below a folder of results, by seed."""
    found = {}
    for file in sorted(folder.glob("*/*/answer.json")):
        record = json.loads(file.with_name("run.json").read_text(encoding="utf-8"))
        found[int(record["seed"])] = file
    return found


def asked_by_command(
    scenario: Path, runs: int, seeds: Sequence[int], folder: Path, options: Sequence[str] = ()
) -> Iterator[Estimates]:
    """Answers of `sim run`, one process a seed; what stands in the folder is read."""
    for seed in seeds:
        if seed not in answers_in(folder):
            typed = ["run", scenario, "--seed", seed, "--runs", runs, "--output", folder, *options]
            subprocess.run(
                [sys.executable, "-m", "sim", *map(str, typed)], check=True, stdout=subprocess.PIPE
            )
        yield read_answer(answers_in(folder)[seed])


def asked_of_several_targets(asked: Scenario, world: World, seed: int) -> Estimates:
    """Chances, their differences and the median of one seed against several sums."""
    target = next(iter(asked.targets.values()))
    targets = {f"{musd:g}": target.model_copy(update={"trade_musd": musd}) for musd in TARGETS_MUSD}
    horizon = asked.horizon.model_copy(update={"end": target.deadline})
    scenario = asked.model_copy(update={"seed": seed, "targets": targets, "horizon": horizon})
    both = variants_of(scenario)
    wanted = {name: both[name] for name in (AS_ASKED, NO_AGREEMENT) if name in both}
    found = findings(scenario, world, run_variants(scenario, world, variants=wanted).variants)
    told: dict[str, Estimate] = {MONEY: found[0].median}
    for finding in found:
        told[f"chance of {finding.name}"] = finding.chance
        told[f"touched {finding.name}"] = finding.touched
        if finding.change is not None:
            told[f"difference of {finding.name}"] = finding.change.chance
    return told


def spread(told: Sequence[Estimates]) -> dict[str, Spread]:
    """Every number over the seeds."""
    found = {}
    for name in told[0]:
        value, low, high = np.array([each[name] for each in told], dtype=np.float64).T
        middle = float(value.mean())
        is_in = (low <= middle) & (middle <= high)
        half = float(np.mean(high - low)) / 2
        found[name] = Spread(middle, float(value.std(ddof=1)), half, float(is_in.mean()))
    return found


def main() -> None:
    """Print a table: chances in percentage points, money in million USD."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenario", nargs="?", type=Path, default=SCENARIO)
    parser.add_argument("--runs", type=int, default=64)
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--world", type=Path)
    parser.add_argument("--output", type=Path, default=Path("results/precision"))
    parser.add_argument("--targets", action="store_true", help="several sums, in this process")
    given = parser.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    if given.targets:
        world = load_world(given.world)
        asked = load_scenario(given.scenario, world_names(given.world))
        asked = asked.model_copy(update={"runs": given.runs})
        told = [asked_of_several_targets(asked, world, seed) for seed in seeds]
    else:
        options = ["--world", str(given.world)] if given.world else []
        folder = given.output / f"{given.runs}-runs"
        told = [*asked_by_command(given.scenario, given.runs, seeds, folder, options)]
    print(f"{given.scenario.stem}, {given.runs} runs, {given.seeds} seeds: {HEADINGS}")
    for name, found in spread(told).items():
        scale = 1.0 if MONEY in name else 100.0
        mean, sd, half = (scale * value for value in found[:3])
        print(f"  {name:40s} {mean:9.2f} {sd:7.3f} {half:7.3f} {100 * found.coverage:5.0f} %")


if __name__ == "__main__":
    main()
