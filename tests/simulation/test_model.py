"""One quarter of the model: what must hold whatever the scenario says."""

import gc
import weakref

import mesa
import numpy as np
import pytest

from sim.simulation.agents.state import State
from sim.simulation.model import TradeModel

CERTAIN = {"parameters": False, "events": False, "residual_shocks": False}
TIMELINE = {"signed": "2023Q1", "in_force": "2023Q2"}


def preferential(by, to, origin_cost_ave=0.01, **concession):
    return {
        "kind": "preferential",
        "members": [by, to],
        "timeline": TIMELINE,
        "concessions": [
            {"grantor": by, "goods": "all", "cut": 1.0, "customs_union": "waiver", **concession}
        ],
        "origin_cost_ave": origin_cost_ave,
    }


def transit(world, a, b, **terms):
    routes = [c for c in world.corridors if set(c.ends) == {a, b}]
    members = sorted({code for c in routes for code in (*c.ends, *c.transit)})
    return {"kind": "transit", "members": members, "timeline": TIMELINE, **terms}


def flow(model, a, b):
    i, j = model.world.region_index(a), model.world.region_index(b)
    return model.snapshot.trade[:, :, i, j].sum(axis=1)


@pytest.fixture(scope="module")
def kept() -> dict[str, TradeModel]:
    """Models that have come to their end and are only looked at."""
    return {}


@pytest.fixture
def plain(kept, world, scenario_with) -> TradeModel:
    """Four runs in which nothing is agreed."""
    if "plain" not in kept:
        kept["plain"] = TradeModel(scenario_with(), world, runs=range(4)).run_to_end()
    return kept["plain"]


def test_step_0_is_the_baseline(world, scenario_with):
    model = TradeModel(scenario_with(), world, runs=range(3))
    assert np.array_equal(
        model.snapshot.trade, np.broadcast_to(world.trade, (3, *world.trade.shape))
    )


def test_nothing_new_leaves_trade_growing_with_the_world_alone(world, scenario_with):
    """With no agreement, no chance and no growth, the equilibrium law must return the baseline."""
    from dataclasses import replace

    # Fuels have a price path of their own, and what of them passes a port makes others wait.
    no_fuels = replace(world.energy, carriers=())
    # Agreements on record that begin or end later are something new, and so are routes that come
    # into use by a date.
    known = tuple(replace(r, since=None, ceiling=0.0) for r in world.network.route_shares)
    network = replace(world.network, route_shares=known)
    still = replace(
        world, growth=np.zeros_like(world.growth), energy=no_fuels, margins=(), network=network
    )
    model = TradeModel(scenario_with(uncertainty_sources=CERTAIN), still, runs=range(2))
    model.run_to_end()
    inflation = float(model.draws.parameters["world_inflation_rate"][0])
    nominal = (1 + inflation) ** ((model.quarter + 0.5) / 4 - world.base_year - 0.5)
    expected = np.broadcast_to(world.trade * nominal, model.snapshot.trade.shape)
    np.testing.assert_allclose(model.snapshot.trade, expected, rtol=1e-9)


def test_a_preference_raises_the_trade_it_is_given_to(
    world, scenario_with, outsider, union_member, plain
):
    pta = scenario_with(agreements={"pta": preferential(outsider, union_member)})
    helped = TradeModel(pta, world, runs=range(4)).run_to_end()
    assert np.all(flow(helped, union_member, outsider) > flow(plain, union_member, outsider))


def test_a_refused_concession_changes_nothing(world, scenario_with, outsider, union_member, plain):
    refused = preferential(union_member, outsider, customs_union="refuse")
    asked = TradeModel(
        scenario_with(agreements={"pta": refused}), world, runs=range(4)
    ).run_to_end()
    assert np.array_equal(asked.snapshot.trade, plain.snapshot.trade)


