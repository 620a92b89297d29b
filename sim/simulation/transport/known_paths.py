"""Paths found so far between the nodes of a network: each is searched for once.

They depend on the network and the search alone. Those of a network that takes long to search are
kept beside the compiled kernels, so that the next process need not search either.
"""

import hashlib
import json
from dataclasses import fields
from functools import lru_cache

import numpy as np

from sim.simulation.transport.path_search import NodePair, Path, search_paths
from sim.simulation.transport.required_paths import add_named_paths
from sim.world.cache.cache_files import keep_newest, read_cached, state_of_modules, write_cached
from sim.world.transport.network import KEPT_NETWORKS, Network

WORTH_KEEPING = 100
"""Links from which on a network takes longer to search than a file to read."""
KEPT_FILES = 8
"""Networks whose paths are kept."""
_NAME = "paths-"
_MADE_BY = ("laws/numerics", "laws/transport", "simulation/transport", "world/transport")
"""Rooms whose modules find the paths."""

Regions = tuple[int, int]
Known = dict[tuple[NodePair, Regions], list[Path]]


def paths_between(network: Network, pair_of: dict[NodePair, Regions]) -> dict[NodePair, list[Path]]:
    """Paths of pairs of nodes; those of one do not depend on which others are asked for.

    Parameters
    ----------
    network : Network
    pair_of : dict
        Regions of each pair of nodes, lower index first.

    Returns
    -------
    dict
        By pair of nodes, links of each path from the first node to the second.

    Raises
    ------
    ValueError
        If two nodes are joined by no path even with every link open.
    """
    known = _known(network)
    missing = {ends: pair for ends, pair in pair_of.items() if (ends, pair) not in known}
    if missing:
        found = search_paths(network, set(missing))
        add_named_paths(network, found, missing)
        known |= {(ends, pair): found[ends] for ends, pair in missing.items()}
        _keep(network, known)
    return {ends: known[ends, pair] for ends, pair in pair_of.items()}


@lru_cache(maxsize=KEPT_NETWORKS)
def _known(network: Network) -> Known:
    """Paths found so far, by pair of nodes and of regions; added to."""
    key = _key(network)
    kept = read_cached(_name(key), key) if len(network.links) >= WORTH_KEEPING else None
    if kept is None:
        return {}
    return {((a, b), (i, j)): list(map(tuple, paths)) for a, b, i, j, paths in json.loads(kept)}


def _keep(network: Network, known: Known) -> None:
    if len(network.links) < WORTH_KEEPING:
        return
    key = _key(network)
    rows = [[*ends, *pair, paths] for (ends, pair), paths in known.items()]
    write_cached(_name(key), key, json.dumps(rows, separators=(",", ":")).encode())
    keep_newest(_NAME, KEPT_FILES)


def _name(key: bytes) -> str:
    return _NAME + key.hex()[:16]


@lru_cache(maxsize=KEPT_NETWORKS)
def _key(network: Network) -> bytes:
    """Digest of all that paths are found from."""
    digest = hashlib.sha256(state_of_modules(_MADE_BY))
    for field in fields(network):
        value = getattr(network, field.name)
        if isinstance(value, np.ndarray):
            digest.update(f"{field.name}:{value.dtype.str}:{value.shape}:".encode())
            digest.update(np.ascontiguousarray(value).tobytes())
        else:
            digest.update(f"{field.name}:{value!r}:".encode())
    return digest.digest()
