"""Data kept of a run: named measures of each snapshot, not the snapshot itself.

A flow is one direction of a target's pair, written `A>B`; it carries its residual shocks. Totals of
a region do not: the residual shocks of its many pairs wash out. Measures are taken every quarter at
a year's rate; `by_year` turns four quarters into the year that ends with the last of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.policy.trade_costs import CLOSED_COST
from sim.simulation.agents.exporters import STANDINGS, STATUSES, Exporters
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.adjustment_state import Firms
from sim.simulation.transport.routes import PairRoutes, routes_of
from sim.study.workers.interruption import go_on

Look = Callable[[TradeModel], None]

REGION_MEASURES = {
    "exports": ("Trade|Exports", "million USD/yr"),
    "imports": ("Trade|Imports", "million USD/yr"),
    "tariff_revenue": ("Tariff Revenue", "million USD/yr"),
    "welfare_change": ("Real Income|Index", "base year = 1"),
}
"""Measures of a region that tables of results tell, with the variable and unit that other models
know them by (IAMC)."""


@dataclass(frozen=True)
class Measure:
    """One thing that is recorded of every run and quarter."""

    name: str
    unit: str
    title: str
    axes: tuple[str, ...]
    """Axes after run and quarter."""
    take: Callable[[TradeModel], FloatArray]
    """Values of the present quarter, `(n_runs, ...)`."""


def flows_of(model: TradeModel) -> tuple[tuple[str, str], ...]:
    """Both directions of every target's pair, each once."""
    flows: dict[tuple[str, str], None] = {}
    for target in model.scenario.targets.values():
        a, b = target.pair
        flows[(a, b)] = None
        flows[(b, a)] = None
    return tuple(flows)


def parties_of(model: TradeModel) -> tuple[str, ...]:
    """States that a target names, each once."""
    return tuple(dict.fromkeys(code for t in model.scenario.targets.values() for code in t.pair))


def energy_arcs_of(model: TradeModel) -> IndexArray:
    """Places of the routes of energy to or from a State of a target's pair; none without tables."""
    if not model.world.energy:
        return np.zeros(0, dtype=np.intp)
    who = [model.world.region_index(code) for code in parties_of(model)]
    routes = model.energy.table.market_arcs
    return np.flatnonzero(np.isin(routes.tail, who) | np.isin(routes.head, who))


def _energy_measures(model: TradeModel, i: IndexArray, j: IndexArray) -> tuple[Measure, ...]:
    """Measures of energy between and in the states of the targets; none without its tables."""
    if not model.world.energy:
        return ()
    who = np.array([model.world.region_index(code) for code in parties_of(model)])
    own = energy_arcs_of(model)

    def at_parties(values: FloatArray) -> FloatArray:
        return np.asarray(values[:, :, who])

    return (
        Measure("carrier_trade", "musd/year", "Energy trade by carrier", ("flow", "carrier"),
                lambda m: m.snapshot.shocked_carrier_trade(i, j).swapaxes(1, 2)),
        Measure("energy_price", "USD/unit", "Price of energy", ("carrier", "party"),
                lambda m: at_parties(m.snapshot.energy.price)),
        Measure("energy_path_price", "USD/unit", "Price of energy on the scenario's path",
                ("carrier", "party"), lambda m: at_parties(m.snapshot.energy.reference_price)),
        Measure("unserved", "unit/year", "Demand at the price of the path that goes unserved",
                ("carrier", "party"), lambda m: at_parties(m.snapshot.energy.shortfall)),
        Measure("energy_used", "unit/year", "Energy used, what plants turn into another left out",
                ("carrier", "party"), lambda m: at_parties(m.snapshot.energy.consumed)),
        Measure("concentration", "1", "Concentration of suppliers abroad", ("carrier", "party"),
                lambda m: at_parties(m.snapshot.energy.concentration)),
        Measure("energy_flow", "unit/year", "What enters each route of energy", ("energy_arc",),
                lambda m: m.snapshot.energy.flow[:, own]),
        Measure("gate_load", "Mt/year", "Tonnes of energy at gates and ports", ("gate",),
                lambda m: m.snapshot.energy.gate_load_mt),
    )  # fmt: skip


