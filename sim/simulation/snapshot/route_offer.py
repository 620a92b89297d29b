"""What paths offered in a quarter, as trade finds it that has not adjusted to all of it yet."""

from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.fastmath import exp_of, log_of


class RouteTerms(NamedTuple):
    """What the paths offer and carry in one quarter."""

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
        with np.errstate(divide="ignore", invalid="ignore"):
            alone = self.log_actual - np.log(share) / trade_elasticity[:, None]
            both = share * self.log_actual + (1.0 - share) * self.log_unused
        return np.where(np.isfinite(self.log_unused), both, alone)

    @property
    def usable_share(self) -> FloatArray:
        """Part of what agreements and projects offer that gates and queues leave of it.

        `(n_runs, n_cells)`, 1 where they offer nothing [1].
        """
        offers = self.log_agreed != 0
        left = np.zeros_like(self.log_actual)
        is_open = np.isfinite(self.log_actual)
        np.subtract(self.log_actual, self.log_unused, out=left, where=is_open)
        share = np.divide(left, self.log_agreed, out=np.ones_like(left), where=offers)
        return np.asarray(share.clip(0.0, 1.0))


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
    offers = log_agreed != 0
    share = np.divide(log_agreed_so_far, log_agreed, out=np.ones_like(log_agreed), where=offers)
    return np.asarray(share.clip(0.0, 1.0))


def felt_cost(
    log_cost: FloatArray,
    log_cost_otherwise: FloatArray,
    used_share: FloatArray,
    trade_elasticity: FloatArray,
) -> FloatArray:
    """Log cost by which as much moves as of the cargo that uses what is agreed and of the rest.

    Parameters
    ----------
    log_cost, log_cost_otherwise : (..., n_runs) ndarray
        Over the baseline's, with what is agreed and without [1].
    used_share : (..., n_runs) ndarray
        Part of the cargo that uses what is agreed [1].
    trade_elasticity : (n_runs,) ndarray

    Returns
    -------
    (..., n_runs) ndarray
        Infinite where nothing moves [1].

    Examples
    --------
    >>> half = felt_cost(np.zeros(1), np.array([np.inf]), np.array([0.5]), np.array([5.0]))
    >>> float(np.exp(-5.0 * half).item())
    0.5
    """
    moves = used_share * exp_of(-trade_elasticity * log_cost)
    moves = moves + (1.0 - used_share) * exp_of(-trade_elasticity * log_cost_otherwise)
    return np.where(moves > 0.0, -log_of(moves) / trade_elasticity, np.inf)
