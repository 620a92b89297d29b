"""Cost of passage through a network for many pairs of ends at once, and the paths used.

A path has an attraction to a good

    attraction = constant * size * open share * exp(-dispersion * ave)
    ave = (1 + charges / value + days * time cost per day) * border factor - 1

with one constant for the paths of a route. Cargo chooses a mode first, then a path of that mode in
proportion to its attraction: with T the sum of attractions within a mode, a mode is taken in
proportion to T ** nesting, and the cost of having all modes of a pair of ends is the logsum

    ave = -log(sum over modes of T ** nesting) / (nesting * dispersion)

(McFadden 1978). The constants say what the routes carry at given costs and set the level of ave.
Without any, paths are weighed by cost alone in one mode and the constant is one over the sum of all
sizes, so that the cost is never below that of the cheapest path: a path-size logit counts what
paths share only once (Ben-Akiva and Bierlaire 1999). Constants and sizes stay as they are when a
path closes, so closing one never makes passage cheaper and opening one never dearer.

Runs are the last axis here and the loops over paths are compiled, so that what belongs to a pair of
ends stays in the cache until it is done with. Each run is added up in the same order whatever the
batch, so a batch gives the bits of its single runs.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from sim.laws.numerics.array_bounds import check_counts, check_places, check_range
from sim.laws.numerics.arrays import FloatArray, IndexArray, for_reading
from sim.laws.transport.goods_by_border_factor import joined_sets, sets_of_goods, values_of_goods
from sim.laws.transport.route_choice_kernel import spread


@dataclass(frozen=True, eq=False)
class Paths:
    """Attributes of paths: sizes and pairs of ends joined; sorted by pair of ends and mode."""

    ends: IndexArray
    """(n_paths,) pair of ends of each path, rising."""
    of_ends: csr_array
    """(n_ends, n_paths) one where a path joins a pair of ends."""
    size: FloatArray
    """(n_paths,) path size, 1 for a path that shares no link [1]."""
    nest: IndexArray | None = None
    """(n_paths,) mode within its pair of ends, numbered over all of them, rising; one if None."""
    unit: IndexArray | None = None
    """(n_paths,) route whose constant holds; that of the pair of ends if None."""

    @cached_property
    def log_size(self) -> FloatArray:
        """Log of the path sizes, (n_paths,)."""
        return np.asarray(np.log(self.size))

    @cached_property
    def log_all_sizes(self) -> FloatArray:
        """Log of the sum of sizes of each pair of ends, (n_ends,)."""
        return np.asarray(np.log(self.of_ends @ self.size))

    @cached_property
    def first(self) -> IndexArray:
        """(n_ends + 1,) where the paths of each pair of ends begin."""
        return np.searchsorted(self.ends, np.arange(self.of_ends.shape[0] + 1))

    @cached_property
    def places(self) -> tuple[IndexArray, IndexArray, IndexArray, IndexArray]:
        """Start of the paths of each pair of ends and of each mode, and modes and routes."""
        nest = self.ends if self.nest is None else self.nest
        unit = self.ends if self.unit is None else self.unit
        _, start = np.unique(nest, return_index=True)
        of_end = np.searchsorted(self.ends[start], np.arange(self.of_ends.shape[0] + 1))
        first_of_nest = np.append(start, len(nest)).astype(np.intp)
        return self.first, of_end.astype(np.intp), first_of_nest, unit


class Offer(NamedTuple):
    """Costs of paths, each (n_paths, n_runs), or (n_paths, 1) where all runs are alike."""

    charges_usd: FloatArray
    """Charges for a load [USD]."""
    days: FloatArray
    """Time on the way [days]."""
    log_open_share: FloatArray
    """Log of the part of the period in which the path is open."""
    border_factor: FloatArray
    """Factor on the whole cost by hours saved at borders; (n_goods, n_paths, n_runs or 1) where
    goods save different hours [1]."""


class KeptAttraction:
    """Part of the attraction of paths due to charges, kept from one call to the next.

    Charges stand still in most quarters while queues and closures move, and three exponentials in
    four go into them. The memory checks itself: a path whose charges differ from those kept is
    worked out again, so that an answer has the same bits with any memory or none.
    """

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._kept: list[tuple[FloatArray, FloatArray]] = []

    def arrays(
        self, of: tuple[object, ...], shape: tuple[int, int], n_paths: int, others: IndexArray
    ) -> list[tuple[FloatArray, FloatArray]]:
        """Attractions (n, n_goods * n_runs) and charges (n, n_runs) of the paths and of others.

        Parameters
        ----------
        of : tuple
            Loads and constants, known by being the same objects.
        shape : (int, int)
            Numbers of goods and runs.
        n_paths : int
        others : (n_others,) ndarray
            Places of those that take something else instead.
        """
        same = len(of) == len(self._of) and all(a is b for a, b in zip(of, self._of, strict=True))
        if not (same and self._kept[0][1].shape == (n_paths, shape[1])):
            self._of, self._kept, self._others = of, [_unknown(n_paths, shape)], others[:0]
            self._kept.append(_unknown(0, shape))
        if not np.array_equal(others, self._others):
            self._others = others.copy()
            self._kept[1] = _unknown(len(others), shape)
        return self._kept


def _unknown(n_paths: int, shape: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    n_goods, n_runs = shape
    return np.empty((n_paths, n_goods * n_runs)), np.full((n_paths, n_runs), np.nan)


class PathUse(NamedTuple):
    """Cost and use of all paths."""

    log_cost: FloatArray
    """(n_goods, n_ends, n_runs) log of 1 + ave, infinite where no path is open."""
    carried: FloatArray
    """(n_paths, n_runs) cargo on each path, in the unit of `cargo`."""
    stranded: FloatArray
    """(n_ends, n_runs) cargo that no path is open to."""
    log_cost_otherwise: FloatArray
    """`log_cost` if the paths in `instead` took what they take there; the same array without."""
    left: FloatArray
    """(n_goods, n_ends, n_runs) part of the baseline's trade that is left at `log_cost` [1]."""
    left_otherwise: FloatArray
    """The same at `log_cost_otherwise`."""