def _firm_measures(model: TradeModel, i: IndexArray, j: IndexArray) -> tuple[Measure, ...]:
    """Measures of which firms, and how many, carry the trade of the targets' pairs."""
    if model.exporters is None:
        return ()

    def trade(model: TradeModel) -> FloatArray:
        residual_shock = model.snapshot.residual_shock[:, i, j, None]
        return np.asarray(
            firms_of(model).flow_trade(standing_of(model), model.snapshot.trade, i, j)
            * residual_shock
        )

    return (
        Measure("exporter_trade", "musd/year", "Goods trade by the firms that carry it",
                ("flow", "status"), trade),
        Measure("exporters", "1", "Firms in the markets of a flow", ("flow", "standing"),
                lambda m: firms_of(m).flow_firms(standing_of(m), i, j)),
    )  # fmt: skip


def firms_of(model: TradeModel) -> Exporters:
    """Exporters of a model that has them.

    Raises
    ------
    ValueError
        If it has none.
    """
    if model.exporters is None:
        raise ValueError("the model has no exporters: behaviour.exporters is false")
    return model.exporters


def standing_of(model: TradeModel) -> Firms:
    """Firms of the present quarter in a model that has them; else an error as of `firms_of`."""
    firms_of(model)
    assert model.snapshot.adjustment.firms is not None
    return model.snapshot.adjustment.firms


def axes_of(model: TradeModel) -> dict[str, list[str]]:
    """Labels of every axis a measure can have."""
    world, scenario = model.world, model.scenario
    return {
        "flow": [f"{a}>{b}" for a, b in flows_of(model)],
        "good": list(world.goods),
        "region": list(world.regions),
        "exporter": list(world.regions),
        "importer": list(world.regions),
        "pair": ["-".join(pair) for pair in pairs_of(model)],
        "route": list(routes_of_targets(model).labels),
        "gate": [gate.gate for gate in world.gates],
        "carrier": list(world.energy.carriers),
        "party": list(parties_of(model)),
        "energy_arc": [model.energy.market_arcs[arc] for arc in energy_arcs_of(model)],
        "agreement": list(scenario.agreements),
        "memoranda": list(scenario.diplomacy.memoranda),
        "reform": list(scenario.reforms.steps),
        "status": list(STATUSES),
        "standing": list(STANDINGS),
    }


def pairs_of(model: TradeModel) -> tuple[tuple[str, str], ...]:
    """Every target's pair, each once."""
    return tuple(dict.fromkeys(target.pair for target in model.scenario.targets.values()))


def routes_of_targets(model: TradeModel) -> PairRoutes:
    """Routes of every target's pair."""
    return routes_of(model.world, model.transport.routes.table, pairs_of(model))


