"""The energy market in the model: the base year as recorded, shocks, deals and projects."""

import numpy as np
import pytest

from sim.scenario.scenario_file import load_scenario
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.energy.energy_setup import energy_table
from sim.simulation.energy.yearly_market import YearInputs, year_market
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.energy_outcome import Expansion
from sim.simulation.uncertainty.draws import draw
from sim.world.load import load_world
from sim.world.names import world_names

FIRST, YEARS = 4 * 2022 + 3, 2031


@pytest.fixture(scope="module")
def packaged():
    return load_world()


@pytest.fixture(scope="module")
def asked(project_root):
    names = world_names(None)

    def load(name, **overrides):
        changes = {key.replace("__", "."): value for key, value in overrides.items()}
        return load_scenario(project_root / "scenarios" / f"{name}.yaml", names, overrides=changes)

    return load


def at_year(system, year):
    """Terms of a year in which no producer has ever decided to expand."""
    found = system.initial()
    for each in range(2023, year + 1):
        found = system.step(found, (), 4 * each)
    return found


@pytest.fixture(scope="module")
def terms(packaged, asked):
    """Terms of energy by scenario and year, of three runs."""
    known = {}

    def settled(name, year, runs=(0, 1, 2), **overrides):
        key = (name, runs, tuple(overrides.items()))
        if key not in known:
            scenario = asked(name, **overrides)
            drawn = draw(scenario, packaged, runs, FIRST, 4 * YEARS - FIRST)
            known[key] = EnergySystem(scenario, packaged, drawn)
        return at_year(known[key], year)

    return settled


def even_inputs(table, *, money, growth):
    """A world in which everything has grown alike."""
    c, n = table.shape
    one = np.ones((1, c))
    return YearInputs(
        money=money * one,
        demand_scale=np.full((1, c, n), growth),
        supply_scale=np.full((1, c, n), growth),
        world_scale=growth * one,
        cost_scale=np.ones(1),
        elasticity_factor=np.ones(1),
        arc_elasticity=np.full(c, 4.0),
        open_share=(table.market_arcs.usable & (table.market_arcs.project < 0))[None] * 1.0,
        pledged_share=np.zeros((1, len(table.pledges.arc))),
    )


def test_the_base_year_is_the_recorded_one(packaged, terms):
    base = terms("baseline", 2022)
    assert np.array_equal(base.energy_trade[0], packaged.energy_trade)
    arcs = packaged.energy.arcs
    n = len(arcs.names)
    whole = base.flow[:, :n].copy()
    contracts = packaged.energy.contracts
    for place, contract in enumerate(contracts):
        whole[:, contract.arc] += base.flow[:, n + place]
    assert whole == pytest.approx(np.broadcast_to(arcs.flow, whole.shape), rel=0.01, abs=0.02)


def test_energy_that_no_route_explains_is_carried_forward(packaged, terms):
    """A route that was never used does not make recorded trade of its ends vanish."""
    arcs, now = packaged.energy.arcs, terms("baseline", 2023)
    n = len(packaged.regions)
    on_record, in_use = np.zeros((2, n, n), dtype=bool)
    on_record[arcs.tail, arcs.head] = True
    used = (arcs.flow > 0) & arcs.is_trade
    in_use[arcs.tail[used], arcs.head[used]] = True
    pairs = np.argwhere(on_record & ~in_use & (packaged.energy_trade > 1.0))
    assert len(pairs)
    for i, j in pairs:
        known = now.energy_trade[:, i, j] - now.new_trade[:, :, i, j].sum(axis=1)
        ratio = known / packaged.energy_trade[i, j]
        assert np.all((ratio > 0.5) & (ratio < 2.0))


def test_a_world_that_grows_evenly_stays_on_the_price_path(packaged):
    table = energy_table(packaged, {})
    found = year_market(table, even_inputs(table, money=2.0, growth=0.9))
    price = packaged.energy.price
    known = ~np.isnan(price)
    assert found.price[0][known] == pytest.approx(2.0 * price[known], rel=0.01)
    used = packaged.energy.consumption
    assert found.consumed[0] == pytest.approx(0.9 * used, rel=0.01, abs=0.01)


def test_no_way_leaves_a_gain_and_nothing_is_lost(packaged):
    table = energy_table(packaged, {})
    inputs = even_inputs(table, money=1.0, growth=1.1)
    demand = inputs.demand_scale.copy()
    demand[:, :, packaged.region_index("PAK")] *= 1.5
    found = year_market(table, inputs._replace(demand_scale=demand))
    assert float(found.residual[0]) < 1e-9
    pak, gas = packaged.region_index("PAK"), packaged.energy.carriers.index("gas")
    before = year_market(table, inputs)
    assert found.price[0, gas, pak] > before.price[0, gas, pak]
    assert np.all(found.congestion_rent[0] > -1.0)  # a million dollars: the smoothing's hair


