"""Energy against itself and the world: deals that some way can carry, dates in order."""

from collections.abc import Iterator
from datetime import date

from sim.laws.calendar import format_quarter, quarter_bounds
from sim.scenario.dates import day_at, quarter_at
from sim.scenario.dealings import Found
from sim.scenario.problems import Problem, quoted
from sim.scenario.tree import Scalar, Table, at, key_place_of, listed_tables, named_tables, text
from sim.scenario.vocabulary import EnergyWay, Names, listed, nearest

Span = tuple[int, int] | None


def energy_problems(tree: Table, names: Names | None, span: Span) -> Iterator[Found]:
    """Mistakes and warnings of the block `energy`.

    Parameters
    ----------
    tree : Table
        Merged tree of the file.
    names : Names or None
        What the world calls things.
    span : tuple of int or None
        First and last quarter of the horizon.
    """
    block = tree.get("energy")
    for name, deal in named_tables(at(block, "deals")):
        where = f"energy.deals.{name}"
        if names is not None:
            yield from _way(tree, where, name, deal, names)
        yield from _dates(where, deal, span)
    for name, plan in named_tables(at(block, "projects")):
        node, when = plan.get("completes"), quarter_at(plan.get("completes"))
        if node is not None and when is not None and span is not None and when > span[1]:
            what = f"energy.projects.{name} completes after the horizon ends"
            yield False, Problem.at(node.place, what, "it has no effect")
    for shocks in ("spikes", "force_majeure"):
        for number, shock in listed_tables(at(block, shocks)):
            yield from _days(f"energy.{shocks}.{number}", shock, span)


def _way(tree: Table, where: str, name: str, deal: Table, names: Names) -> Iterator[Found]:
    ends = tuple(text(deal.get(key)) for key in ("carrier", "exporter", "importer"))
    known = (names.energy_carriers, names.regions, names.regions)
    if any(end not in choices for end, choices in zip(ends, known, strict=True)):
        return  # said where the name stands
    place = key_place_of(tree, ("energy", "deals", name))
    carrier, exporter, importer = ends
    needing = [way for way in names.energy_ways if way.needs_deal]
    ways = [way for way in needing if (way.carrier, way.exporter, way.importer) == ends]
    by = text(deal.get("by"))
    if not ways:
        what = f"{where}: no way on record takes {carrier} from {exporter} to {importer}"
        wanted = f"wanted one of {listed([_words(way) for way in needing], _as_words(ends))}"
        yield True, Problem.at(place, what, wanted)
    elif by is None and len(ways) > 1:
        what = f"{where} can take {len(ways)} ways"
        yield True, Problem.at(place, what, f"wanted by: {' or '.join(w.name for w in ways)}")
    elif by is not None and by in names.energy_arcs and by not in [way.name for way in ways]:
        node = deal.get("by")
        what = f"{where}.by: {quoted(by)} does not take {carrier} from {exporter} to {importer}"
        choices = [way.name for way in ways]
        wanted = f"wanted one of {', '.join(choices)}"
        yield (
            True,
            Problem.at(place if node is None else node.place, what, wanted, nearest(by, choices)),
        )
    else:
        taken = next(way for way in ways if by in (None, way.name))
        yield from _volume(where, deal, taken)


def _volume(where: str, deal: Table, way: EnergyWay) -> Iterator[Found]:
    """A volume beyond what the way carries or the seller makes: no more than that is delivered."""
    node = deal.get("volume")
    if not isinstance(node, Scalar) or not isinstance(node.value, int | float):
        return
    limits = ((way.capacity, f"{way.name} carries"), (way.made, f"{way.exporter} makes"))
    for limit, who in limits:
        if limit and node.value > limit:
            what = f"{where}.volume is {node.value:g}; {who} at most {limit:g} a year"
            yield False, Problem.at(node.place, what, "no more than that is delivered")


def _words(way: EnergyWay) -> str:
    return f"{way.carrier} {way.exporter}-{way.importer}"


def _as_words(ends: tuple[str | None, ...]) -> str:
    return f"{ends[0]} {ends[1]}-{ends[2]}"


def _dates(where: str, deal: Table, span: Span) -> Iterator[Found]:
    first_node, last_node = deal.get("from"), deal.get("to")
    first, last = quarter_at(first_node), quarter_at(last_node)
    if first is None or first_node is None:
        return
    if last is not None and last_node is not None and last < first:
        what = f"{where}.to {format_quarter(last)} is before from {format_quarter(first)}"
        yield True, Problem.at(last_node.place, what, "wanted a quarter no earlier than from")
    elif span is not None and first > span[1]:
        what = f"{where} starts after the horizon ends ({format_quarter(span[1])})"
        yield False, Problem.at(first_node.place, what, "it has no effect")


def _days(where: str, shock: Table, span: Span) -> Iterator[Found]:
    first_node, last_node = shock.get("from"), shock.get("to")
    first, last = day_at(first_node), day_at(last_node)
    if first is None or first_node is None:
        return
    if last is not None and last_node is not None and last < first:
        what = f"{where}.to {last} is before from {first}"
        yield True, Problem.at(last_node.place, what, "wanted a day no earlier than from")
    elif span is not None and _is_outside(first, last or date.max, span):
        yield False, Problem.at(first_node.place, f"{where} lies outside the horizon", "no effect")


def _is_outside(first: date, last: date, span: tuple[int, int]) -> bool:
    return last < quarter_bounds(span[0])[0] or first > quarter_bounds(span[1])[1]
