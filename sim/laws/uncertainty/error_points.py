"""Measured points of forecast errors: the data of `sim.laws.uncertainty.residuals`.

They stand apart so that a world can be read and checked without the laws that draw from them.
"""

from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray


class ErrorPoints(NamedTuple):
    """Measured points of log forecast errors."""

    shares: FloatArray
    """(n_points,) probabilities, rising, 0.5 among them [1]."""
    size_musd: FloatArray
    """(n_sizes,) flows of which they were measured, rising [musd]."""
    horizon_years: FloatArray
    """(n_horizons,) rising, above 0 [years]."""
    log_error: FloatArray
    """(n_sizes, n_horizons, n_points) log of recorded over forecast [1]."""
    passing_years: FloatArray
    """(n_sizes,) variance of the passing part over that of a year's walk [years]."""

    @property
    def middle(self) -> int:
        """Place of the median among the points."""
        return int(np.argmin(np.abs(self.shares - 0.5)))

    def centred(self) -> "ErrorPoints":
        """The same errors around their median."""
        middle = self.log_error[..., self.middle, None]
        return self._replace(log_error=self.log_error - middle)
