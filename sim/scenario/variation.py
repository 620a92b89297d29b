"""A scenario with other values at dotted paths, and whether what a study varies can be varied.

`true` keeps a block and `false` takes it out; under `agreements` a list of names keeps those alone;
any other value replaces what is there. The varied scenario passes the same checks as a file, so a
value that no file may hold is refused here too.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.laws.numerics.similar_words import nearest
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.blocks.studies import HELD, STUDY_KEYS
from sim.scenario.checks.cross_checks import meaning_problems
from sim.scenario.checks.schema_errors import shape_problems
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.overrides import EVERY, replaced
from sim.scenario.text.problems import Place, Problem, ScenarioError, quoted
from sim.scenario.text.tree import (
    MappingEntry,
    MappingNode,
    Node,
    Scalar,
    SequenceNode,
    at,
    named_tables,
    text,
    texts,
)
from sim.scenario.writing import as_plain

Value = str | bool | int | float | tuple[str, ...]
Changes = Mapping[str, Value]
"""Dotted paths with what is put there."""

AGREEMENTS = "agreements"
_GONE = Scalar(Place("", 0, 0, ""), None)
"""Null written out: what stands there is taken out."""


def varied(scenario: Scenario, changes: Changes, names: NamesLike | None = None) -> Scenario:
    """The scenario with other values at some paths.

    Parameters
    ----------
    scenario : Scenario
        What is varied; it stays as it is.
    changes : mapping of str to value
        By dotted path. `True` keeps a block, `False` takes it out, a tuple of names under
        `agreements` keeps those alone.
    names : Names, optional
        What the world calls things; without it names are taken as they are.

    Raises
    ------
    ScenarioError
        If a path finds nothing or the scenario that results could not stand in a file.
    """
    tree = _tree({k: v for k, v in as_plain(scenario).items() if k not in STUDY_KEYS}, "scenario")
    assert isinstance(tree, MappingNode)
    problems: list[Problem] = []
    for path, value in changes.items():
        changed = _changed(tree, path, _tree(value, f"{path} = {value}"))
        if isinstance(changed, Problem):
            problems.append(changed)
        else:
            tree = changed
    made, of_shape = shape_problems(tree, names, is_complete=True)
    problems += [*of_shape, *_mistakes(tree, names)]
    if problems or made is None:
        raise ScenarioError(problems)
    study = {key: getattr(scenario, key) for key in STUDY_KEYS}
    return made.model_copy(update=study)


def without_blocks(
    scenario: Scenario, paths: Sequence[str], names: NamesLike | None = None
) -> Scenario:
    """The scenario with some blocks taken out, and nothing that studies would vary.

    Raises
    ------
    ScenarioError
        If nothing stands at a path or what is left could not stand in a file.
    """
    tree = _tree(_filled(as_plain(scenario)), "scenario")
    assert isinstance(tree, MappingNode)
    problems = [
        _finds_nothing(tree, path, Place(f"without {path}", 0, 0, ""))
        for path in paths
        if not _can_vary(tree, path, is_switch=True)
    ]
    if problems:
        raise ScenarioError(problems)
    # What studies vary may be gone, so none is handed on.
    fields = Scenario.model_fields
    none = {key: fields[key].get_default(call_default_factory=True) for key in STUDY_KEYS}
    return varied(scenario, dict.fromkeys(paths, False), names).model_copy(update=none)


def _filled(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Blocks in which something stands, at whatever depth."""
    inner = {k: _filled(v) if isinstance(v, Mapping) else v for k, v in plain.items()}
    return {key: value for key, value in inner.items() if value not in (None, {}, (), [])}


