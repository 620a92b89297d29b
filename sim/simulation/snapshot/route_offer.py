"""Offer of the paths in a quarter, as trade finds it before it has adjusted to all of it."""

from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.transport.used_part import mixed_costs, part_of


class RouteTerms(NamedTuple):
    """Costs and cargo of the paths in one quarter."""

    carried: FloatArray
    """(n_paths, n_runs) cargo by path, both directions, at a year's rate [t/year]."""
    stranded: FloatArray
    """(n_pairs, n_runs) cargo that would move at the baseline's cost and has no path open
    [t/year]."""
    log_pair: FloatArray
    """(n_goods, n_pairs, n_runs) log cost of every pair with all paths as they are, infinite where
    none is open."""
    log_agreed: FloatArray
    """(n_runs, n_cells) log cost under agreements and projects, the gates as the season leaves
    them and without queues; of the open season where it shuts every path."""
    log_actual: FloatArray
    """(n_runs, n_cells) log cost under agreements and projects, gates and queues as they are;
    infinite where no path is open."""
    log_unused: FloatArray
    """(n_runs, n_cells) the same for cargo that does not use agreements and projects yet."""

    def log_cost(self, log_agreed_so_far: FloatArray, trade_elasticity: FloatArray) -> FloatArray:
        """Log cost when trade has adjusted to a part of what the agreements offer.

        Closures strike at once, but cannot take away what has not been gained: the part of the
        cargo that uses an agreement bears its closures, the rest those of the paths without it. If
        those are all shut, the rest does not come.

        Parameters
        ----------
        log_agreed_so_far : (n_runs, n_cells) ndarray
            Part of `log_agreed` that trade has adjusted to.
        trade_elasticity : (n_runs,) ndarray
            Elasticity of trade to its cost [1].
        """
        share = used_part(self.log_agreed, log_agreed_so_far)
        both, shut = mixed_costs(share, self.log_actual, self.log_unused)
        if len(shut):
            used, run = self.log_actual.reshape(-1)[shut], shut // share.shape[1]
            with np.errstate(divide="ignore"):
                come = np.log(share.reshape(-1)[shut]) / trade_elasticity[run]
            both.reshape(-1)[shut] = used - come
        return both

    @property
    def usable_share(self) -> FloatArray:
        """Part of what agreements and projects offer that gates and queues leave of it.

        `(n_runs, n_cells)`, 1 where they offer nothing [1].
        """
        with np.errstate(invalid="ignore"):
            left = self.log_actual - self.log_unused
        left[~np.isfinite(self.log_actual)] = 0.0
        return part_of(left, self.log_agreed)


def used_part(log_agreed: FloatArray, log_agreed_so_far: FloatArray) -> FloatArray:
    """Part of the cargo that uses what is agreed: what trade has adjusted to of what is offered.

    Parameters
    ----------
    log_agreed, log_agreed_so_far : ndarray
        Offered log cost and that adjusted to, same shapes.

    Returns
    -------
    ndarray
        Between 0 and 1; 1 where nothing is offered [1].
    """
    return part_of(log_agreed_so_far, log_agreed)
