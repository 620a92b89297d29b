"""The central point of many network programmes at once.

    minimise  sum_a  cost x + slope x^2 / 2      subject to  incidence @ x = 0,  lower <= x <= upper

keeps each activity a hair inside its limits: distance to a limit times that limit's price
is `hair`. The point is unique even where the programme itself is not, does not depend on
where the search starts, and gives away at most `hair` per limit of the best value.
Mehrotra's predictor and corrector; each run has its own step and stops at its own
convergence, and what is left of the batch goes on without it.

Axes: a activities, r rows, R runs (last). Limits of -inf and inf are no limits.

Sources: Wright (1997), Primal-Dual Interior-Point Methods, ch. 10; Mehrotra (1992), SIAM J.
Optim. 2(4).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.laws.energy.elimination import (
    Network,
    balance,
    columns,
    factored,
    gain,
    solved,
    some_runs,
)
from sim.laws.energy.programme import (
    Limits,
    Parts,
    Point,
    Programme,
    folded,
    limit_products,
    marginal_gains,
    some_columns,
)
from sim.laws.numerics.arrays import FloatArray, IntArray
from sim.laws.numerics.jit import compiled

# Weight that keeps a free activity where it is; it vanishes at the answer.
ANCHOR = 1e-8
STEP_SHARE = 0.995
# A step shorter than this is tried again without the corrector.
STUCK = 0.1
# No limit's product of room and rent falls below this share of the aim: one limit that
# runs ahead of the others would stop every later step short.
GUARD = 1e-3
# How close the products of distance and rent come to `hair`, as a share of it.
CENTRED = 1e-6
# Runs followed side by side: loops over fewer are slow, and the numbers of more leave the cache.
LANES = 96
# Runs that have arrived stay with the others until so large a share of them has.
CROWDED = 0.8


class Tolerances(NamedTuple):
    """Criteria for convergence."""

    hair: float
    """Room times rent of every limit at the central point."""
    tolerance: FloatArray
    """(R,) largest violation."""
    max_iterations: int

    def runs(self, keep: IntArray) -> "Tolerances":
        """The same search for some of the runs."""
        return self._replace(tolerance=self.tolerance[keep])


@dataclass(frozen=True, eq=False)
class Centre:
    """Central points and how far they are from exact."""

    point: Point
    error: FloatArray
    """(R,) largest violation, scaled: balance, marginal conditions, centrality."""
    n_iterations: IntArray
    """(R,)"""

    def replaced(self, at: IntArray, other: "Centre") -> "Centre":
        """With some runs taken from another search, whose steps come on top."""
        point = Point(*(np.array(part) for part in self.point))
        for mine, its in zip(point, other.point, strict=True):
            mine[:, at] = its
        error, n_iterations = self.error.copy(), self.n_iterations.copy()
        error[at] = other.error
        n_iterations[at] += other.n_iterations
        return Centre(point, error, n_iterations)


def central_points(programme: Programme, start: Point, search: Tolerances) -> Centre:
    """Follow each run to its central point.

    Runs that do not arrive keep the point they reached; their `error` says how far it is.
    """
    quantity, price, room, rent = (np.array(part, order="C") for part in start)
    reached, (hair, allowed, most) = (quantity, price, room, rent), search
    network, limits = programme.incidence.network, programme.limits
    error, n_iterations = _follow(network, limits, reached, (hair, allowed, most))
    return Centre(Point(*reached), error, n_iterations)


@compiled
def _follow(
    network: Network, limits: Limits, point: Parts, search: tuple[float, FloatArray, int]
) -> tuple[FloatArray, IntArray]:
    """Errors and numbers of steps (R,) of the points reached, which replace those begun at."""
    n_runs = search[1].size
    error, n_iterations = np.full(n_runs, np.inf), np.zeros(n_runs, np.int64)
    for first in range(0, n_runs, LANES):
        runs = np.arange(first, min(first + LANES, n_runs))
        some = some_columns(limits[0], runs), limits[1]
        found = error, n_iterations
        _follow_some(some_runs(network, runs), some, runs, point, search, found)
    return error, n_iterations


@compiled
def _follow_some(
    network: Network,
    limits: Limits,
    runs: IntArray,
    reached: Parts,
    search: tuple[float, FloatArray, int],
    found: tuple[FloatArray, IntArray],
) -> None:
    """Follow a few runs side by side; each leaves its point among those reached as it arrives."""
    hair, allowed, most = search
    point, is_going = some_columns(reached, runs), np.ones(runs.size, np.bool_)
    for iteration in range(most + 1):
        gap = marginal_gains(network, limits, point)
        net = balance(network, point[0])
        product = limit_products(limits[0][3], point, hair)
        error = _error(limits, point, gap, net, product, allowed[runs], hair)
        for lane in range(runs.size):
            # A run that runs away is found by its error.
            stops = error[lane] <= allowed[runs[lane]] or not np.isfinite(error[lane])
            if is_going[lane] and (stops or iteration == most):
                is_going[lane] = False
                found[0][runs[lane]], found[1][runs[lane]] = error[lane], iteration
                _leave(reached, runs[lane], point, lane)
        left = np.flatnonzero(is_going)
        if left.size == 0:
            break
        if left.size < CROWDED * runs.size:
            network, point = some_runs(network, left), some_columns(point, left)
            limits = some_columns(limits[0], left), limits[1]
            gap, net, product = columns(gap, left), columns(net, left), columns(product, left)
            runs, is_going = runs[left], is_going[left]
        point = _advance(network, limits, point, gap, net, product, hair)


@compiled
def _leave(reached: Parts, run: int, point: Parts, lane: int) -> None:
    """Put the point of one lane where that of its run stands."""
    reached[0][:, run] = point[0][:, lane]
    reached[1][:, run] = point[1][:, lane]
    reached[2][:, run] = point[2][:, lane]
    reached[3][:, run] = point[3][:, lane]


@compiled
def _error(
    limits: Limits,
    point: Parts,
    gap: FloatArray,
    net: FloatArray,
    product: FloatArray,
    allowed: FloatArray,
    hair: float,
) -> FloatArray:
    """Largest violation of each run (R,), no number where one is none."""
    ((_, _, live, _), capped), (_, price, _, rent) = limits, point
    n, n_runs = gap.shape
    marginal = gap.copy()
    for limit in range(len(product)):
        sign = 1.0 if limit < n else -1.0
        earned = marginal[limit if limit < n else capped[limit - n]]
        for run in range(n_runs):
            earned[run] += sign * rent[limit, run]
    for a in range(n):
        for run in range(n_runs):
            marginal[a, run] *= live[a, run]
    steepest, off = _farthest(marginal, 0.0), _farthest(net, 0.0)
    size, worst = _farthest(price, 0.0), _farthest(product, hair)
    for run in range(n_runs):
        steep = steepest[run] / (1.0 + size[run])
        wrong = allowed[run] * worst[run] / (CENTRED * hair)
        is_number = not np.isnan(off[run] + steep + wrong)
        off[run] = max(off[run], steep, wrong) if is_number else np.nan
    return off


@compiled
def _farthest(values: FloatArray, middle: float) -> FloatArray:
    """Largest distance of the values of each run (R,) from one in the middle."""
    n, n_runs = values.shape
    most, none = np.zeros(n_runs), np.zeros(n_runs)
    for k in range(n):
        for run in range(n_runs):
            away = abs(values[k, run] - middle)
            most[run] = max(most[run], away)
            none[run] += 0.0 * away  # a maximum passes over what is no number
    for run in range(n_runs):
        most[run] += none[run]
    return most


@compiled
def _advance(
    network: Network,
    limits: Limits,
    point: Parts,
    gap: FloatArray,
    net: FloatArray,
    product: FloatArray,
    hair: float,
) -> Parts:
    """One step of predictor and corrector, in relative changes of rooms and rents.

    With `product = room * rent` and `aim` what it should be, a relative change `u` of the
    room asks for the relative change `aim / product - 1 - u` of the rent.
    """
    ((_, slope, live, held), capped), (quantity, price, room, rent) = limits, point
    inverse, weight = _weights(slope, live, capped, held, room, rent)
    factor = factored(network, weight)
    # The predictor aims at the hair and not at nothing, so that it rests at the answer.
    goal = np.full(product.shape, hair)
    move, change = _move(network, factor, weight, net, _pull(gap, goal, inverse, capped))
    more_room, more_rent, reach = _answer(move, inverse, goal, product, held, capped)
    both = more_room * more_rent * product
    products = folded(product.copy())
    aim = _aim(len(held), products, folded(both.copy()), reach, hair)
    step = np.empty(aim.size)
    for limit in range(len(goal)):
        for run in range(step.size):
            goal[limit, run] = aim[run] - both[limit, run]
    for turn in range(2):
        pull = _pull(gap, goal, inverse, capped)
        move, change = _move(network, factor, weight, net, pull)
        more_room, more_rent, reach = _answer(move, inverse, goal, product, held, capped)
        n_stuck = 0
        for run in range(step.size):
            step[run] = min(STEP_SHARE * reach[run], 1.0)
            n_stuck += step[run] < STUCK
        if turn or n_stuck == 0:
            break
        # Where the corrector leads astray, only pull towards the centre.
        for limit in range(len(goal)):
            for run in range(step.size):
                if step[run] < STUCK:
                    goal[limit, run] = max(products[run] / len(goal), hair)
    room, rent = _stepped(room, rent, more_room, more_rent, step, aim, held)
    return _moved(quantity, move, step), _moved(price, change, step), room, rent


@compiled
def _moved(at: FloatArray, by: FloatArray, step: FloatArray) -> FloatArray:
    """Quantities or prices after a step (n, R)."""
    after = np.empty(at.shape)
    for k in range(len(at)):
        for run in range(step.size):
            after[k, run] = at[k, run] + step[run] * by[k, run]
    return after


@compiled
def _weights(
    slope: FloatArray,
    live: FloatArray,
    capped: IntArray,
    held: FloatArray,
    room: FloatArray,
    rent: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """One over the room of each limit (l, R), and how readily each activity moves (a, R)."""
    n, n_runs = slope.shape
    inverse, weight = np.empty(room.shape), slope.copy()
    for limit in range(len(room)):
        a = limit if limit < n else capped[limit - n]
        one, distance, holds = inverse[limit], room[limit], held[limit]
        stiff, earns = weight[a], rent[limit]
        for run in range(n_runs):
            one[run] = holds[run] / distance[run]
            stiff[run] += earns[run] * one[run]
    for a in range(n):
        stiff, moves = weight[a], live[a]
        for run in range(n_runs):
            ease = 1.0 / (stiff[run] if stiff[run] > 0.0 else ANCHOR)
            stiff[run] = ease if moves[run] > 0.0 else 0.0
    return inverse, weight


@compiled
def _pull(gap: FloatArray, goal: FloatArray, inverse: FloatArray, capped: IntArray) -> FloatArray:
    """Marginal gain of each activity (a, R) with limits that earn what they should (l, R)."""
    n, n_runs = gap.shape
    pull = gap.copy()
    for limit in range(len(goal)):
        sign = 1.0 if limit < n else -1.0
        of, aimed, one = (
            pull[limit if limit < n else capped[limit - n]],
            goal[limit],
            inverse[limit],
        )
        for run in range(n_runs):
            of[run] += sign * (aimed[run] * one[run])
    return pull


@compiled
def _answer(
    move: FloatArray,
    inverse: FloatArray,
    goal: FloatArray,
    product: FloatArray,
    held: FloatArray,
    capped: IntArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Relative changes of rooms and of the rents that go with them (l, R).

    And the longest step (R,) that keeps all of them positive, at most 2.
    """
    n, n_runs = move.shape
    more_room, more_rent = np.empty(goal.shape), np.empty(goal.shape)
    least = np.full(n_runs, -0.5)
    for limit in range(len(goal)):
        sign = 1.0 if limit < n else -1.0
        by = move[limit if limit < n else capped[limit - n]]
        one, aimed, now, holds = inverse[limit], goal[limit], product[limit], held[limit]
        of_room, of_rent = more_room[limit], more_rent[limit]
        for run in range(n_runs):
            of_room[run] = sign * by[run] * one[run]
            of_rent[run] = (aimed[run] / now[run] - 1.0 - of_room[run]) * holds[run]
            least[run] = min(least[run], of_room[run], of_rent[run])
    return more_room, more_rent, -1.0 / least


