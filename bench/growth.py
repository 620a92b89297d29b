"""Law of growth of time and memory by runs, agreements, regions, goods and routes, with exponents.

`python -m bench.growth [WHAT…]` takes some minutes and prints the table of the README. Every size
has a process of its own, so that its peak of memory is its own; an exponent of 1 is twice the time
for twice the size. Runs are those of the tiny world of the tests, all variants recorded, so that
they may be many; agreements are written into the main scenario again and again; regions and goods
are those of a trade equilibrium of made-up worlds, routes those that cargo of six goods chooses
among on each of a hundred pairs, one mode, in ten quarters whose waits differ; 64 runs at once.
"""

import resource
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time

import numpy as np

from bench.gravity import made_world
from sim.laws.numerics.arrays import FloatArray
from sim.scenario.blocks.agreements import PreferentialAgreement

ROOT = Path(__file__).resolve().parents[1]
TINY = ROOT / "tests" / "worlds" / "tiny"
MAIN = ROOT / "scenarios" / "pta-and-transit.yaml"
N_RUNS, N_PAIRS, N_GOODS = 64, 100, 6


def of_runs(n: int) -> Callable[[], object]:
    """Runs of the tiny world, with and without its agreement."""
    from sim.scenario.scenario_file import load_scenario
    from sim.study.ensemble.run import run_variants
    from sim.world.load import load_world
    from sim.world.names import world_names

    world, scenario = load_world(TINY), load_scenario(TINY.with_suffix(".yaml"), world_names(TINY))
    run_variants(scenario.model_copy(update={"runs": 2}), world)
    asked = scenario.model_copy(update={"runs": n})
    return lambda: run_variants(asked, world)


def of_agreements(n: int) -> Callable[[], object]:
    """Four runs of the main scenario, its preferential agreement over and over with other cuts."""
    from sim.scenario.scenario_file import load_scenario
    from sim.simulation.model import TradeModel
    from sim.world.load import load_world
    from sim.world.names import world_names

    world, scenario = load_world(), load_scenario(MAIN, world_names())
    TradeModel(scenario, world, runs=range(1)).run_to_end()
    first = next(
        each for each in scenario.agreements.values() if isinstance(each, PreferentialAgreement)
    )
    copies = {f"copy-{k}": _with_cut(first, (k + 1) / n) for k in range(n - 2)}
    asked = scenario.model_copy(update={"agreements": {**scenario.agreements, **copies}})
    return lambda: TradeModel(asked, world, runs=range(4)).run_to_end()


def _with_cut(agreement: PreferentialAgreement, cut: float) -> PreferentialAgreement:
    concessions = tuple(each.model_copy(update={"cut": cut}) for each in agreement.concessions)
    return agreement.model_copy(update={"concessions": concessions})


def of_regions(n: int) -> Callable[[], object]:
    """Trade equilibrium of so many regions, six goods."""
    return _equilibrium(6, n)


def of_goods(n: int) -> Callable[[], object]:
    """Trade equilibrium of so many goods, 22 regions."""
    return _equilibrium(n, 22)


def _equilibrium(n_goods: int, n_regions: int) -> Callable[[], object]:
    from sim.laws import gravity

    trade = made_world(n_goods, n_regions)
    cost = np.exp(0.05 * np.random.default_rng(2).normal(size=(N_RUNS, *trade.shape)))
    own = np.arange(n_regions)
    cost[..., own, own] = 1.0
    law = {"trade_elasticity": 5.0, "supply_elasticity": 1.0}
    gravity.equilibrium(trade[:1], trade_cost_change=cost[:1, :1], **law)
    return lambda: gravity.equilibrium(trade, trade_cost_change=cost, **law)


def of_routes(n: int) -> Callable[[], object]:
    """Choice among so many routes on each of a hundred pairs, ten quarters."""
    from scipy.sparse import csr_array

    from sim.laws.transport import route_choice as law

    rng, n_paths = np.random.default_rng(3), N_PAIRS * n
    pair = np.repeat(np.arange(N_PAIRS), n)
    places = (pair, np.arange(n_paths))
    paths = law.Paths(pair, csr_array((np.ones(n_paths), places)), np.ones(n_paths))
    loads = law.CargoLoads(
        value_usd=np.tile(rng.uniform(2e4, 2e5, (N_GOODS, 1)), N_RUNS),
        time_cost_per_day=np.full(N_RUNS, 0.008),
        dispersion=np.full(N_RUNS, 12.0),
    )
    usd, wait = (
        rng.uniform(500.0, 5000.0, (n_paths, 1)),
        rng.uniform(5.0, 50.0, (10, n_paths, N_RUNS)),
    )
    cargo, kept = np.ones((N_GOODS, N_PAIRS, N_RUNS)), law.KeptAttraction()
    open_share, factor = np.zeros((n_paths, 1)), np.ones((n_paths, 1))

    def quarters(days: FloatArray) -> None:
        for own in days:
            law.passage(paths, law.Offer(usd, own, open_share, factor), loads, cargo, kept=kept)

    quarters(wait[:1])
    return lambda: quarters(wait)


SIZES: dict[str, tuple[Callable[[int], Callable[[], object]], tuple[int, ...]]] = {
    "runs": (of_runs, (64, 256, 1024)),
    "agreements": (of_agreements, (2, 8, 32)),
    "regions": (of_regions, (20, 40, 80)),
    "goods": (of_goods, (6, 12, 24)),
    "routes": (of_routes, (6, 12, 24)),
}


def measure(what: str, n: int, answer: Connection) -> None:
    """Processor time of one size, and the peak of memory of the process [s, MB]; sends both."""
    act = SIZES[what][0](n)
    started = process_time()
    act()
    answer.send((process_time() - started, _peak_mb()))


def _peak_mb() -> float:
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def exponent(sizes: tuple[int, ...], values: list[float]) -> float:
    """Slope of the line through logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(values, 1e-9)), 1)[0])


def main() -> None:
    """Print the table."""
    context = get_context("spawn")
    print("| what grows | sizes | seconds of a processor | exponent | peak MB | exponent |")
    print("|---|---|---|---|---|---|")
    for what in sys.argv[1:] or SIZES:
        sizes = SIZES[what][1]
        seconds, peaks = [], []
        for n in sizes:
            ours, theirs = context.Pipe()
            worker = context.Process(target=measure, args=(what, n, theirs))
            worker.start()
            spent, peak = ours.recv()
            worker.join()
            seconds.append(spent)
            peaks.append(peak)
        columns = (
            ", ".join(map(str, sizes)),
            ", ".join(f"{value:.2g}" for value in seconds),
            f"{exponent(sizes, seconds):.1f}",
            ", ".join(f"{value:.0f}" for value in peaks),
            f"{exponent(sizes, peaks):.1f}",
        )
        print(f"| {what} | {' | '.join(columns)} |", flush=True)


if __name__ == "__main__":
    main()
