"""Events that hit many at once: a shut border, a break between two states, a price that deviates.

All are drawn before the first step from streams of their own, so that each can be switched off or
added without moving any other number.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.transport.outages import chance_closures
from sim.scenario.sampling.random_streams import Streams

if TYPE_CHECKING:
    from sim.world.world import World


DAYS_A_YEAR = 365.25
LENGTHS = 200
"""Lengths of a break, one a quantile, over which its effect is averaged."""
EFFECT_STEPS = 8
"""Steps in which the effects of breaks are told apart."""
BREAK_PARAMETERS = (
    "political_break_rate_per_year",
    "political_break_years",
    "political_break_cut",
)
"""What breaks need of a world; one without these parameters has no breaks."""


def border_closures(world: "World", streams: Streams, n_quarters: int) -> FloatArray:
    """Part of each quarter in which a gate is shut because its whole border is.

    Parameters
    ----------
    world : World
        Its borders and gates.
    streams : Streams
        Draws of the block of runs.
    n_quarters : int
        Quarters covered.

    Returns
    -------
    (n_runs, n_gates, n_quarters) ndarray
        Zero for gates of no border on record [1].
    """
    closed = np.zeros((len(streams.runs), len(world.gates), n_quarters))
    if not world.borders:
        return closed
    names = [border.border for border in world.borders]
    of_border = chance_closures(
        streams.uniform("border closure starts", names, n_quarters),
        streams.uniform("border closure lengths", names, n_quarters),
        rate_per_year=[border.closure_rate_per_year for border in world.borders],
        mean_days=[border.mean_closure_days for border in world.borders],
    )
    for place, border in enumerate(world.borders):
        mine = [border.has(gate) for gate in world.gates]
        # A gate two rows of the table speak of is shut as long as the longer of them.
        closed[:, mine] = np.maximum(closed[:, mine], of_border[:, place, None])
    return closed


def break_factor(
    pairs: Sequence[tuple[str, str]],
    streams: Streams,
    parameters: Mapping[str, FloatArray],
    n_quarters: int,
) -> FloatArray:
    """Factor that political breaks leave on the trade of each pair.

    Parameters
    ----------
    pairs : sequence of (str, str)
        Ordered pairs; both directions of a pair break together.
    streams : Streams
        Draws of the block of runs.
    parameters : mapping of str to (n_runs,) ndarray
        Those of `BREAK_PARAMETERS`; without them nothing breaks.
    n_quarters : int
        Quarters covered.

    Returns
    -------
    (n_runs, n_pairs, n_quarters) ndarray
        1 where nothing is broken [1].
    """
    if not pairs or any(name not in parameters for name in BREAK_PARAMETERS):
        return np.ones((len(streams.runs), len(pairs), n_quarters))
    rate, years, cut = (parameters[name][:, None] for name in BREAK_PARAMETERS)
    names = ["-".join(sorted(pair)) for pair in pairs]
    unordered = list(dict.fromkeys(names))
    broken = chance_closures(
        streams.uniform("political break starts", unordered, n_quarters),
        streams.uniform("political break lengths", unordered, n_quarters),
        rate_per_year=rate,
        mean_days=years * DAYS_A_YEAR,
    )
    kept = 1.0 - cut[..., None] * broken
    return kept[:, [unordered.index(name) for name in names]]


def break_effects(
    parameters: Mapping[str, float], horizon_years: float
) -> tuple[FloatArray, FloatArray]:
    """Log effects of breaks on a year's trade and how probable each is.

    Parameters
    ----------
    parameters : mapping of str to float
        Those of `BREAK_PARAMETERS`; without them nothing breaks.
    horizon_years : float
        Calendar years ahead: the four quarters that end there [years].

    Returns
    -------
    tuple of (n,) ndarray
        Effects in `EFFECT_STEPS` steps, the first of which is none at all, and their probabilities,
        which sum to 1, summed over the quarters in which a break may have begun and over its
        length [1].

    Notes
    -----
    Breaks are so rare that two in one year do not count.
    """
    if any(name not in parameters for name in BREAK_PARAMETERS):
        return np.zeros(1), np.ones(1)
    rate, years, cut = (parameters[name] for name in BREAK_PARAMETERS)
    length = -years * np.log1p(-(np.arange(LENGTHS) + 0.5) / LENGTHS)
    begun = np.arange(0.0, horizon_years, 0.25)[:, None]
    overlap = np.minimum(begun + length, horizon_years) - np.maximum(begun, horizon_years - 1.0)
    effect = np.log1p(-cut * np.clip(overlap, 0.0, 1.0)).ravel()
    effect = effect[effect < 0.0]
    largest = min(float(np.log1p(-cut)), -1e-12)
    step = np.minimum((effect / largest * EFFECT_STEPS).astype(int), EFFECT_STEPS - 1)
    chance = np.bincount(step, minlength=EFFECT_STEPS) * rate / (4 * LENGTHS)
    # Each step stands at the root mean square of its effects, so that the variance is kept.
    squares = np.bincount(step, effect**2, EFFECT_STEPS) / np.maximum(np.bincount(
        step, minlength=EFFECT_STEPS), 1)  # fmt: skip
    values = np.concatenate([[0.0], -np.sqrt(squares)])
    return values, np.concatenate([[1.0 - min(chance.sum(), 1.0)], chance])


def price_shocks(world: "World", streams: Streams, n_years: int) -> FloatArray:
    """Log deviation of world prices from their paths.

    Parameters
    ----------
    world : World
        Its benchmarks, `price_spreads`, in their order.
    streams : Streams
        Draws of the block of runs.
    n_years : int
        Calendar years after the base year, whose prices are known.

    Returns
    -------
    (n_runs, n_benchmarks, n_years) ndarray
        Log of the factor on the price, median 0 [1].

    Notes
    -----
    A deviation keeps its `persistence` from year to year and takes a new shock, of which
    `common_share` moves all benchmarks together: a one-factor model of the measured correlations.
    """
    spreads = world.price_spreads
    path = np.zeros((len(streams.runs), len(spreads), n_years))
    if not spreads:
        return path
    own = streams.normal("price", [spread.benchmark for spread in spreads], n_years)
    common = streams.normal("price", ["common"], n_years)
    sd, shared, kept = np.array(
        [(s.log_change_sd, s.common_share, s.persistence) for s in spreads]
    ).T[..., None]
    shock = sd * (np.sqrt(shared) * common + np.sqrt(1.0 - shared) * own)
    left = np.zeros(path.shape[:-1])
    for year in range(n_years):
        left = kept[:, 0] * left + shock[..., year]
        path[..., year] = left
    return path
