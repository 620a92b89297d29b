"""Map of winners and losers: what is a place, and where it stands."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.report.trade.income_map import places_of


@pytest.fixture
def world():
    """Three regions: one gateway, two near each other, two on different continents; one without."""
    network = SimpleNamespace(
        nodes=("a", "b", "c", "d", "e"),
        longitude=np.array([10.0, 60.0, 70.0, 0.0, 120.0]),
        latitude=np.array([50.0, 20.0, 30.0, 50.0, 10.0]),
        gateways=np.array(
            [[1.0, 0, 0, 0, 0], [0, 0.75, 0.25, 0, 0], [0, 0, 0, 0.5, 0.5], [0, 0, 0, 0, 0]]
        ),
    )
    return SimpleNamespace(network=network, regions=("ONE", "TWO", "FAR", "NIL"))


def test_a_region_stands_where_its_cargo_starts(world):
    places = places_of(world)
    assert places["ONE"] == (10.0, 50.0)
    assert places["TWO"] == (62.5, 22.5)


def test_a_region_of_several_continents_is_no_place_and_nor_is_one_without_gateways(world):
    assert set(places_of(world)) == {"ONE", "TWO"}


def test_a_world_without_a_network_has_no_places(world):
    world.network.nodes = ()
    assert places_of(world) == {}
