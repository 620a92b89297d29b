"""Time of the packaged world's own energy market beside one linear programme after another.

Six carriers, 64 runs, one period: the market of a year as the model hands it to the law, warm from
the year before. A linear programme cannot hold its curves; it gets each as steps around the answer
and no contracts, which makes it smaller than it would have to be. Both are timed in one process,
best of several rounds. Run with `OMP_NUM_THREADS=1 python -m bench.energy_world`.
"""

import sys
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csc_array

from bench.energy import N_RUNS, best
from sim.laws import energy
from sim.laws.energy import Arcs, Demand, EnergyEquilibrium, Supply
from sim.scenario.scenario_file import load_scenario
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.uncertainty.draws import draw, simulated_quarters
from sim.world.load import load_world
from sim.world.names import world_names

FloatArray = NDArray[np.float64]
SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
CASES = (("baseline", 2024), ("energy-corridor", 2030), ("hormuz-closed", 2027))
STEPS = 6
"""Pieces that a curve is cut into for the linear programme."""
Handed = tuple[tuple[Supply, Demand, Arcs], dict[str, Any], EnergyEquilibrium]


def handed(name: str, year: int) -> Handed:
    """What the law gets and gives in a year of a scenario: tables, options, equilibrium."""
    world, scenario = load_world(), load_scenario(SCENARIOS / f"{name}.yaml", world_names())
    quarters = simulated_quarters(scenario, world)
    draws = draw(scenario, world, range(N_RUNS), quarters.start, len(quarters))
    seen: list[Handed] = []
    solve = energy.equilibrium

    def listening(*parts: Any, **options: Any) -> EnergyEquilibrium:
        found = solve(*parts, **options)
        seen[:] = [(parts, options, found)]
        return found

    with patch.object(energy, "equilibrium", listening):
        system = EnergySystem(scenario, world, draws)
        terms = system.initial()
        for each in range(world.base_year + 1, year + 1):
            terms = system.step(terms, (), 4 * each)
    return seen[0]


def by_linprog(case: Handed, run: int) -> tuple[FloatArray, csc_array, FloatArray]:
    """Cost, balance and limits of one run, every curve as steps around its answer."""
    (supply, demand, arcs), options, found = case
    n = options["n_nodes"]

    def own(column: FloatArray) -> FloatArray:
        return np.asarray(column[run] if column.ndim > 1 else column)

    cost = [own(supply.cost), -own(demand.value), own(arcs.cost) + own(arcs.toll)]
    slope = np.concatenate([own(supply.slope), own(demand.slope), own(arcs.slope)])
    upper = np.concatenate([own(supply.capacity), own(demand.capacity), own(arcs.capacity)])
    answer = np.concatenate([found.supplied[run], found.served[run], found.flow[run]])
    k, k_arc = np.arange(len(slope)), np.arange(len(slope) - arcs.n_arcs, len(slope))
    rows = [t.carrier * n + t.node for t in (supply, demand)]
    rows += [arcs.carrier * n + arcs.tail, arcs.carrier_out * n + arcs.head]
    ones = [np.ones(supply.n_entries), -np.ones(demand.n_entries), -np.ones(arcs.n_arcs)]
    entries = np.concatenate([*ones, own(arcs.delivered_share)])
    shape = (n * options["n_carriers"], len(slope))
    balance = csc_array((entries, (np.concatenate(rows), np.concatenate([k, k_arc]))), shape=shape)
    # The last step runs to the end, so that every run has room to differ.
    width = np.maximum(answer, 0.01)[:, None] * np.full(STEPS, 2.0 / STEPS)
    cut = np.minimum(np.cumsum(width, axis=1), upper[:, None])
    start = np.concatenate([np.zeros((len(k), 1)), cut[:, :-1]], axis=1)
    middle = start + np.minimum(cut - start, width) / 2
    cut[:, -1] = upper
    length = cut - start
    marginal = np.concatenate(cost)[:, None] + slope[:, None] * middle
    return marginal.ravel(), balance[:, np.repeat(k, STEPS)], length.ravel()


def main() -> None:
    """Print the times and their ratios."""
    say = sys.stdout.write
    say(f"\nthe world's energy market, {N_RUNS} runs, one period; ms a run\n")
    for name, year in CASES:
        case = handed(name, year)
        parts, options, found = case
        start = options.pop("start")
        warm = best(partial(energy.equilibrium, *parts, start=start, **options)) / N_RUNS
        cold = best(partial(energy.equilibrium, *parts, **options)) / N_RUNS
        cost, balance, length = by_linprog(case, 0)
        limits = np.column_stack([np.zeros_like(length), length])
        right = np.zeros(balance.shape[0])
        other = best(partial(linprog, cost, A_eq=balance, b_eq=right, bounds=limits))
        say(f"  {name:15} {year}: warm {1e3 * warm:5.2f}, cold {1e3 * cold:5.2f}, ")
        say(f"linprog {1e3 * other:6.2f}   linprog / ours warm {other / warm:5.1f}, ")
        say(f"mean steps {found.n_iterations.mean():.1f}\n")


if __name__ == "__main__":
    main()