def test_hormuz_closed_raises_prices_and_leaves_demand_unserved(packaged, terms):
    shut, calm = terms("hormuz-closed", 2027), terms("baseline", 2027)
    pak = packaged.region_index("PAK")
    for carrier in ("crude", "products", "gas"):
        c = packaged.energy.carriers.index(carrier)
        assert np.all(shut.price[:, c, pak] > 1.1 * calm.price[:, c, pak]), carrier
    gas = packaged.energy.carriers.index("gas")
    assert np.all(shut.shortfall[:, gas, pak] > calm.shortfall[:, gas, pak])
    by_strait = packaged.energy.arcs.names.index("gas-qat-pak")
    assert np.all(shut.flow[:, by_strait] < 1e-3)


def test_the_corridor_lowers_prices_while_the_strait_is_shut(packaged, terms):
    without, with_it = terms("hormuz-closed", 2027), terms("hormuz-closed-with-corridor", 2027)
    pak, crude = packaged.region_index("PAK"), packaged.energy.carriers.index("crude")
    assert np.all(with_it.price[:, crude, pak] < without.price[:, crude, pak])


def test_a_committed_volume_is_delivered_and_counts_in_full(packaged, asked, terms):
    calm = {"uncertainty_sources__chance": "false"}  # no strait closes on the way
    deal = terms("energy-corridor", 2029, **calm)
    names = energy_table(packaged, dict(asked("energy-corridor").energy.deals)).market_arcs.names
    crude = deal.flow[:, names.index("crude")]
    assert np.all(crude >= 0.7 * 2.0 - 1e-6)
    assert np.all(crude <= 2.0 + 1e-6)
    kaz, pak = packaged.region_index("KAZ"), packaged.region_index("PAK")
    c = packaged.energy.carriers.index("crude")
    worth = crude * deal.price[:, c, pak] * (1 - 0.03)
    assert deal.new_trade[:, c, kaz, pak] == pytest.approx(worth)
    assert np.array_equal(terms("baseline", 2029).energy_trade[:, kaz, pak], np.zeros(3))
    suez = [gate.gate for gate in packaged.gates].index("suez")
    assert deal.gate_load_mt[:, suez] == pytest.approx(crude)


def test_a_deal_that_waits_is_signed_only_where_it_pays(packaged, asked, terms):
    names = energy_table(packaged, dict(asked("energy-corridor").energy.deals)).market_arcs.names
    cheap = terms("energy-corridor", 2029, uncertainty_sources__chance="false").flow[
        :, names.index("coal")
    ]
    dear = terms(
        "energy-corridor",
        2029,
        energy__prices="[{carrier: coal, year: 2026, price_usd_per_unit: 400}]",
        uncertainty_sources__chance="false",
    ).flow[:, names.index("coal")]
    assert np.all(cheap < 0.1)
    assert np.all(dear > 0.5)


def test_a_pipeline_lowers_the_price_at_its_end(packaged, terms):
    pak, gas = packaged.region_index("PAK"), packaged.energy.carriers.index("gas")
    tkm = packaged.region_index("TKM")
    built, not_built = terms("tapi", 2030), terms("baseline", 2030)
    assert np.all(built.price[:, gas, pak] < not_built.price[:, gas, pak])
    assert np.all(built.price[:, gas, tkm] > not_built.price[:, gas, tkm])


def test_force_majeure_and_a_spike_act_in_their_days(packaged, terms):
    fails = terms(
        "baseline", 2024,
        energy__force_majeure="[{exporter: QAT, carrier: gas, from: 2024-01-01, "
        "until: 2024-12-31}]",
        energy__spikes="[{carrier: coal, factor: 2, from: 2024-01-01, until: 2024-12-31}]",
    )  # fmt: skip
    calm = terms("baseline", 2024)
    arc = packaged.energy.arcs.names.index("gas-qat-pak")
    assert np.all(fails.flow[:, arc] < 1e-3)
    coal = packaged.energy.carriers.index("coal")
    assert fails.reference_price[:, coal] == pytest.approx(
        2 * calm.reference_price[:, coal], nan_ok=True
    )


def test_a_batch_is_its_single_runs_to_the_bit(terms):
    runs = tuple(range(22))  # as many as regions
    together = terms("casa-1000", 2028, runs)
    for run in (0, 7):
        alone = terms("casa-1000", 2028, (run,))
        for name, batch, single in zip(together._fields, together, alone, strict=True):
            if isinstance(batch, np.ndarray):
                assert np.array_equal(batch[run], single[0], equal_nan=True), name


