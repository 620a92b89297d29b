"""Journeys on record beside what the packaged world's network takes for them.

A journey is the shortest by the modes and places it is known to have gone by; its days are those
of its links, with the hours on record at the gates and without loading. A pilot with its doors held
open is no mean: a row holds the band that the tables give for the corridor, or one that it names.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sim.validation.check import Check
from sim.validation.published_cases import JourneyRecord, journey_records
from sim.world.load import load_world
from sim.world.transport.network import Network

CASE = "journeys on record"


def known_journeys() -> list[Check]:
    """Rows for every journey on record in the packaged world."""
    network = load_world().network
    return [
        Check(
            CASE,
            f"{record.journey}, {record.measure}",
            record.value,
            journey_measure(network, record),
            max(record.high - record.value, record.value - record.low),
            record.measure,
            f"{record.source}; {record.basis}",
        )
        for record in journey_records()
    ]


def journey_measure(network: Network, record: JourneyRecord) -> float:
    """Distance or time that the network gives for a journey, in its measure [km or days].

    Raises
    ------
    ValueError
        If no route by those modes joins the places.
    """
    links = shortest(network, record.places, record.modes)
    of_link = network.length_km if record.measure == "km" else network.link_days
    return float(of_link[links].sum())


def shortest(network: Network, places: Sequence[str], modes: Sequence[str]) -> list[int]:
    """Links of the shortest way through some nodes in turn, by some modes [places in the table].

    Raises
    ------
    ValueError
        If there is none.
    """
    usable = [k for k, mode in enumerate(network.modes) if mode in modes]
    best: dict[tuple[int, int], int] = {}
    for k in usable:
        for ends in ((network.tail[k], network.head[k]), (network.head[k], network.tail[k])):
            pair = int(ends[0]), int(ends[1])
            known = best.get(pair)
            if known is None or network.length_km[k] < network.length_km[known]:
                best[pair] = k
    rows, columns = np.array(list(best)).T
    lengths = network.length_km[list(best.values())]
    shape = (len(network.nodes),) * 2
    _, before = dijkstra(csr_array((lengths, (rows, columns)), shape), return_predecessors=True)
    route: list[int] = []
    stops = [network.nodes.index(place) for place in places]
    for start, end in pairwise(stops):
        here = end
        part: list[int] = []
        while here != start:
            last = int(before[start, here])
            if last < 0:
                raise ValueError(
                    f"{network.nodes[start]} and {network.nodes[end]}: "
                    f"no route by {', '.join(modes)}"
                )
            part.append(best[last, here])
            here = last
        route += reversed(part)
    return route
