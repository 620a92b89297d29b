"""Figures of the analyst's own against each other and against those of the world."""

from collections.abc import Iterator, Mapping
from math import log

from sim.scenario.blocks.own_figure_blocks import ALL, BLOCKS
from sim.scenario.checks.agreement_checks import Found
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.problems import Problem, quoted
from sim.scenario.text.tree import (
    MappingNode,
    Node,
    Scalar,
    SequenceNode,
    at,
    listed_tables,
    numeric,
    text,
)

TIMES = 10.0
"""GDP so many times that of the tables, or a part of it as small, is asked about."""


def own_figure_problems(tree: MappingNode, names: NamesLike | None) -> Iterator[Found]:
    """Mistakes and warnings of own figures.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    names : Names or None
        What the world calls things; without it, figures are not held against its own.
    """
    for block, kind in BLOCKS.items():
        said = tuple(name for name in kind.model_fields if name not in (*kind.KEYS, "source"))
        yield from _clashes(block, kind.KEYS, said, at(tree, "world", block), names)
    for number, flow in listed_tables(at(tree, "world", "trade")):
        if text(flow.get("exporter")) == text(flow.get("importer")) is not None:
            what = f"world.trade.{number}: {quoted(text(flow.get('exporter')))} sells to itself"
            yield True, Problem.at(flow.place, what, "wanted two different states")
    if names is not None:
        yield from _years(at(tree, "world", "growth"), names)
        yield from _far_incomes(at(tree, "world", "gdp"), names)


def _clashes(
    block: str,
    keys: tuple[str, ...],
    values: tuple[str, ...],
    listing: Node | None,
    names: NamesLike | None,
) -> Iterator[Found]:
    """Two figures of one thing that are not the same; said twice they are one."""
    seen: list[tuple[int, tuple[object, ...], frozenset[object], object]] = []
    for number, table in listed_tables(listing):
        named, goods = _named(table, keys, names)
        said = tuple(_content(table.get(name)) for name in values)
        for earlier, other, other_goods, other_said in seen:
            meet = goods & other_goods or ALL in goods | other_goods
            if named == other and meet and said != other_said:
                what = f"world.{block}.{number} is of the same {' and '.join(keys)} as {earlier}"
                yield True, Problem.at(table.place, what, "wanted one figure")
                break
        seen.append((number, named, goods, said))


def _named(
    table: MappingNode, keys: tuple[str, ...], names: NamesLike | None
) -> tuple[tuple[object, ...], frozenset[object]]:
    """Subject of one figure, and its goods; a kind of duty left out is the world's first."""
    usual = {"duty_type": names.layers[0] if names is not None and names.layers else None}
    named = tuple(_content(table.get(key)) or usual.get(key) for key in keys if key != "goods")
    goods = _content(table.get("goods")) if "goods" in keys else ()
    return named, frozenset(goods if isinstance(goods, tuple) else (goods,)) or frozenset({ALL})


def _content(node: Node | None) -> object:
    """A number or a word that is written at a place, several in a tuple; None for anything else."""
    if isinstance(node, Scalar):
        return node.value
    return tuple(map(_content, node.items)) if isinstance(node, SequenceNode) else None


def _years(listing: Node | None, names: NamesLike) -> Iterator[Found]:
    first, last = names.base_year + 1, names.last_growth_year
    for number, rate in listed_tables(listing):
        node = rate.get("year")
        year = numeric(node)
        if year is not None and node is not None and not first <= year <= last:
            what = f"world.growth.{number}.year is {year:g}, of which the tables have no growth"
            yield True, Problem.at(node.place, what, f"wanted a year from {first} to {last}")


def _far_incomes(listing: Node | None, names: NamesLike) -> Iterator[Found]:
    known: Mapping[str, float] = dict(names.incomes)
    for number, income in listed_tables(listing):
        node, region = income.get("gdp_musd"), text(income.get("region"))
        value = numeric(node)
        if node is None or value is None or value <= 0 or region is None or region not in known:
            continue
        if abs(log(value / known[region])) > log(TIMES):
            what = f"world.gdp.{number}.gdp_musd is {value:,.0f} million USD, the tables have "
            what += f"{known[region]:,.0f} for {region}"
            yield False, Problem.at(node.place, what, "is the unit right?")
