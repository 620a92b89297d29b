"""Single changes of a text: where, what went, what came; each can be turned round."""

from collections.abc import Iterable
from dataclasses import dataclass

from sim.lab.yaml_text import Value, block_lines, inline_text
from sim.scenario.text.text_spans import CollectionSpan

_BREAKS = "\n\r\x85\u2028\u2029"


@dataclass(frozen=True)
class Splice:
    """Some characters of a text in the place of others."""

    start: int
    """Place of the first, counted from the start of the text."""
    removed: str
    inserted: str

    @property
    def reverse(self) -> "Splice":
        """The change that takes this one back."""
        return Splice(self.start, self.inserted, self.removed)


def apply_splices(text: str, changes: Iterable[Splice]) -> str:
    """A text after changes, one after the other.

    Examples
    --------
    >>> apply_splices("cut: 0.5", [Splice(5, "0.5", "0.75")])
    'cut: 0.75'
    """
    for change in changes:
        end = change.start + len(change.removed)
        assert text[change.start : end] == change.removed
        text = text[: change.start] + change.inserted + text[end:]
    return text


def inserted_entry(text: str, mapping: CollectionSpan, key: str, value: Value) -> Splice:
    """A new entry at the end of a mapping, in its form and with its indentation."""
    if mapping.is_flow:
        return _in_brackets(mapping, f"{inline_text(key)}: {inline_text(value)}")
    first = next(iter(mapping.entries.values()))
    lines = block_lines(key, value, first.start - line_start(text, first.start))
    return _lines_after(text, mapping.end, list(lines))


def inserted_item(text: str, items: CollectionSpan, value: Value) -> Splice:
    """A new item at the end of a list."""
    if items.is_flow:
        return _in_brackets(items, inline_text(value))
    dash = text.rfind("-", 0, items.items[0].start)
    indent = " " * (dash - line_start(text, dash))
    return _lines_after(text, items.end, [f"{indent}- {inline_text(value)}"])


def taken_out(text: str, above: CollectionSpan, step: str) -> Splice | None:
    """The change that takes an entry or item out of a collection; None where it shares a line."""
    if above.is_list:
        place = int(step) - 1
        if not 0 <= place < len(above.items):
            return None
        bounds = [(item.start, item.end) for item in above.items]
    else:
        keys = list(above.entries)
        if step not in above.entries:
            return None
        place = keys.index(step)
        bounds = [(entry.start, entry.end) for entry in above.entries.values()]
    start, end = bounds[place]
    if above.is_flow:
        if place > 0:
            start = bounds[place - 1][1]
        elif len(bounds) > 1:
            end = bounds[1][0]
        return Splice(start, text[start:end], "")
    return _whole_lines(text, start, end, "-" if above.is_list else "")


def line_start(text: str, index: int) -> int:
    """Position at which the line of a character begins."""
    return max(text.rfind(char, 0, index) for char in _BREAKS) + 1


def line_end(text: str, index: int) -> int:
    """Position at which the line of a character ends, excluding its line break."""
    ends = [place for char in _BREAKS if (place := text.find(char, index)) >= 0]
    return min(ends, default=len(text))


def _break_after(text: str, index: int) -> int:
    """Behind the line break that stands at a place."""
    return index + (2 if text[index : index + 2] == "\r\n" else 1)


def _in_brackets(collection: CollectionSpan, content: str) -> Splice:
    bounds = [entry.end for entry in collection.entries.values()]
    bounds += [item.end for item in collection.items]
    if bounds:
        return Splice(bounds[-1], "", f", {content}")
    return Splice(collection.start + 1, "", content)


def _lines_after(text: str, index: int, lines: list[str]) -> Splice:
    """Lines put in below the line of a character."""
    end = line_end(text, index)
    break_ = "\r\n" if "\r\n" in text else "\n"
    if end == len(text):
        return Splice(end, "", "".join(break_ + line for line in lines))
    return Splice(_break_after(text, end), "", "".join(line + break_ for line in lines))


def _whole_lines(text: str, start: int, end: int, mark: str) -> Splice | None:
    """Take out the lines from one place to another, if nothing else stands on them."""
    first = line_start(text, start)
    if text[first:start].strip() != mark:
        return None
    last = line_end(text, end)
    if text[end:last].strip() and not text[end:last].strip().startswith("#"):
        return None
    if last < len(text):
        last = _break_after(text, last)
    elif first > 0:
        first -= 2 if text[first - 2 : first] == "\r\n" else 1
    return Splice(first, text[first:last], "")
