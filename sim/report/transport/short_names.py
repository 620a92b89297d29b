"""Short names of routes: as few of their gates as tell each from the others in a list."""

from collections.abc import Sequence
from itertools import combinations

MAX_TOGETHER = 3
"""Gates tried together; a route that so few do not tell apart keeps all of its own."""


def short_names(routes: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Gates that tell each route from the others, in the route's order.

    The first gate always stands first, so that only routes with the same one need be told apart.

    Parameters
    ----------
    routes : sequence of sequence of str
        Gates of each route, no two the same.

    Examples
    --------
    >>> short_names([["pass", "bridge", "steppe"], ["pass", "ferry", "steppe"], ["port", "strait"]])
    [('pass', 'bridge'), ('pass', 'ferry'), ('port',)]
    >>> short_names([["pass", "lake"], ["pass", "lake", "steppe"]])
    [('pass', 'lake'), ('pass', 'steppe')]
    >>> short_names([["pass"], ["port", "pass"], ["pass", "lake"]])
    [('pass',), ('port',), ('pass', 'lake')]
    """
    names = []
    for own, route in enumerate(routes):
        others = [*routes[:own], *routes[own + 1 :]]
        alike = [set(each) for each in others if each[0] == route[0]]
        names.append(_short(tuple(route), alike))
    return names


def _short(route: tuple[str, ...], others: Sequence[set[str]]) -> tuple[str, ...]:
    first, *rest = route
    for n in range(min(MAX_TOGETHER, len(rest) + 1)):
        for chosen in combinations(rest, n):
            if not any({first, *chosen} <= other for other in others):
                return (first, *chosen)
    return route
