"""Time and memory of a quarter of exporters, at rest in their habits and with every cost moving.

Strata stand for the firms in them, so both a million firms and a million strata are told. Run with
`OMP_NUM_THREADS=1 python -m bench.exporters`.
"""

from time import perf_counter

import numpy as np

from sim.laws import firms as exporters

ROUNDS = 9
N_RUNS, N_CELLS, N_FIRMS = 64, 12, 200


def main() -> None:
    """Print milliseconds a quarter of one block, by states and by firms, and what is held."""
    turnover = exporters.solve_notice(np.full(N_RUNS, 0.24), np.full(N_RUNS, 0.85))
    strata = exporters.size_strata(N_FIRMS)
    firms = np.broadcast_to(strata.expected, (N_RUNS, N_CELLS, strata.n_strata))
    market = exporters.open_market(turnover, strata, firms)
    rng = np.random.default_rng(1)
    still = np.full((N_RUNS, N_CELLS), 0.1)
    moving = 0.1 + 0.02 * rng.normal(size=(ROUNDS, N_RUNS, N_CELLS))
    states = 3 * market.weight.size
    n_firms = firms.sum()
    print(f"\nexporters: {N_RUNS} runs, {N_CELLS} markets, {strata.n_strata} strata by size")
    for name, levels in (("costs stand still", [still] * ROUNDS), ("every cost moves", moving)):
        population, best = exporters.first_population(market), np.inf
        for level in levels:
            started = perf_counter()
            exporters.standing(market, population, level)
            population = exporters.advance(market, population, level)
            best = min(best, perf_counter() - started)
        print(
            f"  {name:18s} {1e3 * best:5.2f} ms a quarter; {1e9 * best / states:5.1f} ms for a "
            f"million strata by status, {1e9 * best / n_firms:6.3f} ms for a million firms"
        )
    held = market.weight.nbytes + market.n_firms.nbytes + sum(a.nbytes for a in population)
    print(f"  {held / 1e6:.1f} MB held a block")


if __name__ == "__main__":
    main()
