"""Single values put over those of a file, as ``agreements.pta.concessions.*.cut`` to ``0.5``.

A path is made of keys, places in a list counted from 1, and `*` for all of either. Keys on the
way that are absent are made, so that a typing mistake is found as an unknown key.
"""

from collections.abc import Mapping

from sim.scenario.text.old_spellings import respelled_path, respelled_value
from sim.scenario.text.problems import Place, Problem, quoted
from sim.scenario.text.tree import MappingEntry, MappingNode, Node, Scalar, SequenceNode
from sim.scenario.text.yaml_reader import MAX_LEVELS, read_value

EVERY = "*"


def with_overrides(
    tree: MappingNode, overrides: Mapping[str, str]
) -> tuple[MappingNode, list[Problem]]:
    """A tree with values replaced, and the overrides that could not be placed.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    overrides : mapping of str to str
        Dotted path to the new value as YAML text; `null` removes what is there.
    """
    problems: list[Problem] = []
    for path, written in overrides.items():
        value, found = read_value(f"override {path}", written.encode("utf-8", "replace"))
        problems += found
        if value is None:
            continue
        steps = respelled_path(path).split(".")
        place = Place(f"override {path}", 0, 0, "")
        if steps[0] == "extends":
            wanted = "wanted the key of a value; write extends in the file"
            problems.append(Problem.at(place, "extends is read before any override", wanted))
            continue
        if not all(steps) or len(steps) > MAX_LEVELS:
            problems.append(
                Problem.at(place, "is not a path", "wanted keys with dots, such as horizon.end")
            )
            continue
        changed = replaced(tree, steps, respelled_value(value, steps), place)
        if isinstance(changed, MappingNode):
            tree = changed
        else:
            problems.append(changed)
    return tree, problems


def replaced(node: Node, steps: list[str], value: Node, place: Place) -> MappingNode | Problem:
    """A mapping with the value put at the end of a path."""
    changed = _with(node, steps, value, place)
    if isinstance(changed, Scalar | SequenceNode):
        return Problem.at(place, "would replace the whole scenario", "wanted the path of a value")
    return changed


def _with(node: Node, steps: list[str], value: Node, place: Place) -> Node | Problem:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(node, Scalar):
        what = f"{quoted(step)} would lie inside a single value"
        return Problem.at(place, what, "wanted the path of a value")
    if isinstance(node, SequenceNode):
        return _with_items(node, step, rest, value, place)
    keys = list(node.entries) if step == EVERY else [step]
    if not keys:
        return Problem.at(place, "* finds nothing", "wanted a path that exists")
    entries = dict(node.entries)
    for key in keys:
        entry = entries.get(key)
        if not rest and isinstance(value, Scalar) and value.value is None and not value.is_blank:
            entries.pop(key, None)
            continue
        inner = _with(entry.node if entry else MappingNode(place, {}), rest, value, place)
        if isinstance(inner, Problem):
            return inner
        entries[key] = MappingEntry(value.place, inner)
    return MappingNode(node.place, entries)


def _with_items(
    node: SequenceNode, step: str, rest: list[str], value: Node, place: Place
) -> Node | Problem:
    """A list with the value put into one item, or into all of them."""
    n_items = len(node.items)
    is_place = step.isascii() and step.isdigit() and 1 <= int(step[:9]) <= n_items
    if not is_place and (step != EVERY or n_items == 0):
        wanted = f"wanted * or a place from 1 to {n_items}"
        return Problem.at(place, f"{quoted(step)} is no place in a list of {n_items}", wanted)
    places = range(n_items) if step == EVERY else [int(step) - 1]
    if not rest and isinstance(value, Scalar) and value.value is None and not value.is_blank:
        kept = [item for index, item in enumerate(node.items) if index not in places]
        return SequenceNode(node.place, tuple(kept))
    items = list(node.items)
    for index in places:
        inner = _with(items[index], rest, value, place)
        if isinstance(inner, Problem):
            return inner
        items[index] = inner
    return SequenceNode(node.place, tuple(items))
