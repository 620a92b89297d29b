"""Titles in words of the names that a scenario may use, for those who choose among them."""

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
    return titles
