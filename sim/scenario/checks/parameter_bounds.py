"""Distributions of a scenario must not leave the bounds of what the laws can read."""

from collections.abc import Iterator

from sim.laws.numerics.domains import DOMAINS
from sim.scenario.text.problems import Problem
from sim.scenario.text.tree import MappingNode, Node, Scalar, SequenceNode

MIDDLE_ONLY = ("normal", "lognormal")
"""Forms whose first number is a value and whose second is a spread; the tables bound the tails."""


def domain_problems(uncertainty: Node | None) -> Iterator[Problem]:
    """Numbers of a scenario's distributions that no law can read.

    Parameters
    ----------
    uncertainty : MappingNode or other node, optional
        What stands under `uncertainty`; whatever is not well formed is passed over.
    """
    if not isinstance(uncertainty, MappingNode):
        return
    for name, entry in uncertainty.entries.items():
        if name in DOMAINS:
            yield from bound_problems(f"uncertainty.{name}", entry.node, *DOMAINS[name])


def bound_problems(where: str, given: Node, low: float, high: float) -> Iterator[Problem]:
    """Numbers of one distribution that lie beyond its bounds.

    Parameters
    ----------
    where : str
        Dotted path of the distribution.
    given : Node
        What stands there; whatever is not well formed is passed over.
    low, high : float
        Bounds, both ends included.
    """
    for number in _spreads(given):
        if (spread := _number(number)) is not None and spread > high - low:
            what = f"{where} has the spread {spread:g}"
            wanted = f"wanted less than the {high - low:g} between {low:g} and {high:g}"
            yield Problem.at(number.place, what, wanted)
    for number in _values(given):
        value = _number(number)
        if value is not None and not low <= value <= high:
            what = f"{where} holds {value:g}"
            yield Problem.at(number.place, what, f"wanted numbers from {low:g} to {high:g}")


def _number(node: Scalar) -> float | None:
    value = node.value
    return None if isinstance(value, bool | str) or value is None else value


def _spreads(node: Node) -> Iterator[Scalar]:
    """Standard deviations of a distribution that are in the unit of the parameter."""
    entry = node.entries.get("normal") if isinstance(node, MappingNode) else None
    if entry is not None and isinstance(entry.node, SequenceNode):
        yield from (item for item in entry.node.items[1:2] if isinstance(item, Scalar))


def _values(node: Node) -> Iterator[Scalar]:
    """Numbers of a distribution that are values of the parameter."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, MappingNode):
        for form, entry in node.entries.items():
            numbers = entry.node.items if isinstance(entry.node, SequenceNode) else (entry.node,)
            values = numbers[:1] if form in MIDDLE_ONLY else numbers
            yield from (value for value in values if isinstance(value, Scalar))
