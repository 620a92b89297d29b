"""Runs of negotiations for both models in one invented course of trade and of open gates.

Trade rises by chance and with an agreement in force, gates shut by chance. What chance brings is
either drawn by key, as in the model proper, or by a generator of the twin's own.
"""

from types import SimpleNamespace
from typing import NamedTuple

import mesa
import numpy as np

from sim.scenario.sampling.random_streams import Streams
from sim.simulation.agents.state import State
from sim.simulation.diplomacy.negotiation import advance
from sim.simulation.diplomacy.negotiation_setup import AgreementPreview, agenda
from sim.simulation.snapshot.accession import with_accessions
from sim.simulation.snapshot.agreement_status import Treaties
from sim.simulation.snapshot.talks import Talks
from sim.simulation.tariffs.concessions import concession_table
from sim.simulation.uncertainty.draws import draw
from tests.builders.negotiation_facts import Facts, Seen
from tests.twins.negotiation_twin import TwinModel

N_QUARTERS = 36
PHASE_IN_YEARS = 3.0
RISE = 1.4
"""Factor on the trade of two States with an agreement in force."""


class Question:
    """What is asked of which world, with the same gains expected of each agreement.

    Parameters
    ----------
    scenario, world
        What is asked, and what is.
    gains : float
        Trade that each agreement is expected to bring [1].
    """

    def __init__(self, scenario, world, gains=0.1):
        self.scenario, self.world = with_accessions(scenario), world
        self.names = list(self.scenario.agreements)
        row = gains * np.ones((1, len(world.regions)))
        self.gains = lambda name: AgreementPreview(
            row, 0.2 * row, 0.1 * row * (1 + self.names.index(name))
        )
        self.facts = Facts(self.scenario, world, self.gains)
        self.first = 4 * world.base_year + 3
        self.pairs = [(i, j) for i, j, _ in self.facts.targets]
        self.base = [
            sum(float(world.trade[:, a, b].sum()) for a, b in ((i, j), (j, i)))
            for i, j in self.pairs
        ]

    def agenda(self, parameters, runs):
        """Agenda of the model proper."""
        return agenda(self.scenario, self.world, parameters, runs, self.gains)

    def joins(self, pair):
        """Agreements to which both of a pair are party, by place."""
        return [k for k, name in enumerate(self.names) if {*pair} <= self.facts.members[name]]


class Luck(NamedTuple):
    """What chance brings, runs first."""

    parameters: dict
    limits: np.ndarray
    """(n_runs, 3, n_agreements) sums of hazards at which stages end [1]."""
    growth: np.ndarray
    """(n_runs, n_quarters) factor on the trade of all pairs that States look at [1]."""
    open_share: np.ndarray
    """(n_runs, n_gates, n_quarters) [1]."""


def course(normal, uniform):
    """Growth and open gates from draws (n_runs, n_quarters), (n_runs, n_gates, n_quarters)."""
    growth = np.exp(np.cumsum(0.01 + 0.05 * normal, axis=-1))
    return growth, np.where(uniform < 0.85, 1.0, np.where(uniform < 0.95, 0.0, 0.5))


def keyed_luck(question, runs):
    """Luck from numbers by key; parameters and limits are those of the model proper."""
    streams, gates = Streams(5, runs), [gate.gate for gate in question.world.gates]
    parameters = draw(question.scenario, question.world, runs, question.first, 2).parameters
    limits = question.agenda(parameters, runs).threshold
    normal = streams.normal("trade", ["watched"], N_QUARTERS)[:, 0]
    return Luck(parameters, limits, *course(normal, streams.uniform("shut", gates, N_QUARTERS)))


def own_luck(question, n_runs, seed):
    """Luck from a generator of its own, by what the tables say about every parameter."""
    dice, world = np.random.default_rng(seed), question.world
    drawn = {
        "fixed": lambda p: np.full(n_runs, p.value),
        "uniform": lambda p: dice.uniform(p.low, p.high, n_runs),
        "triangular": lambda p: dice.triangular(p.low, p.value, p.high, n_runs),
    }
    parameters = {name: drawn[p.distribution](p) for name, p in world.parameters.items()}
    limits = dice.exponential(size=(n_runs, 3, len(question.names)))
    normal = dice.standard_normal((n_runs, N_QUARTERS))
    return Luck(
        parameters, limits, *course(normal, dice.random((n_runs, len(world.gates), N_QUARTERS)))
    )


