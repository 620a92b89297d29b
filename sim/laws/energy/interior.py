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
from sim.laws.energy.entries import FloatArray, IntArray
from sim.laws.energy.programme import Point, Programme, total

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
class Search:
    """What counts as arrived."""

    hair: float
    """Room times rent of every limit at the central point."""
    tolerance: FloatArray
    """(R,) largest violation."""
    max_iterations: int

    def runs(self, keep: IntArray) -> "Search":
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


def central_points(programme: Programme, start: Point, search: Search) -> Centre:
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
            going, gap, net = going[stay], gap[:, stay], net[:, stay]
            product = product[:, stay]
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
    search: Search,
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
    inverse = programme.only_held(1.0 / room)
    stiff = programme.slope + programme.on_activities(rent * inverse, +1.0)
    weight = programme.live / np.where(stiff > 0, stiff, ANCHOR)
    factor = programme.incidence.factor(weight)
    # The predictor aims at the hair and not at nothing, so that it rests at the answer.
    pull = gap + programme.on_activities(hair * inverse)
    move, _ = _move(programme, factor, weight, net, pull)
    more_room = programme.on_limits(move, inverse)
    more_rent = _more_rent(programme, hair, product, more_room)
    short = np.minimum(_reach(more_room, more_rent), 1.0)
    both = more_room * more_rent
    both *= product
    aim = _aim(programme, total(product), total(both), short, hair)
    goal = np.subtract(aim, both, out=both)
    for last in (False, True):
        pull = gap + programme.on_activities(goal * inverse)
        move, price = _move(programme, factor, weight, net, pull)
        more_room = programme.on_limits(move, inverse)
        more_rent = _more_rent(programme, goal, product, more_room)
        step = np.minimum(STEP_SHARE * _reach(more_room, more_rent), 1.0)
        stuck = step < STUCK
        if last or not stuck.any():
            break
        # Where the corrector leads astray, only pull towards the centre.
        goal = np.where(stuck, np.maximum(total(product) / len(product), hair), goal)
    room = room + room * np.multiply(more_room, step, out=more_room)
    rent = rent + rent * np.multiply(more_rent, step, out=more_rent)
    np.maximum(rent, programme.only_held(GUARD * aim / room), out=rent)
    return Point(point.quantity + step * move, point.price + step * price, room, rent)


def _more_rent(
    programme: Programme, goal: FloatArray | float, product: FloatArray, more_room: FloatArray
) -> FloatArray:
    """Relative changes of the rents that go with those of the rooms."""
    more = goal / product
    more -= 1.0
    more -= more_room
    return programme.only_held(more)


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


def _reach(more_room: FloatArray, more_rent: FloatArray) -> FloatArray:
    """Longest step (R,) that keeps every room and rent positive, at most 2."""
    shrink = np.minimum(more_room, more_rent).min(axis=0)
    return np.asarray(1.0 / np.maximum(-shrink, 0.5))
