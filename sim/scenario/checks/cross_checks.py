"""Checks across two places of a scenario: date order, members that grant, targets in time.

Everything here reads the tree, not the models, and passes over whatever is not well formed, so
that a mistake of one kind never hides a mistake of another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from sim.laws.numerics.calendar import QUARTERS_PER_YEAR, format_quarter, quarter_of, quarter_year
from sim.scenario.checks.agreement_checks import agreement_problems
from sim.scenario.checks.dates import quarter_at
from sim.scenario.checks.diplomacy_checks import conduct_problems
from sim.scenario.checks.duty_checks import duty_problems
from sim.scenario.checks.energy_checks import energy_problems
from sim.scenario.checks.own_figure_checks import own_figure_problems
from sim.scenario.checks.parameter_bounds import domain_problems
from sim.scenario.checks.stop_checks import stop_problems
from sim.scenario.checks.unlikely_values import unlikely_values
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.problems import Problem, quoted
from sim.scenario.text.tree import MappingNode, Scalar, at, key_place_of, named_tables, texts

MAX_QUARTERS = 200
"""Longest horizon [quarters]: fifty years."""


@dataclass
class Findings:
    """Mistakes, and what is allowed but probably not meant."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def meaning_problems(
    tree: MappingNode, names: NamesLike | None, *, with_unlikely: bool = True
) -> Findings:
    """Everything wrong or odd between the places of a scenario.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    names : Names or None
        What the world calls things; without it, what depends on the world is not checked.
    with_unlikely : bool
        Every value is also looked at for whether it is probable, of which nothing but warnings
        comes; left out where only mistakes count.
    """
    findings = Findings()
    span = _span(tree)
    findings.problems += _horizon(tree, names)
    findings.problems += _targets(tree, span)
    findings.warnings += _nested_levers(tree)
    for is_mistake, problem in chain(
        _as_of(tree, names),
        agreement_problems(tree, names, span),
        duty_problems(tree, names, span),
        conduct_problems(tree, span),
        energy_problems(tree, names, span),
        stop_problems(tree, names, span),
        own_figure_problems(tree, names),
    ):
        (findings.problems if is_mistake else findings.warnings).append(problem)
    if with_unlikely:
        findings.warnings += unlikely_values(tree, names, span)
    findings.problems += domain_problems(tree.get("uncertainty"))
    findings.warnings += _layers(tree)
    return findings


def _span(tree: MappingNode) -> tuple[int, int] | None:
    """First and last quarter of the horizon, if both are there and in order."""
    start, end = (quarter_at(at(tree, "horizon", key)) for key in ("start", "end"))
    return None if start is None or end is None or end < start else (start, end)


def _horizon(tree: MappingNode, names: NamesLike | None) -> Iterator[Problem]:
    start_node, end_node = (at(tree, "horizon", key) for key in ("start", "end"))
    start, end = quarter_at(start_node), quarter_at(end_node)
    begins = names.base_year if names is not None else 0
    if start is not None and start_node is not None and quarter_year(start) < begins:
        what = f"horizon.start is {format_quarter(start)}, before the world's tables begin"
        yield Problem.at(start_node.place, what, f"wanted a quarter from {begins}Q1 on")
    if start is None or end is None or end_node is None:
        return
    if end < start:
        what = f"horizon.end {format_quarter(end)} is before horizon.start {format_quarter(start)}"
        yield Problem.at(end_node.place, what, "wanted a quarter after the start")
    elif end - start + 1 > MAX_QUARTERS:
        what = f"the horizon has {end - start + 1} quarters"
        last = format_quarter(start + MAX_QUARTERS - 1)
        wanted = f"wanted at most {MAX_QUARTERS}: an end no later than {last}"
        yield Problem.at(end_node.place, what, wanted)


def _nested_levers(tree: MappingNode) -> Iterator[Problem]:
    """Levers that lie within another one: with the outer one off they do nothing."""
    items = list(texts(tree.get("levers")))
    for item in items:
        outer = next((o.value for o in items if str(item.value).startswith(f"{o.value}.")), None)
        if outer is not None:
            what = f"levers: {item.value} lies within {outer}, which takes it along when off"
            yield Problem.at(item.place, what, "wanted levers apart, so that their parts say more")


def _as_of(tree: MappingNode, names: NamesLike | None) -> Iterator[tuple[bool, Problem]]:
    """Check that records can count up to the quarter that is given."""
    node = tree.get("as_of")
    quarter = quarter_at(node)
    if quarter is None or node is None or names is None:
        return
    what = f"as_of is {format_quarter(quarter)}"
    first = QUARTERS_PER_YEAR * names.base_year + QUARTERS_PER_YEAR - 1
    if quarter < first:
        wanted = f"wanted {format_quarter(first)} or later: all of the base year is known"
        yield True, Problem.at(node.place, f"{what}, before the end of the base year", wanted)
    last = quarter_of(date.fromisoformat(names.last_record)) if names.last_record else first
    if quarter > last:
        wanted = f"it means the same as {format_quarter(last)}, the last with a record"
        yield False, Problem.at(node.place, f"{what}, after the last record of the world", wanted)


def _targets(tree: MappingNode, span: tuple[int, int] | None) -> Iterator[Problem]:
    for name, table in named_tables(tree.get("targets")):
        pair = table.get("pair")
        codes = list(texts(pair))
        if len(codes) == 2 and codes[0].value == codes[1].value:
            what = f"targets.{name}.pair names {quoted(codes[0].value)} twice"
            yield Problem.at(codes[1].place, what, "wanted two different states")
        by_node = table.get("deadline")
        by = quarter_at(by_node)
        if by is None or by_node is None or span is None:
            continue
        first, last = map(format_quarter, span)
        what = f"targets.{name}.deadline is {format_quarter(by)}"
        if not span[0] <= by <= span[1]:
            wanted = f"wanted a quarter from {first} to {last}"
            yield Problem.at(by_node.place, f"{what}, outside the horizon", wanted)
        elif by < span[0] + 3:
            # A target is a sum over the four quarters that end with its date.
            wanted = f"wanted {format_quarter(span[0] + 3)} or later: a whole year from {first}"
            yield Problem.at(by_node.place, f"{what}, within a year of the horizon's start", wanted)


def _layers(tree: MappingNode) -> Iterator[Problem]:
    """Warnings about sources of chance that are switched off."""
    layers = tree.get("uncertainty_sources")
    if not isinstance(layers, MappingNode):
        return
    off = [
        key
        for key, entry in layers.entries.items()
        if isinstance(entry.node, Scalar) and entry.node.value is False
    ]
    place = key_place_of(tree, ("uncertainty_sources",))
    if off:
        what = f"uncertainty_sources switches off {', '.join(off)}"
        wanted = "no probability of reaching a target will be shown; that needs all three"
        yield Problem.at(place, what, wanted)
    uncertainty = tree.get("uncertainty")
    if "parameters" in off and isinstance(uncertainty, MappingNode) and uncertainty.entries:
        what = "uncertainty is given but uncertainty_sources.parameters is false"
        wanted = "every run takes the middle of the distributions"
        yield Problem.at(key_place_of(tree, ("uncertainty",)), what, wanted)
