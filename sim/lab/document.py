"""Edits of a scenario's text by the places of its values: nothing else of the text is touched.

The text is the only state. A control changes the characters of its own value; a value that the text
does not have is put in as the shortest block at the end of its mapping; put back to what it would
be without it, the block goes again. Comments, order, quotes and line ends stay. Every edit is read
again before it is given back, so that what cannot be edited safely is refused, never guessed.

Paths are those of `--set`: keys, and places in a list counted from 1; where a key holds a dot, as
steps one by one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sim.lab.splices import Splice, apply_splices, inserted_entry, inserted_item, taken_out
from sim.lab.yaml_text import Value, inline_text
from sim.scenario.text.old_spellings import EVERY, present_key, respell
from sim.scenario.text.text_spans import CollectionSpan, ScalarSpan, Span, spans
from sim.scenario.text.tree import MappingNode, Node, SequenceNode, at, plain
from sim.scenario.text.yaml_reader import read_tree

Path = tuple[str, ...]

KEPT = 32
"""Texts whose trees are at hand: an edit looks at the same few again and again."""


class EditError(ValueError):
    """An edit that the text has no room for; the message says why in words."""


@dataclass(frozen=True)
class Edit:
    """A text after an edit, and what was changed in it, one after the other."""

    text: str
    changes: tuple[Splice, ...] = ()

    def undone(self) -> str:
        """The text before the edit."""
        return apply_splices(self.text, [change.reverse for change in reversed(self.changes)])


@dataclass(frozen=True)
class EditContext:
    """Background of a text: the file as it was opened, and the content it inherits."""

    original: str | None = None
    """Text from which the lines that controls put in are told; None: nothing is taken out."""
    inherited: MappingNode | None = None
    """Tree of the files that it extends, merged."""


@lru_cache(maxsize=KEPT)
def own_tree(text: str) -> MappingNode | None:
    """Tree of a text by itself, in present words; None where it is broken."""
    tree, problems = read_tree("", text.encode("utf-8", "replace"))
    return None if problems or tree is None else respell(tree).tree


def own_spans(text: str) -> Span | None:
    """Spans of a text by keys in present words, whatever words it is written in."""
    found = spans(text)
    return None if found is None else _in_present_words(found, ())


def _in_present_words(node: Span, path: Path) -> Span:
    if isinstance(node, ScalarSpan):
        return node
    items = tuple(_in_present_words(item, (*path, EVERY)) for item in node.items)
    entries = {}
    for key, entry in node.entries.items():
        now = present_key(path, key)
        entries[now] = replace(entry, value=_in_present_words(entry.value, (*path, now)))
    return replace(node, items=items, entries=entries)


def steps_of(path: str | Sequence[str]) -> Path:
    """Steps of a path, which may be written with dots."""
    return tuple(path.split(".")) if isinstance(path, str) else tuple(path)


def with_value(
    text: str,
    path: str | Sequence[str],
    value: Value,
    context: EditContext | None = None,
    *,
    default: Value = None,
) -> Edit:
    """A text in which a path has a value.

    Parameters
    ----------
    text : str
        A text that can be read.
    path : str or sequence of str
        Dotted, or step by step; places in lists count from 1.
    value : text, number, bool, list or dict
        What it is to be; None takes the entry out, and that of the file that is extended too.
    context : EditContext, optional
    default : text, number, bool, list or dict
        What the value is where no file gives it.

    Raises
    ------
    EditError
        If the text is broken or written in a way that leaves no safe place for the value.
    """
    context = context or EditContext()
    steps = steps_of(path)
    before = own_tree(text)
    if before is None:
        raise EditError("the text is broken; put that right first")
    if not all(steps) or steps[0] == "extends":
        raise EditError(f"{'.'.join(steps)} is not the path of a value")
    if value is None and node_at(context.inherited, steps) is None and node_at(before, steps):
        gone = _take_out(text, steps)
        return _put_back(Edit(apply_splices(text, gone), tuple(gone)), steps, context, default)
    changes = [*_set(text, steps, value, context)]
    edit = Edit(apply_splices(text, changes), tuple(changes))
    wanted = _placed(plain(before), steps, value, plain_at(context.inherited, ()))
    _confirm(edit.text, wanted, ".".join(steps))
    return _put_back(edit, steps, context, default)


def _set(text: str, steps: Path, value: Value, context: EditContext) -> Iterable[Splice]:
    """The changes that give a path its value."""
    node, rest = _deepest(own_spans(text), steps)
    if node.is_fixed:
        raise EditError("an anchor or alias (& or *) stands here; change it in the text")
    if not rest:
        return _replaced(text, node, value, steps)
    if isinstance(node, ScalarSpan):
        inside = ".".join(steps[: len(steps) - len(rest)])
        raise EditError(f"{inside} is a single value in this text; change it there")
    done = steps[: len(steps) - len(rest)]
    if node.is_list:
        if rest != (str(len(node.items) + 1),):
            raise EditError(f"there is no place {rest[0]} in the list {'.'.join(done)}")
        return [inserted_item(text, node, value)]
    content = _nested(rest[1:], value, plain_at(context.inherited, (*done, rest[0])))
    return [inserted_entry(text, node, rest[0], content)]


def _replaced(text: str, node: Span, value: Value, steps: Path) -> list[Splice]:
    if isinstance(node, CollectionSpan):
        if node.is_list and isinstance(value, list | tuple):
            return _other_items(text, node, value, steps)
        if not node.is_flow:
            raise EditError(f"{'.'.join(steps)} fills several lines; change it in the text")
        return [Splice(node.start, text[node.start : node.end], inline_text(value))]
    new = inline_text(value, node.style)
    if node.start == node.end and not text[: node.start].endswith((" ", "\n")):
        new = f" {new}"
    return [Splice(node.start, text[node.start : node.end], new)]


def _other_items(
    text: str, node: CollectionSpan, value: Sequence[Value], steps: Path
) -> list[Splice]:
    """Take out the items that are no longer wanted and add the new ones at the end."""
    old = plain_at(own_tree(text), steps)
    wanted = [_same_kind(item) for item in value]
    gone = [k for k, item in enumerate(old) if item not in wanted]
    kept = [item for item in old if item in wanted]
    added = [item for item in wanted if item not in kept]
    if kept + added != wanted or len(gone) == len(old):
        if not node.is_flow:
            raise EditError(f"{'.'.join(steps)} has a line an item; change it in the text")
        return [Splice(node.start, text[node.start : node.end], inline_text(list(value)))]
    changes: list[Splice] = []
    for k in reversed(gone):
        changes += _take_out(apply_splices(text, changes), (*steps, str(k + 1)))
    for item in added:
        now = apply_splices(text, changes)
        inner, _ = _deepest(own_spans(now), steps)
        assert isinstance(inner, CollectionSpan)
        changes.append(inserted_item(now, inner, item))
    return changes


def _take_out(text: str, steps: Path) -> list[Splice]:
    """The change that takes out an entry, together with those above it of which nothing is left."""
    whole = own_spans(text)
    for n in range(len(steps), 0, -1):
        above, rest = _deepest(whole, steps[: n - 1])
        if rest or not isinstance(above, CollectionSpan):
            break
        if len(above.items or above.entries) > 1 or above.is_flow:
            change = taken_out(text, above, steps[n - 1])
            if change is not None:
                return [change]
            break
    raise EditError(f"{'.'.join(steps)} cannot be taken out; do it in the text")


def _put_back(edit: Edit, steps: Path, context: EditContext, default: Value) -> Edit:
    """The text without what controls put in, where that says nothing new any more."""
    first = None if context.original is None else own_tree(context.original)
    if first is None:
        return edit
    if (
        default is not None
        and node_at(first, steps) is None
        and node_at(context.inherited, steps) is None
        and plain_at(own_tree(edit.text), steps) == _same_kind(default)
    ):
        edit = _further(edit, steps)
    tree = own_tree(edit.text)
    for n in range(1, len(steps) + 1):
        part = steps[:n]
        own, below = plain_at(tree, part), plain_at(context.inherited, part)
        if own is None or isinstance(node_at(tree, part[:-1]), SequenceNode):
            break  # lists are replaced whole
        is_new = node_at(first, part) is None
        if is_new and below is not None and _merged(below, own) == below:
            return _further(edit, part)
    return edit


def _further(edit: Edit, steps: Path) -> Edit:
    """An edit that takes out an entry as well, unless somebody has written a word beside it."""
    try:
        changes = _take_out(edit.text, steps)
    except EditError:
        return edit
    if any("#" in change.removed for change in changes):
        return edit
    return Edit(apply_splices(edit.text, changes), (*edit.changes, *changes))


def _confirm(text: str, wanted: Any, path: str) -> None:
    """Make sure that a text reads as it should."""
    tree = own_tree(text)
    if tree is None or plain(tree) != wanted:
        raise EditError(f"{path} stands in a place that only a person can edit; use the text")


def _deepest(node: Span | None, steps: Path) -> tuple[Span, Path]:
    """The last value on a path, and what of the path lies beyond it."""
    if node is None:
        raise EditError("there is nothing in the text yet")
    while steps:
        inner = _child(node, steps[0])
        if inner is None:
            break
        if node.is_fixed:
            raise EditError("an anchor or alias (& or *) stands here; change it in the text")
        node, steps = inner, steps[1:]
    return node, steps


def _child(node: Span, step: str) -> Span | None:
    if isinstance(node, ScalarSpan):
        return None
    if node.is_list:
        place = int(step) - 1 if step.isascii() and step.isdigit() else -1
        return node.items[place] if 0 <= place < len(node.items) else None
    entry = node.entries.get(step)
    return None if entry is None else entry.value


def node_at(tree: Node | None, steps: Path) -> Node | None:
    """The value at the end of a path whose places in lists count from 1."""
    node = tree
    for step in steps:
        is_place = step.isascii() and step.isdigit() and step != "0"
        inner = at(node, step)
        node = at(node, int(step) - 1) if inner is None and is_place else inner
    return node


def plain_at(tree: Node | None, steps: Path) -> Any:
    """The same as nested dicts and tuples; None where there is nothing."""
    node = node_at(tree, steps)
    return None if node is None else plain(node)


def _nested(steps: Path, value: Value, below: Any) -> Any:
    """Content to write so that a path gets a value: lists whole, as they are replaced."""
    if not steps:
        return value
    if isinstance(below, tuple):
        return _placed(below, steps, value, None)
    inner = below.get(steps[0]) if isinstance(below, dict) else None
    return {steps[0]: _nested(steps[1:], value, inner)}


def _placed(whole: Any, steps: Path, value: Value, below: Any) -> Any:
    """Nested dicts and tuples with a value put at the end of a path."""
    if not steps:
        return _same_kind(value)
    step, rest = steps[0], steps[1:]
    if isinstance(whole, tuple):
        place = int(step) - 1 if step.isdigit() else -1
        if not 0 <= place <= len(whole):
            raise EditError(f"there is no place {step} in a list of {len(whole)}")
        inner = whole[place] if place < len(whole) else {}
        return (*whole[:place], _placed(inner, rest, value, None), *whole[place + 1 :])
    if not isinstance(whole, dict):
        raise EditError(f"{step} would lie inside a single value")
    below = below.get(step) if isinstance(below, dict) else None
    if step in whole:
        return {**whole, step: _placed(whole[step], rest, value, below)}
    return {**whole, step: _same_kind(_nested(rest, value, below))}


def _same_kind(value: Any) -> Any:
    """A value of JSON as the reader gives it: lists as tuples, whole numbers whole."""
    if isinstance(value, dict):
        return {key: _same_kind(inner) for key, inner in value.items()}
    return tuple(map(_same_kind, value)) if isinstance(value, list | tuple) else value


def _merged(below: Any, own: Any) -> Any:
    """Plain values laid over others, as files are that extend each other."""
    if isinstance(below, dict) and isinstance(own, dict):
        return {**below, **{key: _merged(below.get(key), value) for key, value in own.items()}}
    return own
