"""Results of the shape that runs have, made without running: on the packaged world's own names."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import xarray as xr

from sim.laws.numerics.calendar import format_quarter
from sim.report.page.report_inputs import ReportInputs
from sim.scenario.blocks.scenario import Scenario
from sim.simulation.energy.energy_setup import energy_table
from sim.study.ensemble.counterfactuals import variants_of
from sim.study.ensemble.findings import Finding, findings
from sim.study.route import routes
from sim.world.coastlines import load_land
from sim.world.load import load_world
from sim.world.world import World

RECORD: dict[str, Any] = {
    "run_id": "0123456789ab",
    "command": "sim run scenarios/example.yaml",
    "seed": 7,
    "scenario_hash": "a" * 64,
    "versions": {"sim": "0.1.0", "python": "3.11"},
    "wall_seconds": 1.5,
}

PREFERENTIAL = {
    "kind": "preferential",
    "members": ["PAK", "KAZ"],
    "timeline": {"signed": "2026Q4", "in_force": "2027Q3"},
    "concessions": [
        {"grantor": "PAK", "goods": ["food", "metals"], "duty_types": ["customs_duty"], "cut": 0.5,
         "phase_in_years": 5, "excluded_share": 0.2},
        {"grantor": "KAZ", "goods": "all", "cut": 0.5, "quota_musd": 100,
         "customs_union": "waiver"},
    ],
    "origin_cost_ave": 0.02,
}  # fmt: skip
IDLE = "talks_years"
"""Parameter that no rule asked for."""
N_ROUTES = 3
"""Routes of every pair that carry its cargo."""
TRANSIT = {
    "kind": "transit",
    "members": ["PAK", "AFG", "UZB", "KAZ"],
    "timeline": {"signed": "2026Q1", "in_force": "2027Q1"},
    "opens": {"ports": ["karachi"], "routes": ["trans-afghan"]},
    "border_time_cut": 0.4,
    "fee_cut": 0.5,
    "joint_toll": True,
}
BOTH = {"pta": PREFERENTIAL, "transit": TRANSIT}


@cache
def world() -> World:
    """The packaged world."""
    return load_world()


def scenario(agreements: Mapping[str, Any] = BOTH, **changes: Any) -> Scenario:
    """A scenario about the packaged world's first pair."""
    content: dict[str, Any] = {
        "version": 1,
        "title": "Both agreements",
        "question": "Does trade reach 1 billion USD by 2030?",
        "horizon": {"start": "2022Q4", "end": "2035Q4"},
        "runs": 40,
        "seed": 7,
        "baseline": {"ledger": "pakistan"},
        "targets": {
            "one-billion": {"pair": ["PAK", "KAZ"], "trade_musd": 1000, "deadline": "2030Q4"},
        },
        "agreements": agreements,
        "closures": {"torkham": [{"from": "2025-10-11", "until": "2026-12-31"}]},
        "uncertainty": {"trade_elasticity": {"triangular": [3.8, 5.0, 7.0]}},
    }
    return Scenario.model_validate(_in_tuples(content | changes))


def _in_tuples(value: Any) -> Any:
    """Lists as tuples, as the loader hands them to the schema."""
    if isinstance(value, list):
        return tuple(_in_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _in_tuples(item) for key, item in value.items()}
    return value


def results(asked: Scenario) -> dict[str, xr.Dataset]:
    """Datasets of every variant; more agreements mean more trade, lower duties, cheaper routes.

    Their arrays are shared by all who ask for the same scenario, and cannot be written to.
    """
    made = _once(
        ("results", asked.model_dump_json()),
        lambda: {
            name: _read_only(_dataset(asked, 0.15 * len(variant.agreements)))
            for name, variant in variants_of(asked).items()
        },
    )
    return {name: data.copy(deep=False) for name, data in made.items()}


_MADE: dict[tuple[Any, ...], Any] = {}
"""What was made up before, by what it was made of."""


