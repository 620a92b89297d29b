"""The network: nodes, links and what a link costs at a volume.

Nodes and links are numbered from 0. Nodes below `first_through_node` are zones that may not be
driven through: trips start and end there, but none passes. `open` closes links; a closed link
carries nothing. Parallel links are allowed and stay distinct.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray
from sim.validation.assignment.delay import Posts, bpr_cost, bpr_integral, congestible, with_posts


@dataclass(frozen=True, eq=False)
class CrowdedNetwork:
    """Links with BPR costs; `n_links` values a field, a single number serves all links.

    Raises
    ------
    ValueError
        If a link cannot be; the message names the link, its nodes, what came and what is wanted.

    Examples
    --------
    >>> road = CrowdedNetwork([0, 0], [1, 1], [10.0, 12.0], [2.0, np.inf], 0.15, 4.0)
    >>> link_cost(road, np.array([2.0, 5.0]))
    array([11.5, 12. ])
    """

    tail: IntArray | Sequence[int]
    """Node a link leaves."""
    head: IntArray | Sequence[int]
    """Node a link enters."""
    free_flow_cost: FloatArray | Sequence[float] | float
    """Generalised cost of the empty link, the part that congestion multiplies, >= 0 [cost]."""
    capacity: FloatArray | Sequence[float] | float
    """Volume at which the cost has risen by `bpr_factor`, > 0 or inf; any where that is 0."""
    bpr_factor: FloatArray | Sequence[float] | float = 0.15
    """Rise of the cost at capacity, >= 0; 0 is a link of constant cost [1]."""
    bpr_power: FloatArray | Sequence[float] | float = 4.0
    """Power of volume over capacity, >= 0."""
    first_through_node: int = 0
    """Nodes below it are zones that no trip passes; 0 lets trips pass everywhere."""
    fixed_cost: FloatArray | Sequence[float] | float = 0.0
    """Tolls, length terms and other cost that congestion leaves alone, >= 0 [cost]."""
    open: BoolArray | Sequence[bool] | bool = True
    """False closes a link."""
    n_nodes: int = 0
    """Number of nodes; 0 takes the highest node that a link names, plus one."""
    posts: Posts | None = None
    """Posts and ports that queue on some of the links."""

    def __post_init__(self) -> None:
        tail, head = _nodes("tail", self.tail), _nodes("head", self.head)
        if tail.ndim != 1 or tail.shape != head.shape:
            raise ValueError(f"tail has shape {tail.shape}, head {head.shape}; both are (n_links,)")
        arrays: dict[str, NDArray[np.generic]] = {"tail": tail, "head": head}
        for name in ("free_flow_cost", "capacity", "bpr_factor", "bpr_power", "fixed_cost"):
            arrays[name] = _per_link(name, np.asarray(getattr(self, name), np.float64), tail.size)
        arrays["open"] = _per_link("open", np.asarray(self.open, np.bool_), tail.size)
        for name, value in arrays.items():
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        highest = int(max(tail.max(initial=-1), head.max(initial=-1))) + 1
        object.__setattr__(self, "n_nodes", self.n_nodes or highest)
        _check(self, highest)

    @property
    def n_links(self) -> int:
        """Number of links, closed ones too."""
        return int(np.size(self.tail))

    def cost_and_slope(self, volume: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Cost of each link at `volume` `(..., n_links)`, and its derivative."""
        cost, slope = bpr_cost(volume, *_terms(self))
        return with_posts(cost + self.fixed_cost, slope, self.posts, volume)

    def of_runs(self, runs: IntArray) -> "CrowdedNetwork":  # noqa: ARG002  (of `LinkCosts`)
        """Return the network itself, which is the same in every run."""
        return self

    def varies(self) -> BoolArray:
        """True where the cost of a link depends on its volume, `(n_links,)`."""
        free, capacity, factor, power = _terms(self)
        varying = (congestible(free, capacity, factor)[0] > 0.0) & (power > 0.0)
        if self.posts is not None:
            varying[self.posts.link] = True
        return varying


def link_cost(network: CrowdedNetwork, volume: FloatArray) -> FloatArray:
    """Cost of each link at the given volumes.

    Parameters
    ----------
    network : Network
    volume : (..., n_links) float
        Volume of each link, >= 0.

    Returns
    -------
    (..., n_links) float
        Fixed cost, congested cost and waiting [cost].
    """
    return network.cost_and_slope(np.asarray(volume, dtype=np.float64))[0]