@compiled
def _stepped(
    room: FloatArray,
    rent: FloatArray,
    more_room: FloatArray,
    more_rent: FloatArray,
    step: FloatArray,
    aim: FloatArray,
    held: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Rooms and rents after a step (l, R)."""
    new_room, new_rent = np.empty(room.shape), np.empty(room.shape)
    for limit in range(len(room)):
        for run in range(step.size):
            distance = room[limit, run] * (1.0 + more_room[limit, run] * step[run])
            earns = rent[limit, run] * (1.0 + more_rent[limit, run] * step[run])
            floor = held[limit, run] * (GUARD * aim[run] / distance)
            new_room[limit, run] = distance
            new_rent[limit, run] = max(earns, floor)
    return new_room, new_rent


@compiled
def _aim(
    n: int, products: FloatArray, both: FloatArray, reach: FloatArray, hair: float
) -> FloatArray:
    """Product to aim at: Mehrotra's cube of how far the predictor would come, not below hair."""
    aim = np.empty(products.size)
    for run in range(aim.size):
        short = min(reach[run], 1.0)
        ahead = (1.0 - short) * products[run] + short * (n * hair) + short * short * both[run]
        left = ahead / products[run]
        aim[run] = max(left * left * left * products[run] / n, hair)
    return aim


@compiled
def _move(
    network: Network,
    factor: tuple[FloatArray, FloatArray],
    weight: FloatArray,
    net: FloatArray,
    pull: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Newton steps of quantities and prices for a marginal pull on each activity."""
    price = solved(network, factor, -net - balance(network, weight * pull))
    return (gain(network, price) + pull) * weight, price
