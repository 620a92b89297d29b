"""YAML text to a tree with places: strict, bounded, and YAML 1.2 in what counts as a number.

Only ``true`` and ``false`` are booleans, so ``NO``, ``off`` and ``yes`` stay text; ``1e9`` is a
number; dates, ``1:30``, ``1_000``, ``0x1F`` and ``007`` stay text and are judged by the field they
stand in. Equal keys, tags, merge keys and a second document are refused. Aliases count with their
whole content, so that a few lines cannot expand to millions of values.
"""

import re
from collections.abc import Iterator

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sim.scenario.text.positions import SourceText, UnreadableText, syntax_problem
from sim.scenario.text.problems import NO_BREAK, Place, Problem, quoted
from sim.scenario.text.tree import MappingEntry, MappingNode, Node, Scalar, SequenceNode

MAX_BYTES = 200_000
MAX_VALUES = 5_000
MAX_LEVELS = 20

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,30})", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+", re.ASCII)
_BREAKS_A_LINE = re.compile(rf"(?:^\s*|[:,\-\[{{])([{''.join(sorted(NO_BREAK))}])")
"""A no-break space where a plain one parts keys from values; within words it is only text."""
_SPECIAL = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}


SCENARIO = "a scenario: version: 1, title: …"
"""What a file is wanted to be, and how it begins."""


def read_tree(
    file: str, content: bytes, wanted: str = SCENARIO
) -> tuple[MappingNode | None, list[Problem]]:
    """Tree of a file of keys and values and every problem of its syntax.

    Parameters
    ----------
    file : str
        Name of the file for messages.
    content : bytes
        What the file holds.
    wanted : str
        What it should be, and after a colon how that begins.

    Returns
    -------
    tuple of (MappingNode or None, list of Problem)
        None if no mapping could be read.
    """
    what_it_is, _, beginning = wanted.partition(": ")
    root, problems = read_value(file, content, what_it_is)
    if root is None or isinstance(root, MappingNode):
        return root, problems
    if isinstance(root, Scalar) and root.is_blank:
        what, remedy = "the file is empty", f"wanted {wanted}"
    else:
        what = (
            "the file is a list" if isinstance(root, SequenceNode) else "the file is a single value"
        )
        remedy = f"wanted keys with values, such as {beginning.partition(',')[0]}"
    return None, [*problems, Problem.at(root.place, what, remedy)]


def read_value(
    file: str, content: bytes, what_it_is: str = "a scenario"
) -> tuple[Node | None, list[Problem]]:
    """Any YAML value with its places, and every problem of its syntax."""
    whole = Place(file, 0, 0, "")
    if len(content) > MAX_BYTES:
        what = f"has more than {MAX_BYTES:,} bytes"
        return None, [Problem.at(whole, what, "wanted a smaller file; tables stand in a world")]
    decoded = _decode(file, content, what_it_is)
    if isinstance(decoded, Problem):
        return None, [decoded]
    try:
        return _read_text(SourceText(file, decoded))
    except UnreadableText as stop:
        return _read_without_tabs(SourceText(file, decoded), stop)


def _decode(file: str, content: bytes, what_it_is: str) -> str | Problem:
    """The text of a file, or what is wrong with its bytes."""
    whole = Place(file, 0, 0, "")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem.at(whole, "is saved as UTF-16", "wanted text saved as UTF-8")
    if b"\0" in content:
        return Problem.at(whole, "is not a text file", f"wanted {what_it_is} as YAML text")
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        head = content[: error.start].decode("utf-8")
        place = SourceText(file, head + "?").place_at(len(head))
        what = f"the byte 0x{content[error.start]:02x} is not UTF-8"
        return Problem.at(place, what, "wanted text saved as UTF-8")