@pytest.mark.parametrize("adjustment", ["immediate", "phase_in"])
def test_a_quota_settles_between_the_free_preference_and_none(
    world, scenario_with, outsider, union_member, adjustment
):
    """Trade under a quota neither swings from quarter to quarter nor leaves its bounds."""
    calm = {"uncertainty_sources": CERTAIN, "adjustment": adjustment}
    i, j = world.region_index(union_member), world.region_index(outsider)
    good = int(world.trade[:, i, j].argmax())

    def path(**concession):
        agreements = {"pta": preferential(outsider, union_member, **concession)}
        if concession.get("cut") == 0:
            agreements = {}
        model = TradeModel(scenario_with(agreements=agreements, **calm), world, runs=[0])
        trade, fill = [], []
        while model.quarter < int(model.scenario.horizon.end):
            model.step()
            trade.append(model.snapshot.trade[0, good, i, j])
            fill.append(model.snapshot.tariffs.quota_fill_share.max())
        return np.array(trade), np.array(fill)

    base = world.trade[good, i, j]
    (free, _), (none, _) = path(), path(cut=0)
    for quota in (1e-6, 0.5 * base, 1.2 * base):
        limited, fill = path(quota_musd=quota)
        assert np.all(limited >= none * (1 - 1e-3))
        assert np.all(limited <= free * (1 + 1e-3))
        growth = np.abs(np.diff(np.log(limited[2:])))
        assert growth.max() < 0.1, growth
        assert fill[-1] == pytest.approx(1.0, abs=1e-6)


def test_phase_in_reaches_a_quarter_of_the_effect_on_impact(
    world, scenario_with, outsider, union_member
):
    """The first quarter of an agreement shows the impact share of its immediate effect."""
    i, j = world.region_index(union_member), world.region_index(outsider)

    def at_entry(**keys):
        calm = {"uncertainty_sources": CERTAIN, "model_closure": "direct"}
        model = TradeModel(scenario_with(**calm, **keys), world, runs=[0])
        while model.quarter < 4 * 2023 + 1:
            model.step()
        return model, np.log(model.snapshot.trade[0, :, i, j])

    agreements = {"pta": preferential(outsider, union_member)}
    _, plain = at_entry()
    _, at_once = at_entry(agreements=agreements, adjustment="immediate")
    model, phased = at_entry(agreements=agreements, adjustment="phase_in")
    impact = float(model.draws.parameters["phase_in_impact"][0])
    np.testing.assert_allclose((phased - plain) / (at_once - plain), impact, rtol=1e-9)


def test_a_transit_agreement_raises_trade_both_ways(
    world, scenario_with, outsider, union_member, plain
):
    terms = transit(
        world, outsider, union_member, border_time_cut=0.5, fee_cut=0.5, joint_toll=True
    )
    helped = TradeModel(scenario_with(agreements={"t": terms}), world, runs=range(4)).run_to_end()
    for a, b in ((outsider, union_member), (union_member, outsider)):
        assert np.all(flow(helped, a, b) > flow(plain, a, b))


def test_closing_every_gate_stops_what_only_gates_carry(
    world, scenario_with, outsider, union_member, plain
):
    """A pair whose corridors are all shut ships nothing, and the equilibrium still solves."""
    start = f"{world.base_year + 1}-01-01"
    everything = {gate.gate: [{"from": start}] for gate in world.gates}
    model = TradeModel(scenario_with(closures=everything), world, runs=range(4)).run_to_end()
    assert np.all(flow(model, outsider, union_member) == 0)
    a, b = (world.region_index(code) for code in (outsider, union_member))
    assert np.all(model.snapshot.gate_tonnes == 0)
    table = plain.transport.routes.table
    own = np.all(table.pairs[table.pair] == sorted((a, b)), axis=1)
    passing = plain.snapshot.path_tonnes[:, own]
    np.testing.assert_allclose(model.stranded_tonnes(a, b), passing.sum(axis=1), rtol=0.25)
    assert np.all(model.snapshot.residual < 1e-9)


def test_an_agreement_whose_routes_are_shut_does_neither_good_nor_harm(
    world, scenario_with, outsider, union_member
):
    """What closures take away cannot be more than what the agreement had given."""
    named = [c for c in world.corridors if set(c.ends) == {outsider, union_member}]
    route = next(c for c in named if c.status == "needs-agreement")
    members = sorted({*route.ends, *route.transit})
    terms = {
        "kind": "transit",
        "members": members,
        "timeline": TIMELINE,
        "opens": {"routes": [route.corridor]},
    }
    shut = {gate: [{"from": f"{world.base_year + 1}-01-01"}] for gate in route.gates}
    asked = scenario_with(closures=shut, agreements={"t": terms})
    useless = TradeModel(asked, world, runs=range(3)).run_to_end()
    without = scenario_with(closures=shut)
    plain = TradeModel(without, world, runs=range(3), draws=useless.draws).run_to_end()
    np.testing.assert_allclose(
        flow(useless, outsider, union_member), flow(plain, outsider, union_member), rtol=1e-9
    )


