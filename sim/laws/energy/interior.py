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

from dataclasses import dataclass, fields, replace

import numpy as np

from sim.laws.energy.elimination import Factor
from sim.laws.energy.programme import Point, Programme, total
from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray
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


@dataclass(frozen=True, eq=False)
class Tolerances:
    """Criteria for convergence."""

    hair: float
    """Room times rent of every limit at the central point."""
    tolerance: FloatArray
    """(R,) largest violation."""
    max_iterations: int

    def runs(self, keep: IntArray) -> "Tolerances":
        """The same search for some of the runs."""
        return replace(self, tolerance=self.tolerance[keep])


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
        point = Point(*(np.array(getattr(self.point, f.name)) for f in fields(Point)))
        for f in fields(Point):
            getattr(point, f.name)[:, at] = getattr(other.point, f.name)
        error, n_iterations = self.error.copy(), self.n_iterations.copy()
        error[at] = other.error
        n_iterations[at] += other.n_iterations
        return Centre(point, error, n_iterations)


def central_points(programme: Programme, start: Point, search: Tolerances) -> Centre:
    """Follow each run to its central point.

    Runs that do not arrive keep the point they reached; their `error` says how far it is.
    """
    n_runs = start.price.shape[1]
    done = Point(*(np.array(getattr(start, f.name)) for f in fields(start)))
    error = np.full(n_runs, np.inf)
    n_iterations = np.full(n_runs, search.max_iterations)
    going = np.arange(n_runs)
    point = start
    for iteration in range(search.max_iterations + 1):
        gap = _gap(programme, point)
        net = programme.incidence.balance(point.quantity)
        product = programme.products(point, search.hair)
        now = _error(programme, point, gap, net, product, search)
        error[going] = now
        stop = (now <= search.tolerance) | ~np.isfinite(now)
        stop |= iteration == search.max_iterations
        if stop.any():
            leave, stay = np.flatnonzero(stop), np.flatnonzero(~stop)
            for f in fields(done):
                getattr(done, f.name)[:, going[leave]] = getattr(point, f.name)[:, leave]
            n_iterations[going[leave]] = iteration
            if stay.size == 0:
                break
            going, gap, net = going[stay], gap.take(stay, axis=1), net.take(stay, axis=1)
            product = product.take(stay, axis=1)
            programme, point, search = programme.runs(stay), point.runs(stay), search.runs(stay)
        # A run that runs away is found by its error, not by a warning.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            point = _advance(programme, point, gap, net, product, search.hair)
    return Centre(done, error, n_iterations)


def _gap(programme: Programme, point: Point) -> FloatArray:
    """Marginal gain of each activity at the row prices (a, R)."""
    gain = programme.incidence.gain(point.price)
    return gain - programme.cost - programme.slope * point.quantity


def _error(
    programme: Programme,
    point: Point,
    gap: FloatArray,
    net: FloatArray,
    product: FloatArray,
    search: Tolerances,
) -> FloatArray:
    marginal = gap + programme.on_activities(point.rent)
    marginal *= programme.live
    steepest = np.maximum(marginal.max(axis=0), -marginal.min(axis=0))
    size = 1.0 + np.abs(point.price).max(axis=0)
    off = np.maximum(np.abs(net).max(axis=0), steepest / size)
    # Where no limit holds, the product is the hair.
    worst = np.maximum(product.max(axis=0) - search.hair, search.hair - product.min(axis=0))
    return np.asarray(np.maximum(off, search.tolerance * worst / (CENTRED * search.hair)))


def _advance(
    programme: Programme,
    point: Point,
    gap: FloatArray,
    net: FloatArray,
    product: FloatArray,
    hair: float,
) -> Point:
    """One step of predictor and corrector, in relative changes of rooms and rents.

    With `product = room * rent` and `aim` what it should be, a relative change `u` of the
    room asks for the relative change `aim / product - 1 - u` of the rent.
    """
    room, rent = point.room, point.rent
    held, capped = programme.held, programme.capped
    inverse, weight = _weights(programme.slope, programme.live, capped, held, room, rent)
    factor = programme.incidence.factor(weight)
    # The predictor aims at the hair and not at nothing, so that it rests at the answer.
    goal = np.full_like(product, hair)
    move, _ = _move(programme, factor, weight, net, _pull(gap, goal, inverse, capped))
    more_room, more_rent, reach = _answer(move, inverse, goal, product, held, capped)
    short = np.minimum(reach, 1.0)
    both = more_room * more_rent
    both *= product
    aim = _aim(programme, total(product), total(both), short, hair)
    goal = np.subtract(aim, both, out=both)
    for last in (False, True):
        pull = _pull(gap, goal, inverse, capped)
        move, price = _move(programme, factor, weight, net, pull)
        more_room, more_rent, reach = _answer(move, inverse, goal, product, held, capped)
        step = np.minimum(STEP_SHARE * reach, 1.0)
        stuck = step < STUCK
        if last or not stuck.any():
            break
        # Where the corrector leads astray, only pull towards the centre.
        goal = np.where(stuck, np.maximum(total(product) / len(product), hair), goal)
    room, rent = _stepped(room, rent, more_room, more_rent, step, aim, held)
    return Point(point.quantity + step * move, point.price + step * price, room, rent)


@compiled
def _weights(
    slope: FloatArray,
    live: BoolArray,
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
            stiff[run] = ease if moves[run] else 0.0
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


def _aim(
    programme: Programme, products: FloatArray, both: FloatArray, short: FloatArray, hair: float
) -> FloatArray:
    """Product to aim at: Mehrotra's cube of how far the predictor would come, not below hair."""
    n = len(programme.held)
    ahead = (1.0 - short) * products + short * (n * hair) + short * short * both
    return np.asarray(np.maximum((ahead / products) ** 3 * products / n, hair))


def _move(
    programme: Programme, factor: Factor, weight: FloatArray, net: FloatArray, pull: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Newton steps of quantities and prices for a marginal pull on each activity."""
    price = factor.solve(-net - programme.incidence.balance(weight * pull))
    move = programme.incidence.gain(price)
    move += pull
    move *= weight
    return move, price
