"""Closures and bans against themselves and the world: dates in order, borders there to be shut."""

from collections.abc import Iterator

from sim.laws.numerics.calendar import quarter_bounds
from sim.scenario.checks.agreement_checks import Found
from sim.scenario.checks.dates import Span, quarter_at
from sim.scenario.checks.spell_checks import DatedSpell, spell_of, spell_problems
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.problems import Problem, quoted
from sim.scenario.text.tree import MappingNode, Scalar, listed_tables, named_tables, text, texts


def stop_problems(tree: MappingNode, names: NamesLike | None, span: Span) -> Iterator[Found]:
    """Mistakes and warnings of the blocks `closures`, `bans` and `open_all_year`.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    names : Names or None
        What the world calls things.
    span : tuple of int or None
        First and last quarter of the horizon.
    """
    yield from _closures(tree, span)
    for name, ban in named_tables(tree.get("bans")):
        where = f"bans.{name}"
        pair = list(texts(ban.get("pair")))
        if len(pair) == 2:
            yield from _pair(where, ban, pair[0].value, pair[1], names)
        yield from spell_problems(where, ban, span)
    yield from _open_all_year(tree, names)


def _open_all_year(tree: MappingNode, names: NamesLike | None) -> Iterator[Found]:
    """Gates that have no season, or none any more, by then."""
    block = tree.get("open_all_year")
    entries = block.entries.items() if isinstance(block, MappingNode) and names is not None else ()
    for gate, entry in entries:
        if names is None or gate not in names.gates:
            continue
        quarter, ended = quarter_at(entry.node), dict(names.seasons).get(gate)
        place = entry.key_place
        if ended is None:
            what = f"open_all_year.{gate}: {gate} does not shut by season"
            yield False, Problem.at(place, what, "it has no effect")
        elif ended and quarter is not None and quarter_bounds(quarter)[0].isoformat() >= ended:
            what = (
                f"open_all_year.{gate}: on record {gate} no longer shuts by season from {ended} on"
            )
            yield False, Problem.at(place, what, "it has no effect unless recorded_stops is false")


def _pair(
    where: str, ban: MappingNode, first: object, second: Scalar, names: NamesLike | None
) -> Iterator[Found]:
    if first == second.value:
        what = f"{where}.pair names {quoted(first)} twice"
        yield True, Problem.at(second.place, what, "wanted two different states")
    elif text(ban.get("scope")) == "land" and names is not None:
        ends = {first, second.value}
        meet = any(ends == set(pair) for pair in names.land_borders)
        if ends <= set(names.regions) and not meet:
            two = f"{first} and {second.value}"
            what = f"{where} is by land, but the tables know no border of {two}"
            wanted = "wanted neighbours, or scope: all with the share that is stopped"
            yield True, Problem.at(second.place, what, wanted)


def _closures(tree: MappingNode, span: Span) -> Iterator[Found]:
    closures = tree.get("closures")
    gates = closures.entries.items() if isinstance(closures, MappingNode) else ()
    for gate, entry in gates:
        earlier: list[DatedSpell] = []
        for number, table in listed_tables(entry.node):
            where = f"closures.{gate}.{number}"
            yield from spell_problems(where, table, span)
            spell, from_node = spell_of(table), table.get("from")
            if spell is None or from_node is None or spell.last < spell.first:
                continue
            if any(map(spell.meets, earlier)):
                what = f"{where} overlaps an earlier closure of {gate}"
                wanted = "days closed twice count once; wanted spells apart"
                yield False, Problem.at(from_node.place, what, wanted)
            earlier.append(spell)
