"""The contest of suppliers: shares, signs and sizes on the packaged world's market."""

from pathlib import Path

import numpy as np
import pytest

from sim.scenario.scenario_file import load_scenario
from sim.scenario.variation import varied
from sim.study.break_even.supplier_contest import supplier_contests
from sim.world.load import load_world
from sim.world.names import world_names

FILE = Path(__file__).resolve().parents[3] / "scenarios" / "gulf-or-steppe.yaml"


@pytest.fixture(scope="module")
def packaged():
    return load_world()


@pytest.fixture(scope="module")
def scenario():
    asked = load_scenario(
        FILE, world_names(None), overrides={"runs": "4", "uncertainty_sources.events": "false"}
    )
    return varied(asked, {"energy.deals.kazakh-crude.signing": "as_dated"})


@pytest.fixture(scope="module")
def contests(scenario, packaged):
    found = supplier_contests(scenario, packaged)
    return {packaged.energy.carriers[contest.carrier]: contest for contest in found}


def test_gulf_terms_take_from_kazakh_crude_and_kazakh_from_the_gulf(contests, packaged):
    crude = contests["crude"]
    kaz, sau = packaged.region_index("KAZ"), packaged.region_index("SAU")
    without_saudi = next(d for d in crude.deals if d.name == "saudi-crude").market_without
    without_kazakh = next(d for d in crude.deals if d.name == "kazakh-crude").market_without
    # Take-or-pay holds at least 70 % of the 2 Mt; what is above that is contested.
    assert np.all(crude.with_deals.bought[:, kaz] <= without_saudi.bought[:, kaz] + 1e-5)
    assert np.all(without_saudi.bought[:, kaz] >= 1.4 - 1e-5)
    gained = without_kazakh.bought[:, sau] - crude.with_deals.bought[:, sau]
    assert np.all((gained > 0.1) & (gained < 2.0))
    assert np.all(crude.with_deals.price < without_saudi.price)
    assert np.all(crude.with_deals.price < crude.without_deals.price)


def test_without_deals_nothing_is_bought_from_who_has_no_route(contests, packaged):
    kaz = packaged.region_index("KAZ")
    for carrier in ("crude", "lpg"):
        assert np.all(contests[carrier].without_deals.bought[:, kaz] == 0.0)
    base = contests["crude"].base
    assert base.sum() == pytest.approx(7.8, rel=0.02)  # Mt of 2022: 4.0, 3.5 and 0.3


def test_a_scenario_without_deals_has_no_contest(scenario, packaged):
    assert supplier_contests(varied(scenario, {"energy.deals": False}), packaged) == ()
