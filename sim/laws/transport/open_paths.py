"""Lists of the paths that are open in some run, block by block of pairs of ends, compiled.

A block has as many pairs of ends as stay in the cache together. Its paths are listed as they are
and, of the pairs where some might be otherwise, once more as they might be.
"""

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.jit import compiled

BLOCK = 16384
"""Attractions of a block, by path, good and run: 128 kB."""


@compiled
def blocks_of(first: IndexArray, lanes: int) -> IndexArray:
    """Begin of each block of pairs of ends, and the end of the last."""
    blocks = np.zeros(first.size, np.intp)
    n_blocks = 0
    for end in range(first.size - 1):
        begin = blocks[n_blocks]
        if end > begin and (first[end + 1] - first[begin]) * lanes > BLOCK:
            n_blocks += 1
            blocks[n_blocks] = end
    blocks[n_blocks + 1] = first.size - 1
    return blocks[: n_blocks + 2]


@compiled
def largest(blocks: IndexArray, first: IndexArray, of_end: IndexArray) -> tuple[int, int, int]:
    """Most paths, modes and pairs of ends in a block."""
    widest, most, longest = 0, 0, 0
    for k in range(blocks.size - 1):
        a, b = blocks[k], blocks[k + 1]
        widest = max(widest, first[b] - first[a])
        most = max(most, of_end[b] - of_end[a])
        longest = max(longest, b - a)
    return widest, most, longest


@compiled
def list_open(
    listed: tuple[IndexArray, IndexArray, IndexArray, IndexArray],
    source: IndexArray,
    count: IndexArray,
    ends: tuple[int, int],
    order: tuple[IndexArray, IndexArray, IndexArray],
    others: IndexArray,
    log_open: tuple[FloatArray, FloatArray],
) -> None:
    """List the paths of a block that are open in some run, as they are and as they might be.

    `count` has the rows, paths, modes and pairs of ends listed, those that might be otherwise
    twice. A path and its row of `time` and attraction stand in `listed`; the path of a row, its
    place among all paths or among those that might be otherwise, and which, in `source`.
    """
    of_end, of_nest, after = order
    count[:] = 0
    for end in range(ends[0], ends[1]):
        known = count[1]
        for nest in range(of_end[end], of_end[end + 1]):
            begin = count[1]
            for path in range(of_nest[nest], of_nest[nest + 1]):
                if _is_open(log_open[0], path):
                    _put(listed[0], source, count, path, path, 0)
            _close_nest(listed, count, begin)
        _close_pair(listed, count, end, 0)
        if after[end] < after[end + 1]:
            _list_instead(
                listed, source, count, (end, known, after[end]), (of_end, of_nest), others,
                log_open[1],
            )  # fmt: skip


@compiled
def _list_instead(
    listed: tuple[IndexArray, IndexArray, IndexArray, IndexArray],
    source: IndexArray,
    count: IndexArray,
    start: tuple[int, int, int],
    order: tuple[IndexArray, IndexArray],
    others: IndexArray,
    log_open: FloatArray,
) -> None:
    """List the paths of a pair of ends with some as they might be; the rest keep their rows."""
    paths, (of_end, of_nest) = listed[0], order
    end, known, place = start
    known_end = count[1]
    for nest in range(of_end[end], of_end[end + 1]):
        begin = count[1]
        for path in range(of_nest[nest], of_nest[nest + 1]):
            is_known = known < known_end and paths[0, known] == path
            known += is_known
            if place < others.size and others[place] == path:
                if _is_open(log_open, place):
                    _put(paths, source, count, path, place, 1)
                place += 1
            elif is_known:
                paths[0, count[1]], paths[1, count[1]] = path, paths[1, known - 1]
                count[1] += 1
        _close_nest(listed, count, begin)
    _close_pair(listed, count, end, 1)


@compiled
def _put(
    paths: IndexArray, source: IndexArray, count: IndexArray, path: int, place: int, turn: int
) -> None:
    """A path takes a row of its own."""
    row, at = count[0], count[1]
    source[0, row], source[1, row], source[2, row] = path, place, turn
    paths[0, at], paths[1, at] = path, row
    count[0], count[1] = row + 1, at + 1


@compiled
def _close_nest(
    listed: tuple[IndexArray, IndexArray, IndexArray, IndexArray], count: IndexArray, begin: int
) -> None:
    """A mode ends here, unless none of its paths is open."""
    if count[1] > begin:
        count[2] += 1
        listed[1][count[2]] = count[1]


@compiled
def _close_pair(
    listed: tuple[IndexArray, IndexArray, IndexArray, IndexArray],
    count: IndexArray,
    end: int,
    turn: int,
) -> None:
    """A pair of ends ends here, as it is or, in the second turn, as it might be."""
    listed[3][0, count[3]], listed[3][1, count[3]] = end, turn
    count[3] += 1
    listed[2][count[3]] = count[2]


@compiled
def _is_open(log_open: FloatArray, at: int) -> bool:
    # Most paths are open in the first run already.
    run = 0
    while run < log_open.shape[1] and log_open[at, run] == -np.inf:
        run += 1
    return bool(run < log_open.shape[1])
