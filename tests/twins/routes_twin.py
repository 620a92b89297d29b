"""Slow twins of the route laws: plain loops, equations as printed."""

import heapq
import math
from collections.abc import Iterator

Link = tuple[int, int]


def bpr(volume: float, free: float, capacity: float, factor: float, power: float) -> float:
    return free * (1 + factor * (volume / capacity) ** power)


def least_cost(
    links: list[Link], cost: list[float], origin: int, destination: int, first_through: int = 0
) -> float:
    """Dijkstra's algorithm with a heap; zones below `first_through` are not passed."""
    heap, done = [(0.0, origin)], set()
    while heap:
        spent, node = heapq.heappop(heap)
        if node == destination:
            return spent
        if node in done:
            continue
        done.add(node)
        if node < first_through and node != origin:
            continue
        for (tail, head), price in zip(links, cost, strict=True):
            if tail == node:
                heapq.heappush(heap, (spent + price, head))
    return math.inf


def simple_paths(
    links: list[Link], origin: int, destination: int, first_through: int = 0
) -> Iterator[tuple[int, ...]]:
    """Every loopless path, by walking."""

    def walk(node: int, path: tuple[int, ...], passed: frozenset[int]) -> Iterator[tuple[int, ...]]:
        if node == destination:
            yield path
            return
        if node < first_through and node != origin:
            return
        for link, (tail, head) in enumerate(links):
            if tail == node and head not in passed:
                yield from walk(head, (*path, link), passed | {head})

    yield from walk(origin, (), frozenset({origin}))


def path_sizes(paths: list[tuple[int, ...]], length: list[float]) -> list[float]:
    sizes = []
    for path in paths:
        total = sum(length[link] for link in path)
        size = 0.0
        for link in path:
            size += length[link] / total / sum(link in other for other in paths)
        sizes.append(size)
    return sizes


def logit(cost: list[float], size: list[float], dispersion: float) -> list[float]:
    weight = [s * math.exp(-dispersion * c) for s, c in zip(size, cost, strict=True)]
    return [w / sum(weight) for w in weight]


def stochastic_volumes(
    paths: dict[Link, list[tuple[int, ...]]],
    demand: dict[Link, float],
    cost_of_link: list,
    size: dict[Link, list[float]],
    dispersion: float,
    rounds: int = 20_000,
) -> list[float]:
    """Method of successive averages with a small constant step at the end."""
    volume = [0.0] * len(cost_of_link)
    for step in range(rounds):
        cost = [law(v) for law, v in zip(cost_of_link, volume, strict=True)]
        chosen = [0.0] * len(volume)
        for pair, wanted in demand.items():
            shares = logit([sum(cost[i] for i in p) for p in paths[pair]], size[pair], dispersion)
            for path, share in zip(paths[pair], shares, strict=True):
                for link in path:
                    chosen[link] += share * wanted
        part = 1 / min(step + 1, 60)
        volume = [v + part * (y - v) for v, y in zip(volume, chosen, strict=True)]
    return volume


def erlang_b(load: float, servers: int) -> float:
    """Recursion over the servers."""
    loss = 1.0
    for n in range(1, servers + 1):
        loss = load * loss / (n + load * loss)
    return loss


def steady_queue(utilisation: float, servers: int, variability: float) -> float:
    loss = erlang_b(utilisation * servers, servers)
    wait_chance = loss / (1 - utilisation * (1 - loss))
    return variability * wait_chance * utilisation / (1 - utilisation)


def served_share(wanted: float, room: float, servers: int, variability: float) -> float:
    """Utilisation of a period by bisection: wanted = u room + L(u)."""
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle < 1 and middle * room + steady_queue(middle, servers, variability) < wanted:
            low = middle
        else:
            high = middle
    return low
