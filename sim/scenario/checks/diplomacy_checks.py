"""Consistency checks of States' acts: negotiations, accession, diplomacy and reforms."""

from collections.abc import Iterator

from sim.laws.numerics.calendar import format_quarter
from sim.scenario.checks.agreement_checks import Found
from sim.scenario.checks.dates import Span, quarter_at
from sim.scenario.text.problems import Problem, quoted
from sim.scenario.text.tree import (
    MappingNode,
    Scalar,
    SequenceNode,
    at,
    key_place_of,
    listed_tables,
    named_tables,
    text,
    texts,
)


def conduct_problems(tree: MappingNode, span: Span) -> Iterator[Found]:
    """Mistakes and warnings about what States do.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    span : tuple of int or None
        First and last quarter of the horizon.
    """
    for name, table in named_tables(tree.get("agreements")):
        yield from _joiners(f"agreements.{name}.may_join", table)
        yield from _negotiation(f"agreements.{name}.timeline.negotiated", table, span)
    yield from _switches(tree)
    yield from _diplomacy(tree, span)
    yield from _reforms(tree, span)


def _joiners(where: str, table: MappingNode) -> Iterator[Found]:
    members = {member.value for member in texts(table.get("members"))}
    seen: set[object] = set()
    for joiner in texts(table.get("may_join")):
        if joiner.value in members:
            what = f"{where} names {quoted(joiner.value)}, which is a member already"
            yield True, Problem.at(joiner.place, what, "wanted states that are not members")
        elif joiner.value in seen:
            what = f"{where} names {quoted(joiner.value)} twice"
            yield False, Problem.at(joiner.place, what, "it counts once")
        seen.add(joiner.value)


def _negotiation(where: str, table: MappingNode, span: Span) -> Iterator[Found]:
    known = at(table, "timeline", "negotiated")
    if not isinstance(known, MappingNode):
        return
    nodes = {key: known.get(key) for key in ("talks_since", "signed")}
    since, signed = (quarter_at(node) for node in nodes.values())
    if since is not None and signed is not None and since > signed and nodes["signed"]:
        what = f"{where}.signed {format_quarter(signed)} is before talks_since "
        what += format_quarter(since)
        yield True, Problem.at(nodes["signed"].place, what, "wanted talks before the signature")
    for key, node in nodes.items():
        quarter = quarter_at(node)
        if span is not None and quarter is not None and node is not None and quarter > span[1]:
            what = f"{where}.{key} is after the horizon ends ({format_quarter(span[1])})"
            yield False, Problem.at(node.place, what, "the agreement has no effect")


def _switches(tree: MappingNode) -> Iterator[Found]:
    """A negotiation without its rules."""
    switch = at(tree, "behaviour", "negotiation")
    agreements = [table for _, table in named_tables(tree.get("agreements"))]
    is_open = any(_is_negotiated(table) for table in agreements)
    if isinstance(switch, Scalar) and switch.value is False and is_open:
        what = "behaviour.negotiation is false but an agreement is negotiated or may be joined"
        wanted = "it takes the typical time, the same in every run of the same parameters"
        yield False, Problem.at(switch.place, what, wanted)


def _is_negotiated(table: MappingNode) -> bool:
    timeline, joiners = table.get("timeline"), table.get("may_join")
    is_open = isinstance(timeline, MappingNode) and "negotiated" in timeline.entries
    return (
        is_open
        or text(timeline) == "negotiated"
        or (isinstance(joiners, SequenceNode) and bool(joiners.items))
    )


_ENDS = {"outside_attention": ("power", "state")}
"""Keys of the two states where they are not those of visits."""


def _diplomacy(tree: MappingNode, span: Span) -> Iterator[Found]:
    for kind in ("visits", "consulates", "missions", "outside_attention"):
        for number, act in listed_tables(at(tree, "diplomacy", kind)):
            where = f"diplomacy.{kind}.{number}"
            sender, host = _ENDS.get(kind, ("sending_state", "host_state"))
            by, to = act.get(sender), act.get(host)
            if to is not None and text(by) is not None and text(by) == text(to):
                what = f"{where}: {quoted(text(to))} goes to itself"
                yield True, Problem.at(to.place, what, "wanted two different states")
            yield from _beyond(where, act, "since" if kind in _ENDS else "when", span)
            since, until_node = quarter_at(act.get("since")), act.get("until")
            until = quarter_at(until_node)
            if since is not None and until is not None and until < since and until_node:
                what = f"{where}.until {format_quarter(until)} is before since "
                what += format_quarter(since)
                yield True, Problem.at(until_node.place, what, "wanted since, until in this order")
    for name, signed in named_tables(at(tree, "diplomacy", "memoranda")):
        where = f"diplomacy.memoranda.{name}"
        codes = list(texts(signed.get("pair")))
        if len(codes) == 2 and codes[0].value == codes[1].value:
            what = f"{where}.pair names {quoted(codes[0].value)} twice"
            yield True, Problem.at(codes[1].place, what, "wanted two different states")
        yield from _beyond(where, signed, "when", span)
        yield from _conversion(where, signed)


def _beyond(where: str, table: MappingNode, key: str, span: Span) -> Iterator[Found]:
    node = table.get(key)
    quarter = quarter_at(node)
    if span is not None and quarter is not None and node is not None and quarter > span[1]:
        what = f"{where}.{key} is after the horizon ends ({format_quarter(span[1])})"
        yield False, Problem.at(node.place, what, "it has no effect")


def _conversion(where: str, table: MappingNode) -> Iterator[Found]:
    """Shares of memoranda that are no shares."""
    conversion = table.get("conversion_rate")
    forms = [*conversion.entries.items()] if isinstance(conversion, MappingNode) else []
    numbers = [conversion] if isinstance(conversion, Scalar) else []
    for form, entry in forms:
        items = entry.node.items if isinstance(entry.node, SequenceNode) else (entry.node,)
        values = items[:1] if form in ("normal", "lognormal") else items
        numbers += [item for item in values if isinstance(item, Scalar)]
    for number in numbers:
        value = number.value
        if isinstance(value, bool | str) or value is None or 0 <= value <= 1:
            continue
        hint = f": is this percent? write {value / 100:g}" if 1 < value <= 100 else ""
        what = f"{where}.conversion_rate holds {value:g}"
        yield True, Problem.at(number.place, what, f"wanted shares from 0 to 1{hint}")


def _reforms(tree: MappingNode, span: Span) -> Iterator[Found]:
    steps = dict(named_tables(at(tree, "reforms", "steps")))
    for name, step in steps.items():
        yield from _beyond(f"reforms.steps.{name}", step, "start", span)
        goods = step.get("goods")
        if goods is not None and text(step.get("measure")) in ("rule_of_law", "infrastructure"):
            what = f"reforms.steps.{name}.goods: {text(step.get('measure'))} is for no goods"
            yield False, Problem.at(goods.place, what, "it has no effect")
    acting = {text(step.get("state")) for step in steps.values()}
    budgets = at(tree, "reforms", "budget_musd")
    for code in budgets.entries if isinstance(budgets, MappingNode) else ():
        if code not in acting:
            what = f"reforms.budget_musd has money for {quoted(code)}, which reforms nothing"
            place = key_place_of(tree, ("reforms", "budget_musd", code))
            yield False, Problem.at(place, what, "it has no effect")
