"""The bargain over a joint toll in plain Python: orders of joining, and answers to one another.

It shares no rule with the model proper. A state's part of the joint toll is what it adds on
average over all orders in which the States of the routes might join; what it would earn alone is
found by letting each answer the tolls of the others until nobody wants to change.
"""

from itertools import permutations
from typing import NamedTuple


class Route(NamedTuple):
    """A named way between two members."""

    states: frozenset
    """States whose ground it crosses."""
    freight: float
    """[USD/FEU]"""
    toll: float
    """Tolls on record, of all states together [USD/FEU]."""


class Bargain(NamedTuple):
    """What States get of a joint toll, and what they earn by tolls of their own, by region."""

    share: dict
    alone: dict

    @property
    def is_refused(self):
        """Whether somebody earns more alone."""
        return any(own > self.share.get(s, 0.0) * (1 + 1e-9) for s, own in self.alone.items())


def plain_bargain(agreement, world):
    """The bargain over the joint toll of a transit agreement, all pairs of members together."""
    share, alone = {}, {}
    for routes in routes_by_pair(agreement.members, world):
        inside = [
            route for route in routes if route.states and route.states <= set(agreement.members)
        ]
        if inside:
            best = min(inside, key=lambda route: route.freight)
            # Tolls set apart take n / (n + 1) of what the passage is worth.
            worth = best.toll * (len(best.states) + 1) / len(best.states)
            add_up(share, joint(inside, best, worth))
            add_up(alone, apart(routes, best, worth))
    return Bargain(share, alone)


def routes_by_pair(members, world):
    """Built routes between members, a list for each pair."""
    found, links = {}, dict(world.network.corridor_links)
    for row in world.corridors:
        if row.status == "planned" or not set(row.ends) <= set(members):
            continue
        passed = list(links[row.corridor])
        tolls = world.network.tolls(*(world.regions.index(code) for code in row.ends))
        freight, toll = (
            sum(float(usd[link]) for link in passed)
            for usd in (world.network.link_usd_per_feu, tolls)
        )
        route = Route(frozenset(row.transit), freight, toll)
        found.setdefault(frozenset(row.ends), []).append(route)
    return list(found.values())


def add_up(total, more):
    """Add one pair's money to that of the others."""
    for state, money in more.items():
        total[state] = total.get(state, 0.0) + money


def joint(inside, best, worth):
    """What each State adds to the joint toll, over all orders of joining."""
    states = sorted(set().union(*(route.states for route in inside)))
    added, orders = dict.fromkeys(states, 0.0), list(permutations(states))
    for order in orders:
        before = 0.0
        for n, state in enumerate(order, start=1):
            now = most_earned(inside, set(order[:n]), best, worth)
            added[state] += (now - before) / len(orders)
            before = now
    return added


def most_earned(inside, together, best, worth):
    """What States together earn at best on one of the routes that they can open."""
    most = 0.0
    for route in inside:
        gap = worth - (route.freight - best.freight)
        if route.states <= together and gap > 0.0:
            toll = gap / 2
            most = max(most, toll * (gap - toll))
    return most


def apart(routes, best, worth):
    """What each State on the best way earns if all of them set tolls of their own."""
    gap = worth
    for route in routes:
        if not route.states & best.states:
            gap = min(gap, max(0.0, route.freight - best.freight))
    tolls = dict.fromkeys(best.states, 0.0)
    for _ in range(200):
        for state in tolls:
            # The best answer: half of what the others leave.
            tolls[state] = (gap - (sum(tolls.values()) - tolls[state])) / 2
    passing = gap - sum(tolls.values())
    return {state: toll * passing for state, toll in tolls.items()}
