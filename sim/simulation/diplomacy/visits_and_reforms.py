"""Dated acts of States besides negotiating: visits, posts, memoranda, reforms.

Both reach trade through its cost alone: attention as the cost cut that has its measured effect, a
border reform by the measured elasticity to hours. So the equilibrium of trade is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.diplomacy.effort import (
    CONSULATE,
    MISSION,
    VISIT,
    attention_effects,
    converted_memoranda,
)
from sim.laws.diplomacy.reform_effects import quarters_done
from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.policy.tariffs import cost_elasticity
from sim.scenario.sampling.quantiles import quantiles
from sim.scenario.sampling.random_streams import Streams

if TYPE_CHECKING:
    from sim.scenario.blocks.reforms import Reform
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


PARAMETERS = (
    "visit_trade_effect",
    "consulate_trade_effect",
    "mission_trade_effect",
    "visit_fade_years",
)
"""Parameters of the world that attention reads, sizes by kind first."""


class FirmMarkets(Protocol):
    """Markets of firms who answer attention themselves, as the agent of exporters has them."""

    @property
    def lasting_gain(self) -> FloatArray:
        """Gain in trade that a lasting notice ends in."""

    def of_flows(self, i: IntArray, j: IntArray, /) -> FloatArray:
        """1 where a market belongs to a flow from `i` to `j`, (n_markets, n_flows)."""


@dataclass(frozen=True, eq=False)
class Outreach:
    """Dated acts of a scenario as arrays."""

    flows: IntArray
    """(n_flows, 2) exporter and importer of every flow that something works on."""
    when: IntArray
    kind: IntArray
    flow: IntArray
    """(n_acts,) quarter, kind and flow of visits, consulates and missions."""
    size: FloatArray
    """(n_runs, 3) log trade effect by kind [1]."""
    fade_years: FloatArray
    """(n_runs,) [years]."""
    project_from: IntArray
    """(n_memoranda,) first quarter in which the projects of a set of memoranda work."""
    n_projects: FloatArray
    """(n_runs, n_memoranda) memoranda that become projects."""
    project_effect: FloatArray
    """(n_memoranda, n_flows) log trade effect of one project [1]."""
    reform_done: IntArray
    """(n_reforms,) first quarter in which each reform works."""
    border_log_cost: FloatArray
    """(n_runs, n_reforms) what each does to the log cost of all that its State imports [1]."""
    reformer: IntArray
    """(n_reforms,) region."""
    reformed: BoolArray
    """(n_reforms, n_goods) goods whose hours each cuts."""

    @property
    def is_nothing(self) -> bool:
        """True if no act can reach the cost of trade."""
        return not (len(self.when) or self.project_effect.any() or self.border_log_cost.any())

    def projects(self, quarter: int) -> FloatArray:
        """Projects at work from each set of memoranda, (n_runs, n_memoranda)."""
        return np.asarray(self.n_projects * (self.project_from <= quarter))

    def reforms(self, quarter: int) -> FloatArray:
        """State of each reform, (n_reforms,): 1 if it works, else 0."""
        return (self.reform_done <= quarter).astype(np.float64)

    def attention(self, quarter: int, lasting_gain: ArrayLike = 1.0) -> FloatArray:
        """Log trade effect of visits, consulates and missions, (n_runs, n_flows) [1].

        Parameters
        ----------
        quarter : int
            Index of the quarter.
        lasting_gain : (n_runs,) array_like
            What lasts is divided by it: firms add to it over the years [1].
        """
        if not len(self.when):
            return np.zeros((len(self.size), len(self.flows)))
        size = self.size.copy()
        size[:, CONSULATE] /= np.asarray(lasting_gain)
        return attention_effects(
            quarter,
            self.when,
            self.kind,
            self.flow,
            len(self.flows),
            size=size,
            fade_years=self.fade_years,
        )

    def trade_effects(self, quarter: int, firms: "FirmMarkets | None" = None) -> FloatArray:
        """Log trade effect of attention and projects on every flow, (n_runs, n_flows) [1].

        Parameters
        ----------
        quarter : int
            Index of the quarter.
        firms : FirmMarkets, optional
            Exporters who answer the attention on their flows themselves.
        """
        attention = self.attention(quarter)
        if firms is not None:
            attention[:, firms.of_flows(*self.flows.T).any(axis=0)] = 0.0
        return np.asarray(attention + self.projects(quarter) @ self.project_effect)

    def log_notice(self, quarter: int, firms: "FirmMarkets") -> FloatArray:
        """Log of the notice that attention raises on exporters' markets, (n_runs, n_markets)."""
        markets = firms.of_flows(*self.flows.T)
        return np.asarray(self.attention(quarter, firms.lasting_gain) @ markets.T)

    def on_cost(
        self,
        trade_cost: FloatArray,
        quarter: int,
        trade_elasticity: FloatArray,
        firms: "FirmMarkets | None" = None,
    ) -> FloatArray:
        """Trade cost with what attention, projects and border reforms take off it.

        Parameters
        ----------
        trade_cost : (n_runs, n_goods, n, n) ndarray
            Cost over its baseline [1].
        quarter : int
            Index of the quarter.
        trade_elasticity : (n_runs,) ndarray
            An effect on trade is the cost cut of that effect over this elasticity [1].
        firms : FirmMarkets, optional
            Exporters who answer the attention on their flows themselves.
        """
        if self.is_nothing:
            return trade_cost
        shift = np.zeros((len(trade_cost), *trade_cost.shape[2:]))
        exporter, importer = self.flows.T
        effects = self.trade_effects(quarter, firms)
        shift[:, exporter, importer] = -effects / trade_elasticity[:, None]
        done = self.reforms(quarter) > 0
        whole = self.reformed.all(axis=1)
        for reform in np.flatnonzero(done & whole):
            self._ease(shift, int(reform))
        by_good = shift[:, None]
        if (done & ~whole).any():
            by_good = np.repeat(by_good, trade_cost.shape[1], axis=1)
            for reform in np.flatnonzero(done & ~whole):
                for good in np.flatnonzero(self.reformed[reform]):
                    self._ease(by_good[:, good], int(reform))
        return np.asarray(trade_cost * np.exp(by_good))

    def _ease(self, shift: FloatArray, reform: int) -> None:
        """Take off what a border reform saves on all that its State imports."""
        region = self.reformer[reform]
        shift[:, :, region] += self.border_log_cost[:, [reform]]
        shift[:, region, region] -= self.border_log_cost[:, reform]


