"""Allowed but unlikely input: acts listed twice, works before their time, far years, dollars.

Every value is well formed; what is told is most likely a slip of whoever typed it.
"""

from collections.abc import Iterator, Sequence

from sim.laws.numerics.calendar import (
    QUARTERS_PER_YEAR,
    format_quarter,
    quarter_of,
    quarter_year,
)
from sim.laws.policy.implausible_rates import LIKELY_RATE
from sim.scenario.checks.dates import day_at, quarter_at
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.problems import Problem
from sim.scenario.text.tree import (
    MappingNode,
    Node,
    Scalar,
    SequenceNode,
    at,
    listed_tables,
    named_tables,
    numeric,
    plain,
    text,
)

_BOTH = "both count; leave one out if there was one"
_ONE = "it adds nothing: the freshest alone counts"
REPEATED = {"visits": _ONE, "missions": _ONE, "consulates": _BOTH, "outside_attention": _BOTH}
"""Lists of acts, each with what an entry does that stands a second time."""
_MAX_TIMES = 10.0
TEXTS = frozenset({"title", "question", "source", "extends"})
"""Keys whose text is nothing but text."""
YEARS_BEFORE, YEARS_AFTER = 30, 100
"""Years from the horizon at which a date is told [years]: what began earlier began before it."""
MAX_LIKELY_MUSD = 2e6
"""Beyond what any two states trade in a year, or any reform costs [musd]."""


def unlikely_values(
    tree: MappingNode, names: NamesLike | None, span: tuple[int, int] | None
) -> Iterator[Problem]:
    """Warnings about entries that are well formed and hardly meant.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    names : Names or None
        What the world calls things; without it, years on record are not compared.
    span : tuple of int or None
        First and last quarter of the horizon; without it, dates are not compared with it.
    """
    for block, does in REPEATED.items():
        yield from _twice(f"diplomacy.{block}", at(tree, "diplomacy", block), does)
    for name, rise in named_tables(tree.get("duties")):
        for key in ("add_rate", "to_rate"):
            yield from _per_cent(f"duties.{name}.{key}", rise.get(key))
    for name, deal in named_tables(at(tree, "energy", "deals")):
        yield from _given_away(f"energy.deals.{name}", deal.get("discount"))
    yield from _goal(tree)
    if names is not None:
        yield from _beyond_the_outlook(at(tree, "horizon", "end"), names.last_growth_year)
        yield from _too_early("projects", "completes", tree.get("projects"), names.earliest_years)
        yield from _far_prices(at(tree, "energy", "prices"), names.energy_prices)
        years = names.earliest_energy_years
        yield from _too_early("energy.projects", "completes", at(tree, "energy", "projects"), years)
    yield from _far_dates_and_amounts(tree, span)


def _far_dates_and_amounts(tree: MappingNode, span: tuple[int, int] | None) -> Iterator[Problem]:
    """Dates far from the horizon, and amounts beyond what states trade."""
    for path, node in _scalars(tree, ()):
        if path[-1] == "gdp_musd":
            continue  # large economies have more than any two trade
        if path[-1].endswith("_musd"):
            yield from _amount(".".join(path), node)
        elif span is not None:
            yield from _date(".".join(path), node, span)


def _goal(tree: MappingNode) -> Iterator[Problem]:
    """A goal that nothing reads since the question is about trade, or one in per cent."""
    goal = at(tree, "reach", "goal")
    if not isinstance(goal, Scalar):
        return
    asks = text(tree.get("asks")) or "trade"
    if asks == "trade":
        what = "reach.goal is for a question about energy, income or revenue"
        yield Problem.at(
            goal.place, what, "wanted asks: …, or no goal: that of trade is the target"
        )
    elif asks == "energy" and isinstance(goal.value, int | float) and goal.value >= 1:
        what = f"reach.goal is {goal.value:g} of demand"
        yield Problem.at(goal.place, what, "wanted a part of it, such as 0.05; is this per cent?")


def _twice(where: str, listing: Node | None, does: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, act in listed_tables(listing):
        content = repr(sorted(plain(act).items()))  # type: ignore[union-attr]
        if content in seen:
            what = f"{where}.{number} is the same as number {seen[content]}"
            yield Problem.at(act.place, what, does)
        seen.setdefault(content, number)


def _per_cent(where: str, node: Node | None) -> Iterator[Problem]:
    value = numeric(node)
    if node is not None and value is not None and value > LIKELY_RATE:
        what = f"{where} is {value:g}, a duty of {100 * value:g} %"
        yield Problem.at(node.place, what, f"is this per cent? write {value / 100:g}")


def _given_away(where: str, node: Node | None) -> Iterator[Problem]:
    if node is not None and numeric(node) == 1.0:
        what = f"{where}.discount is 1: the seller gives up the whole price"
        yield Problem.at(node.place, what, "is this per cent? write 0.01")


def _far_prices(
    listing: Node | None, known: Sequence[tuple[str, float, float]]
) -> Iterator[Problem]:
    """Prices many times those on record, or a small part of them, as in another unit."""
    ranges = {carrier: (least, largest) for carrier, least, largest in known}
    for number, point in listed_tables(listing):
        node, carrier = point.get("price_usd_per_unit"), text(point.get("carrier"))
        price = numeric(node)
        if node is None or price is None or carrier not in ranges:
            continue
        least, largest = ranges[carrier]
        if not least / _MAX_TIMES <= price <= _MAX_TIMES * largest:
            what = (
                f"energy.prices.{number}.price_usd_per_unit is {price:g}; {carrier} has cost from "
            )
            what += f"{least:g} to {largest:g} on record"
            yield Problem.at(node.place, what, "is the unit right?")


def _too_early(
    block: str, key: str, plans: Node | None, years: Sequence[tuple[str, int]]
) -> Iterator[Problem]:
    earliest = dict(years)
    for name, plan in named_tables(plans):
        node = plan.get(key)
        quarter = quarter_at(node)
        if node is None or quarter is None or name not in earliest:
            continue
        if quarter < QUARTERS_PER_YEAR * earliest[name]:
            what = f"{block}.{name}.{key} is {format_quarter(quarter)}; "
            what += f"on record {name} opens in {earliest[name]} at the earliest"
            yield Problem.at(node.place, what, "the date of this file counts")


def _beyond_the_outlook(node: Node | None, last: int) -> Iterator[Problem]:
    quarter = quarter_at(node)
    if node is not None and quarter is not None and 0 < last < quarter // QUARTERS_PER_YEAR:
        what = f"horizon.end is {format_quarter(quarter)}; growth is in the tables to {last}"
        yield Problem.at(node.place, what, f"each region goes on as in {last}")


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
