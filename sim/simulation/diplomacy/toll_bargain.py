"""Consent of transit states to one toll: the share of each against what it earns alone.

On the best route the separate tolls on record stand at ``n / (n + 1)`` of the price gap at which
nothing passes. A joint toll earns a quarter of the gap squared (for a slope of one) and is split by
Shapley value over all routes within the agreement; a state alone earns what its own toll brings
when the others set theirs as well, the gap being no more than what the best bypass without any of
them costs more.
"""

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.diplomacy.bargaining import best_route_worth, separate_tolls, shapley_value
from sim.laws.numerics.arrays import FloatArray

if TYPE_CHECKING:
    from sim.scenario.blocks.agreements import Agreement
    from sim.world.csv_tables.records import Corridor
    from sim.world.world import World


MAX_STATES = 10
"""Transit states among whom a split is worked out: coalitions double with each."""


class TollBargain(NamedTuple):
    """Outcome of a joint toll for each region, in units of the tolls' own money squared."""

    share: FloatArray
    """(n,) what it gets of the joint toll."""
    alone: FloatArray
    """(n,) what it earns by its own toll."""

    @property
    def is_accepted(self) -> bool:
        """True if no state falls short of what it earns alone."""
        return bool(np.all(self.share >= self.alone * (1.0 - 1e-9)))


class _Route(NamedTuple):
    """States crossed and charges on a named route between two members."""

    transit: tuple[str, ...]
    freight_usd_per_feu: float
    toll_usd_per_feu: float


def toll_bargain(agreement: "Agreement", world: "World") -> TollBargain:
    """Split of the joint toll of an agreement over all pairs of its members.

    Raises
    ------
    ValueError
        If more transit states than coalitions can be counted for set tolls for one pair.
    """
    share, alone = np.zeros((2, len(world.regions)))
    members = set(agreement.members)
    by_pair: dict[frozenset[str], list[_Route]] = defaultdict(list)
    links = dict(world.network.corridor_links)
    for corridor in world.corridors:
        if corridor.status != "planned" and set(corridor.ends) <= members:
            route = _route(corridor, list(links[corridor.corridor]), world)
            by_pair[frozenset(corridor.ends)].append(route)
    for routes in by_pair.values():
        inside = [route for route in routes if set(route.transit) <= members and route.transit]
        states = sorted({code for route in inside for code in route.transit})
        if not states:
            continue
        if len(states) > MAX_STATES:
            raise ValueError(f"{len(states)} transit states share a toll; wanted {MAX_STATES}")
        where = [world.region_index(code) for code in states]
        gap, own_gap, best = _gaps(inside, [route for route in routes if route not in inside])
        needs = np.array([code in route.transit for route, code in product(inside, states)])
        worth = best_route_worth(needs.reshape(len(inside), len(states)), gap**2 / 4.0)
        share[where] += shapley_value(worth)
        earned = separate_tolls(own_gap, 1.0, np.zeros(len(best.transit))).revenue
        alone[[world.region_index(code) for code in best.transit]] += earned
    return TollBargain(share, alone)


def _route(corridor: "Corridor", links: list[int], world: "World") -> _Route:
    a, b = (world.region_index(code) for code in corridor.ends)
    network = world.network
    return _Route(
        transit=corridor.transit,
        freight_usd_per_feu=float(network.link_usd_per_feu[links].sum()),
        toll_usd_per_feu=float(network.tolls(a, b)[links].sum()),
    )


def _gaps(inside: list[_Route], outside: list[_Route]) -> tuple[FloatArray, float, _Route]:
    """Price gap of every route within, of the best one against its bypass, and the best route."""
    best = min(inside, key=lambda route: route.freight_usd_per_feu)
    n = len(best.transit)
    choke = best.toll_usd_per_feu * (n + 1) / n
    dearer = np.array([route.freight_usd_per_feu - best.freight_usd_per_feu for route in inside])
    free = [route for route in (*inside, *outside) if not set(route.transit) & set(best.transit)]
    spare = [max(w.freight_usd_per_feu - best.freight_usd_per_feu, 0.0) for w in free]
    return np.maximum(choke - dearer, 0.0), min([choke, *spare]), best
