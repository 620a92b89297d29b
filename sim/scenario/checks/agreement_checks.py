"""Checks of grants by giver, receiver and date: within agreements and between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from sim.laws.numerics.calendar import format_quarter
from sim.laws.numerics.similar_words import nearest
from sim.scenario.blocks.agreements import AGREEMENT_KINDS, AgreementBlock
from sim.scenario.checks.dates import quarter_at
from sim.scenario.text.known_names import NamesLike, unions_of
from sim.scenario.text.problems import Place, Problem, quoted
from sim.scenario.text.tree import (
    MappingNode,
    Scalar,
    key_place_of,
    listed_tables,
    named_tables,
    text,
    texts,
)

Found = tuple[bool, Problem]
"""Whether it is a mistake (else a warning), and what it is."""

EVERY = "*"
"""Stands for every good or every kind of duty."""


@dataclass(frozen=True)
class Grant:
    """One concession spelled out, as far as it could be read."""

    agreement: str
    number: int
    place: Place
    by: str
    receivers: frozenset[str]
    goods: frozenset[str]
    layers: frozenset[str]
    cut: object


def agreement_problems(
    tree: MappingNode, names: NamesLike | None, span: tuple[int, int] | None
) -> Iterator[Found]:
    """Mistakes and warnings of all agreements.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    names : Names or None
        What the world calls things.
    span : tuple of int or None
        First and last quarter of the horizon.
    """
    agreements = tree.get("agreements")
    grants: dict[str, list[Grant]] = {}
    times: dict[str, tuple[int, float]] = {}
    for name, table in named_tables(agreements):
        where = f"agreements.{name}"
        yield from _members(name, table)
        in_force = _timeline_in_force(table)
        if in_force is not None:
            times[name] = in_force
        yield from _timeline(where, table, span)
        kind = AGREEMENT_KINDS.get(text(table.get("kind")) or "")
        if kind is not None and kind.NEEDS_NETWORK:
            yield from _no_terms(tree, name, table, kind)
            goods = table.get("border_time_goods")
            if goods is not None and "border_time_cut" not in table.entries:
                what = f"{where}.border_time_goods: no border_time_cut is given"
                yield False, Problem.at(goods.place, what, "it has no effect")
            yield from _without_network(name, table, names)
            continue
        grants[name] = list(_grants(name, table))
        yield from _concessions(where, table, names)
        yield from _granted_twice(grants[name])
    yield from _overlaps(grants, times)


def _members(name: str, table: MappingNode) -> Iterator[Found]:
    members = list(texts(table.get("members")))
    if len(members) >= 2 and len({member.value for member in members}) == 1:
        what = f"agreements.{name} is an agreement of {quoted(members[0].value)} with itself"
        yield True, Problem.at(members[1].place, what, "wanted at least two different members")
        return
    yield from _named_twice(f"agreements.{name}.members", members)


def _timeline_in_force(table: MappingNode) -> tuple[int, float] | None:
    timeline = table.get("timeline")
    if not isinstance(timeline, MappingNode):
        return None
    begin, end = quarter_at(timeline.get("in_force")), quarter_at(timeline.get("ends"))
    if begin is None or ("ends" in timeline.entries and end is None):
        return None
    return begin, float("inf") if end is None else end


def _timeline(where: str, table: MappingNode, span: tuple[int, int] | None) -> Iterator[Found]:
    timeline = table.get("timeline")
    if not isinstance(timeline, MappingNode):
        return
    nodes = {key: timeline.get(key) for key in ("signed", "in_force", "ends")}
    quarters = {key: quarter_at(node) for key, node in nodes.items()}
    order = (("signed", "in_force"), ("in_force", "ends"), ("signed", "ends"))
    for earlier, later in order:
        first, second, node = quarters[earlier], quarters[later], nodes[later]
        if first is None or second is None or node is None or first <= second:
            continue
        if (earlier, later) == ("signed", "ends") and quarters["in_force"] is not None:
            continue
        what = f"{where}.timeline.{later} {format_quarter(second)} is before "
        what += f"{earlier} {format_quarter(first)}"
        yield True, Problem.at(node.place, what, "wanted signed, in_force, ends in this order")
    begin, node = quarters["in_force"], nodes["in_force"]
    if begin is not None and node is not None and span is not None and begin > span[1]:
        what = f"{where} enters into force after the horizon ends ({format_quarter(span[1])})"
        yield False, Problem.at(node.place, what, "it has no effect")
    elif begin is not None and node is not None and span is not None and begin < span[0]:
        what = f"{where} is in force before the horizon starts ({format_quarter(span[0])})"
        remedy = "if it was in force in the base year, the recorded trade holds its effect already"
        yield False, Problem.at(node.place, what, remedy)
    end, node = quarters["ends"], nodes["ends"]
    if end is not None and node is not None and span is not None and end < span[0]:
        what = f"{where} ends before the horizon starts ({format_quarter(span[0])})"
        yield False, Problem.at(node.place, what, "what is left of it fades out")


def _no_terms(
    tree: MappingNode, name: str, table: MappingNode, kind: type[AgreementBlock]
) -> Iterator[Found]:
    if not any(key in table.entries for key in kind.terms()):
        what = f"agreements.{name} changes nothing"
        place = key_place_of(tree, ("agreements", name))
        yield False, Problem.at(place, what, f"wanted one of {', '.join(kind.terms())}")


def _without_network(name: str, table: MappingNode, names: NamesLike | None) -> Iterator[Found]:
    """Tell that an agreement on routes cannot act where no gate and no route is on record."""
    kind = table.get("kind")
    if names is not None and kind is not None and not names.gates and not names.routes:
        what = f"agreements.{name}: this world has no transport network"
        of_kind = f"a {text(kind)} agreement"
        yield False, Problem.at(kind.place, what, f"{of_kind} changes nothing in it")


def _concessions(where: str, table: MappingNode, names: NamesLike | None) -> Iterator[Found]:
    members = [str(member.value) for member in texts(table.get("members"))]
    for number, concession in listed_tables(table.get("concessions")):
        here = f"{where}.concessions.{number}"
        by = concession.get("grantor")
        granting = text(by)
        if granting is not None and by is not None:
            yield from _outsider(f"{here}.grantor", granting, by.place, members, names)
        for receiver in texts(concession.get("partners")):
            code = str(receiver.value)
            if code == granting:
                what = f"{here}.partners: {quoted(code)} grants a concession to itself"
                yield True, Problem.at(receiver.place, what, "wanted another member")
                continue
            yield from _outsider(f"{here}.partners", code, receiver.place, members, names)
        for key in ("partners", "goods", "duty_types"):
            yield from _named_twice(f"{here}.{key}", list(texts(concession.get(key))))
        if names is not None and isinstance(by, Scalar) and granting is not None:
            receivers = [str(node.value) for node in texts(concession.get("partners"))] or members
            yield from _customs_union(here, concession, by.place, granting, receivers, names)


def _outsider(
    where: str, code: str, place: Place, members: Sequence[str], names: NamesLike | None
) -> Iterator[Found]:
    """A state of the world that is not a member of the agreement."""
    states = {*members, code} if names is None else set(names.regions)
    # A list of members that is itself wrong says nothing about who is an outsider.
    is_sound = len(set(members)) >= 2 and {*members, code} <= states
    if is_sound and code not in members:
        what = f"{where}: {quoted(code)} is not a member of the agreement"
        wanted = f"wanted one of {', '.join(dict.fromkeys(members))}"
        yield True, Problem.at(place, what, wanted, nearest(code, members))


def _named_twice(where: str, items: Sequence[Scalar]) -> Iterator[Found]:
    seen: set[object] = set()
    for item in items:
        if item.value in seen:
            what = f"{where} names {quoted(item.value)} twice"
            yield False, Problem.at(item.place, what, "it counts once")
        seen.add(item.value)


def _customs_union(
    where: str,
    concession: MappingNode,
    place: Place,
    granting: str,
    receivers: Sequence[str],
    names: NamesLike,
) -> Iterator[Found]:
    """A state that shares its tariff with others can hardly cut it alone."""
    shared = [
        institution
        for institution, members in unions_of(names).items()
        if granting in members and not {*receivers} <= {*members}
    ]
    says = concession.get("customs_union")
    if shared and says is None:
        what = f"{where}: {granting} is in the customs union {shared[0]} and cannot grant alone; "
        what += "as written the concession is refused"
        wanted = "wanted customs_union: refuse, waiver or union"
        yield False, Problem.at(place, what, wanted)
    if not shared and text(says) in ("waiver", "union") and says and granting in names.regions:
        what = f"{where}.customs_union: {granting} is in no customs union that matters here"
        yield False, Problem.at(says.place, what, "it has no effect")


def _grants(name: str, table: MappingNode) -> Iterator[Grant]:
    members = frozenset(str(member.value) for member in texts(table.get("members")))
    for number, concession in listed_tables(table.get("concessions")):
        by, goods = concession.get("grantor"), concession.get("goods")
        granting = text(by)
        if granting is None or by is None or goods is None:
            continue
        to = frozenset(str(node.value) for node in texts(concession.get("partners")))
        listed = frozenset(str(node.value) for node in texts(goods))
        layers = frozenset(str(node.value) for node in texts(concession.get("duty_types")))
        cut = concession.get("cut")
        yield Grant(
            agreement=name,
            number=number,
            place=by.place,
            by=granting,
            receivers=(to or members) - {granting},
            goods=frozenset({EVERY}) if text(goods) == "all" else listed,
            layers=layers or frozenset({EVERY}),
            cut=cut.value if isinstance(cut, Scalar) else None,
        )


def _shared(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """Intersection of two sets, where `EVERY` stands for everything."""
    if EVERY in one:
        return other
    return one if EVERY in other else one & other


def _same_ground(one: Grant, other: Grant) -> str | None:
    """Overlap of two grants of one state, in words, or None."""
    receivers = one.receivers & other.receivers
    goods = _shared(one.goods, other.goods)
    layers = _shared(one.layers, other.layers)
    if one.by != other.by or not (receivers and goods and layers):
        return None
    things = "every good" if EVERY in goods else ", ".join(sorted(goods))
    return f"{one.by} grants {things} to {', '.join(sorted(receivers))}"


def _granted_twice(grants: Sequence[Grant]) -> Iterator[Found]:
    """Each concession that repeats an earlier one; the first repetition is enough."""
    for place, other in enumerate(grants):
        for one in grants[:place]:
            ground = _same_ground(one, other)
            if ground is None:
                continue
            what = f"agreements.{other.agreement}.concessions.{other.number}: {ground} "
            what += f"a second time (first in concession {one.number}, line {one.place.line})"
            remedy = "of two cuts of one kind of duty the better counts, for what both cover; "
            remedy += "lists of one good nest: 30 % is within 80 %"
            yield False, Problem.at(other.place, what, remedy)
            break


def _overlaps(
    grants: dict[str, list[Grant]], times: dict[str, tuple[int, float]]
) -> Iterator[Found]:
    for first, second in combinations(grants, 2):
        if first not in times or second not in times:
            continue
        begin = max(times[first][0], times[second][0])
        if begin > min(times[first][1], times[second][1]):
            continue
        for other in grants[second]:
            one, ground = next(_clashes(grants[first], other), (None, None))
            if one is None:
                continue
            what = f"agreements.{second} overlaps agreements.{first} (line "
            what += f"{one.place.line}): {ground} with another cut while both are in force"
            remedy = f"from {format_quarter(begin)} on the better of both cuts counts"
            yield False, Problem.at(other.place, what, remedy)


def _clashes(grants: Sequence[Grant], other: Grant) -> Iterator[tuple[Grant, str]]:
    """Grants of another agreement on the same ground with another cut."""
    for one in grants:
        ground = _same_ground(one, other)
        if ground is not None and one.cut != other.cut:
            yield one, ground
