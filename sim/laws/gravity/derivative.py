"""Derivative of the excess demand of `exchange` in its log prices, from shares and values.

With X'[s,i,j] the net flows, pi the shares and V the incomes, at any prices,

    dlnV[i,k]     = (1 + psi) 1[i=k] - psi pi[k,i]
    dlnF[j,k]     = own[j] dlnV[j,k] + multiplier[j] sum_s theta_s alpha[s,j] lost[s,k,j]
    dlnsales[i,k] = sum_sj X'[s,i,j] (theta_s (pi[s,k,j] - 1[i=k]) + dlnF[j,k]) / sales[i]

with lost = net - n pi, net the shares net of tariff and n their sum; f = ln sales - ln V. It
is linear in the elasticities, so runs that share a baseline share its pieces.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.laws.numerics.arrays import FloatArray


@dataclass(frozen=True)
class BaselineDerivative:
    """Derivative of the excess demand at the baseline: constant + sum_s theta_s by_good[s]."""

    constant: FloatArray
    """(run, state, state)."""
    by_good: FloatArray
    """(run, good, state, state)."""

    def take(self, runs: npt.NDArray[np.intp]) -> "BaselineDerivative":
        """The derivative of some runs only."""
        constant, by_good = self.constant, self.by_good
        return BaselineDerivative(
            constant[runs] if constant.shape[0] > 1 else constant,
            by_good[runs] if by_good.shape[0] > 1 else by_good,
        )

    def at(self, elasticity: FloatArray) -> FloatArray:
        """(run, state, state) derivative for the elasticities of each run."""
        total = self.constant
        for good in range(self.by_good.shape[1]):
            total = total + elasticity[:, good, None, None] * self.by_good[:, good]
        return total


def linearise(
    share: FloatArray,
    net_share: FloatArray,
    spending: FloatArray,
    final_share: FloatArray,
    supply_elasticity: FloatArray | None,
    income: FloatArray,
    own_share: FloatArray | None,
    multiplier: FloatArray | None,
) -> BaselineDerivative:
    """Derivative d f[i] / d x[k] of the excess demand from shares and values.

    `own_share` is d ln F / d ln V (1 if None), `multiplier` minus d ln F / d N; with
    `supply_elasticity` None incomes and spending are held.
    """
    n_states = share.shape[-1]
    unit = np.eye(n_states)
    sold = net_share * spending[..., None, :]
    output = sold.sum(axis=(1, 3))
    over = 1 / np.where(output > 0, output, 1.0)[..., None]
    by_good = sold @ share.swapaxes(-1, -2) - sold.sum(axis=-1)[..., None] * unit
    if supply_elasticity is None or multiplier is None:
        by_good = by_good * over[:, None]
        return BaselineDerivative(np.where(output[..., None] > 0, 0.0, -unit), by_good)
    flows = sold.sum(axis=1)
    if share is not net_share:
        taxed = share - net_share  # nothing, to the bit, for a run without tariffs
        lost = (share * taxed.sum(axis=-2, keepdims=True) - taxed) * (
            final_share * multiplier[:, None]
        )[..., None, :]
        by_good = by_good + flows[:, None] @ lost.swapaxes(-1, -2)
    supply = np.broadcast_to(unit, (income.shape[0], n_states, n_states))
    if (supply_elasticity != 0).any():
        psi = supply_elasticity[..., None]
        supply = (1 + psi) * unit - psi * share[:, 0].swapaxes(-1, -2)
    spent = supply if own_share is None else own_share[..., None] * supply
    constant = np.where(output[..., None] > 0, (flows @ spent) * over - supply, -unit)
    return BaselineDerivative(constant, by_good * over[:, None])
