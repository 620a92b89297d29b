"""Keys after which nothing was written, and what their author meant to say with it."""

import re
from collections.abc import Iterator

from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.problems import Problem, quoted
from sim.scenario.text.tree import MappingNode, Node, Scalar, Step, at, dotted, key_place_of


def blank_problems(node: Node, path: tuple[Step, ...] = ()) -> Iterator[Problem]:
    """Keys and list items after which nothing was written."""
    if isinstance(node, MappingNode):
        cut = _numbers_cut_in_two(node)
        for part, whole in cut.items():
            yield _cut_in_two(node, (*path, whole), part)
        inner: list[tuple[Step, Node]] = [
            (key, entry.node) for key, entry in node.entries.items() if key not in cut
        ]
    elif isinstance(node, Scalar):
        return
    else:
        inner = list(enumerate(node.items))
    for step, value in inner:
        if isinstance(value, Scalar) and value.is_blank:
            place = key_place_of(node, (step,))
            wanted = "wanted a value; remove the line, or write null to remove an extended entry"
            yield Problem.at(place, f"{dotted((*path, step))} has no value", wanted)
        else:
            yield from blank_problems(value, (*path, step))


def _numbers_cut_in_two(table: MappingNode) -> dict[str, str]:
    """Keys that are the rest of a number with a comma, each with the key of that number.

    Within braces a comma parts entries, so `{cut: 0,5}` has a key `5` after which nothing stands.
    """
    cut: dict[str, str] = {}
    before = ""
    for key, entry in table.entries.items():
        is_blank = isinstance(entry.node, Scalar) and entry.node.is_blank
        if before and is_blank and re.fullmatch("[0-9]{1,15}", key, re.ASCII):
            line, column = entry.key_place.source_line, entry.key_place.column - 1
            if re.search(r"[0-9],$", line[:column], re.ASCII):
                cut[key] = before
        before = key
    return cut


def _cut_in_two(table: MappingNode, path: tuple[Step, ...], part: str) -> Problem:
    node = table.entries[str(path[-1])].node
    whole = str(node.value) if isinstance(node, Scalar) else ""
    point = f"{whole}.{part}"
    if len(part) == 3 and whole.lstrip("+-0"):
        wanted = f"wanted a number without commas: {whole}{part}, or {point} if it is a decimal one"
    else:
        wanted = f"wanted a decimal point (decimal comma: write {point})"
    what = f"{dotted(path)} is {quoted(f'{whole},{part}')}, and the comma ends it"
    return Problem.at(node.place, what, wanted)


def left_empty(
    tree: MappingNode, path: tuple[Step, ...], names: NamesLike | None
) -> Problem | None:
    """A remark on an agreement on record that somebody wanted to end by leaving it empty."""
    records = () if names is None else names.records
    if path[:-1] != ("agreements",) or path[-1] not in {one.name for one in records}:
        return None
    node = at(tree, *path)
    if not (isinstance(node, Scalar) and node.value is None):
        return None
    what = f"{dotted(path)} is empty; {path[-1]} is an agreement on record"
    wanted = f"wanted ends: {{{path[-1]}: [{{last_quarter: 2026Q4}}]}} if it is to end"
    return Problem.at(node.place, what, wanted)
