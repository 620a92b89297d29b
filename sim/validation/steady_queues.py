"""Textbook queues: steady states, and the fluid queue.

M/M/c (Erlang), M/G/1 (Pollaczek-Khinchine), G/G/c (Allen-Cunneen), G/G/1 (Kingman) and
M/M/c/K. They are exact or standard, and the waits are infinite from utilisation 1 on. The Erlang
formulas are the continuous extension in the number of servers,
`B(c, a) = a^c e^-a / Gamma(c + 1, a)`, so `servers`
need not be whole.

Sources: Gross and Harris (1998), ch. 2 and 5; Allen (1990), eq. 5.3.2; Kingman (1961).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincc, gammaln

from sim.laws.numerics.arrays import FloatArray
from sim.laws.queues.queue_checks import refuse

_SMALL = 1e-300
_SERIES_TERMS = 60


@dataclass(frozen=True)
class FiniteQueue:
    """Steady state of a queue with a last place (M/M/c/K)."""

    blocked_share: FloatArray
    """Share of arrivals turned away [1]."""
    queue: FloatArray
    """Mean number waiting."""
    wait: FloatArray
    """Mean wait of those let in, in the unit of `service_time`."""
    throughput: FloatArray
    """Served per unit of time."""
    utilisation: FloatArray
    """Mean share of busy servers [1]."""


@dataclass(frozen=True)
class Fluid:
    """Backlog when only rates count; periods on the last axis."""

    backlog: FloatArray
    """Units waiting at the end of each period."""
    served: FloatArray
    """Units served in each period."""
    delay: FloatArray
    """Waiting in each period, unit-periods (the area under the backlog)."""


def erlang_b(load: ArrayLike, servers: ArrayLike) -> FloatArray:
    """Share of arrivals lost by servers without a waiting room.

    Parameters
    ----------
    load : array-like
        Offered load, arrival rate times service time, >= 0 [erlang].
    servers : array-like
        Number of servers, > 0; need not be whole.

    Returns
    -------
    ndarray
        Loss probability [1].

    Examples
    --------
    >>> round(float(erlang_b(2.0, 2.0)), 12)
    0.4
    """
    a, c = _load_and_servers(load, servers)
    # far beyond the servers both factors vanish; there the series of 1/B converges at once
    far = a > 2.0 * c + 50.0
    near = np.where(far, c, np.maximum(a, _SMALL))
    log_mass = c * np.log(near) - near - gammaln(c + 1.0)
    loss = np.exp(log_mass) / gammaincc(c + 1.0, near)
    if far.any():
        loss = np.where(far, _erlang_b_far(np.where(far, a, 4.0 * c + 100.0), c), loss)
    return np.where(a > 0.0, loss, 0.0)


def erlang_c(load: ArrayLike, servers: ArrayLike) -> FloatArray:
    """Chance that an arrival has to wait (M/M/c); 1 from utilisation 1 on.

    Examples
    --------
    >>> round(float(erlang_c(1.4, 2.0)), 6)
    0.576471
    """
    a, c = _load_and_servers(load, servers)
    utilisation = a / c
    loss = erlang_b(np.minimum(a, c), c)
    stable = utilisation < 1.0
    share = np.where(stable, utilisation, 0.0)
    return np.where(stable, loss / (1.0 - share * (1.0 - loss)), 1.0)


def mmc_wait(arrival_rate: ArrayLike, service_time: ArrayLike, servers: ArrayLike) -> FloatArray:
    """Mean wait before service (M/M/c), unit of `service_time`; inf from utilisation 1 on."""
    return allen_cunneen_wait(arrival_rate, service_time, servers)


def mg1_wait(
    arrival_rate: ArrayLike, service_time: ArrayLike, service_cv2: ArrayLike
) -> FloatArray:
    """Mean wait before one server (Pollaczek-Khinchine); inf from utilisation 1 on.

    `service_cv2` is the squared coefficient of variation of service times [1].
    """
    return kingman_wait(arrival_rate, service_time, 1.0, service_cv2)


def kingman_wait(
    arrival_rate: ArrayLike, service_time: ArrayLike, arrival_cv2: ArrayLike, service_cv2: ArrayLike
) -> FloatArray:
    """Mean wait before one server, general arrivals and service (Kingman's formula)."""
    return allen_cunneen_wait(arrival_rate, service_time, 1.0, arrival_cv2, service_cv2)


def allen_cunneen_wait(
    arrival_rate: ArrayLike,
    service_time: ArrayLike,
    servers: ArrayLike,
    arrival_cv2: ArrayLike = 1.0,
    service_cv2: ArrayLike = 1.0,
) -> FloatArray:
    """Mean wait before `servers` servers, general arrivals and service.

    Parameters
    ----------
    arrival_rate, service_time, servers : array-like
        Units per unit of time, time per unit and server, number of servers.
    arrival_cv2, service_cv2 : array-like
        Squared coefficients of variation of the gaps between arrivals and of service times [1].

    Returns
    -------
    ndarray
        Mean wait in the unit of `service_time`; inf where utilisation is 1 or more. See
        `period_queue` for a law that stays finite.
    """
    time = np.asarray(service_time, dtype=np.float64)
    a, c = _load_and_servers(np.asarray(arrival_rate, dtype=np.float64) * time, servers)
    variability = (np.asarray(arrival_cv2, np.float64) + np.asarray(service_cv2, np.float64)) / 2.0
    idle = np.where(a < c, c - a, 1.0)
    return np.where(a < c, variability * erlang_c(a, c) * time / idle, np.inf)


def finite_queue(
    arrival_rate: ArrayLike, service_time: ArrayLike, servers: ArrayLike, places: ArrayLike
) -> FiniteQueue:
    """Steady state of M/M/c/K: whoever finds all `places` taken goes away.

    Parameters
    ----------
    arrival_rate, service_time, servers : array-like
        As in `mmc_wait`; servers are whole here.
    places : array-like of int
        Room in the system, in service and waiting together, >= servers.

    Returns
    -------
    FiniteQueue
    """
    rate, time, c, room = np.broadcast_arrays(
        *(
            np.asarray(x, np.float64)[..., None]
            for x in (arrival_rate, service_time, servers, places)
        )
    )
    if (room < c).any():
        raise ValueError(
            f"places {room.min():g} is below servers {c.max():g}; a place each is needed"
        )
    n = np.arange(int(room.max(initial=0.0)) + 1, dtype=np.float64)
    step = np.log(np.maximum(rate * time, _SMALL)) - np.log(np.minimum(np.maximum(n, 1.0), c))
    log_weight = np.where(n <= room, np.cumsum(np.where(n > 0, step, 0.0), axis=-1), -np.inf)
    weight = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
    chance = weight / weight.sum(axis=-1, keepdims=True)
    blocked = np.where(n == room, chance, 0.0).sum(axis=-1)
    queue = (np.maximum(n - c, 0.0) * chance).sum(axis=-1)
    throughput = rate[..., 0] * (1.0 - blocked)
    wait = queue / np.maximum(throughput, _SMALL)
    return FiniteQueue(blocked, queue, wait, throughput, throughput * time[..., 0] / c[..., 0])


def fluid_backlog(arrivals: ArrayLike, capacity: ArrayLike, *, backlog: ArrayLike = 0.0) -> Fluid:
    """Backlog over time when arrivals and service are steady flows within each period.

    Parameters
    ----------
    arrivals, capacity : array-like, shape (..., n_periods)
        Units arriving and units that could be served, per period.
    backlog : array-like, shape (...)
        Units waiting at the start.

    Returns
    -------
    Fluid

    Examples
    --------
    >>> fluid_backlog([120.0, 80.0], 100.0).backlog
    array([20.,  0.])
    """
    coming, able = np.broadcast_arrays(
        np.asarray(arrivals, np.float64), np.asarray(capacity, np.float64)
    )
    left = np.zeros(coming.shape)
    delay = np.zeros(coming.shape)
    before = np.broadcast_to(np.asarray(backlog, np.float64), coming.shape[:-1])
    start = before
    for period in range(coming.shape[-1]):
        change = coming[..., period] - able[..., period]
        after = np.maximum(before + change, 0.0)
        busy = np.where(before + change < 0.0, before / np.maximum(-change, _SMALL), 1.0)
        left[..., period] = after
        delay[..., period] = 0.5 * (before + after) * busy
        before = after
    queue_before = np.concatenate([start[..., None], left[..., :-1]], axis=-1)
    return Fluid(left, queue_before + coming - left, delay)


def _erlang_b_far(a: FloatArray, c: FloatArray) -> FloatArray:
    """Erlang B for loads far above the servers, by 1/B = 1 + c/a + c(c-1)/a^2 + ..."""
    term, total = np.ones_like(a), np.ones_like(a)
    for k in range(_SERIES_TERMS):
        term = term * (c - k) / a
        total = total + term
    return np.asarray(1.0 / total)


def _load_and_servers(load: ArrayLike, servers: ArrayLike) -> tuple[FloatArray, FloatArray]:
    a, c = np.broadcast_arrays(np.asarray(load, np.float64), np.asarray(servers, np.float64))
    refuse("load", a, ~(a >= 0.0) | ~np.isfinite(a), "0 or more")
    refuse("servers", c, ~(c > 0.0) | ~np.isfinite(c), "above 0")
    return a, c