def test_a_closed_gate_moves_cargo_and_lowers_trade(world, scenario_with, outsider, union_member):
    routes = [c for c in world.corridors if set(c.ends) == {outsider, union_member} and c.gates]
    gate = next(c for c in routes if c.status == "open").gates[-1]
    closed = {gate: [{"from": f"{world.base_year + 1}-01-01"}]}
    # A chance closure of the same gate would hide the dated one.
    calm = {"uncertainty_sources": {**CERTAIN, "parameters": True}}
    plain = TradeModel(scenario_with(**calm), world, runs=range(2)).run_to_end()
    shut = TradeModel(scenario_with(closures=closed, **calm), world, runs=range(2)).run_to_end()
    passes = shut.transport.routes.table.passes[:, [g.gate for g in world.gates].index(gate)] > 0
    assert np.all(shut.snapshot.path_tonnes[:, passes] == 0)
    assert np.all(plain.snapshot.path_tonnes[:, passes].sum(axis=1) > 0)
    assert np.all(flow(shut, outsider, union_member) < flow(plain, outsider, union_member))


def test_the_order_of_actors_does_not_matter(world, scenario_with, outsider, union_member):
    agreement = {"pta": preferential(outsider, union_member)}
    scenario = scenario_with(agreements=agreement)
    forward = TradeModel(scenario, world, runs=range(2))
    backward = TradeModel(scenario, world, runs=range(2))
    states = list(backward.agents_by_type[State])
    for state in states:
        state.remove()
    for state in reversed(states):
        backward.register_agent(state)
    assert [s.region for s in backward.agents_by_type[State]] == list(range(len(world.regions)))[
        ::-1
    ]
    forward.run_to_end()
    backward.run_to_end()
    assert np.array_equal(forward.snapshot.trade, backward.snapshot.trade)


def test_a_batch_equals_its_single_runs(world, scenario_with, outsider, union_member):
    agreements = {
        "pta": preferential(outsider, union_member),
        "t": transit(world, outsider, union_member, border_time_cut=0.4),
    }
    scenario = scenario_with(agreements=agreements)
    n = len(world.regions)
    together = TradeModel(scenario, world, runs=range(n)).run_to_end()
    kept = "trade welfare_change tariff_revenue path_tonnes gate_delay_ahead_hours energy_trade"
    for run in (0, 5, n - 1):
        alone = TradeModel(scenario, world, runs=[run]).run_to_end()
        for name in kept.split():
            batch, single = getattr(together.snapshot, name), getattr(alone.snapshot, name)
            assert np.array_equal(batch[run], single[0]), name


def test_a_snapshot_cannot_be_changed(world, scenario_with):
    model = TradeModel(scenario_with(), world, runs=[0])
    model.step()
    with pytest.raises(ValueError, match="read-only"):
        model.snapshot.trade[0] = 0


def test_mesa_users_can_batch_run_it(project_root, world):
    path = str(project_root / "scenarios" / "pta.yaml")
    rows = mesa.batch_run(
        TradeModel, {"scenario": path, "run": [0, 1]}, max_steps=3, display_progress=False
    )
    assert len(rows) == 2
    values = [row[key] for row in rows for key in row if key.endswith("_trade_musd")]
    assert all(value > 0 for value in values)
    assert len(set(values)) == 2


def test_the_data_collector_has_every_step(world, scenario_with):
    for n_runs in (1, 2, 3):
        model = TradeModel(scenario_with(), world, runs=range(n_runs)).run_to_end()
        frame = model.datacollector.get_model_vars_dataframe()
        assert len(frame) == 16
        assert (frame["goal_trade_musd"] > 0).all()
        ends = map(world.region_index, model.scenario.targets["goal"].pair)
        assert frame["goal_trade_musd"].iloc[-1] == np.median(model.pair_trade(*ends))