class Outcome(NamedTuple):
    """What comes of the negotiations of all runs."""

    opened: np.ndarray
    signed: np.ndarray
    in_force: np.ndarray
    """(n_runs, n_agreements) quarter."""
    stage: np.ndarray
    """(n_quarters, n_runs, n_agreements) from nothing to phased in [1]."""
    pressure: np.ndarray
    """(n_quarters, n_runs, n_agreements) hazards passed through in the present stage [1]."""
    effort: np.ndarray
    """(n_quarters, n_runs, n_states) share of its effort that each spends on talks [1]."""


def batched(question, luck, runs):
    """All runs at once, decided by the agents of the model proper."""
    scenario, world, n_runs = question.scenario, question.world, len(runs)
    model, of_all = mesa.Model(rng=0), question.agenda(luck.parameters, runs)
    table = concession_table(scenario, world)
    states = [State(model, k, table, of_all) for k in range(len(world.regions))]
    nothing = np.zeros((n_runs, len(states), len(states)))
    treaties = Treaties.dated(scenario.agreements, n_runs)
    talks, path = Talks.at_start(of_all.talks_since, treaties, len(states)), []
    for tick in range(N_QUARTERS):
        quarter = question.first + tick
        seen = SimpleNamespace(
            quarter=quarter,
            trade=all_runs_trade(question, luck.growth[:, tick], treaties.is_in_force(quarter)),
            energy_trade=nothing,
            residual_shock=nothing + 1.0,
            known_factor=nothing + 1.0,
            gate_open_share=luck.open_share[:, :, tick],
            treaties=treaties,
            talks=talks,
        )
        stances = [state.negotiate(seen) for state in states]
        treaties, talks = advance(of_all, seen, [s for s in stances if s is not None])
        stage = treaties.stage(quarter + 1, np.full(len(question.names), PHASE_IN_YEARS))
        path.append((stage, talks.pressure, talks.effort))
    dates = talks.opened, treaties.signed, treaties.in_force
    return Outcome(*dates, *(np.array(part) for part in zip(*path, strict=True)))


def all_runs_trade(question, growth, in_force):
    """(n_runs, 1, n, n) trade of the pairs that States look at [musd]."""
    n = len(question.world.regions)
    trade = np.zeros((len(growth), 1, n, n))
    for (i, j), base in zip(question.pairs, question.base, strict=True):
        risen = np.where(in_force[:, question.joins((i, j))].any(axis=1), RISE, 1.0)
        trade[:, 0, i, j] = base * growth * risen
    return trade


def one_by_one(question, luck):
    """The same, one twin after the other."""
    n_runs, n_treaties = len(luck.growth), len(question.names)
    dates = np.zeros((3, n_runs, n_treaties), dtype=int)
    stage, pressure = np.zeros((2, N_QUARTERS, n_runs, n_treaties))
    effort = np.zeros((N_QUARTERS, n_runs, len(question.world.regions)))
    for run in range(n_runs):
        parameters = {name: float(values[run]) for name, values in luck.parameters.items()}
        twin = TwinModel(question.facts, parameters, luck.limits[run].T.tolist())
        growth, gates = luck.growth[run].tolist(), luck.open_share[run].T.tolist()
        for tick in range(N_QUARTERS):
            quarter = question.first + tick
            trade = one_runs_trade(question, growth[tick], twin.treaties, quarter)
            twin.step_with(Seen(quarter, trade, gates[tick]))
            stage[tick, run] = [t.standing(quarter + 1, PHASE_IN_YEARS) for t in twin.treaties]
            pressure[tick, run] = [treaty.pressure for treaty in twin.treaties]
            effort[tick, run] = [state.effort for state in twin.states]
        dates[:, run] = [
            [getattr(t, name) for t in twin.treaties] for name in ("opened", "signed", "in_force")
        ]
    return Outcome(*dates, stage, pressure, effort)


def one_runs_trade(question, growth, treaties, quarter):
    """Trade of each pair that States look at in one run [musd]."""
    trade = {}
    for pair, base in zip(question.pairs, question.base, strict=True):
        works = any(treaties[k].works(quarter) for k in question.joins(pair))
        trade[pair] = base * growth * (RISE if works else 1.0)
    return trade
