"""Bounds of what countries and their groups can be, so that a mistaken unit or sign is told."""

from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.sources.text_sheet import TextSheet


class Bounds(NamedTuple):
    """Least and most of a figure of a country."""

    low: float
    high: float
    unit: str = ""


BOUNDS = {
    "gdp_musd": Bounds(0.1, 2e8, "million"),
    "population_m": Bounds(1e-6, 1e4, "million"),
    "real_growth": Bounds(-0.95, 3.0),
    "farming": Bounds(0.0, 1.0),
    "manufacturing": Bounds(0.0, 1.0),
    "mining": Bounds(0.0, 1.0),
}
"""By what a figure is; rates and shares as fractions. Growth goes beyond what was ever recorded:
-66 % (Libya 2011) to 150 % (Equatorial Guinea 1997)."""


def check_fact(sheet: TextSheet, place: int, what: str, value: FloatArray) -> None:
    """Refuse a column at the first figure that no country can have; NaN is left alone.

    Parameters
    ----------
    sheet : TextSheet
    place : int
        Column of the figures.
    what : str
        Name among `BOUNDS`.
    value : (n_rows,) ndarray
        In the unit of `CountryFigures`.

    Raises
    ------
    RefusedError
        With the line of the figure.
    """
    low, high, unit = BOUNDS[what]
    check_amount(sheet, place, value, (low, high), unit)


def check_amount(
    sheet: TextSheet, place: int, value: FloatArray, within: tuple[float, float], unit: str
) -> None:
    """Refuse a column at the first amount outside bounds; parameters as of `check_fact`."""
    odd = np.flatnonzero((value < within[0]) | (value > within[1]))
    if len(odd):
        found = value[odd[0]]
        said = f"{found:.6g} {unit}" if unit else f"{100 * found:.6g} %"
        what = f"is {said}, which is no country's"
        sheet.refuse(int(odd[0]), place, what, "wanted the unit that the heading says")
