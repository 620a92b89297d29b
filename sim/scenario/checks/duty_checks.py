"""Duties that rise and agreements that end: against themselves, the world and what is on record."""

from collections.abc import Iterator, Mapping

from sim.laws.numerics.calendar import format_quarter
from sim.laws.numerics.similar_words import nearest
from sim.scenario.blocks.duty_blocks import SIZES
from sim.scenario.checks.agreement_checks import Found
from sim.scenario.checks.dates import Span, quarter_at
from sim.scenario.checks.parameter_bounds import bound_problems
from sim.scenario.checks.spell_checks import spell_problems
from sim.scenario.text.known_names import NamesLike, RecordLike, listed, unions_of
from sim.scenario.text.problems import Problem, quoted
from sim.scenario.text.tree import (
    MappingNode,
    key_place_of,
    listed_tables,
    named_tables,
    text,
    texts,
)


def duty_problems(tree: MappingNode, names: NamesLike | None, span: Span) -> Iterator[Found]:
    """Mistakes and warnings of duties that rise, of endings, and of what is on record already.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    names : Names or None
        What the world calls things.
    span : tuple of int or None
        First and last quarter of the horizon.
    """
    for name, table in named_tables(tree.get("duties")):
        yield from _rise(tree, name, table, names, span)
    for name, table in named_tables(tree.get("trade_costs")):
        yield from _trade_cost(tree, name, table, span)
    yield from _endings(tree, names, span)
    for name, table in named_tables(tree.get("agreements")):
        yield from _leaves(tree, name, table, span)
        if names is not None:
            yield from _on_record(name, table, names, span)


def _rise(
    tree: MappingNode, name: str, table: MappingNode, names: NamesLike | None, span: Span
) -> Iterator[Found]:
    where = f"duties.{name}"
    place = key_place_of(tree, ("duties", name))
    routes = [key for key in ("add_rate", "to_rate") if key in table.entries]
    if len(routes) != 1:
        what = f"{where} says {'both add_rate and to_rate' if routes else 'no rate'}"
        yield True, Problem.at(place, what, "wanted add_rate (points) or to_rate (a new rate)")
    by = table.get("importer")
    for exporter in texts(table.get("exporters")):
        if exporter.value == text(by):
            what = f"{where}.exporters: {quoted(exporter.value)} raises a duty on itself"
            yield True, Problem.at(exporter.place, what, "wanted another state")
    effect = "what is left of it fades out"
    yield from spell_problems(where, table, span, place=place, effect=effect)
    if names is None or by is None or "customs_union" in table.entries:
        return
    shared = [union for union, inside in unions_of(names).items() if text(by) in inside]
    if shared:
        what = f"{where}: {text(by)} is in the customs union {shared[0]} and cannot change its "
        what += "duty alone; as written the change is refused"
        yield False, Problem.at(by.place, what, "wanted customs_union: refuse, waiver or union")


def _trade_cost(tree: MappingNode, name: str, table: MappingNode, span: Span) -> Iterator[Found]:
    where, place = f"trade_costs.{name}", key_place_of(tree, ("trade_costs", name))
    given = [key for key in SIZES if key in table.entries]
    if len(given) != 1:
        what = f"{where} says {' and '.join(given) if given else 'no size'}"
        yield True, Problem.at(place, what, f"wanted one of {', '.join(SIZES)}")
    for key in given:
        for problem in bound_problems(f"{where}.{key}", table.entries[key].node, *SIZES[key]):
            yield True, problem
    pair = list(texts(table.get("pair")))
    if len(pair) == 2 and pair[0].value == pair[1].value:
        what = f"{where}.pair names {quoted(pair[0].value)} twice"
        yield True, Problem.at(pair[1].place, what, "wanted two different states")
    exporter = table.get("exporter")
    if exporter is not None and pair and text(exporter) not in [one.value for one in pair]:
        what = f"{where}.exporter: {quoted(text(exporter))} is not of its pair"
        yield True, Problem.at(exporter.place, what, "wanted one of the two states, or none")
    effect = "what is left of it fades out"
    yield from spell_problems(where, table, span, place=place, effect=effect)