def _changed(tree: MappingNode, path: str, value: Node) -> MappingNode | Problem:
    """A tree with a swept value put at the end of a path."""
    steps = path.split(".")
    found = list(_ends(tree, steps))
    if not found:
        return Problem.at(value.place, f"{path} finds nothing", "wanted a path that exists")
    if path == AGREEMENTS and isinstance(value, SequenceNode):
        return _kept(tree, value)
    takes_flags = all(_is_flag(at(tree, *end)) for end in found)
    if isinstance(value, Scalar) and isinstance(value.value, bool) and not takes_flags:
        # A flag of the format takes true and false as its values; all else is kept or taken out.
        return tree if value.value else replaced(tree, steps, _GONE, value.place)
    return replaced(tree, steps, value, value.place)


def _is_flag(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and isinstance(node.value, bool))


def _kept(tree: MappingNode, wanted: SequenceNode) -> MappingNode | Problem:
    """A tree with the listed agreements alone."""
    agreements = tree.get(AGREEMENTS)
    known = agreements.entries if isinstance(agreements, MappingNode) else {}
    for item in texts(wanted):
        if item.value not in known:
            what = f"{quoted(item.value)} is not an agreement of this scenario"
            near = nearest(str(item.value), known)
            return Problem.at(item.place, what, f"wanted some of {', '.join(known)}", near)
    keep = {item.value for item in texts(wanted)}
    entries = {name: entry for name, entry in known.items() if name in keep}
    inner = MappingNode(wanted.place, entries)
    return MappingNode(tree.place, {**tree.entries, AGREEMENTS: MappingEntry(wanted.place, inner)})