class CargoLoads(NamedTuple):
    """Value of loads and their sensitivity to time and cost, by run."""

    value_usd: FloatArray
    """(n_goods, n_runs) value of a load, > 0 [USD]."""
    time_cost_per_day: FloatArray
    """(n_runs,) cost of a day as a share of the value [1/day]."""
    dispersion: FloatArray
    """(n_runs,) sensitivity of the choice to cost [1]."""


class Constants(NamedTuple):
    """Constants of routes beyond what their costs explain."""

    log_constant: FloatArray
    """(n_goods, n_units, n_runs) log of the constant of every route."""
    nesting: FloatArray
    """(n_runs,) sensitivity of the choice of mode over that of the path, in (0, 1] [1]."""


class Response(NamedTuple):
    """Response of cargo to its cost: what costs more than in the baseline is bought less."""

    log_cost_baseline: FloatArray
    """(n_goods, n_ends, n_runs) log of 1 + ave at which all of the cargo moves; where it has no
    end, there is no cargo of ours."""
    trade_elasticity: FloatArray
    """(n_runs,) elasticity of trade to its cost, > 0 [1]."""


def passage(
    paths: Paths,
    offer: Offer,
    loads: CargoLoads,
    cargo: FloatArray,
    *,
    answer: Response | None = None,
    instead: tuple[IndexArray, Offer] | None = None,
    constants: Constants | None = None,
    used_share: FloatArray | None = None,
    kept: KeptAttraction | None = None,
) -> PathUse:
    """Spread cargo over paths and say what passage costs.

    Parameters
    ----------
    paths : Paths
    offer : Offer
    loads : CargoLoads
    cargo : (n_goods, n_ends, n_runs) or broadcastable ndarray
        What wants to pass; it is split among the paths by their attraction.
    answer : Response, optional
        How much of it stays away, or comes beyond it, for the cost; all of it comes if left out.
    instead : ((n_others,) ndarray, Offer), optional
        Rising places of some paths, and what they take if things were otherwise.
    constants : Constants, optional
        Of the routes; cost alone decides if left out.
    used_share : (n_goods, n_ends, n_runs) ndarray, optional
        Part of the cargo that takes the paths as they are, where `instead` says what the rest of it
        goes by; all of it if left out.
    kept : KeptAttraction, optional
        What is known of earlier calls with the same paths, loads and constants; filled.

    Returns
    -------
    PathUse
        What comes is carried; what wanted to come and finds no path open is stranded.
    """
    if offer.border_factor.ndim > 2:
        return _set_by_set(paths, offer, loads, cargo, answer, instead, constants, used_share)
    n_runs = len(loads.dispersion)
    shape = (len(loads.value_usd), len(paths.first) - 1, n_runs)
    cargo = _whole(cargo, shape)
    check_places(paths.first, len(paths.log_size))
    if not shape[1]:  # a world without a network
        nothing = np.zeros((0, n_runs))
        return PathUse(cargo, nothing, nothing, cargo, cargo, cargo)
    others, other = np.zeros(0, dtype=np.intp), (for_reading(np.zeros((0, n_runs))),) * 4
    if instead is not None:
        others, other = instead[0], _contiguous(instead[1], len(instead[0]), n_runs)
        check_range(others, len(paths.log_size))
    if answer is None:
        answer = Response(np.zeros(shape), np.zeros(n_runs))
    if constants is None:
        alone = np.broadcast_to(-paths.log_all_sizes[:, None], shape)
        constants = Constants(alone, np.ones(n_runs))
    check_range(paths.places[3], constants.log_constant.shape[1])
    memory = KeptAttraction() if kept is None else kept
    known = memory.arrays((loads, constants), (shape[0], n_runs), len(paths.log_size), others)
    log_cost, carried, stranded, otherwise, left, left_otherwise = spread(
        (*paths.places, paths.log_size),
        _contiguous(offer, len(paths.log_size), n_runs),
        (others, other),
        (-loads.dispersion / loads.value_usd, loads.time_cost_per_day, loads.dispersion),
        (for_reading(constants.log_constant), constants.nesting),
        paths.nest is not None,
        cargo,
        _whole(np.ones(1) if used_share is None else used_share, shape),
        (_whole(answer.log_cost_baseline, shape), answer.trade_elasticity),
        *known,
    )
    if instead is None:
        otherwise, left_otherwise = log_cost, left
    return PathUse(log_cost, carried, stranded, otherwise, left, left_otherwise)