def _endings(tree: MappingNode, names: NamesLike | None, span: Span) -> Iterator[Found]:
    asked = [name for name, _ in named_tables(tree.get("agreements"))]
    ends = tree.get("ends")
    records = {} if names is None else {record.name: record for record in names.records}
    for name in ends.entries if isinstance(ends, MappingNode) else ():
        place = key_place_of(tree, ("ends", name))
        if name in asked:
            what = f"ends.{name} is an agreement of this file, not one on record"
            wanted = f"wanted agreements.{name}.timeline.ends, or agreements.{name}.leaves"
            yield True, Problem.at(place, what, wanted)
            continue
        if names is not None and name not in records:
            what = f"ends names {quoted(name)}, which is no agreement on record"
            wanted = f"wanted one of {listed([*records], name)}"
            yield True, Problem.at(place, what, wanted, nearest(name, records))
            continue
        record = records.get(name)
        if record is not None and not record.grants:
            what = f"ends.{name}: nothing is recorded of what this agreement takes off duties"
            yield False, Problem.at(place, what, "its end changes nothing")
        for number, table in listed_tables(
            ends.get(name) if isinstance(ends, MappingNode) else None
        ):
            yield from _ending(f"ends.{name}.{number}", table, record, span)


def _leaves(tree: MappingNode, name: str, table: MappingNode, span: Span) -> Iterator[Found]:
    """Members that leave an agreement of the file."""
    leaves = table.get("leaves")
    members = [str(one.value) for one in texts(table.get("members"))]
    timeline = table.get("timeline")
    begins = quarter_at(timeline.get("in_force") if isinstance(timeline, MappingNode) else None)
    for code in leaves.entries if isinstance(leaves, MappingNode) else ():
        where = f"agreements.{name}.leaves"
        place = key_place_of(tree, ("agreements", name, "leaves", code))
        if code not in members:
            what = f"{where}: {quoted(code)} is not a member of the agreement"
            wanted = f"wanted one of {', '.join(members)}"
            yield True, Problem.at(place, what, wanted, nearest(code, members))
        last = quarter_at(leaves.get(code) if isinstance(leaves, MappingNode) else None)
        if last is None:
            continue
        if begins is not None and last < begins:
            what = f"{where}.{code} {format_quarter(last)} is before the agreement is in force"
            wanted = f"wanted {format_quarter(begins)} or later, or {code} left out of its members"
            yield True, Problem.at(place, what, wanted)
        if span is not None and last >= span[1]:
            what = f"{where}.{code} {format_quarter(last)} is not before the horizon ends"
            yield False, Problem.at(place, what, "it has no effect")


def _ending(
    where: str, table: MappingNode, record: RecordLike | None, span: Span
) -> Iterator[Found]:
    for member in texts(table.get("members")):
        code = str(member.value)
        if record is not None and code not in record.members:
            what = f"{where}: {quoted(code)} is not a member of the agreement"
            wanted = f"wanted one of {', '.join(record.members)}"
            yield True, Problem.at(member.place, what, wanted, nearest(code, record.members))
    node = table.get("last_quarter")
    last = quarter_at(node)
    if last is None or node is None:
        return
    if span is not None and last >= span[1]:
        what = f"{where}.last_quarter {format_quarter(last)} is not before the horizon ends"
        yield False, Problem.at(node.place, what, "it has no effect")
    if record is not None and not record.first_quarter <= last < record.last_quarter:
        what = f"{where}: {record.name} {_spell(record)}, so it cannot end with "
        yield False, Problem.at(node.place, what + format_quarter(last), "it has no effect")


def _on_record(name: str, table: MappingNode, names: NamesLike, span: Span) -> Iterator[Found]:
    """An agreement whose members have one on record already."""
    asked = _grants_of(table)
    for record in names.records:
        shared = sorted(
            {f"{by} to {to}" for to, by in record.grants if to in asked.get(by, frozenset())}
        )
        is_past = span is not None and record.last_quarter < span[0]
        members = table.get("members")
        if not shared or is_past or members is None:
            continue
        what = f"agreements.{name}: {record.name} is on record already and {_spell(record)} "
        what += f"({', '.join(shared[:4])}{' and more' if len(shared) > 4 else ''})"
        remedy = "of both the better cut counts, by good and kind of duty"
        if record.first_quarter < 4 * (names.base_year + 1):
            remedy += "; the trade of the base year holds its effect"
        yield False, Problem.at(members.place, what, remedy)


def _grants_of(table: MappingNode) -> Mapping[str, frozenset[str]]:
    """Receivers of grants by granting state in an agreement of the file."""
    members = frozenset(str(one.value) for one in texts(table.get("members")))
    found: dict[str, frozenset[str]] = {}
    for _, concession in listed_tables(table.get("concessions")):
        by = text(concession.get("grantor"))
        if by is not None:
            to = frozenset(str(one.value) for one in texts(concession.get("partners"))) or members
            found[by] = found.get(by, frozenset()) | (to - {by})
    return found


def _spell(record: RecordLike) -> str:
    if not record.is_dated:
        return "has not entered into force on record"
    began = f"is in force from {format_quarter(record.first_quarter)}"
    return began + (f" to {format_quarter(record.last_quarter)}" if record.has_ended else "")
