"""How fast the main scenario runs, and where a quarter goes."""

import cProfile
import pstats
from pathlib import Path
from time import perf_counter

from sim.scenario.scenario_file import load_scenario
from sim.simulation.model import TradeModel
from sim.world.load import load_world
from sim.world.names import world_names

SCENARIO = Path(__file__).resolve().parents[1] / "scenarios" / "pta-and-transit.yaml"
PARTS = {
    "energy": ("simulation/energy/energy_domain.py", "step"),
    "the trade equilibrium": ("laws/gravity/solver.py", "equilibrium"),
    "the choice of routes": ("simulation/transport/route_costs.py", "terms"),
    "queues at ports and posts": ("simulation/agents/gates.py", "serve"),
    "what has adjusted": ("simulation/agents/trade_adjustment.py", "step"),
    "draws, before the first quarter": ("simulation/uncertainty/draws.py", "draw"),
}
"""Functions that share the time of a run among them; none calls another."""


def main() -> None:
    """Print the time a run takes alone and in blocks, and the share of each part."""
    world, scenario = load_world(), load_scenario(SCENARIO, world_names())
    alone = None
    print(f"\nmodel: {SCENARIO.stem}, {scenario.horizon.n_quarters} quarters")
    for n_runs in (1, 16, 64):
        TradeModel(scenario, world, runs=range(n_runs))
        started = perf_counter()
        TradeModel(scenario, world, runs=range(n_runs)).run_to_end()
        each = 1e3 * (perf_counter() - started) / n_runs
        alone = alone or each
        print(f"  block of {n_runs:3d}: {each:7.1f} ms a run, {alone / each:5.1f} times one alone")
    profile = cProfile.Profile()
    profile.runcall(lambda: TradeModel(scenario, world, runs=range(64)).run_to_end())
    stats = pstats.Stats(profile)
    total = sum(row[2] for row in stats.stats.values())
    for part, (module, function) in PARTS.items():
        (spent,) = (
            row[3]
            for (file, _, name), row in stats.stats.items()
            if name == function and file.replace("\\", "/").endswith(f"/sim/{module}")
        )
        print(f"  time in {part:32s} {100 * spent / total:4.0f} %")


if __name__ == "__main__":
    main()