def _read_without_tabs(text: SourceText, stop: UnreadableText) -> tuple[Node | None, list[Problem]]:
    """Every tab that indents, and the tree as it would be with spaces in their place."""
    at = stop.problem.line - 1
    for n in {max(at - 1, 0), at} & {*range(len(text.lines))}:  # the parser may notice a line late
        if (found := _BREAKS_A_LINE.search(text.lines[n])) is not None:
            what = f"a no-break space (U+{ord(found[1]):04X}) stands here"
            return None, [Problem.at(text.place(n, found.start(1)), what, "wanted a plain space")]
    indents = [re.match(r"\s*", line) for line in text.lines]
    tabbed = [n for n, found in enumerate(indents) if found and "\t" in found.group()]
    if not tabbed:
        return None, [stop.problem]
    problems = [
        Problem.at(
            text.place(line, text.lines[line].index("\t")),
            "a tab indents this line",
            "wanted spaces; YAML does not count tabs",
        )
        for line in tabbed
    ]
    for width in (2, 4, 8, 1):
        try:
            tree, more = _read_text(SourceText(text.file, _untabbed(text.content, width)))
        except UnreadableText:
            continue
        return tree, problems + more
    return None, problems


def _untabbed(content: str, width: int) -> str:
    """A text whose indenting tabs are spaces up to the next multiple of a width."""
    return re.sub(
        r"^[ \t]+", lambda found: found.group().expandtabs(width), content, flags=re.MULTILINE
    )


def _read_text(text: SourceText) -> tuple[Node | None, list[Problem]]:
    reader = _Reader(text)
    try:
        root = reader.document(yaml.parse(text.content, Loader=yaml.SafeLoader))
    except yaml.reader.ReaderError as error:
        place = text.place_at(error.position)
        character = ord(error.character) if isinstance(error.character, str) else error.character
        what = f"the character U+{character:04X} cannot stand in a text file"
        raise UnreadableText(Problem.at(place, what, "wanted printable text")) from error
    except yaml.MarkedYAMLError as error:
        raise UnreadableText(syntax_problem(text, error)) from error
    except (ValueError, OverflowError) as error:
        # The parser lets impossible escapes (beyond the last character) and numbers through.
        what = "an escape or directive here has an impossible number"
        raise UnreadableText(
            Problem.at(reader.last, what, "wanted a character that exists")
        ) from error
    return root or Scalar(text.place(0, 0), None, is_blank=True), reader.problems