def _ends(
    node: Node, steps: Sequence[str], path: tuple[str | int, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    """Paths that a path with `*` stands for; a last key that is absent counts as found."""
    if not steps:
        yield path
        return
    step, rest = steps[0], steps[1:]
    if isinstance(node, MappingNode):
        for key in list(node.entries) if step == EVERY else [step]:
            entry = node.entries.get(key)
            if entry is not None:
                yield from _ends(entry.node, rest, (*path, key))
            elif not rest:
                yield (*path, key)
    elif isinstance(node, SequenceNode):
        n_items = len(node.items)
        places = range(n_items) if step == EVERY else [int(step) - 1] if step.isdigit() else []
        for place in places:
            if 0 <= place < n_items:
                yield from _ends(node.items[place], rest, (*path, place))


def _tree(value: object, name: str) -> Node:
    """Plain values as a tree whose places name where they come from."""
    place = Place(name, 0, 0, "")
    if isinstance(value, Mapping):
        return MappingNode(
            place, {key: MappingEntry(place, _tree(inner, name)) for key, inner in value.items()}
        )
    if isinstance(value, list | tuple):
        return SequenceNode(place, tuple(_tree(item, name) for item in value))
    assert value is None or isinstance(value, str | bool | int | float)
    return Scalar(place, value)


# --- what a file may ask to be varied ------------------------------------------------------------


def study_problems(tree: MappingNode, scenario: Scenario, names: NamesLike | None) -> list[Problem]:
    """Mistakes of the blocks that studies read, each where it stands in the file.

    Every value of a sweep and both ends of every range are tried alone, in place of what the file
    says, or of what it leaves to the defaults.

    Parameters
    ----------
    tree, scenario
        The same without other mistakes, as it stands in the file and complete.
    names : Names, optional
        What the world calls things.
    """
    bare = MappingNode(tree.place, {k: e for k, e in tree.entries.items() if k not in STUDY_KEYS})
    whole = _tree({k: v for k, v in as_plain(scenario).items() if k not in STUDY_KEYS}, "scenario")
    assert isinstance(whole, MappingNode)
    problems: list[Problem] = []
    for path, place, values in _asked(tree):
        is_switch = all(isinstance(v, Scalar) and v.value is False for v in values)
        if _can_vary(bare, path, is_switch):
            varied_in = bare
        elif _can_vary(whole, path, is_switch) and _takes_values(whole, path):
            varied_in = whole
        else:
            block, _, inside = path.partition(".")
            of_defaults = inside and block not in bare.entries and block in whole.entries
            problems.append(_finds_nothing(whole if of_defaults else bare, path, place))
            continue
        for value in values:
            changed = _changed(varied_in, path, value)
            found = [changed] if isinstance(changed, Problem) else _faults(changed, names)
            # A value put at every place of a list is at fault in each of them; once is enough.
            problems += list({(p.file, p.line, p.column): p for p in reversed(found)}.values())
            if any(problem.message.startswith("unknown key") for problem in found):
                break  # the path is at fault, whatever the value
    target = at(tree, "reach", "target")
    targets = tree.get("targets")
    if (name := text(target)) and isinstance(targets, MappingNode) and name not in targets.entries:
        what = f"reach.target is {quoted(name)}, which is no target of this scenario"
        wanted = f"wanted one of {', '.join(targets.entries)}"
        assert target is not None
        problems.append(Problem.at(target.place, what, wanted, nearest(name, targets.entries)))
    return problems


def _can_vary(tree: MappingNode, path: str, is_switch: bool) -> bool:
    """True if a path finds something, where it is to be taken out."""
    ends = list(_ends(tree, path.split(".")))
    return bool(ends) and not (is_switch and any(at(tree, *end) is None for end in ends))


def _takes_values(tree: MappingNode, path: str) -> bool:
    """True if single values stand at a path; a block of defaults would come back by itself."""
    return all(isinstance(at(tree, *end), Scalar) for end in _ends(tree, path.split(".")))


def _asked(tree: MappingNode) -> Iterator[tuple[str, Place, list[Node]]]:
    """Every path that is varied, its place in the file, and the values to be tried there."""
    levers = tree.get("levers")
    for item in texts(levers):
        yield str(item.value), item.place, [Scalar(item.place, value=False)]
    sweep = tree.get("sweep")
    for path, entry in sweep.entries.items() if isinstance(sweep, MappingNode) else ():
        node = entry.node
        values = list(node.items) if isinstance(node, SequenceNode) else _range_ends(node)
        yield path, entry.key_place, values
    for path, table in named_tables(at(tree, "reach", "levers")):
        values = _range_ends(table) or [Scalar(table.place, value=False)]
        yield path, table.place, values


def _range_ends(node: Node) -> list[Node]:
    ends = [at(node, key) for key in ("from", "to")]
    return [end for end in ends if end is not None]


def _faults(tree: MappingNode, names: NamesLike | None) -> list[Problem]:
    made, problems = shape_problems(tree, names, is_complete=True)
    return [*problems, *(_mistakes(tree, names) if made is not None else ())]


def _mistakes(tree: MappingNode, names: NamesLike | None) -> list[Problem]:
    """Mistakes alone of a tree: the file's own warnings have been given."""
    return meaning_problems(tree, names, with_unlikely=False).problems


def _finds_nothing(tree: MappingNode, path: str, place: Place) -> Problem:
    """A path that ends early, with the nearest key where it does."""
    steps = path.split(".")
    node: Node | None = tree
    depth = 0
    while depth < len(steps) and (ends := list(_ends(tree, steps[: depth + 1]))):
        inner = at(tree, *ends[0])
        if inner is None:
            break
        node, depth = inner, depth + 1
    step = steps[depth] if depth < len(steps) else steps[-1]
    if isinstance(node, MappingNode):
        keys = [key for key in node.entries if depth or key not in HELD]
        wanted = f"wanted one of {', '.join(keys)}" if keys else "there is nothing there to vary"
        is_known = not depth and step in Scenario.model_fields
        near = None if is_known else nearest(step, keys)
    elif isinstance(node, SequenceNode):
        wanted, near = f"wanted * or a place from 1 to {len(node.items)}", None
    else:
        wanted, near = "wanted the path of a value", None
    what = f"{path} finds nothing: there is no {quoted(step)}"
    if depth:
        what += f" under {'.'.join(steps[:depth])}"
    return Problem.at(place, what, wanted, near)