def _once(key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """What `make` returns, made the first time it is asked for."""
    if key not in _MADE:
        _MADE[key] = make()
    return _MADE[key]


def _read_only(data: xr.Dataset) -> xr.Dataset:
    for variable in data.data_vars.values():
        variable.to_numpy().setflags(write=False)
    return data


def found(asked: Scenario, datasets: Mapping[str, xr.Dataset]) -> tuple[Finding, ...]:
    """Findings of the made-up results."""
    return findings(asked, world(), datasets)


@cache
def _routes(pair: tuple[str, str]) -> tuple[str, ...]:
    """Names of a pair's routes that carry most."""
    here = world()
    return tuple(route.name for route in routes(here, *pair, 4 * here.base_year)[:N_ROUTES])


def inputs(asked: Scenario, there: World | None = None, *, energy: bool = True) -> ReportInputs:
    """What a report on a scenario is made of, in another world if one is given.

    Without energy the report is made sooner: its figures have many panels.
    """
    datasets = results(asked)
    if not energy:
        datasets = {name: data.drop_vars("energy_flow") for name, data in datasets.items()}
    here = there or world()
    found = _once(
        ("findings", asked.model_dump_json(), here, energy),
        lambda: findings(asked, here, datasets),
    )
    poorer = replace(
        found[0], trade=0.4 * found[0].trade, baseline_musd=0.4 * found[0].baseline_musd
    )
    return ReportInputs(
        asked, here, datasets, found, RECORD, {"kazakhstan": (poorer,)}, load_land()
    )


def _dataset(asked: Scenario, boost: float) -> xr.Dataset:
    here = world()
    draws = np.random.default_rng(asked.seed)
    quarters = list(range(int(asked.horizon.start), int(asked.horizon.end) + 1))
    n_runs, n_quarters, n = asked.runs, len(quarters), len(here.regions)
    pairs = [t.pair for t in asked.targets.values()]
    ends = dict.fromkeys(flow for a, b in pairs for flow in ((a, b), (b, a)))
    time = np.linspace(0.0, 1.0, n_quarters)
    residual_shock = np.exp(
        np.cumsum(draws.normal(0, 0.09, (n_runs, n_quarters)), axis=1) + 0.9 * time
    )
    gain = 1.0 + boost * time**2
    place = {code: k for k, code in enumerate(here.regions)}
    i, j = (np.array([place[flow[side]] for flow in ends]) for side in (0, 1))
    level = (residual_shock * gain)[:, :, None]
    axes = {
        "flow": [f"{a}>{b}" for a, b in ends],
        "good": list(here.goods),
        "region": list(here.regions),
        "route": [
            f"{'-'.join(pair)}: {route}" for pair in dict.fromkeys(pairs) for route in _routes(pair)
        ],
        "pair": ["-".join(pair) for pair in dict.fromkeys(pairs)],
        "party": list(dict.fromkeys(code for pair in pairs for code in pair)),
        "gate": [gate.gate for gate in here.gates],
        "agreement": list(asked.agreements),
        "carrier": list(here.energy.carriers),
        "energy_arc": list(energy_table(here, {}).market_arcs.names),
    }

    def steady(*shape: int, value: float = 1.0) -> Any:
        return np.full((n_runs, n_quarters, *shape), value)

    spread = draws.normal(1.0, 0.2, (n_runs, 1, n))
    share = draws.dirichlet(np.ones(len(axes["route"])), (n_runs, n_quarters))
    ramp = boost * time[None, :, None]
    values = {
        "goods_trade": (level[..., None] * here.trade[:, i, j].T, ("flow", "good")),
        "flow_duty": (
            level[..., None]
            * (here.trade * here.tariffs.applied_rate)[:, i, j].T
            * (1.0 - boost * time[None, :, None, None]),
            ("flow", "good"),
        ),
        "energy_trade": (level * here.energy_trade[i, j], ("flow",)),
        "known_trade": (
            np.broadcast_to(
                gain[None, :, None] * (here.trade[:, i, j].sum(axis=0) + here.energy_trade[i, j]),
                (n_runs, n_quarters, len(ends)),
            ),
            ("flow",),
        ),
        "new_trade": (steady(len(ends), value=0.0), ("flow",)),
        "tariff_rate": (steady(len(ends), value=0.12) * (1 - ramp), ("flow",)),
        "used_share": (steady(len(ends)) * ramp * draws.uniform(0.5, 1, (n_runs, 1, 1)), ("flow",)),
        "trade_cost_change": (steady(len(ends)) * (1 - 0.2 * ramp), ("flow",)),
        "exports": (level * (1.0 + np.arange(n)) * 1e4, ("region",)),
        "imports": (level * (1.0 + np.arange(n)) * 1e4, ("region",)),
        "party_imports": (
            steady(1, 1) * gain[:, None, None] * _imports(here, axes["party"]),
            ("region", "party"),
        ),
        "tariff_revenue": (level * (1.0 + np.arange(n)) * 1e2, ("region",)),
        "welfare_change": (1 + 1e-3 * ramp * np.sin(1.0 + np.arange(n)) * spread, ("region",)),
        "route_tonnes": (1e5 * share, ("route",)),
        "stranded_tonnes": (steady(len(axes["pair"]), value=0.0), ("pair",)),
        "gate_tonnes": (steady(len(axes["gate"]), value=1e5), ("gate",)),
        "gate_utilisation": (steady(len(axes["gate"]), value=0.7), ("gate",)),
        "gate_delay_hours": (steady(len(axes["gate"]), value=3.0), ("gate",)),
        "gate_open_share": (steady(len(axes["gate"]), value=0.97), ("gate",)),
        "stage": (steady(len(axes["agreement"]), value=2.0), ("agreement",)),
        **_energy(here, axes["party"], residual_shock, here.energy_trade[i, j]),
        "residual": (steady(value=1e-13), ()),
        "n_iterations": (steady(value=9.0), ()),
    }
    variables: dict[str, Any] = {
        name: (("run", "quarter", *names), array) for name, (array, names) in values.items()
    }
    for name, parameter in here.parameters.items():
        width = draws.uniform(0.9, 1.1, n_runs) if parameter.distribution != "fixed" else 1.0
        values, attributes = np.full(n_runs, parameter.value) * width, {"is_used": name != IDLE}
        variables[f"parameter_{name}"] = (("run",), values, attributes)
    coords = {"run": np.arange(n_runs), "quarter": [format_quarter(q) for q in quarters], **axes}
    return xr.Dataset(variables, coords, attrs={"seed": asked.seed, "ledger": here.ledger})


def _energy(here: World, parties: list[str], level: Any, trade: Any) -> dict[str, Any]:
    """Measures of energy: the base year in proportion; all states but the first run short."""
    routes, who = energy_table(here, {}).market_arcs, [here.region_index(p) for p in parties]
    time = np.linspace(0.0, 1.0, level.shape[1])[:, None, None]
    used = here.energy.consumption[:, who]
    dear = level[..., None, None]
    share = np.full((*level.shape, len(here.energy.carriers), len(parties)), 0.4)
    carriers = np.full(len(here.energy.carriers), 1.0 / len(here.energy.carriers))
    short = time * used * (np.arange(len(parties)) > 0)
    return {
        "energy_flow": (level[..., None] * routes.flow, ("energy_arc",)),
        "carrier_trade": (dear * trade[:, None] * carriers, ("flow", "carrier")),
        "energy_price": (dear * here.energy.price[:, who], ("carrier", "party")),
        "energy_path_price": (0.8 * dear * here.energy.price[:, who], ("carrier", "party")),
        "energy_used": (np.broadcast_to(used, share.shape), ("carrier", "party")),
        "unserved": (np.broadcast_to(0.1 * short, share.shape), ("carrier", "party")),
        "concentration": (share, ("carrier", "party")),
    }


def _imports(here: World, parties: list[str]) -> Any:
    """(n_regions, n_parties) imports of the base year [musd]."""
    flow = here.trade.sum(axis=0) + here.energy_trade
    return (flow * ~np.eye(len(flow), dtype=bool))[:, [here.region_index(p) for p in parties]]