class _Reader:
    """Builds the tree from the parser's events, within limits."""

    def __init__(self, text: SourceText) -> None:
        self.text = text
        self.problems: list[Problem] = []
        self.last = text.place(0, 0)
        self.n_values = 0
        self.deepest = 0
        self.anchors: dict[str, tuple[Node | None, int, int]] = {}

    def document(self, events: Iterator[Event]) -> Node | None:
        """Root of the only document, or None if there is none."""
        root: Node | None = None
        n_documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                n_documents += 1
                if n_documents == 2:
                    place = self.text.of(event.start_mark)
                    what = "a second document begins here"
                    self.problems.append(Problem.at(place, what, "wanted one scenario per file"))
                    return root
                root = self.node(next(events), events, 0)
        return root

    def node(self, event: Event, events: Iterator[Event], level: int) -> Node:
        """The value that begins with an event."""
        self.last = place = self.text.of(event.start_mark)
        if isinstance(event, AliasEvent):
            return self._alias(event, place, level)
        self._count(1, level, place)
        self._refuse_tag(event, place)
        anchor = getattr(event, "anchor", None)
        if anchor is None:
            return self._content(event, events, level, place)
        before, above, self.deepest = self.n_values, self.deepest, level
        self.anchors[anchor] = (None, 0, 0)
        node = self._content(event, events, level, place)
        self.anchors[anchor] = (node, self.n_values - before + 1, self.deepest - level)
        self.deepest = max(above, self.deepest)
        return node

    def _content(self, event: Event, events: Iterator[Event], level: int, place: Place) -> Node:
        if isinstance(event, ScalarEvent):
            return self._scalar(event, place)
        if isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(inner := next(events), SequenceEndEvent):
                items.append(self.node(inner, events, level + 1))
            return SequenceNode(place, tuple(items))
        return self._table(events, level, place)

    def _table(self, events: Iterator[Event], level: int, place: Place) -> MappingNode:
        entries: dict[str, MappingEntry] = {}
        merged: dict[str, MappingEntry] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            key_place = self.text.of(event.start_mark)
            key = self._key(event, events, level, key_place)
            node = self.node(next(events), events, level + 1)
            if key is None:
                if _is_merge(event) and isinstance(node, MappingNode):
                    merged |= node.entries  # refused; but what it brings is not missing too
                continue
            if key in entries:
                first = entries[key].key_place.line
                what = f"{quoted(key)} is given twice (first on line {first})"
                self.problems.append(Problem.at(key_place, what, "wanted each key once"))
                continue
            entries[key] = MappingEntry(key_place, node)
        return MappingNode(place, {**merged, **entries})

    def _key(self, event: Event, events: Iterator[Event], level: int, place: Place) -> str | None:
        """Text of a key, or None (with a problem) if it is not a usable one."""
        node = self.node(event, events, level + 1)
        if _is_merge(event):
            what = "merge keys (<<) are not read"
            wanted = "wanted the keys written out, or a file of them and extends: other.yaml"
        elif not isinstance(event, ScalarEvent):
            what, wanted = f"{_kind(node)} stands where a key is due", "wanted a word as key"
        elif not event.value:
            what, wanted = "a key is empty", "wanted a word before the colon"
        elif (char := _no_break(event.value)) is not None and event.implicit[0]:
            what = f"a no-break space (U+{ord(char):04X}) stands here"
            at = self.text.of(event.start_mark)
            place = self.text.place(at.line - 1, at.column - 1 + event.value.index(char))
            self.problems.append(Problem.at(place, what, "wanted a plain space, or nothing"))
            return "".join(" " if c in NO_BREAK else c for c in event.value).strip()
        else:
            return event.value
        self.problems.append(Problem.at(place, what, wanted))
        return None

    def _scalar(self, event: ScalarEvent, place: Place) -> Scalar:
        text = event.value
        if any("\ud800" <= char <= "\udfff" for char in text):
            what = "an escape here is half a character"
            self.problems.append(Problem.at(place, what, "wanted whole characters"))
            return Scalar(place, "")
        if not event.implicit[0]:
            return Scalar(place, text)
        return Scalar(place, _value_of(text), is_blank=not text)

    def _alias(self, event: AliasEvent, place: Place, level: int) -> Node:
        if event.anchor not in self.anchors:
            what = f"the alias *{event.anchor} has no anchor before it"
            raise UnreadableText(Problem.at(place, what, f"wanted &{event.anchor} further up"))
        node, size, height = self.anchors[event.anchor]
        if node is None:
            what = f"the alias *{event.anchor} contains itself"
            raise UnreadableText(
                Problem.at(place, what, "wanted an anchor that ends before its alias")
            )
        self._count(size, level + height, place)
        return node

    def _refuse_tag(self, event: Event, place: Place) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None:
            what = f"the tag {quoted(tag)} is not read"
            self.problems.append(Problem.at(place, what, "wanted the value without a tag"))

    def _count(self, n: int, level: int, place: Place) -> None:
        """Take note of values and of their level; stop beyond the limits."""
        self.n_values += n
        self.deepest = max(self.deepest, level)
        if self.n_values > MAX_VALUES:
            wanted = f"wanted at most {MAX_VALUES}"
            raise UnreadableText(Problem.at(place, "the file expands to too many values", wanted))
        if level > MAX_LEVELS:
            wanted = f"wanted at most {MAX_LEVELS} levels"
            raise UnreadableText(Problem.at(place, "values are nested too deep", wanted))


def _no_break(text: str) -> str | None:
    """The first blank of a text that is no space, if there is one."""
    return next((char for char in text if char in NO_BREAK), None)


def _is_merge(event: Event) -> bool:
    return isinstance(event, ScalarEvent) and event.value == "<<" and bool(event.implicit[0])


def _kind(node: Node) -> str:
    return {Scalar: "an alias", SequenceNode: "a list", MappingNode: "a mapping"}[type(node)]


def _value_of(text: str) -> str | int | float | bool | None:
    """Value of an unquoted scalar by the YAML 1.2 core rules, without its octal and hex."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.casefold() == "true"
    if text.casefold() in _SPECIAL:
        return float(_SPECIAL[text.casefold()])
    if _LEADING_ZERO.fullmatch(text):
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) and len(text) <= 400 else text
