"""Years and quarters of the results: their names, and their positions on the axis of a figure.

A year is the four quarters that end with a target's quarter. On the axis each calendar year stands
at its number.
"""

import numpy as np
import xarray as xr

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import parse_quarter
from sim.study.ensemble.findings import Finding


def year_of(finding: Finding, k: int) -> str:
    """Name of one of the finding's years: its number, with its last quarter unless the fourth."""
    quarter = finding.by[4:]
    return f"{finding.years[k]}{'' if quarter == 'Q4' else quarter}"


def year_places(finding: Finding) -> FloatArray:
    """Positions of the finding's years on an axis with each calendar year at its number."""
    quarter = parse_quarter(finding.by) % 4
    return np.asarray(finding.years + (quarter + 1) / 4 - 1.0)


def quarter_places(result: xr.Dataset) -> FloatArray:
    """Positions of quarters on the same axis."""
    quarters = np.array([parse_quarter(str(q)) for q in result["quarter"].to_numpy()])
    return np.asarray((quarters + 0.5) / 4 - 0.5)


def quarter_place(quarter: int) -> float:
    """Position of the start of a quarter on the same axis."""
    return quarter / 4 - 0.5