def _whole(values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    return for_reading(values if values.shape == shape else np.broadcast_to(values, shape))


def _set_by_set(
    paths: Paths,
    offer: Offer,
    loads: CargoLoads,
    cargo: FloatArray,
    answer: Response | None,
    instead: tuple[IndexArray, Offer] | None,
    constants: Constants | None,
    used_share: FloatArray | None,
) -> PathUse:
    """Passage of goods that save different hours at borders, one set of goods at a time."""
    offers = (offer,) if instead is None else (offer, instead[1])
    sets = sets_of_goods(*(each.border_factor for each in offers))
    found = []
    for goods in sets:
        own_answer, own_constants = answer, constants
        if answer is not None:
            baseline = values_of_goods(answer.log_cost_baseline, goods)
            own_answer = answer._replace(log_cost_baseline=baseline)
        if constants is not None:
            constant = values_of_goods(constants.log_constant, goods)
            own_constants = constants._replace(log_constant=constant)
        found.append(
            passage(
                paths,
                _of_set(offer, goods),
                loads._replace(value_usd=loads.value_usd[goods]),
                values_of_goods(cargo, goods),
                instead=None if instead is None else (instead[0], _of_set(instead[1], goods)),
                used_share=None if used_share is None else values_of_goods(used_share, goods),
                answer=own_answer,
                constants=own_constants,
            )
        )
    return PathUse(*joined_sets(sets, found))


def _of_set(offer: Offer, goods: IndexArray) -> Offer:
    return offer._replace(border_factor=offer.border_factor[goods[0]])


def _contiguous(
    offer: Offer, n: int, n_runs: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    check_counts(offer, n)
    charges, days, log_open, factor = (
        for_reading(np.broadcast_to(v, (len(v), n_runs))) for v in offer
    )
    return charges, days, log_open, factor
