"""A scenario file as a tree of values that know where they stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sim.scenario.text.problems import Place

Plain: TypeAlias = "str | int | float | bool | tuple[Plain, ...] | dict[str, Plain] | None"
Step: TypeAlias = "str | int"


@dataclass(frozen=True)
class Scalar:
    """Text, number, boolean or null; `is_blank` if nothing at all was written."""

    place: Place
    value: str | int | float | bool | None
    is_blank: bool = False


@dataclass(frozen=True)
class SequenceNode:
    """Items in order."""

    place: Place
    items: tuple["Node", ...]


@dataclass(frozen=True)
class MappingEntry:
    """A key's place and its value."""

    key_place: Place
    node: "Node"


@dataclass(frozen=True)
class MappingNode:
    """A mapping from text keys to values, in the order written."""

    place: Place
    entries: dict[str, MappingEntry]

    def get(self, key: str) -> "Node | None":
        """Value under a key, or None."""
        entry = self.entries.get(key)
        return None if entry is None else entry.node


Node: TypeAlias = Scalar | SequenceNode | MappingNode


def plain(node: Node) -> Plain:
    """A tree as nested dicts and tuples, without the places."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, SequenceNode):
        return tuple(plain(item) for item in node.items)
    return {key: plain(entry.node) for key, entry in node.entries.items()}


def at(node: Node | None, *path: Step) -> Node | None:
    """The value at the end of a path, or None if the path ends early."""
    for step in path:
        if isinstance(node, MappingNode) and isinstance(step, str):
            node = node.get(step)
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node


def place_of(node: Node, path: Sequence[Step]) -> Place:
    """Place of the value at the end of a path, or of the deepest part of it that exists."""
    for step in path:
        deeper = at(node, step)
        if deeper is not None:
            node = deeper
    return node.place


def key_place_of(node: Node, path: Sequence[Step]) -> Place:
    """Place of the last key of a path (of the value, if the last step is not a key)."""
    place = node.place
    for step in path:
        if isinstance(node, MappingNode) and isinstance(step, str) and step in node.entries:
            entry = node.entries[step]
            place, node = entry.key_place, entry.node
        elif (item := at(node, step)) is not None:
            place, node = item.place, item
    return place


def dotted(path: Sequence[Step]) -> str:
    """A path as text; items of a list count from 1."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in path)


def texts(node: Node | None) -> Iterator[Scalar]:
    """The text items of a list; whatever else is there is passed over."""
    if isinstance(node, SequenceNode):
        for item in node.items:
            if isinstance(item, Scalar) and isinstance(item.value, str):
                yield item


def text(node: Node | None) -> str | None:
    """The value if it is text, else None."""
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, str) else None


def numeric(node: Node | None) -> float | None:
    """The value if it is a number, else None."""
    value = node.value if isinstance(node, Scalar) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


def named_tables(node: Node | None) -> Iterator[tuple[str, MappingNode]]:
    """The mappings directly inside a mapping, with their keys."""
    if isinstance(node, MappingNode):
        for key, entry in node.entries.items():
            if isinstance(entry.node, MappingNode):
                yield key, entry.node


def listed_tables(node: Node | None) -> Iterator[tuple[int, MappingNode]]:
    """The mappings directly inside a list, with their places counted from 1."""
    if isinstance(node, SequenceNode):
        for number, item in enumerate(node.items, start=1):
            if isinstance(item, MappingNode):
                yield number, item