def outreach(
    scenario: "Scenario", world: "World", parameters: dict[str, FloatArray], runs: Sequence[int]
) -> Outreach:
    """Compile the dated acts of a scenario.

    Raises
    ------
    ValueError
        If the world has no parameter that attention needs.
    """
    place = {code: index for index, code in enumerate(world.regions)}
    diplomacy, n_runs = scenario.diplomacy, len(runs)
    of_kind = {
        VISIT: diplomacy.visits, CONSULATE: diplomacy.consulates, MISSION: diplomacy.missions
    }  # fmt: skip
    acts = [(kind, act) for kind, listed in of_kind.items() for act in listed]
    acts = acts if scenario.behaviour.attention else []
    missing = [name for name in PARAMETERS if acts and name not in parameters]
    if missing:
        raise ValueError(f"the world's table of parameters has no {', '.join(missing)}")
    memoranda = diplomacy.memoranda.values()
    ends = [(act.sending_state, act.host_state) for _, act in acts]
    ends += chain.from_iterable((m.pair, m.pair[::-1]) for m in memoranda)
    flows = sorted({(place[a], place[b]) for a, b in ends})
    effect = np.zeros((len(memoranda), len(flows)))
    for k, signed in enumerate(memoranda):
        for a, b in (signed.pair, signed.pair[::-1]):
            effect[k, flows.index((place[a], place[b]))] = signed.trade_effect_per_project
    steps = [*scenario.reforms.steps.values()]
    sizes = [parameters[name] if acts else np.zeros(n_runs) for name in PARAMETERS[:3]]
    return Outreach(
        flows=np.array(flows, dtype=np.int64).reshape(-1, 2),
        when=np.array([int(act.when) for _, act in acts], dtype=np.int64),
        kind=np.array([kind for kind, _ in acts], dtype=np.int64),
        flow=np.array(
            [flows.index((place[act.sending_state], place[act.host_state])) for _, act in acts],
            dtype=np.int64,
        ),
        size=np.stack(sizes, axis=1),
        fade_years=parameters["visit_fade_years"] if acts else np.ones(n_runs),
        project_from=np.array(
            [int(m.when) + round(QUARTERS_PER_YEAR * m.years_to_project) for m in memoranda],
            dtype=np.int64,
        ),
        n_projects=_projects(scenario, Streams(scenario.seed, runs)),
        project_effect=effect,
        reform_done=reform_quarters(scenario),
        border_log_cost=np.stack(
            [_border_log_cost(step, parameters) for step in steps] or [np.zeros(n_runs)], axis=1
        )[:, : len(steps)],
        reformer=np.array([place[step.state] for step in steps], dtype=np.int64),
        reformed=np.array(
            [good in step.goods_among(world.goods) for step, good in product(steps, world.goods)],
            dtype=np.bool_,
        ).reshape(len(steps), len(world.goods)),
    )


def reform_quarters(scenario: "Scenario") -> IntArray:
    """First quarter in which each reform works, (n_reforms,)."""
    reforms = scenario.reforms
    names, steps = [*reforms.steps], [*reforms.steps.values()]
    done = np.zeros(len(steps), dtype=np.int64)
    # Of those that begin together the cheapest is paid first, however the file lists them.
    in_turn = sorted(range(len(steps)), key=lambda k: (steps[k].cost_musd, names[k]))
    for code in {step.state for step in steps}:
        own = [k for k in in_turn if steps[k].state == code]
        done[own] = quarters_done(
            [int(steps[k].start) for k in own],
            [steps[k].duration_years for k in own],
            [steps[k].cost_musd for k in own],
            reforms.budget_musd.get(code, np.inf),
        )
    return done


def _border_log_cost(step: "Reform", parameters: dict[str, FloatArray]) -> FloatArray:
    """Log cost that a cut of border hours takes off, by the elasticity of trade to hours."""
    response = parameters["border_time_elasticity"] / cost_elasticity(
        parameters["trade_elasticity"]
    )
    cut = np.log1p(-step.change) if step.measure == "border_time" else 0.0
    return np.asarray(-response * cut)


def _projects(scenario: "Scenario", streams: Streams) -> FloatArray:
    """Memoranda that become projects by run and set, (n_runs, n_memoranda)."""
    layers, names = scenario.uncertainty_sources, [*scenario.diplomacy.memoranda]
    shares = streams.uniform("conversion of memoranda", names, 1)[..., 0]
    counts = streams.uniform("memoranda that become projects", names, 1)[..., 0]
    shares = shares if layers.parameters else np.full_like(shares, 0.5)
    counts = counts if layers.events else np.full_like(counts, 0.5)
    found = np.zeros(shares.shape)
    for k, signed in enumerate(scenario.diplomacy.memoranda.values()):
        form = signed.conversion_rate
        share = quantiles(form.form, form.numbers, shares[:, k], low=0.0, high=1.0)
        found[:, k] = converted_memoranda(signed.count, np.clip(share, 0.0, 1.0), counts[:, k])
    return found
