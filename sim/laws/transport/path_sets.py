"""Path sets of pairs, and the size of each path among those that share its links.

    size_p = sum over links a of p of (length_a / length_p) / (number of paths of the pair on a)

Paths that share links share the benefit of being chosen: two copies of one path weigh as one.
Ben-Akiva and Bierlaire (1999), eqs. 26-28. A closed path has no part in the sizes of the others.
Sums over links and paths are sparse products with ones: each run is summed in the same order
whatever the batch, so a batch gives the bits of its single runs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray

Path = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class PathSet:
    """Paths of some pairs, sorted by pair; a pair may have none."""

    n_links: int
    """Number of links of the network."""
    origin: IntArray
    """Node each pair starts from, (n_pairs,)."""
    destination: IntArray
    """Node each pair ends at, (n_pairs,)."""
    pair: IntArray
    """Pair of each path, (n_paths,), in rising order."""
    start: IntArray
    """Path `p` has the links `link[start[p]:start[p + 1]]`, (n_paths + 1,)."""
    link: IntArray
    """Links of all paths, one after the other."""

    @property
    def n_pairs(self) -> int:
        """Number of pairs."""
        return int(self.origin.size)

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return int(self.pair.size)

    @cached_property
    def incidence(self) -> "sparse.csr_matrix[np.float64]":
        """1 where a path uses a link, (n_paths, n_links)."""
        ones = np.ones(self.link.size)
        return sparse.csr_matrix((ones, self.link, self.start), shape=(self.n_paths, self.n_links))

    @cached_property
    def membership(self) -> "sparse.csr_matrix[np.float64]":
        """1 where a path belongs to a pair, (n_pairs, n_paths)."""
        start = np.searchsorted(self.pair, np.arange(self.n_pairs + 1))
        column = np.arange(self.n_paths)
        return sparse.csr_matrix(
            (np.ones(self.n_paths), column, start), shape=(self.n_pairs, self.n_paths)
        )

    def path(self, position: int) -> Path:
        """Links of one path: in travelling order, or by number in a least-cost `Assignment`."""
        return tuple(int(i) for i in self.link[self.start[position] : self.start[position + 1]])


def as_path_set(n_links: int, paths: Mapping[tuple[int, int], Iterable[Sequence[int]]]) -> PathSet:
    """Path set from lists of links, in the order of the mapping.

    Parameters
    ----------
    n_links : int
        Number of links of the network.
    paths : mapping
        Paths, each a sequence of links, by (origin, destination).

    Raises
    ------
    ValueError
        If a path names a link the network has not.
    """
    ends = np.array(list(paths), dtype=np.int64).reshape(-1, 2)
    pair, links = [], []
    for position, ((origin, destination), choices) in enumerate(paths.items()):
        for path in choices:
            wrong = [link for link in path if not 0 <= link < n_links]
            if wrong:
                raise ValueError(
                    f"a path from {origin} to {destination} names link {wrong[0]}; "
                    f"wanted 0 to {n_links - 1}"
                )
            pair.append(position)
            links.append(list(path))
    start = np.concatenate([[0], np.cumsum([len(path) for path in links])]).astype(np.int64)
    link = np.array([i for path in links for i in path], dtype=np.int64)
    return PathSet(n_links, ends[:, 0], ends[:, 1], np.array(pair, dtype=np.int64), start, link)


def path_size(
    paths: PathSet, length: FloatArray, *, open_path: BoolArray | None = None
) -> FloatArray:
    """Size of each path, 1 for a path that shares no link.

    Parameters
    ----------
    paths : PathSet
    length : (n_links,) float
        Weight of a link in the overlap, such as its free-flow cost, >= 0. A path of no length
        counts every link alike.
    open_path : (..., n_paths) bool, optional
        Paths that can be used; the others do not crowd anybody.

    Returns
    -------
    (..., n_paths) float
        In (0, 1]; 1 also for closed paths.

    Raises
    ------
    ValueError
        If a length is missing, negative or not finite.
    """
    length = _lengths(length, paths.n_links)
    usable = np.ones(paths.n_paths, np.bool_) if open_path is None else open_path
    lead = usable.shape[:-1]
    if not paths.n_paths:
        return np.ones((*lead, 0))
    by_path = usable.reshape(-1, paths.n_paths).T.astype(np.float64)
    path_of_entry = np.repeat(np.arange(paths.n_paths), np.diff(paths.start))
    key = paths.pair[path_of_entry] * paths.n_links + paths.link
    keys, group = np.unique(key, return_inverse=True)
    entries = np.arange(key.size)
    gather = sparse.csr_matrix((np.ones(key.size), (group, entries)), shape=(keys.size, key.size))
    users = np.maximum(np.asarray(gather @ by_path[path_of_entry]), 1.0)
    weight = length[paths.link]
    total = _sums_by_path(paths, weight[:, None])[path_of_entry, 0]
    count = np.diff(paths.start)[path_of_entry]
    share = np.where(total > 0.0, weight / np.where(total > 0.0, total, 1.0), 1.0 / count)
    size = _sums_by_path(paths, share[:, None] / users[group])
    size = np.where((by_path > 0.0) & (size > 0.0), size, 1.0)
    return np.ascontiguousarray(size.T).reshape(*lead, paths.n_paths)


def _lengths(length: ArrayLike, n_links: int) -> FloatArray:
    values = np.asarray(length, dtype=np.float64)
    if values.shape != (n_links,):
        raise ValueError(f"length has shape {values.shape}; wanted ({n_links},)")
    wrong = np.flatnonzero(~((values >= 0.0) & np.isfinite(values)))
    if wrong.size:
        raise ValueError(
            f"length of link {wrong[0]} is {values[wrong[0]]:g}; wanted 0 or more, finite"
        )
    return values


def _sums_by_path(paths: PathSet, entries: FloatArray) -> FloatArray:
    """Sum entries `(n_entries, n_runs)` over the links of each path."""
    one = sparse.csr_matrix(
        (np.ones(paths.link.size), np.arange(paths.link.size), paths.start),
        shape=(paths.n_paths, paths.link.size),
    )
    return np.asarray(one @ entries)
