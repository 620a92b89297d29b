"""Loops of a direct-current power flow.

The flow over a line is its susceptance times the difference of angle between its ends, so
`flow / susceptance` sums to zero around every loop. A line out of service has no flow and
no such rule: an *opener*, a free difference of angle, stands in for it in its loops.
"""

from dataclasses import dataclass

import numpy as np

from sim.laws.energy.arcs import Arcs
from sim.laws.numerics.arrays import FloatArray, IntArray

Bus = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Loops:
    """An independent set of loops: entries of the rows that close them."""

    row: IntArray
    """Loop of the entry, from 0."""
    line: IntArray
    """Arc of the entry, or n_arcs + opener."""
    weight: FloatArray
    """Sign along the loop, times reactance (1 for openers)."""


def loops_of(arcs: Arcs, out_of_service: IntArray) -> Loops:
    """Loops closed by the lines outside a spanning tree, with openers for the given lines."""
    lines = np.flatnonzero(arcs.two_way)
    scale = float(np.median(arcs.susceptance[lines])) if lines.size else 1.0
    parent: dict[Bus, tuple[Bus, int, float]] = {}
    depth: dict[Bus, int] = {}
    closing = _spanning_tree(arcs, lines, parent, depth)
    opener = {int(line): arcs.n_arcs + k for k, line in enumerate(out_of_service)}
    row, column, weight = [], [], []
    for k, line in enumerate(closing):
        for member, sign in _loop(arcs, line, parent, depth):
            row.append(k)
            column.append(member)
            weight.append(sign * scale / arcs.susceptance[member])
            if member in opener:
                row.append(k)
                column.append(opener[member])
                weight.append(sign)
    return Loops(
        np.array(row, dtype=np.int64),
        np.array(column, dtype=np.int64),
        np.array(weight, dtype=np.float64),
    )


def _ends(arcs: Arcs, line: int) -> tuple[Bus, Bus]:
    carrier = int(arcs.carrier[line])
    return (carrier, int(arcs.tail[line])), (carrier, int(arcs.head[line]))


def _spanning_tree(
    arcs: Arcs,
    lines: IntArray,
    parent: dict[Bus, tuple[Bus, int, float]],
    depth: dict[Bus, int],
) -> list[int]:
    """Fill `parent` (bus -> nearer bus, line, sign towards it) and return the lines left over."""
    beside: dict[Bus, list[tuple[Bus, int, float]]] = {}
    for line in lines.tolist():
        tail, head = _ends(arcs, line)
        beside.setdefault(tail, []).append((head, line, -1.0))
        beside.setdefault(head, []).append((tail, line, +1.0))
    used: set[int] = set()
    for root in beside:
        if root in depth:
            continue
        depth[root] = 0
        queue = [root]
        for bus in queue:
            for other, line, sign in beside[bus]:
                if other not in depth:
                    depth[other] = depth[bus] + 1
                    parent[other] = (bus, line, sign)
                    used.add(line)
                    queue.append(other)
    return [line for line in lines.tolist() if line not in used]


def _loop(
    arcs: Arcs, line: int, parent: dict[Bus, tuple[Bus, int, float]], depth: dict[Bus, int]
) -> list[tuple[int, float]]:
    """Lines of the loop that `line` closes, with their sense along it."""
    up, down = _ends(arcs, line)[::-1]  # leave the head, climb, and come back to the tail
    members = [(line, 1.0)]
    while up != down:
        if depth[up] >= depth[down]:
            up, member, sign = parent[up]
            members.append((member, sign))
        else:
            down, member, sign = parent[down]
            members.append((member, -sign))
    return members
