"""Tariffs under agreements: phased cuts, the preference's use, quotas, revenue.

Duties of several layers (customs duty, additional and regulatory duties) are charged on the same
value and add. A concession cuts chosen layers by a share that is phased in. An exporter claims the
preference only where the margin it saves exceeds what proving origin costs him; those costs differ
between consignments and are taken as lognormal, so that with margin ``m``, median cost ``c`` and
spread ``s``

    used share         u = N(log(m / c) / s)
    expected saving    S = m u - c exp(s^2 / 2) N(log(m / c) / s - s)

where ``N`` is the standard normal distribution and ``S = E[max(m - cost, 0)]``. Rates are shares
(0.2 is 20 %), and every function works on arrays of any shape that broadcast together.

Sources: Carpenter and Lendle (2010) and Keck and Lendle (2012) on use rising with the margin;
Cadot and others (2006) on origin costs of a few per cent of value.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from sim.laws.numerics.arrays import FloatArray, IndexArray

CUSTOMS_UNION_RULES = ("refuse", "waiver", "union")


class PreferenceUse(NamedTuple):
    """Effect of a preference on the trade it is offered to."""

    used_share: FloatArray
    """Share of the value that enters at the preferential rate [1]."""
    applied_rate: FloatArray
    """Average duty actually paid [1]."""
    origin_cost_factor: FloatArray
    """Factor on the trade cost from proving origin, >= 1 [1]."""


class Claim(NamedTuple):
    """Value of a preference to the consignments that it covers."""

    used_share: FloatArray
    """Share of them that claim it [1]."""
    gain: FloatArray
    """Fall of their average duty-paid price, origin paid for, as a share of it [1]."""


class QuotaFill(NamedTuple):
    """Trade under a tariff-rate quota."""

    marginal_rate: FloatArray
    """Rate that governs the last unit, and so the trade [1]."""
    applied_rate: FloatArray
    """Average duty actually paid [1]."""
    fill_share: FloatArray
    """Part of the quota that is filled, at most 1 [1]."""


def phased_share(years_in_force: ArrayLike, phase_in_years: ArrayLike) -> FloatArray:
    """Share of an agreed cut that is in effect.

    Equal annual steps, the first on entry into force: a cut phased in over five years stands at
    1/5 in the first year and is complete with the fifth step.

    Parameters
    ----------
    years_in_force : array_like
        Years since entry into force; negative before it [years].
    phase_in_years : array_like
        Number of annual steps; 0 and 1 both mean at once [years].

    Returns
    -------
    ndarray
        Share between 0 and 1, the broadcast shape of the inputs [1].

    Examples
    --------
    >>> phased_share([-0.25, 0.0, 1.0, 4.0, 9.0], 5).tolist()
    [0.0, 0.2, 0.4, 1.0, 1.0]
    """
    years = np.asarray(years_in_force, dtype=np.float64)
    steps = np.maximum(np.asarray(phase_in_years, dtype=np.float64), 1.0)
    # A hair is added so that 4.0 counted in quarters is the fourth anniversary, not 3.999.
    done = np.floor(years + 1e-9) + 1.0
    return np.where(years < 0, 0.0, np.minimum(done / steps, 1.0))


def cost_elasticity(trade_elasticity: ArrayLike) -> FloatArray:
    """Elasticity of trade to costs that are no duty, from that to one plus the duty.

    Trade is valued at the border, before the duty. A duty lowers the quantity and, of what buyers
    spend, the part that is left for the goods, so that this value falls with one power more of the
    duty factor than of any other cost.

    Parameters
    ----------
    trade_elasticity : array_like
        Elasticity of trade at border prices to one plus the duty, positive, above 1 [1].

    Examples
    --------
    >>> round(float(cost_elasticity(5.03)), 9)
    4.03
    """
    return np.asarray(trade_elasticity, dtype=np.float64) - 1.0


def claim(
    normal_rate: ArrayLike,
    preferential: ArrayLike,
    *,
    origin_cost_ave: ArrayLike,
    spread: ArrayLike,
) -> Claim:
    """Share of consignments that claim a preference, and their average saving from it.

    Parameters
    ----------
    normal_rate, preferential : array_like
        Rate without and with the preference [1].
    origin_cost_ave : array_like
        Median cost of proving origin, as a share of the value; 0 means free [1].
    spread : array_like
        Standard deviation of the log of that cost, > 0 [1].

    Notes
    -----
    The duty-paid price of a consignment that claims is lower by ``(m - cost) / (1 + m)`` than one
    that does not, with the margin ``m = (1 + normal) / (1 + preferential) - 1``.
    """
    normal = np.asarray(normal_rate, dtype=np.float64)
    low = np.minimum(np.asarray(preferential, dtype=np.float64), normal)
    cost = np.asarray(origin_cost_ave, dtype=np.float64)
    sigma = np.asarray(spread, dtype=np.float64)
    margin = (1.0 + normal) / (1.0 + low) - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(
            margin > 0, np.where(cost > 0, (np.log(margin) - np.log(cost)) / sigma, np.inf), -np.inf
        )
        paid = cost * np.exp(sigma**2 / 2) * ndtr(distance - sigma)
    used = ndtr(distance)
    # Where nobody claims nobody pays, even if the cost is infinite.
    saving = np.maximum(margin * used - np.where(used > 0, paid, 0.0), 0.0)
    return Claim(np.asarray(used), np.asarray(saving / (1.0 + margin)))


def preference_use(
    mfn_rate: ArrayLike,
    preferential: ArrayLike,
    *,
    origin_cost_ave: ArrayLike,
    spread: ArrayLike,
    covered_share: ArrayLike = 1.0,
) -> PreferenceUse:
    """Extent to which a preference is used, and the duty and origin cost its trade bears.

    Parameters
    ----------
    mfn_rate, preferential : array_like
        Rate without and with the preference [1].
    origin_cost_ave : array_like
        Median cost of proving origin, as a share of the value; 0 means free [1].
    spread : array_like
        Standard deviation of the log of that cost, > 0 [1].
    covered_share : array_like
        Share of the good's trade that the concession covers [1].

    Returns
    -------
    PreferenceUse
        Arrays of the broadcast shape.

    Notes
    -----
    What `claim` spares on average is split into the duty that consignments pay, which the state
    collects, and a factor on the trade cost, which nobody does.

    Examples
    --------
    >>> use = preference_use(0.10, 0.0, origin_cost_ave=0.02, spread=1.0)
    >>> round(float(use.used_share), 3), round(float(use.applied_rate), 4)
    (0.946, 0.0054)
    """
    mfn = np.asarray(mfn_rate, dtype=np.float64)
    low = np.minimum(np.asarray(preferential, dtype=np.float64), mfn)
    covered = np.asarray(covered_share, dtype=np.float64)
    each = claim(mfn, low, origin_cost_ave=origin_cost_ave, spread=spread)
    used = covered * each.used_share
    applied = used * low + (1.0 - used) * mfn
    duty_paid_factor = (1.0 + mfn) * (1.0 - covered * each.gain)
    factor = np.maximum(duty_paid_factor / (1.0 + applied), 1.0)
    return PreferenceUse(np.asarray(used), np.asarray(applied), np.asarray(factor))


def quota_fill(
    demand_at_quota_rate: ArrayLike,
    quota: ArrayLike,
    *,
    quota_rate: ArrayLike,
    outside_rate: ArrayLike,
    trade_elasticity: ArrayLike,
) -> QuotaFill:
    """Trade under a tariff-rate quota: it fills, then the outside rate applies.

    Three regimes, continuous into each other: the quota is not filled and its rate governs; it
    binds, and the price rises until demand equals the quota (the wedge is the holders' rent);
    demand exceeds it even at the outside rate, which then governs the last unit.

    Parameters
    ----------
    demand_at_quota_rate : array_like
        What would be imported a year if all of it paid the quota rate [musd].
    quota : array_like
        Value a year admitted at the quota rate; infinity means no quota [musd].
    quota_rate, outside_rate : array_like
        Rates inside and outside the quota [1].
    trade_elasticity : array_like
        Elasticity of the pair's trade to its duty-paid cost, > 0 [1].

    Returns
    -------
    QuotaFill
        Arrays of the broadcast shape.

    Examples
    --------
    >>> fill = quota_fill(
    ...     [5.0, 12.0, 40.0], 10.0, quota_rate=0.0, outside_rate=0.2, trade_elasticity=5
    ... )
    >>> fill.marginal_rate.round(4).tolist()
    [0.0, 0.0371, 0.2]
    """
    demand = np.asarray(demand_at_quota_rate, dtype=np.float64)
    limit = np.asarray(quota, dtype=np.float64)
    inside = np.asarray(quota_rate, dtype=np.float64)
    outside = np.maximum(np.asarray(outside_rate, dtype=np.float64), inside)
    theta = np.asarray(trade_elasticity, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        # A quota of nothing is the outside rate, whatever the demand.
        ratio = np.where(limit > 0, demand / limit, np.inf)
        # Powers go through logs: numpy's `**` has shortcuts for exponents such as 0.5 and 2 that
        # depend on the shape, and would give a batch other last bits than its single runs.
        rise = np.expm1(np.log(np.maximum(ratio, 1.0)) / theta)
    marginal = np.minimum(inside + (1.0 + inside) * rise, outside)
    imports = demand * np.exp(-theta * np.log((1.0 + marginal) / (1.0 + inside)))
    filled = np.minimum(imports, limit)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(imports > 0, filled / imports, limit > 0)
        fill = np.where(limit > 0, filled / limit, 1.0)
    return QuotaFill(marginal, part * inside + (1.0 - part) * outside, fill)


def quota_parts(demand: FloatArray, quota_musd: FloatArray, quota: IndexArray) -> FloatArray:
    """Part of a quota that falls to each of those who share it: as they ask for it.

    Parameters
    ----------
    demand : (n_runs, n_cells) ndarray
        What would be imported a year at the quota's rate [musd].
    quota_musd : (n_quotas,) ndarray
        Yearly value of each quota, granted once to all who share it [musd].
    quota : (n_runs, n_cells) ndarray of int
        Which quota, -1 for none.

    Returns
    -------
    (n_runs, n_cells) ndarray
        Infinite where there is none [musd].

    Examples
    --------
    >>> demand = np.array([[30.0, 10.0, 5.0]])
    >>> quota_parts(demand, np.array([20.0]), np.array([[0, 0, -1]])).tolist()
    [[15.0, 5.0, inf]]
    """
    parts = np.full(demand.shape, np.inf)
    for number, value in enumerate(quota_musd):
        mine = quota == number
        asked = np.where(mine, demand, 0.0)
        total = asked.sum(axis=1, keepdims=True)
        n_mine = np.maximum(mine.sum(axis=1, keepdims=True), 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(total > 0.0, asked / total, 1.0 / n_mine)
        parts = np.where(mine, value * share, parts)
    return parts


def rate_over(base: FloatArray, log_change: FloatArray) -> FloatArray:
    """Rate of a duty whose factor is so much over that of another, in logs [1].

    Parameters
    ----------
    base : (...) ndarray
        The other's rate [1].
    log_change : (...) ndarray
        Log of one plus the rate over one plus the other's [1].

    Examples
    --------
    >>> round(float(rate_over(np.array(0.2), np.log(np.array(1.1 / 1.2)))), 9)
    0.1
    """
    return np.asarray(base + (1.0 + base) * np.expm1(log_change))


def tariff_revenue(trade: ArrayLike, tariff_rate: ArrayLike) -> FloatArray:
    """Duty collected on trade valued before the duty [musd]."""
    return np.asarray(trade, dtype=np.float64) * np.asarray(tariff_rate, dtype=np.float64)


def grantors(member: int, union: tuple[int, ...], rule: str) -> tuple[int, ...]:
    """States whose tariff a concession by `member` changes.

    A member of a customs union shares its external tariff and cannot cut it alone. The rule says
    what happens: the concession is refused, the union waives its tariff for this member, or the
    whole union grants it.

    Parameters
    ----------
    member : int
        Index of the state that concedes.
    union : tuple of int
        Indices of the members of its customs union; empty when it is in none.
    rule : {"refuse", "waiver", "union"}
        What the union does.

    Returns
    -------
    tuple of int
        Indices of the states that apply the concession.

    Raises
    ------
    ValueError
        If the rule is none of the three.

    Examples
    --------
    >>> grantors(1, (1, 4, 6), "refuse"), grantors(1, (1, 4, 6), "union"), grantors(0, (), "refuse")
    ((), (1, 4, 6), (0,))
    """
    if rule not in CUSTOMS_UNION_RULES:
        raise ValueError(f"rule: got {rule!r}; wanted one of {', '.join(CUSTOMS_UNION_RULES)}")
    if not union or rule == "waiver":
        return (member,)
    return () if rule == "refuse" else tuple(union)
