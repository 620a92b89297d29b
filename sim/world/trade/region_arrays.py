"""Columns of checked tables along the axes of regions and goods."""

from itertools import product

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.csv_tables.reader import Tables


def region_array(tables: Tables, table: str, column: str, **where: str) -> FloatArray:
    """Read a column along the region axis, from the rows whose cells are as in `where`."""
    regions = tables["regions"].column("region")
    cells = tuple(where.values())
    rows = [row for row in tables[table] if row.texts(where) == cells]
    values = {row.text("region"): row.number(column) for row in rows}
    return np.array([values[code] for code in regions])


def good_region_array(
    tables: Tables, table: str, column: str, goods: tuple[str, ...]
) -> FloatArray:
    """Read a column along the good and region axes."""
    regions = tables["regions"].column("region")
    values = {(row.text("good"), row.text("region")): row.number(column) for row in tables[table]}
    found = np.array([values[place] for place in product(goods, regions)])
    return found.reshape(len(goods), len(regions))


def growth_by_year(tables: Tables) -> tuple[FloatArray, tuple[int, ...]]:
    """Real growth by region and calendar year, and the years."""
    years = tuple(sorted({int(row.text("year")) for row in tables["growth"]}))
    rates = [region_array(tables, "growth", "real_growth", year=str(year)) for year in years]
    return np.stack(rates, axis=1), years
