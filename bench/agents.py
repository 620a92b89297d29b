"""Agents that decide for all runs at once beside plain ones, an object for each in every run.

The twins of the tests follow the same rules with the same outcome and are told the same snapshots
and traffic of the world's own negotiated agreement. Run with
`OMP_NUM_THREADS=1 python -m bench.agents`.
"""

from collections.abc import Callable
from pathlib import Path
from time import process_time

import mesa
import numpy as np
from numpy.testing import assert_allclose

from sim.scenario.scenario_file import load_scenario
from sim.simulation.agents.gates import Infrastructure
from sim.simulation.agents.state import State
from sim.simulation.diplomacy.negotiation import advance
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.transport.gate_queues import find_service, serve
from sim.world.load import load_world
from sim.world.names import world_names
from sim.world.transport.network import HOURS_A_DAY
from tests.twins.negotiation_twin import facts_of
from tests.twins.negotiation_twin import twin_of as twin_of_talks
from tests.twins.port_twin import baseline_of, deciding, twin_of

SCENARIO = Path(__file__).resolve().parents[1] / "scenarios" / "negotiated.yaml"
N_RUNS, N_QUARTERS, ROUNDS = 64, 40, 3


def seconds(act: Callable[[], object]) -> float:
    """Processor time of an act [s]."""
    started = process_time()
    act()
    return process_time() - started


def negotiation(model: TradeModel, path: list[Snapshot]) -> tuple[float, float]:
    """Time that negotiating takes plain agents and those for all runs at once [s]."""
    facts = facts_of(model)
    twins = [twin_of_talks(model, run, facts) for run in range(N_RUNS)]
    agenda, states = model.diplomacy.agenda, model.agents_by_type[State]

    def plain() -> None:
        for run, twin in enumerate(twins):
            for seen in path[:-1]:
                twin.step_with(facts.seen(seen, run))

    def at_once() -> None:
        for seen in path[:-1]:
            stances = states.map("negotiate", seen)
            advance(agenda, seen, [stance for stance in stances if stance is not None])

    times = seconds(plain), seconds(at_once)
    dates = [[treaty.in_force for treaty in twin.treaties] for twin in twins]
    assert_allclose(dates, path[-1].treaties.in_force)
    return times


def ports(model: TradeModel, path: list[Snapshot]) -> tuple[float, float]:
    """Time that deciding and serving at ports and posts takes both [s]."""
    world, gates = model.world, deciding(model.world)
    twins = [twin_of(model, run) for run in range(N_RUNS)]
    base = np.zeros((N_QUARTERS, N_RUNS, len(world.gates)))
    season = np.ones((N_QUARTERS, len(world.gates)))
    for quarter, seen in enumerate(path[1:]):
        base[quarter][:, gates], season[quarter, gates] = baseline_of(model, seen.quarter)
    steps = list(zip(path[:-1], path[1:], base, season, strict=True))
    told = [
        (
            seen.treaties.is_in_force(new.quarter).tolist(),
            *(tonnes[..., gates].tolist() for tonnes in (new.gate_tonnes, usual, part)),
        )
        for seen, new, usual, part in steps
    ]
    fresh = Infrastructure(mesa.Model(rng=0), model.scenario, world, model.draws, model.transport)
    service, drawn = find_service(world), model.draws.parameters
    minded = drawn["corridor_choice_dispersion"] + drawn["trade_elasticity"]
    response = (minded * drawn["time_cost_per_day"] / HOURS_A_DAY)[:, None]

    def plain() -> None:
        for run, twin in enumerate(twins):
            for in_force, tonnes, usual, part in told:
                twin.decide(in_force[run])
                twin.serve(tonnes[run], usual[run], part)

    def at_once() -> None:
        for seen, new, usual, part in steps:
            decided = fresh.decide(seen)
            serve(
                service, new.gate_tonnes, usual, season_share=part, response=response,
                open_share=decided.open_share, capacity_factor=decided.capacity_factor,
                backlog=seen.gate_backlog, delay_hours=seen.gate_delay_ahead_hours,
            )  # fmt: skip

    times = seconds(plain), seconds(at_once)
    ends = [[place.delay_ahead for place in twin.places] for twin in twins]
    assert_allclose(ends, path[-1].gate_delay_ahead_hours[:, gates], rtol=1e-9, atol=1e-9)
    return times


def main() -> None:
    """Print seconds of both, the least of three rounds, and their ratio, for all rules."""
    model = TradeModel(load_scenario(SCENARIO, world_names()), load_world(), runs=range(N_RUNS))
    path = [model.snapshot]
    for _ in range(N_QUARTERS):
        model.step()
        path.append(model.snapshot)
    print(f"\nagents: {SCENARIO.stem}, {N_RUNS} runs of {N_QUARTERS} quarters")
    rules = {"negotiation": negotiation, "ports and posts": ports}
    for name, measure in rules.items():
        rounds = [measure(model, path) for _ in range(ROUNDS)]
        plain, at_once = (min(times) for times in zip(*rounds, strict=True))
        print(
            f"  {name:15s} {plain:6.2f} s one object per agent and run, {at_once:6.3f} s for all "
            f"runs at once: {plain / at_once:5.1f} times"
        )


if __name__ == "__main__":
    main()
