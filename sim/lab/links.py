"""A scenario's text as the part of an address behind `#`, which no browser sends anywhere.

`#v=1&s=pta.yaml&w=08417917&d=runs:64;closure:direct` names the file, the world and what differs
from the file, as long as that says all of it and is short; else `z=` holds the text, deflated.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote

from sim.lab.document import EditContext, EditError, own_tree, with_value
from sim.lab.yaml_text import inline_text
from sim.scenario.text.tree import MappingNode, Node, Scalar, SequenceNode, plain
from sim.scenario.text.yaml_reader import read_value

VERSION = "1"
HASH_LENGTH = 8
MAX_READABLE = 2000
"""Characters beyond which a link holds the text itself."""
MAX_TEXT = 65_536
"""Bytes of a text that a link may hold."""


class LinkError(ValueError):
    """A link that leads to nothing; the message says why in words."""


class Link(NamedTuple):
    """Content of a link."""

    scenario: str
    """Name of the file that the text began as."""
    world: str
    """First digits of the hash of the world."""
    changes: tuple[tuple[str, str], ...] = ()
    """Paths with their new values as YAML, in the order in which they are put in."""
    text: str | None = None
    """The whole text, where that is not told by changes."""

    def applied(self, original: str, context: EditContext) -> str:
        """The text that the link leads to.

        Raises
        ------
        LinkError
            If the changes have no place in the file.
        """
        if self.text is not None:
            return self.text
        text = original
        for path, value in self.changes:
            node, problems = read_value("", value.encode("utf-8", "replace"))
            if node is None or problems:
                raise LinkError(f"the value of {path} in the link cannot be read")
            try:
                text = with_value(text, path, plain(node), context).text
            except EditError as error:
                raise LinkError(f"the link does not fit this file: {error}") from None
        return text


def link_of(text: str, original: str, scenario: str, world_hash: str, context: EditContext) -> str:
    """The shortest link to a text; it begins with `#`.

    Parameters
    ----------
    text, original : str
        The text, and the file as it is on disk.
    scenario : str
        Name of the file.
    world_hash : str
    context : EditContext
        As for the edits.
    """
    head = f"#v={VERSION}&s={quote(scenario)}&w={world_hash[:HASH_LENGTH]}"
    changes = tuple(_changes(own_tree(original), own_tree(text)))
    link = Link(scenario, world_hash, changes)
    readable = ";".join(f"{quote(p, safe='.*')}:{quote(v, safe='')}" for p, v in changes)
    try:
        is_told = link.applied(original, context) == text
    except LinkError:
        is_told = False
    if is_told and len(head) + len(readable) < MAX_READABLE:
        return f"{head}&d={readable}" if changes else head
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(text.encode("utf-8", "replace")) + packer.flush()
    return f"{head}&z={urlsafe_b64encode(packed).decode().rstrip('=')}"


def read_link(link: str) -> Link:
    """Return the content of a link.

    Raises
    ------
    LinkError
        If it is none of this program, or of another version.
    """
    parts = dict(part.partition("=")[::2] for part in link.partition("#")[2].split("&"))
    if parts.get("v") != VERSION:
        raise LinkError("this link is not one of this version of the lab")
    scenario, world = unquote(parts.get("s", "")), parts.get("w", "")
    if "z" in parts:
        return Link(scenario, world, text=_unpacked(parts["z"]))
    changes = [part.partition(":")[::2] for part in parts.get("d", "").split(";") if part]
    return Link(scenario, world, tuple((unquote(p), unquote(v)) for p, v in changes))


def _unpacked(packed: str) -> str:
    try:
        data = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        opener = zlib.decompressobj(-zlib.MAX_WBITS)
        text = opener.decompress(data, MAX_TEXT)
        if opener.unconsumed_tail:
            raise LinkError("the text in the link is too long")
        if not opener.eof:
            raise LinkError("the text in the link is cut short")
        return text.decode("utf-8")
    except (ValueError, zlib.error):
        raise LinkError("the text in the link is damaged") from None


def _changes(before: MappingNode | None, after: MappingNode | None) -> Iterator[tuple[str, str]]:
    """Values of one tree that another has not, by path."""
    if before is not None and after is not None:
        yield from _differences(before, after, "")


def _differences(before: Node, after: Node, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(before, MappingNode) and isinstance(after, MappingNode):
        for key, entry in after.entries.items():
            inner = f"{path}.{key}" if path else key
            old = before.get(key)
            if "." in key:
                continue  # has no dotted path: the text itself is told
            if old is None:
                yield from _new(entry.node, inner)
            else:
                yield from _differences(old, entry.node, inner)
    elif isinstance(before, SequenceNode) and isinstance(after, SequenceNode):
        pairs = zip(before.items, after.items, strict=False)
        for k, (old, new) in enumerate(pairs, start=1):
            yield from _differences(old, new, f"{path}.{k}")
    elif plain(before) != plain(after) and isinstance(after, Scalar):
        yield path, inline_text(after.value)


def _new(node: Node, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, MappingNode) and node.entries:
        for key, entry in node.entries.items():
            yield from _new(entry.node, f"{path}.{key}")
    else:
        yield path, inline_text(plain(node))