def measures_of(model: TradeModel) -> tuple[Measure, ...]:
    """Measures that answer a scenario's question."""
    place = {code: index for index, code in enumerate(model.world.regions)}
    pairs = flows_of(model)
    i = np.array([place[a] for a, _ in pairs])
    j = np.array([place[b] for _, b in pairs])

    def on_flows(matrix: FloatArray) -> FloatArray:
        return np.asarray(matrix[:, :, i, j])

    usual = on_flows(model.world.trade[None])

    def weighted(values: FloatArray, m: TradeModel) -> FloatArray:
        return _weighted(values, on_flows(m.snapshot.trade), usual)

    def residual_shock(model: TradeModel) -> FloatArray:
        return model.snapshot.residual_shock[:, i, j]

    def used(model: TradeModel) -> FloatArray:
        dense = np.zeros((len(model.runs), model.world.trade.size))
        dense[:, model.snapshot.tariffs.place] = model.snapshot.tariffs.used_share
        return dense.reshape(len(model.runs), *model.world.trade.shape)

    return (
        Measure("goods_trade", "musd/year", "Goods trade", ("flow", "good"),
                lambda m: (on_flows(m.snapshot.trade) * residual_shock(m)[:, None]).swapaxes(1, 2)),
        Measure("energy_trade", "musd/year", "Energy trade", ("flow",),
                lambda m: m.snapshot.shocked_energy_trade(i, j)),
        Measure("known_trade", "musd/year", "Trade before its residual shock", ("flow",),
                lambda m: m.snapshot.known_flow_trade(i, j)),
        Measure("new_trade", "musd/year", "Energy trade by new routes, without residual shock",
                ("flow",), lambda m: m.snapshot.new_energy_trade(i, j)),
        Measure("tariff_rate", "1", "Average duty paid", ("flow",),
                lambda m: weighted(on_flows(m.snapshot.tariff_rate), m)),
        Measure("flow_duty", "musd/year", "Duty collected on the flow", ("flow", "good"),
                lambda m: (on_flows(m.snapshot.trade * m.snapshot.tariff_rate)
                           * residual_shock(m)[:, None]).swapaxes(1, 2)),
        Measure("used_share", "1", "Trade that claims a new preference", ("flow",),
                lambda m: weighted(on_flows(used(m)), m)),
        Measure("trade_cost_change", "1", "Trade cost over its baseline", ("flow",),
                lambda m: weighted(
                    np.minimum(on_flows(m.snapshot.trade_cost_change), CLOSED_COST), m)),
        *_region_measures(np.array([place[code] for code in parties_of(model)])),
        *_on_the_routes(model),
        *_firm_measures(model, i, j),
        *_on_the_table(),
        Measure("residual", "1", "Residual of the equilibrium", (), lambda m: m.snapshot.residual),
        Measure("n_iterations", "1", "Rounds of the equilibrium", (),
                lambda m: m.snapshot.n_iterations.astype(np.float64)),
        *_energy_measures(model, i, j),
    )  # fmt: skip


def _region_measures(parties: IndexArray) -> tuple[Measure, ...]:
    """Measures of every region; `parties` are those that a target names."""
    return (
        Measure("exports", "musd/year", "Exports", ("region",),
                lambda m: m.snapshot.trade_abroad.sum(axis=2)),
        Measure("imports", "musd/year", "Imports", ("region",),
                lambda m: m.snapshot.trade_abroad.sum(axis=1)),
        Measure("party_imports", "musd/year", "Imports of the targets' regions by exporter",
                ("region", "party"), lambda m: m.snapshot.trade_abroad[:, :, parties]),
        Measure("tariff_revenue", "musd/year", "Duty collected", ("region",),
                lambda m: m.snapshot.tariff_revenue),
        Measure("welfare_change", "1", "Real income over its baseline", ("region",),
                lambda m: m.snapshot.welfare_change),
    )  # fmt: skip


def _weighted(values: FloatArray, trade: FloatArray, usual: FloatArray) -> FloatArray:
    """Mean over goods by what is traded, or was in the base year where trade has stopped."""
    weight = np.where(trade.any(axis=1, keepdims=True), trade, usual)
    total = weight.sum(axis=1)
    return np.asarray((values * weight).sum(axis=1) / np.where(total > 0, total, 1.0))


def _on_the_table() -> tuple[Measure, ...]:
    """Measures of agreements, memoranda and reforms."""
    return (
        Measure("stage", "1", "Stage of the agreement", ("agreement",),
                lambda m: m.snapshot.stage),
        Measure("effort", "1", "Diplomatic effort spent on talks", ("region",),
                lambda m: m.snapshot.talks.effort),
        Measure("projects", "1", "Projects at work from memoranda", ("memoranda",),
                lambda m: m.outreach.projects(m.quarter)),
        Measure("reforms", "1", "Reforms at work", ("reform",),
                lambda m: np.tile(m.outreach.reforms(m.quarter), (len(m.runs), 1))),
    )  # fmt: skip


