"""Values that are well formed and most likely a slip: a year digits away, an amount in dollars."""

from collections.abc import Iterator

from sim.laws.numerics.calendar import quarter_of, quarter_year
from sim.scenario.checks.dates import day_at, quarter_at
from sim.scenario.text.problems import Problem
from sim.scenario.text.tree import MappingNode, Node, Scalar, SequenceNode

TEXTS = frozenset({"title", "question", "source", "extends"})
"""Keys whose text is nothing but text."""
YEARS_BEFORE, YEARS_AFTER = 30, 100
"""Years from the horizon at which a date is told [years]: what began earlier began before it."""
MAX_LIKELY_MUSD = 2e6
"""Beyond what any two states trade in a year, or any reform costs [musd]."""


def slip_problems(tree: MappingNode, span: tuple[int, int] | None) -> Iterator[Problem]:
    """Warnings about dates far from the horizon and amounts beyond what states trade.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    span : tuple of int or None
        First and last quarter of the horizon.
    """
    for path, node in _scalars(tree, ()):
        if path[-1] == "gdp_musd":
            continue  # large economies have more than any two trade
        if path[-1].endswith("_musd"):
            yield from _amount(".".join(path), node)
        elif span is not None:
            yield from _date(".".join(path), node, span)


def _scalars(node: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    """Every single value with its path, places in lists counted from 1."""
    if isinstance(node, Scalar):
        yield path, node
    elif isinstance(node, SequenceNode):
        for number, item in enumerate(node.items, start=1):
            yield from _scalars(item, (*path, str(number)))
    else:
        for key, entry in node.entries.items():
            if key not in TEXTS:
                yield from _scalars(entry.node, (*path, key))


def _date(where: str, node: Scalar, span: tuple[int, int]) -> Iterator[Problem]:
    quarter, day = quarter_at(node), day_at(node)
    if quarter is None and day is not None:
        quarter = quarter_of(day)
    if quarter is None or where.startswith("horizon."):
        return
    year, first, last = (quarter_year(each) for each in (quarter, *span))
    if year < first - YEARS_BEFORE:
        what = f"{where} is {node.value}, {first - year} years before the horizon"
    elif year > last + YEARS_AFTER:
        what = f"{where} is {node.value}, {year - last} years after the horizon"
    else:
        return
    yield Problem.at(node.place, what, "is the year right?")


def _amount(where: str, node: Scalar) -> Iterator[Problem]:
    value = node.value
    if not isinstance(value, int | float) or isinstance(value, bool):
        return
    if MAX_LIKELY_MUSD < value < float("inf"):
        what = f"{where} is {value:g} million USD, more than any two states trade in a year"
        yield Problem.at(node.place, what, f"is this in USD? write {value / 1e6:g}")