def test_a_world_of_three_invented_states_runs(project_root):
    """Pairs without corridors, gates that shut every winter, another table of forecast errors."""
    from sim.scenario.scenario_file import load_scenario
    from sim.world.load import load_world
    from sim.world.names import world_names

    folder = project_root / "tests" / "worlds" / "tiny"
    scenario = load_scenario(project_root / "tests" / "worlds" / "tiny.yaml", world_names(folder))
    model = TradeModel(scenario, load_world(folder), runs=range(3)).run_to_end()
    assert np.isfinite(model.snapshot.trade).all()
    assert np.ptp(model.snapshot.residual_shock) > 0
    assert np.all(model.snapshot.residual < 1e-9)


@pytest.fixture(scope="module")
def winter_gates(world):
    """Gates that the season shuts for a whole quarter."""
    return [g for g, gate in enumerate(world.gates) if len(gate.closed_months) >= 3]


def test_a_season_that_is_lifted_floods_no_gate_and_brings_a_little_trade(
    world, scenario_with, winter_gates
):
    names = [world.gates[g].gate for g in winter_gates]
    assert names
    lifted = scenario_with(
        uncertainty_sources=CERTAIN, open_all_year=dict.fromkeys(names, f"{world.base_year + 1}Q4")
    )
    as_ever = scenario_with(uncertainty_sources=CERTAIN)
    (target,) = lifted.targets.values()
    pair = [world.region_index(code) for code in target.pair]
    trade, use = [], []
    for scenario in (as_ever, lifted):
        model = TradeModel(scenario, world, runs=range(1))
        quarters = []
        while model.running:
            model.step()
            quarters.append((model.pair_trade(*pair)[0], model.snapshot.gate_utilisation[0]))
        trade.append(np.array([each for each, _ in quarters])[5:])
        use.append(np.array([each for _, each in quarters])[5:])
    gain = trade[1] / trade[0] - 1.0
    # A route that has just come into use brings next to nothing at first; what turns to it waits
    # for others there, which may take a millionth in a quarter in which it was open anyway.
    assert gain.mean() > 1e-4
    assert np.all(gain > -1e-5)
    assert gain.mean() < 1 / 3
    assert np.all(use[1] <= 1.5 * use[0].max(axis=0))
    assert np.all(use[1][:, winter_gates] > 0.0)


def test_growth_goes_on_beyond_the_last_year_of_the_outlook(world, scenario_with):
    last = world.growth_years[-1]
    calm = {
        "uncertainty_sources": CERTAIN,
        "horizon": {"start": "2022Q4", "end": f"{last + 4}Q4"},
    }
    draws = TradeModel(scenario_with(**calm), world, runs=[0]).draws
    yearly = np.log(draws.growth[0, :, -1] / draws.growth[0, :, -5])
    np.testing.assert_allclose(yearly, np.log1p(world.growth[:, -1]), rtol=1e-9)


def test_phase_in_shares_that_cross_do_not_stop_a_run(world, scenario_with):
    crossing = {"phase_in_impact": {"uniform": [0.5, 1.0]}, "phase_in_year_4": 0.6}
    model = TradeModel(scenario_with(uncertainty=crossing), world, runs=range(4))
    model.step()
    assert np.isfinite(model.snapshot.trade).all()
    assert model.snapshot.trade.sum() > 0.0


def test_a_model_that_is_done_with_leaves_the_memory(scenario_with, world) -> None:
    model = TradeModel(scenario_with(), world, runs=range(2))
    model.step()
    known = weakref.ref(model)
    del model
    gc.collect()
    assert known() is None


@pytest.mark.parametrize(
    ("runs", "told"),
    [([], "there is no run"), ([0, -1], "-1 is among"), ([2**70], f"{2**70} is among")],
)
def test_runs_that_cannot_be_drawn_are_refused(tiny_scenario, tiny_world, runs, told):
    with pytest.raises(ValueError, match=f"{told}.*wanted one or more whole numbers from 0"):
        TradeModel(tiny_scenario, tiny_world, runs=runs)


def test_no_step_is_left_at_the_end_of_the_horizon(tiny_scenario, tiny_world):
    model = TradeModel(tiny_scenario, tiny_world).run_to_end()
    with pytest.raises(ValueError, match="the horizon ends with 2028Q4; no step is left"):
        model.step()
