"""Speed of the gravity law, alone and beside gegravity on the same problem.

Run `python -m bench.gravity [FOLDER]`; FOLDER holds the published gravity cases and defaults to
`../shared/cases/gravity` beside the project. Without it made-up worlds of the same size are
used. Where gegravity 0.3 can be imported it solves the same baselines in the same process, so
that the ratio of times means something; its flows are judged by its own output and spending.
"""

import contextlib
import io
import sys
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from sim.laws import gravity
from sim.laws.numerics.arrays import FloatArray
from sim.validation.published_cases import CaseCard, case_cards, read_one_good, read_sectors

ROUNDS = 7
PEER_SIZES = (30, 69, 151)
N_RUNS, N_GOODS, N_STATES = 64, 6, 22
DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "cases" / "gravity"


def best(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Shortest time of several rounds [s]."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return min(times)


def made_world(n_goods: int, n_states: int) -> FloatArray:
    """Lognormal flows (good, exporter, importer) with home sales of about 70 % of output."""
    rng = np.random.default_rng(1)
    size = rng.lognormal(3, 1.3, (n_goods, n_states))
    trade = (
        size[:, :, None] * size[:, None, :] * rng.lognormal(0, 0.8, (n_goods, n_states, n_states))
    )
    own = np.arange(n_states)
    trade[:, own, own] += 2.5 * trade.sum(axis=2)
    return trade


def large_world(folder: Path) -> tuple[FloatArray, FloatArray, CaseCard]:
    """Flows, trade cost changes and card of the 151-state case, made up if its files are absent."""
    card = next(card for card in case_cards() if card.kind == "costs")
    if (folder / card.case).is_dir():
        case = read_one_good(folder, card)
        return case.trade, case.trade_cost_change[0], card
    trade = made_world(1, max(PEER_SIZES))[0]
    return trade, np.exp(0.05 * np.random.default_rng(2).normal(size=trade.shape)), card


def time_large(folder: Path) -> None:
    """One good, 151 states."""
    trade, cost, card = large_world(folder)
    law = {
        "trade_cost_change": cost,
        "trade_elasticity": card.trade_elasticity,
        "supply_elasticity": card.supply_elasticity,
    }
    found = gravity.equilibrium(trade, **law)
    line(
        f"one good, {len(trade)} states",
        best(lambda: gravity.equilibrium(trade, **law)),
        f"{found.n_iterations} rounds, clears to {found.clearing_residual:.1e}",
    )


def time_sectors(folder: Path) -> None:
    """Deficits solved away, then tariffs: 40 goods with inputs, 31 states."""
    card = next(card for card in case_cards() if card.kind == "sectors")
    if not (folder / card.case).is_dir():
        say(f"{card.case}: no files in {folder}")
        return
    case = read_sectors(folder, card)
    law = {
        "trade_elasticity": case.trade_elasticity,
        "value_added_share": case.value_added_share,
        "input_share": case.input_share,
        "tariff_rate_baseline": case.tariff_rate_baseline,
        "deficits": "additive",
    }

    def both() -> gravity.Equilibrium:
        balanced = gravity.equilibrium(
            case.trade,
            tariff_rate=case.tariff_rate_baseline,
            deficit=np.zeros(len(case.states)),
            final_share="clipped",
            **law,
        )
        return gravity.equilibrium(balanced.trade, tariff_rate=case.tariff_rate, **law)

    found = both()
    line(
        "40 goods with inputs, 31 states, two solves",
        best(both),
        f"{found.n_iterations} rounds, clears to {found.clearing_residual:.1e}",
    )


def time_ensembles() -> None:
    """Many runs of a small world, as a simulation asks for them; time a run."""
    rng = np.random.default_rng(3)
    trade = made_world(N_GOODS, N_STATES)
    shape = (N_RUNS, *trade.shape)
    before = rng.uniform(0, 0.2, trade.shape) * (1 - np.eye(N_STATES))
    for percent in (5, 30):
        cost = np.exp(percent / 100 * rng.normal(size=shape))
        plain = {"trade_cost_change": cost, "trade_elasticity": 5.03}
        varied = {
            "trade_cost_change": cost,
            "trade_elasticity": rng.uniform(3.8, 7, (N_RUNS, 1)),
            "productivity_change": np.exp(0.1 * rng.normal(size=(N_RUNS, N_STATES))),
            "tariff_rate_baseline": before,
            "tariff_rate": before * rng.uniform(0.5, 1, shape),
        }
        for name, law in (("costs", plain), ("costs, elasticities, growth, tariffs", varied)):
            found = gravity.equilibrium(trade, **law)
            line(
                f"{N_RUNS} runs of {N_GOODS} x {N_STATES}, {percent} % {name}, a run",
                best(lambda law=law: gravity.equilibrium(trade, **law)) / N_RUNS,
                f"{np.median(found.n_iterations):.0f} rounds, clears to "
                f"{found.clearing_residual.max():.1e}",
            )


def compare_peer(folder: Path) -> None:
    """Ours and gegravity on the largest states of the same data, multiplicative deficits."""
    if find_spec("gegravity") is None:
        say("gegravity is not installed: pip install -e '.[bench]' to compare")
        return
    trade, cost, card = large_world(folder)
    order = np.argsort(-(trade.sum(axis=0) + trade.sum(axis=1)))
    for n_states in PEER_SIZES:
        cell = np.ix_(order[:n_states], order[:n_states])
        law = {"trade_cost_change": cost[cell], "trade_elasticity": card.trade_elasticity}
        ours = best(lambda cell=cell, law=law: gravity.equilibrium(trade[cell], **law))
        found = gravity.equilibrium(trade[cell], **law)
        line(f"{n_states} states, ours", ours, f"clears to {found.clearing_residual:.1e}")
        theirs, gap = time_peer(trade[cell], cost[cell], card.trade_elasticity)
        note = f"clears to {gap:.1e}, {theirs / ours:,.0f} times ours"
        line(f"{n_states} states, gegravity 0.3", theirs, note)


def time_peer(trade: FloatArray, cost: FloatArray, elasticity: float) -> tuple[float, float]:
    """Seconds to build and simulate, and the largest gap of flows to output or spending [1]."""
    import gegravity
    import pandas as pd

    n_states = len(trade)
    names = [f"S{number:03}" for number in range(n_states)]
    output, spending = trade.sum(axis=1), trade.sum(axis=0)
    relative = np.maximum(trade, 1e-9) * trade.sum() / np.outer(output, spending)
    pairs = [(i, j) for i in range(n_states) for j in range(n_states)]
    table = pd.DataFrame(
        {
            "exporter": [names[i] for i, _ in pairs],
            "importer": [names[j] for _, j in pairs],
            "year": "2019",
            "trade": trade.ravel(),
            "Y": np.repeat(output, n_states),
            "E": np.tile(spending, n_states),
            "power": np.log(relative).ravel(),
        }
    )
    changed = table.assign(power=table["power"] - elasticity * np.log(cost).ravel())
    coefficient = pd.DataFrame({"var": ["power"], "coeff": [1.0], "ste": [0.1]})

    def simulate() -> object:
        model = gegravity.OneSectorGE(
            gegravity.BaselineData(
                table, trade_var_name="trade", expend_var_name="E", output_var_name="Y"
            ),
            year="2019",
            reference_importer=names[0],
            sigma=elasticity + 1,
            cost_variables=["power"],
            cost_coeff_values=gegravity.CostCoeffs(
                estimates=coefficient, identifier_col="var", coeff_col="coeff", stderr_col="ste"
            ),
            quiet=True,
        )
        model.build_baseline()
        model.define_experiment(changed)
        model.simulate()
        return model

    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.perf_counter()
        model = simulate()
        seconds = time.perf_counter() - start
    return seconds, peer_gap(model)


def peer_gap(model: object) -> float:
    """Largest relative gap of the peer's new flows to its own new output and spending.

    A common factor of all flows is taken out first: under multiplicative deficits it is free.
    """
    flows = model.bilateral_trade_results.reset_index()  # type: ignore[attr-defined]
    totals = model.outputs_expenditures  # type: ignore[attr-defined]
    sales = flows.groupby("exporter")["experiment trade"].sum()
    purchases = flows.groupby("importer")["experiment trade"].sum()
    over = sales / totals["experiment output"], purchases / totals["experiment expenditure"]
    return float(max((ratio / ratio.median() - 1).abs().max() for ratio in over))


def say(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def line(what: str, seconds: float, note: str) -> None:
    """Print one row of the table."""
    say(f"{what:<72}{1e3 * seconds:>12.3f} ms   {note}")


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER
    time_large(folder)
    time_sectors(folder)
    time_ensembles()
    compare_peer(folder)


if __name__ == "__main__":
    main()
