"""Figures of the analyst's own against each other and against the totals of the world."""

from collections.abc import Iterator, Mapping
from math import log

from sim.scenario.checks.agreement_checks import Found
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.problems import Problem, quoted
from sim.scenario.text.tree import MappingNode, Node, Scalar, at, listed_tables, text

KEYS = {
    "trade": ("exporter", "importer"),
    "gdp": ("region",),
    "growth": ("region", "year"),
    "tariffs": ("importer", "goods", "duty_type"),
}
"""Lists of figures, each with what together names one."""
TIMES = 10.0
"""GDP so many times that of the tables, or a part of it as small, is asked about."""


def own_figure_problems(tree: MappingNode, names: NamesLike | None) -> Iterator[Found]:
    """Mistakes and warnings of own figures.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    names : Names or None
        What the world calls things; without it, figures are not held against its totals.
    """
    for block, keys in KEYS.items():
        yield from _twice(block, keys, at(tree, "world", block))
    for number, flow in listed_tables(at(tree, "world", "trade")):
        if text(flow.get("exporter")) == text(flow.get("importer")) is not None:
            what = f"world.trade.{number}: {quoted(text(flow.get('exporter')))} sells to itself"
            yield True, Problem.at(flow.place, what, "wanted two different states")
    if names is not None:
        yield from _beyond_totals(at(tree, "world", "trade"), names)
        yield from _years(at(tree, "world", "growth"), names)
        yield from _far_incomes(at(tree, "world", "gdp"), names)


def _twice(block: str, keys: tuple[str, ...], listing: Node | None) -> Iterator[Found]:
    seen: dict[tuple[str, ...], int] = {}
    for number, table in listed_tables(listing):
        key = tuple(_shown(table.get(name)) for name in keys)
        if key in seen:
            what = f"world.{block}.{number} is of the same {' and '.join(keys)} as {seen[key]}"
            yield True, Problem.at(table.place, what, "wanted one figure")
        seen.setdefault(key, number)


def _shown(node: Node | None) -> str:
    return repr(node.value) if isinstance(node, Scalar) else repr(node and [*_values(node)])


def _values(node: Node) -> Iterator[str]:
    for item in getattr(node, "items", ()):
        yield repr(item.value) if isinstance(item, Scalar) else ""


def _beyond_totals(listing: Node | None, names: NamesLike) -> Iterator[Found]:
    """Flows that together are more than all that a state sells, or buys."""
    totals = {region: (sold, bought) for region, sold, bought in names.trade_totals}
    for side, what in enumerate(("exporter", "importer")):
        sums: dict[str, float] = {}
        for number, flow in listed_tables(listing):
            region, amount = text(flow.get(what)), _number(flow.get("trade_musd"))
            if region not in totals or amount is None or (node := flow.get("trade_musd")) is None:
                continue
            before = sums.get(region, 0.0)
            sums[region] = before + amount
            total = totals[region][side]
            if before <= total < sums[region]:
                whole = f"{'exports' if side == 0 else 'imports'} of {region} are {total:,.0f}"
                said = f"world.trade.{number}.trade_musd: own flows of {sums[region]:,.0f} million "
                said += f"USD, but all {whole} million USD in the tables"
                yield True, Problem.at(node.place, said, f"wanted at most {total:,.0f} together")


def _years(listing: Node | None, names: NamesLike) -> Iterator[Found]:
    first, last = names.base_year + 1, names.last_growth_year
    for number, rate in listed_tables(listing):
        node = rate.get("year")
        year = _number(node)
        if year is not None and node is not None and not first <= year <= last:
            what = f"world.growth.{number}.year is {year:g}, of which the tables have no growth"
            yield True, Problem.at(node.place, what, f"wanted a year from {first} to {last}")


def _far_incomes(listing: Node | None, names: NamesLike) -> Iterator[Found]:
    known: Mapping[str, float] = dict(names.incomes)
    for number, income in listed_tables(listing):
        node, region = income.get("gdp_musd"), text(income.get("region"))
        value = _number(node)
        if node is None or value is None or value <= 0 or region is None or region not in known:
            continue
        if abs(log(value / known[region])) > log(TIMES):
            what = f"world.gdp.{number}.gdp_musd is {value:,.0f} million USD, the tables have "
            what += f"{known[region]:,.0f} for {region}"
            yield False, Problem.at(node.place, what, "is the unit right?")


def _number(node: Node | None) -> float | None:
    value = node.value if isinstance(node, Scalar) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]