def beckmann(network: CrowdedNetwork, volume: FloatArray) -> float:
    """Sum over links of the area under the cost function; user equilibrium minimises it.

    Beckmann, McGuire and Winsten (1956), ch. 3.
    """
    flow = np.asarray(volume, dtype=np.float64)
    area = float((bpr_integral(flow, *_terms(network)) + network.fixed_cost * flow).sum())
    if network.posts is not None:
        area += float(network.posts.integral(flow).sum())
    return area


def total_cost(network: CrowdedNetwork, volume: FloatArray) -> float:
    """Volume times cost, summed over links."""
    flow = np.asarray(volume, dtype=np.float64)
    return float(flow @ link_cost(network, flow))


def marginal(network: CrowdedNetwork) -> CrowdedNetwork:
    """The same network where each link costs what one more unit of volume costs everybody.

    Its user equilibrium is the system optimum of `network`. For BPR, `c + v dc/dv` is BPR again
    with the factor times (1 + power).
    """
    if network.posts is not None:
        raise ValueError("the marginal cost of queueing posts is not available; wanted posts=None")
    _, _, factor, power = _terms(network)
    return replace(network, bpr_factor=factor * (1.0 + power))


def _terms(network: CrowdedNetwork) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The four arrays of the BPR function, after validation."""
    return (
        np.asarray(network.free_flow_cost),
        np.asarray(network.capacity),
        np.asarray(network.bpr_factor),
        np.asarray(network.bpr_power),
    )


def _nodes(name: str, value: IntArray | Sequence[int]) -> IntArray:
    """Node numbers; a broken number is refused, not cut to a whole one."""
    given = np.asarray(value)
    if given.size and given.dtype.kind not in "iuf":
        raise ValueError(f"{name} has values of type {given.dtype}; wanted whole node numbers")
    with np.errstate(invalid="ignore"):  # what is not a number is refused below
        nodes = given.astype(np.int64)
    wrong = np.flatnonzero(nodes != given)
    if wrong.size:
        raise ValueError(
            f"link {wrong[0]}: {name} is {given.flat[wrong[0]]}; wanted a whole node number"
        )
    return nodes


def _per_link(name: str, value: NDArray[np.generic], n_links: int) -> NDArray[np.generic]:
    if value.shape not in ((), (n_links,)):
        raise ValueError(f"{name} has shape {value.shape}; wanted one number or ({n_links},)")
    return np.array(np.broadcast_to(value, (n_links,)))


def _check(network: CrowdedNetwork, highest: int) -> None:
    """Refuse links that cannot be, naming the first."""
    free, capacity, factor, power = _terms(network)
    fixed = np.asarray(network.fixed_cost)
    tail, head = np.asarray(network.tail), np.asarray(network.head)
    congested = (factor > 0.0) & (free > 0.0)
    faults = (
        ("tail", tail, tail < 0, "a node number, 0 or more"),
        ("head", head, head < 0, "a node number, 0 or more"),
        ("free_flow_cost", free, ~((free >= 0) & np.isfinite(free)), "0 or more, finite"),
        ("fixed_cost", fixed, ~((fixed >= 0) & np.isfinite(fixed)), "0 or more, finite"),
        ("bpr_factor", factor, ~((factor >= 0) & np.isfinite(factor)), "0 or more, finite"),
        ("bpr_power", power, ~((power >= 0) & np.isfinite(power)), "0 or more, finite"),
        (
            "capacity",
            capacity,
            congested & ~(capacity > 0),
            "above 0, or inf (to close a link set open to False)",
        ),
    )
    for name, value, wrong, wanted in faults:
        if wrong.any():
            link = int(np.flatnonzero(wrong)[0])
            raise ValueError(
                f"link {link} (node {tail[link]} to node {head[link]}): {name} is {value[link]:g}; "
                f"wanted {wanted}"
            )
    if network.n_nodes < highest:
        raise ValueError(f"n_nodes is {network.n_nodes}, but a link names node {highest - 1}")
    if not 0 <= network.first_through_node <= network.n_nodes:
        raise ValueError(
            f"first_through_node is {network.first_through_node}; wanted 0 to {network.n_nodes}"
        )