def _on_the_routes(model: TradeModel) -> tuple[Measure, ...]:
    """Measures of routes, ports and border posts."""
    routes = routes_of_targets(model)
    pairs = [[*map(model.world.region_index, pair)] for pair in pairs_of(model)]
    return (
        Measure("route_tonnes", "t/year", "Goods of the pair by route", ("route",),
                lambda m: np.asarray((routes.sums @ m.snapshot.path_tonnes.T).T)),
        Measure("stranded_tonnes", "t/year", "Goods that no route is open to", ("pair",),
                lambda m: np.stack([m.stranded_tonnes(a, b) for a, b in pairs], axis=1)),
        Measure("gate_open_share", "1", "Part of the quarter open", ("gate",),
                lambda m: m.snapshot.gate_open_share),
        Measure("gate_tonnes", "t/year", "Goods of the pairs and fuels added since", ("gate",),
                lambda m: m.snapshot.gate_tonnes),
        Measure("gate_utilisation", "1", "Arrivals over capacity while open", ("gate",),
                lambda m: m.snapshot.gate_utilisation),
        Measure("gate_delay_hours", "h", "Wait beyond that on record", ("gate",),
                lambda m: m.snapshot.gate_delay_hours),
    )  # fmt: skip


def record(
    model: TradeModel,
    *,
    before: Mapping[str, FloatArray] | None = None,
    until: int | None = None,
    look: Look | None = None,
) -> dict[str, FloatArray]:
    """Step a model to its end and keep its measures from the scenario's first quarter on.

    Parameters
    ----------
    model : TradeModel
    before : mapping of str to ndarray, optional
        What was kept up to the present quarter, itself included.
    until : int, optional
        Quarter to stop at, the end of the horizon unless given.
    look : callable, optional
        Called with the model after each step.

    Returns
    -------
    dict
        By measure name, `(n_runs, n_quarters, ...)`.
    """
    measures = measures_of(model)
    first, last = int(model.scenario.horizon.start), int(model.scenario.horizon.end)
    last = last if until is None else until
    kept: dict[str, list[FloatArray]] = {measure.name: [] for measure in measures}

    def keep() -> None:
        if model.quarter >= first:
            for measure in measures:
                kept[measure.name].append(measure.take(model))

    if before is None:
        keep()
    while model.quarter < last:
        go_on()
        model.step()
        keep()
        if look is not None:
            look(model)
    if before is not None and not all(kept.values()):
        return dict(before)  # it stands at its last quarter already
    found = {name: np.stack(values, axis=1) for name, values in kept.items()}
    if before is None:
        return found
    return {name: np.concatenate([before[name], found[name]], axis=1) for name in found}


def by_year(values: FloatArray, last: int) -> FloatArray:
    """Means over years of four quarters that end `last` quarters into the record.

    Parameters
    ----------
    values : (n_runs, n_quarters, ...) ndarray
        Measures at a year's rate.
    last : int
        Place of the quarter with which one of the years ends.

    Returns
    -------
    (n_runs, n_years, ...) ndarray
        Whole years only, in order of time, the last being that which ends at `last`.
    """
    n_years = (last + 1) // 4
    window = values[:, last + 1 - 4 * n_years : last + 1]
    return np.asarray(window.reshape(values.shape[0], n_years, 4, *values.shape[2:]).mean(axis=2))


def year_ends(start: int, end: int, by: int) -> tuple[int, NDArray[np.intp]]:
    """Years of four quarters that end with a target's quarter, or some years before or after it.

    Parameters
    ----------
    start, end : int
        First and last quarter of the record.
    by : int
        Quarter of the target.

    Returns
    -------
    last : int
        Place in the record of the quarter with which the last of the years ends.
    ends : (n_years,) ndarray
        Quarter with which each ends.
    """
    last = by - start + 4 * ((end - by) // 4)
    first = last - 4 * ((last + 1) // 4 - 1)
    return last, start + np.arange(first, last + 1, 4)
