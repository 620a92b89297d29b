"""Outlines of the land, to draw maps on; nothing is computed from them."""

import json
from pathlib import Path

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.csv_tables.reader import PACKAGED
from sim.world.csv_tables.table_errors import WorldError


def load_land(folder: Path | None = None) -> tuple[FloatArray, ...]:
    """Read the outlines of land and lakes.

    Parameters
    ----------
    folder : Path, optional
        Folder of tables, the packaged world if left out.

    Returns
    -------
    tuple of (n_points, 2) float
        Closed rings of longitude and latitude [degrees], to be filled together by the even-odd
        rule: lakes are rings inside the land. Empty if the world comes without outlines.

    Raises
    ------
    WorldError
        If the file cannot be read as rings.
    """
    path = (folder or PACKAGED) / "land.json"
    if not path.is_file():
        return ()
    try:
        rings = tuple(
            np.array(ring, dtype=np.float64).reshape(-1, 2)
            for ring in json.loads(path.read_text(encoding="utf-8"))["rings"]
        )
        if not all(np.isfinite(ring).all() for ring in rings):
            raise ValueError("a longitude or latitude is no number")  # noqa: TRY301
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        wanted = "wanted an object whose 'rings' are lists of longitude and latitude"
        raise WorldError([f"land.json: {error}; {wanted}"]) from error
    for ring in rings:
        ring.setflags(write=False)
    return rings
