"""Reader of the TransportationNetworks text format: networks, trips and published flows.

Files count nodes from 1; everything returned counts from 0. `~` starts a comment, `<NAME> value`
lines are metadata, rows end in `;`. Tolls and lengths enter the cost only through weights that the
file does not hold (its README does), so they are arguments.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.validation.assignment import CrowdedNetwork

_METADATA = re.compile(r"<([^>]+)>\s*([^~]*)")
_ENTRY = re.compile(r"(\d+)\s*:\s*([^\s;:]+)\s*;?")
_COLUMNS = 10
"""Tail, head, capacity, length, free-flow time, B, power, speed, toll, type."""
_NEEDED = 7


def read_network(
    path: Path, *, toll_weight: float = 0.0, length_weight: float = 0.0
) -> CrowdedNetwork:
    """Network of a `_net.tntp` file.

    Parameters
    ----------
    path : Path
    toll_weight, length_weight : float
        Cost of a unit of toll and of length, in units of time; they make the fixed cost.

    Returns
    -------
    Network
        Links in the order of the file.

    Raises
    ------
    ValueError
        With file and line, if a row cannot be read or the metadata do not fit.
    """
    metadata, body = _read(path)
    rows = []
    for line, text in body:
        fields = text.replace(";", " ").split()
        if len(fields) < _NEEDED:
            raise ValueError(f"{path}:{line}: {len(fields)} columns; wanted {_COLUMNS}")
        numbers = [_number(path, line, field) for field in fields[:_COLUMNS]]
        rows.append(numbers + [0.0] * (_COLUMNS - len(numbers)))
    table = np.array(rows).reshape(-1, _COLUMNS)
    n_links, n_nodes = (_count(path, metadata, f"NUMBER OF {what}") for what in ("LINKS", "NODES"))
    if n_links != len(rows):
        raise ValueError(f"{path}: NUMBER OF LINKS is {n_links}, but there are {len(rows)} rows")
    try:
        return CrowdedNetwork(
            tail=table[:, 0].astype(np.int64) - 1,
            head=table[:, 1].astype(np.int64) - 1,
            free_flow_cost=table[:, 4],
            capacity=table[:, 2],
            bpr_factor=table[:, 5],
            bpr_power=table[:, 6],
            first_through_node=_count(path, metadata, "FIRST THRU NODE") - 1,
            fixed_cost=toll_weight * table[:, 8] + length_weight * table[:, 3],
            n_nodes=n_nodes,
        )
    except ValueError as error:
        raise ValueError(f"{path} (nodes and links counted from 0): {error}") from error


def read_trips(path: Path) -> FloatArray:
    """Trips of a `_trips.tntp` file, `(n_zones, n_zones)`, origin by destination.

    Trips within a zone stay on the diagonal.

    Raises
    ------
    ValueError
        With file and line, if an entry cannot be read or names a zone there is not.
    """
    metadata, body = _read(path)
    n_zones = _count(path, metadata, "NUMBER OF ZONES")
    trips = np.zeros((n_zones, n_zones))
    origin = 0
    for line, text in body:
        words = text.split()
        if words[0].lower() == "origin":
            origin = int(_number(path, line, words[1]))
        for destination, volume in _ENTRY.findall(text):
            if not (1 <= origin <= n_zones and 1 <= int(destination) <= n_zones):
                raise ValueError(
                    f"{path}:{line}: trips from zone {origin} to zone {destination}; "
                    f"wanted zones 1 to {n_zones}"
                )
            trips[origin - 1, int(destination) - 1] += _number(path, line, volume)
    return trips


def read_flow(path: Path, network: CrowdedNetwork) -> FloatArray:
    """Published volumes of a `_flow.tntp` file, in the order of the network's links.

    Raises
    ------
    ValueError
        If the rows are not those of the links of `network`.
    """
    waiting: dict[tuple[int, int], list[float]] = defaultdict(list)
    for line, text in _read(path)[1]:
        fields = re.sub(r"[:;]", " ", text).split()
        if fields[0].isdigit():
            ends = (int(fields[0]) - 1, int(fields[1]) - 1)
            waiting[ends].append(_number(path, line, fields[2]))
    links = zip(np.asarray(network.tail).tolist(), np.asarray(network.head).tolist(), strict=True)
    volume = []
    for tail, head in links:
        if not waiting[tail, head]:
            raise ValueError(f"{path}: no row from node {tail + 1} to node {head + 1}")
        volume.append(waiting[tail, head].pop(0))
    return np.array(volume)


def _read(path: Path) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Metadata, and the rows that are neither metadata, comment nor empty, with line numbers."""
    metadata: dict[str, str] = {}
    body: list[tuple[int, str]] = []
    for line, text in _lines(path):
        found = _METADATA.match(text)
        if found:
            metadata[found[1].strip().upper()] = found[2].strip()
        elif text:
            body.append((line, text))
    return metadata, body


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        kept = text if text.lstrip().startswith("<") else text.split("~")[0]
        yield line, kept.strip()


def _count(path: Path, metadata: dict[str, str], name: str) -> int:
    if not metadata.get(name, "").isdigit():
        raise ValueError(f"{path}: <{name}> is {metadata.get(name)!r}; wanted a whole number")
    return int(metadata[name])


def _number(path: Path, line: int, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{path}:{line}: {text!r} is not a number") from None
