"""Journeys on record beside the network's."""

from itertools import pairwise

import numpy as np
import pytest

from sim.validation.journeys import journey_measure, known_journeys, shortest
from sim.validation.published_cases import journey_records
from sim.world.load import load_world


def test_the_journeys_on_record_lie_within_their_bands():
    rows = known_journeys()
    assert len(rows) == len(journey_records()) >= 5
    for row, record in zip(rows, journey_records(), strict=True):
        assert record.low <= row.ours <= record.high, row
        assert record.low <= row.published <= record.high, row


def test_a_journey_is_a_chain_through_its_places_by_its_modes():
    network = load_world().network
    for record in journey_records():
        route = shortest(network, record.places, record.modes)
        assert {network.modes[k] for k in route} <= set(record.modes)
        ends = [{int(network.tail[k]), int(network.head[k])} for k in route]
        assert all(one & other for one, other in pairwise(ends))
        met = set().union(*ends)
        assert {network.nodes.index(place) for place in record.places} <= met


def test_no_way_by_fewer_links_is_shorter():
    network = load_world().network
    (record,) = [r for r in journey_records() if "kashgar" in r.places]
    reached = np.full(len(network.nodes), np.inf)
    total = 0.0
    for start, end in pairwise(record.places):
        reached[:] = np.inf
        reached[network.nodes.index(start)] = 0.0
        for _ in network.nodes:  # Bellman and Ford, a plain twin
            for k, mode in enumerate(network.modes):
                if mode in record.modes:
                    a, b, km = network.tail[k], network.head[k], network.length_km[k]
                    reached[b] = min(reached[b], reached[a] + km)
                    reached[a] = min(reached[a], reached[b] + km)
        total += reached[network.nodes.index(end)]
    route = shortest(network, record.places, record.modes)
    assert network.length_km[route].sum() == pytest.approx(total, rel=1e-12)
    assert journey_measure(network, record) == pytest.approx(network.link_days[route].sum())


def test_places_that_nothing_joins_are_named():
    network = load_world().network
    with pytest.raises(ValueError, match=r"kashgar and karachi-city: no route by ferry"):
        shortest(network, ("kashgar", "karachi-city"), ("ferry",))
