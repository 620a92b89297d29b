"""Titles in words of the names that a scenario may use, for those who choose among them."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from sim.world.csv_tables.reader import PACKAGED, read_tables

_TABLES = {
    "regions": ("regions", "region", "name"),
    "goods": ("goods", "good", "name"),
    "layers": ("layers", "layer", "name"),
    "ledgers": ("ledgers", "ledger", "name"),
    "gates": ("gates", "gate", "name"),
    "ports": ("ports", "port", ""),
    "routes": ("corridors", "corridor", "name"),
    "projects": ("projects", "project", "name"),
    "parameters": ("parameters", "parameter", "title"),
    "energy_carriers": ("energy_carriers", "carrier", "name"),
    "energy_arcs": ("energy_arcs", "arc", ""),
    "energy_projects": ("energy_projects", "project", "name"),
}
"""By vocabulary: table, column of the name, column of the words (none: the name itself)."""


def world_titles(folder: Path | None = None) -> Mapping[str, Mapping[str, str]]:
    """Names of each vocabulary with their titles, in the order of the tables.

    Parameters
    ----------
    folder : Path, optional
        Folder of tables, the packaged world if left out.

    Raises
    ------
    WorldError
        If the tables cannot be read.
    """
    tables = read_tables(folder or PACKAGED, tuple({table for table, _, _ in _TABLES.values()}))
    titles: dict[str, Mapping[str, str]] = {}
    for vocabulary, (table, key, words) in _TABLES.items():
        rows = tables[table]
        titles[vocabulary] = {
            row.text(key): row.text(words) if words else row.text(key).replace("-", " ")
            for row in rows
        }
    ports, gates = titles["ports"], titles["gates"]
    titles["ports"] = {port: gates.get(port, name) for port, name in ports.items()}
    ends = {
        row.text("corridor"): (row.text("end_a"), row.text("end_b")) for row in tables["corridors"]
    }
    titles["routes"] = _told_apart(titles["routes"], ends, titles["regions"])
    return titles


def _told_apart(
    names: Mapping[str, str], ends: Mapping[str, tuple[str, str]], regions: Mapping[str, str]
) -> dict[str, str]:
    """Names of routes; those that several pairs of States share have theirs behind them."""
    shared = Counter(names.values())
    return {
        route: name
        if shared[name] == 1
        else f"{name} ({'–'.join(map(regions.__getitem__, ends[route]))})"
        for route, name in names.items()
    }