def test_producers_expand_after_a_dear_year(packaged, asked):
    model = TradeModel(asked("hormuz-closed"), packaged, runs=[0])
    while model.quarter < 4 * 2027:
        model.step()
    usa, crude = packaged.region_index("USA"), packaged.energy.carriers.index("crude")
    decided = {(order.carrier, order.region): order for order in model.snapshot.energy.state.orders}
    assert decided[crude, usa].rate[0] > 0


@pytest.mark.parametrize(("switch", "pending"), [("true", 1), ("false", 0)])
def test_producers_expand_only_where_the_rule_is_at_work(packaged, asked, switch, pending):
    scenario = asked("baseline", behaviour__energy_expansion=switch)
    system = EnergySystem(scenario, packaged, draw(scenario, packaged, (0,), FIRST, 9))
    rate = np.zeros((1, len(packaged.energy.carriers)))
    rate[0, 0] = 0.02
    decided = [Expansion(packaged.region_index("USA"), rate)]
    found = system.step(system.initial(), decided, 4 * 2023)
    assert len(found.state.orders) == pending


USUAL_COAL = "[{carrier: coal, year: 2026, price_usd_per_unit: 110}]"


def signed_coal(packaged, asked, price=USUAL_COAL, *, weight=0.1, **switches):
    """Whether the coal deal of the corridor was signed by the end of 2029, by run."""
    changes = {f"behaviour__{name}": value for name, value in switches.items()}
    scenario = asked("energy-corridor", energy__prices=price, **changes)
    drawn = draw(scenario, packaged, (0, 1), FIRST, 4 * YEARS - FIRST)
    system = EnergySystem(scenario, packaged, drawn)
    system._path = system._path._replace(security_weight=np.full(2, weight))
    pledge = system.market_arcs.index("coal")
    return at_year(system, 2030).state.signed[:, list(system.table.pledges.arc).index(pledge)]


def test_a_buyer_that_dreads_one_supplier_enough_signs_what_does_not_pay(packaged, asked):
    assert not signed_coal(packaged, asked).any()
    assert signed_coal(packaged, asked, weight=20.0).all()
    assert not signed_coal(packaged, asked, weight=20.0, security="false").any()


def test_nothing_that_waits_is_signed_where_signing_is_left_out(packaged, asked):
    dear = USUAL_COAL.replace("110", "400")
    assert signed_coal(packaged, asked, dear).all()
    assert not signed_coal(packaged, asked, dear, energy_signing="false").any()


def test_a_world_without_energy_keeps_its_recorded_trade(project_root):
    small = project_root / "tests" / "worlds" / "tiny"
    scenario = load_scenario(project_root / "tests" / "worlds" / "tiny.yaml", world_names(small))
    tiny = load_world(small)
    model = TradeModel(scenario, tiny, runs=[0, 1])
    model.step()
    known = tiny.energy_trade > 0
    ratio = model.snapshot.energy_trade[0][known] / tiny.energy_trade[known]
    assert known.any()
    assert np.ptp(ratio) < 1e-12


def test_a_deal_ships_no_more_than_its_way_carries_and_its_seller_makes(packaged, project_root):
    """The way of Kazakh crude to Pakistan carries 10 Mt a year; beyond that nothing changes."""
    from sim.scenario.variation import varied

    names = world_names(None)
    scenario = load_scenario(project_root / "scenarios" / "energy-corridor.yaml", names)
    path = "energy.deals.crude"
    scenario = varied(scenario, {f"{path}.take_or_pay": 1.0})
    limit = packaged.energy.arcs.capacity[
        packaged.energy.arcs.names.index("crude-cpc-suez-karachi")
    ]
    seen = []
    for volume in (limit, 2 * limit, 50 * limit):
        asked = varied(scenario, {f"{path}.volume": float(volume)})
        table = energy_table(packaged, dict(asked.energy.deals))
        seen.append(
            (table.market_arcs.capacity[-4:].tolist(), table.pledges.quantity[-4:].tolist())
        )
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0][0] == limit


def test_last_years_market_at_new_world_prices_is_a_start_and_no_more(packaged, asked):
    scenario = asked("baseline")
    systems = [
        EnergySystem(scenario, packaged, draw(scenario, packaged, runs, FIRST, 4 * YEARS - FIRST))
        for runs in ((0, 1, 2), (1,))
    ]
    batch, alone = ([at_year(system, year).state for year in (2024, 2025)] for system in systems)
    assert np.array_equal(batch[1].market.price[1:2], alone[1].market.price, equal_nan=True)
    before, after = batch
    inputs = systems[0]._inputs(2025, after.expanded, after.signed)
    cold = year_market(systems[0].table, inputs)
    assert np.allclose(after.market.price, cold.price, rtol=1e-6, equal_nan=True)
    assert after.market.n_iterations.mean() <= 0.8 * cold.n_iterations.mean()
    unmoved = year_market(systems[0].table, inputs, before.market)
    assert after.market.n_iterations.mean() < unmoved.n_iterations.mean()
