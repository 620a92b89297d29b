"""Break-even of ports and energy routes: the laws they come from, turned round."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.scenario.scenario_file import load_scenario
from sim.study.break_even.energy_gaps import energy_gaps
from sim.study.break_even.gateways import gateway, quay_costs
from sim.study.break_even.port_gaps import gateway_partners, port_gaps
from sim.world.load import load_world
from sim.world.names import world_names

FILE = Path(__file__).resolve().parents[3] / "scenarios" / "pta-and-transit.yaml"
QUARTER = 4 * 2030 + 3


@pytest.fixture(scope="module")
def packaged():
    return load_world(ledger="pakistan")


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(FILE, world_names(None), overrides={"runs": "4"})


@pytest.fixture(scope="module")
def energy(scenario, packaged):
    found = energy_gaps(scenario, packaged, ("PAK", "KAZ"))
    return {packaged.energy.arcs.names[gap.arc]: gap for gap in found}


def test_a_route_of_energy_ships_by_itself_where_its_first_unit_pays(energy):
    assert {"crude-cpc-suez-karachi", "lpg-kazakhstan-gwadar"} <= set(energy)
    for name, gap in energy.items():
        pays = gap.shortfall < -1.0  # USD a unit: beyond the smoothing
        ships = gap.pays_volume > 0.02
        assert np.array_equal(pays, ships) or np.all(np.abs(gap.shortfall[pays != ships]) < 10), (
            name
        )


def test_more_of_a_route_needs_more_support_for_its_last_unit(energy):
    """Demand falls and supply rises: the last unit of half the capacity is the dearest."""
    for name, gap in energy.items():
        assert np.all(gap.support >= gap.shortfall - 1e-3), name
        assert np.all(gap.support_musd >= 0.0)
    crude = energy["crude-cpc-suez-karachi"]
    rise = crude.support - crude.shortfall
    assert np.all((rise > 5.0) & (rise < 150.0))  # 5 Mt of some 12 Mt that Pakistan refines


def test_a_port_pays_once_its_charge_falls_by_its_gap(scenario, packaged):
    """What a port asks counts one for one, until its gap is closed."""
    before = port_gaps(scenario, packaged, "KAZ", "SAU", QUARTER)
    net = packaged.network
    karachi = next(gap for gap in before.ports if net.nodes[gap.port] == "karachi")
    assert np.all(karachi.gap_usd > 500.0)
    cut = 100.0  # less than it asks: who is cheapest stays
    handling = net.port_handling_usd_per_feu.copy()
    handling[karachi.port] -= cut
    cheaper = replace(packaged, network=replace(net, port_handling_usd_per_feu=handling))
    after = port_gaps(scenario, cheaper, "KAZ", "SAU", QUARTER)
    again = next(gap for gap in after.ports if gap.port == karachi.port)
    assert karachi.gap_usd - again.gap_usd == pytest.approx(np.full(4, cut), rel=0.1)
    assert karachi.gap_days / karachi.gap_usd == pytest.approx(again.gap_days / again.gap_usd)


def test_some_port_is_cheaper_than_all_others_and_stands_first(scenario, packaged):
    for partner in gateway_partners(packaged, "KAZ", "PAK", 4):
        gaps = port_gaps(scenario, packaged, "KAZ", partner, QUARTER).ports
        middle = [float(np.median(gap.gap_usd)) for gap in gaps]
        assert middle == sorted(middle)
        assert middle[0] < 0.0 < middle[-1]


def test_quays_are_reached_by_land_at_the_cost_of_the_links(packaged):
    quays = {packaged.network.nodes[q.terms.node]: q for q in quay_costs(packaged, "KAZ", "PAK")}
    assert {"karachi", "port-qasim", "gwadar", "bandar-abbas", "poti", "lianyungang"} <= set(quays)
    # Forwarders: short land routes to Almaty cost more than long ones with many modes (ADB).
    assert quays["karachi"].usd_per_feu > quays["lianyungang"].usd_per_feu
    assert (
        8.0 < quays["karachi"].days < 20.0
    )  # 20 days in the pilot of 2024, hours of waiting included


def test_a_pair_with_two_coasts_has_no_inland_gateway(scenario, packaged):
    from sim.scenario.variation import varied

    coastal = varied(scenario, {"targets.one-billion.pair": ["PAK", "IRN"]})
    found = gateway(coastal, packaged)
    assert found.inland is None
    assert found.cargo == ()
