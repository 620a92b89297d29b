"""Removal of study variations of an entry that is taken out, with a warning.

A file that extends another one, or an override, may remove an agreement that `levers`, `sweep` or
`reach` of the extended file name. Such a path has nothing left to vary, and there is no other way
to mean it. A path that the file itself writes beside its `null` is a mistake and stays one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sim.scenario.text.problems import Place, Problem
from sim.scenario.text.tree import MappingEntry, MappingNode, Node, SequenceNode, Step, at, texts

SHOWN_PATHS = 3


@dataclass(frozen=True)
class Removal:
    """An entry that was taken out."""

    path: tuple[Step, ...]
    place: Place
    """Where it says so."""

    @property
    def name(self) -> str:
        """Its dotted path."""
        return ".".join(map(str, self.path))

    def takes(self, varied: str, place: Place) -> bool:
        """True if a path written elsewhere lies in the part that was taken out."""
        is_inside = varied == self.name or varied.startswith(f"{self.name}.")
        return is_inside and place.file != self.place.file


@dataclass
class _Gone:
    """Paths and blocks that one removal takes along."""

    paths: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    """Blocks of which nothing is left."""


def without_removed(
    tree: MappingNode, removals: Sequence[Removal]
) -> tuple[MappingNode, list[Problem]]:
    """A tree without inherited paths of studies that name what was removed, and warnings.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of a file.
    removals : sequence of Removal
        Entries that were taken out on the way; those that are there again count for nothing.
    """
    warnings: list[Problem] = []
    for removal in removals:
        if at(tree, *removal.path) is not None:
            continue
        gone = _Gone()
        for block in (("levers",), ("sweep",), ("reach", "levers")):
            tree = _pruned(tree, block, removal, gone)
        if gone.paths:
            warnings.append(_warning(removal, gone))
    return tree, warnings


def _pruned(
    tree: MappingNode, block: tuple[str, ...], removal: Removal, gone: _Gone
) -> MappingNode:
    node = at(tree, *block)
    if isinstance(node, SequenceNode):
        gone_items = [one for one in texts(node) if removal.takes(str(one.value), one.place)]
        items = tuple(item for item in node.items if item not in gone_items)
        taken = [str(one.value) for one in gone_items]
        left: Node = SequenceNode(node.place, items)
        is_empty = not items
    elif isinstance(node, MappingNode):
        entries, taken = {}, []
        for key, entry in node.entries.items():
            kept, points = _without_points(key, entry, removal)
            if kept is None or removal.takes(key, entry.key_place):
                taken.append(key)
            else:
                entries[key] = kept
                taken += points
        left = MappingNode(node.place, entries)
        is_empty = not entries
    else:
        return tree
    if not taken:
        return tree
    gone.paths += [f"{'.'.join(block)} {path}" for path in taken]
    if is_empty:
        gone.blocks.append(block[0])
        return _with_entry(tree, block[:1], lambda _entry: None)
    return _with_entry(tree, block, lambda entry: MappingEntry(entry.key_place, left))


def _without_points(
    key: str, entry: MappingEntry, removal: Removal
) -> tuple[MappingEntry | None, list[str]]:
    """A swept entry without the lists of agreements that name a removed one, and those lists."""
    node = entry.node
    is_of_agreements = key == removal.path[0] == "agreements" and len(removal.path) == 2
    if not is_of_agreements or not isinstance(node, SequenceNode):
        return entry, []
    name, file = removal.path[1], removal.place.file
    gone = [item for item in node.items if item.place.file != file and name in _names(item)]
    kept = tuple(item for item in node.items if item not in gone)
    told = [f"{key} = [{', '.join(map(str, _names(item)))}]" for item in gone]
    return (MappingEntry(entry.key_place, SequenceNode(node.place, kept)) if kept else None), told


def _names(item: Node) -> list[object]:
    return [one.value for one in texts(item)]


def _with_entry(
    tree: MappingNode, path: tuple[str, ...], change: Callable[[MappingEntry], MappingEntry | None]
) -> MappingNode:
    """A mapping with an entry changed or, for None, without it."""
    entries = dict(tree.entries)
    key, rest = path[0], path[1:]
    entry = entries[key]
    if rest:
        assert isinstance(entry.node, MappingNode)
        entries[key] = MappingEntry(entry.key_place, _with_entry(entry.node, rest, change))
    elif (changed := change(entry)) is None:
        del entries[key]
    else:
        entries[key] = changed
    return MappingNode(tree.place, entries)


def _warning(removal: Removal, gone: _Gone) -> Problem:
    shown, n_more = gone.paths[:SHOWN_PATHS], len(gone.paths) - SHOWN_PATHS
    what = f"{removal.name} is removed, and with it what studies would vary of it: "
    what += ", ".join(shown) + (f" and {n_more} more" if n_more > 0 else "")
    if gone.blocks:
        what += f"; nothing is left of {' and '.join(gone.blocks)}"
    names = " or ".join(dict.fromkeys(path.split()[0].split(".")[0] for path in gone.paths))
    return Problem.at(removal.place, what, f"write {names} again here to vary something else")
