"""Values as they are written into a scenario's text: short, and read again as the same value."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from sim.scenario.text.tree import Scalar
from sim.scenario.text.yaml_reader import read_value

Value: TypeAlias = Any
"""Text, number, bool, None, or lists and mappings of these, as JSON has them."""

_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)
_READ_OTHERWISE = frozenset({"yes", "no", "on", "off", "y", "n"})
"""Words that other readers of YAML take for true or false."""


def inline_text(value: Value, quote: str = "") -> str:
    """A value on one line, lists and mappings in brackets.

    Parameters
    ----------
    value : text, number, bool, None, list or dict
    quote : str
        The quote in which the value before it stood, kept where it can be.

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> [inline_text(value) for value in (0.75, 1000.0, "2027Q1", "a: b", "NO")]
    ['0.75', '1000', '2027Q1', '"a: b"', '"NO"']
    >>> inline_text({"by": "AAA", "goods": ["food", "metals"]})
    '{by: AAA, goods: [food, metals]}'
    """
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{inline_text(k)}: {inline_text(v)}' for k, v in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(inline_text(item) for item in value)}]"
    if isinstance(value, str):
        return _text(value, quote)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number that can be written")
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return repr(int(value)) if whole else repr(value)


def _text(value: str, quote: str) -> str:
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if quote != '"' and _BARE.fullmatch(value) and value.casefold() not in _READ_OTHERWISE:
        read, problems = read_value("", value.encode())
        if isinstance(read, Scalar) and read.value == value and not problems:
            return value
    return "".join(char if char.isprintable() else _escaped(char) for char in _quoted(value))


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def block_lines(key: str, value: Value, indent: int) -> Iterator[str]:
    """Lines of an entry of a mapping in block form, without line ends.

    Parameters
    ----------
    key : str
    value : text, number, bool, None, list or dict
        Lists of mappings get a line an item.
    indent : int
        Spaces before the key.

    Examples
    --------
    >>> list(block_lines("pta", {"cuts": [{"by": "AAA"}], "of": [1, 2]}, 2))
    ['  pta:', '    cuts:', '      - {by: AAA}', '    of: [1, 2]']
    """
    head = f"{' ' * indent}{inline_text(key)}:"
    if isinstance(value, Mapping) and value:
        yield head
        for inner, content in value.items():
            yield from block_lines(inner, content, indent + 2)
    elif _is_long_list(value):
        yield head
        for item in value:
            yield f"{' ' * (indent + 2)}- {inline_text(item)}"
    else:
        yield f"{head} {inline_text(value)}"


def _is_long_list(value: Value) -> bool:
    return isinstance(value, list | tuple) and any(
        isinstance(item, Mapping | list | tuple) for item in value
    )
