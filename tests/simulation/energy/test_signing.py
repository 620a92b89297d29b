"""Deals on routes in use, and a buyer's choice between offers, against a plain twin."""

import numpy as np
import pytest

from sim.scenario.blocks.energy import EnergyDeal
from sim.simulation.energy.energy_setup import arc_of, energy_table
from sim.simulation.energy.signing import BuyersView, signed_offers
from sim.simulation.energy.yearly_market import YearInputs, year_market
from sim.world.load import load_world
from tests.twins.signing_twin import plain_signatures


@pytest.fixture(scope="module")
def packaged():
    return load_world()


def deal(exporter, carrier, volume, **terms):
    stated = {"exporter": exporter, "importer": "PAK", "carrier": carrier, "volume": volume}
    return EnergyDeal.model_validate({**stated, "from": "2027Q1", **terms})


def test_a_deal_takes_the_route_that_waits_for_it_before_one_in_use(packaged):
    named = packaged.energy.arcs.names
    assert named[arc_of(packaged, deal("KAZ", "crude", 1.0))] == "crude-cpc-suez-karachi"
    assert named[arc_of(packaged, deal("QAT", "gas", 1.0))] == "gas-qat-pak"
    yanbu = arc_of(packaged, deal("SAU", "crude", 1.0, arc="crude-yanbu-pak"))
    assert named[yanbu] == "crude-yanbu-pak"
    with pytest.raises(ValueError, match="2 arcs that a deal can take"):
        arc_of(packaged, deal("SAU", "crude", 1.0))


def market(table, n_runs, **changes):
    c, n = table.shape
    one = np.ones((n_runs, c))
    usual = YearInputs(
        money=one,
        demand_scale=np.ones((n_runs, c, n)),
        supply_scale=np.ones((n_runs, c, n)),
        world_scale=one,
        cost_scale=np.ones(n_runs),
        elasticity_factor=np.ones(n_runs),
        arc_elasticity=np.full(c, 4.0),
        open_share=np.tile(table.market_arcs.usable * 1.0, (n_runs, 1)),
        pledged_share=np.ones((n_runs, len(table.pledges.arc))),
    )
    usual.open_share[:, table.pledges.arc] = 1.0
    return year_market(table, usual._replace(**changes))


def test_a_gulf_deal_displaces_rivals_and_lowers_the_price(packaged):
    """4 Mt of Saudi crude, paid at 70 %: Saudi sales rise, others' fall, the price falls."""
    none = energy_table(packaged, {})
    offer = deal("SAU", "crude", 4.0, arc="crude-sau-pak", take_or_pay=0.7)
    some = energy_table(packaged, {"offer": offer})
    before, after = market(none, 1), market(some, 1)
    names = some.market_arcs.names
    pak, crude = packaged.region_index("PAK"), packaged.energy.carriers.index("crude")
    shipped = after.flow[0, names.index("offer")]
    assert 2.8 - 1e-6 <= shipped <= 4.0 + 1e-6
    spot, rival = names.index("crude-sau-pak"), names.index("crude-are-pak")
    saudi = shipped + after.flow[0, spot] - before.flow[0, spot]
    assert 0.5 < saudi < shipped
    assert after.flow[0, rival] < before.flow[0, rival] - 0.1
    assert after.price[0, crude, pak] < before.price[0, crude, pak] - 1.0


def test_a_deal_takes_its_room_on_a_route_with_a_limit(packaged):
    """Iranian LPG by road carries 0.8 Mt a year, under contract or not."""
    limit, wanted = 0.8, np.ones((1, 6, len(packaged.regions)))
    wanted[0, packaged.energy.carriers.index("lpg"), packaged.region_index("PAK")] = 5.0
    table = energy_table(packaged, {"more": deal("IRN", "lpg", 0.6, take_or_pay=1.0)})
    found = market(table, 1, demand_scale=wanted)
    names = table.market_arcs.names
    spot, more = found.flow[0, names.index("lpg-irn-pak")], found.flow[0, names.index("more")]
    assert 0.99 * 0.6 < more <= 0.6 + 1e-6
    assert 0.99 * limit < spot + more <= limit + 1e-6


OFFERS = {
    "steppe": ("KAZ", "crude", 3.0, {"discount": 0.03}),
    "second": ("KAZ", "crude", 1.0, {}),
    "gulf": ("SAU", "crude", 5.0, {"arc": "crude-sau-pak"}),
    "other": ("ARE", "crude", 4.0, {"arc": "crude-are-pak", "discount": 0.01}),
    "gas": ("QAT", "gas", 2.0, {}),
}


def test_a_buyer_signs_as_the_plain_twin_does(packaged):
    table = energy_table(
        packaged,
        {
            name: deal(seller, carrier, volume, signing="if_profitable", **terms)
            for name, (seller, carrier, volume, terms) in OFFERS.items()
        },
    )
    n_runs, (c, n) = 200, table.shape
    rng = np.random.default_rng(11)
    prices = packaged.energy.price * np.exp(0.05 * rng.standard_normal((n_runs, c, n)))
    view = BuyersView(
        price=prices,
        bought=rng.uniform(0.0, 4.0, (n_runs, c, n, n)) * (rng.random((n_runs, c, n, n)) < 0.1),
        used=rng.uniform(2.0, 12.0, (n_runs, c, n)),
        import_share=rng.uniform(0.2, 1.0, (n_runs, c, n)),
        money=np.exp(0.05 * rng.standard_normal((n_runs, c))),
        cost_scale=np.exp(0.1 * rng.standard_normal(n_runs)),
        security_weight=rng.uniform(0.0, 1.0, n_runs),
    )
    k = len(table.pledges.arc)
    before = np.broadcast_to(~table.pledges.awaits_gain, (n_runs, k)).copy()
    before[: n_runs // 4, k - len(OFFERS)] = True  # signed in an earlier year
    waiting = np.flatnonzero(table.pledges.awaits_gain)
    found = signed_offers(table, view, before, waiting, 2027)
    assert np.array_equal(found, plain_signatures(table, view, before, waiting, 2027))
    chosen = found[:, waiting].mean(axis=0)
    assert np.all((chosen[:4] > 0.0) & (chosen[:4] < 1.0)), chosen
    assert np.all(found >= before)
