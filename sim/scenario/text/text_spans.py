"""From which character to which each value of a text reaches, for edits that touch nothing else.

The reader of scenarios gives every value a place; here values have ends too. Positions count
characters from the start of the text. A text that cannot be read has no spans.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sim.scenario.text.yaml_reader import MAX_LEVELS


@dataclass(frozen=True)
class ScalarSpan:
    """A single value, an alias or nothing at all."""

    start: int
    end: int
    """Behind its last character; that of a block of text is the end of its last line."""
    style: str = ""
    """The quote or the sign of a block of text, if any."""
    is_fixed: bool = False
    """Whether others hang on it (anchor) or it hangs on others (alias)."""


@dataclass(frozen=True)
class EntrySpan:
    """A key and its value."""

    start: int
    """Where the key begins."""
    key_end: int
    value: "Span"

    @property
    def end(self) -> int:
        """Behind the last character of the value, or of `key:` where none is written."""
        return max(self.key_end, self.value.end)


@dataclass(frozen=True)
class CollectionSpan:
    """A mapping or a list; `is_flow` if it stands in brackets."""

    start: int
    end: int
    is_flow: bool
    is_fixed: bool = False
    entries: dict[str, EntrySpan] = field(default_factory=dict)
    """Of a mapping, by key."""
    items: tuple["Span", ...] = ()
    """Of a list."""
    is_list: bool = False


Span: TypeAlias = ScalarSpan | CollectionSpan


def spans(text: str) -> Span | None:
    """Spans of the values of a text; None where there is none or it cannot be read.

    Examples
    --------
    >>> found = spans("runs: 64  # few")
    >>> found.entries["runs"].value
    ScalarSpan(start=6, end=8, style='', is_fixed=False)
    """
    try:
        events = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        for event in events:
            if isinstance(event, ScalarEvent | AliasEvent | MappingStartEvent | SequenceStartEvent):
                return _span(text, event, events, 0)
    except (yaml.YAMLError, ValueError, OverflowError):
        return None
    return None


def _span(text: str, event: Event, events: Iterator[Event], level: int) -> Span:
    if level > MAX_LEVELS:
        raise ValueError("values are nested too deep")
    start, end = _index(event.start_mark), _index(event.end_mark)
    if isinstance(event, AliasEvent):
        return ScalarSpan(start, end, is_fixed=True)
    is_fixed = getattr(event, "anchor", None) is not None
    if isinstance(event, ScalarEvent):
        style = event.style or ""
        if style in ("|", ">"):
            end = start + len(text[start:end].rstrip())
        return ScalarSpan(start, end, style, is_fixed)
    if isinstance(event, SequenceStartEvent):
        items = []
        while not isinstance(inner := next(events), SequenceEndEvent):
            items.append(_span(text, inner, events, level + 1))
        end = _index(inner.end_mark) if event.flow_style else max(i.end for i in items)
        return CollectionSpan(
            start, end, bool(event.flow_style), is_fixed, items=tuple(items), is_list=True
        )
    assert isinstance(event, MappingStartEvent)
    return _mapping(text, event, events, level)


def _mapping(
    text: str, event: MappingStartEvent, events: Iterator[Event], level: int
) -> CollectionSpan:
    entries: dict[str, EntrySpan] = {}
    ends = [_index(event.end_mark)]
    while not isinstance(inner := next(events), MappingEndEvent):
        key = _span(text, inner, events, level + 1)
        value = _span(text, next(events), events, level + 1)
        colon = text.find(":", key.end)
        entry = EntrySpan(key.start, colon + 1 if colon >= 0 else key.end, value)
        if isinstance(inner, ScalarEvent):
            entries[inner.value] = entry
        ends.append(entry.end)
    start, is_fixed = _index(event.start_mark), getattr(event, "anchor", None) is not None
    if event.flow_style:
        return CollectionSpan(start, _index(inner.end_mark), True, is_fixed, entries)
    return CollectionSpan(start, max(ends), False, is_fixed, entries)


def _index(mark: Any) -> int:
    return int(mark.index)
