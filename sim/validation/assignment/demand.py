"""Trips between zones: what is asked of the network."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IntArray

Demand = FloatArray | Mapping[tuple[int, int], float]


@dataclass(frozen=True, eq=False)
class Trips:
    """Demand by pair, in the order of origin, then destination."""

    origin: IntArray
    """Node each pair starts from, (n_pairs,)."""
    destination: IntArray
    """Node each pair ends at, (n_pairs,)."""
    volume: FloatArray
    """Demand of each pair, > 0, (n_pairs,)."""
    intrazonal: FloatArray
    """Trips from a zone to itself, (n_zones,); they use no link."""

    @property
    def n_zones(self) -> int:
        """Number of zones."""
        return int(self.intrazonal.size)


def trips(demand: Demand, n_nodes: int) -> Trips:
    """List the pairs with demand.

    Parameters
    ----------
    demand : (n_zones, n_zones) float, or mapping of (origin, destination) to float
        Zone `z` is node `z`, counted from 0. A mapping has as many zones as its highest node
        needs. Pairs without demand are left out, trips within a zone set aside.
    n_nodes : int
        Number of nodes of the network.

    Returns
    -------
    Trips

    Raises
    ------
    ValueError
        If demand is negative, not a number or names a node the network has not.
    """
    if isinstance(demand, Mapping):
        ends = _ends(demand)
        volume = np.array(list(demand.values()), dtype=np.float64)
        n_zones = int(ends.max(initial=-1)) + 1
    else:
        table = np.asarray(demand, dtype=np.float64)
        if table.ndim != 2 or table.shape[0] != table.shape[1]:
            raise ValueError(f"demand has shape {table.shape}; wanted (n_zones, n_zones)")
        n_zones = table.shape[0]
        ends = np.argwhere(table != 0.0)
        volume = table[ends[:, 0], ends[:, 1]]
    wrong = ~((volume >= 0.0) & np.isfinite(volume)) | (ends < 0).any(axis=1)
    if wrong.any():
        origin, destination = (int(node) for node in ends[np.flatnonzero(wrong)[0]])
        raise ValueError(
            f"demand from zone {origin} to zone {destination} is "
            f"{volume[np.flatnonzero(wrong)[0]]:g}; wanted zones and demand of 0 or more"
        )
    if n_zones > n_nodes:
        raise ValueError(f"demand names zone {n_zones - 1}, but the network has {n_nodes} nodes")
    within = ends[:, 0] == ends[:, 1]
    intrazonal = np.bincount(ends[within, 0], volume[within], minlength=n_zones)
    keep = np.flatnonzero(~within & (volume > 0.0))
    keep = keep[np.lexsort((ends[keep, 1], ends[keep, 0]))]
    return Trips(ends[keep, 0], ends[keep, 1], volume[keep], intrazonal.astype(np.float64))


def _ends(demand: Mapping[tuple[int, int], float]) -> IntArray:
    """Origin and destination of each pair of a mapping, (n_pairs, 2)."""
    for pair in demand:
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(_is_whole(z) for z in pair)):
            raise ValueError(
                f"demand has the key {pair!r}; wanted (origin, destination), two whole zone numbers"
            )
    return np.array(list(demand), dtype=np.int64).reshape(-1, 2)


def _is_whole(zone: object) -> bool:
    return isinstance(zone, (int, np.integer)) or (isinstance(zone, float) and zone.is_integer())
