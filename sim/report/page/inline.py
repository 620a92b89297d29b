"""Pictures inside a page: an SVG with what no eye needs left out, as an address that holds it."""

import re
from itertools import count

_DROPPED = re.compile(r"<\?xml[^>]*\?>|<!--.*?-->|<metadata>.*?</metadata>", re.S)
_ID = re.compile(r' id="([^"]*)"')
_POINTER = re.compile(r'([("])#([^")]+)(?=[")])')
_GLYPH = re.compile(r'<use xlink:href="([^"]*)"(?: transform="translate\(([-\d.]+) 0\)")?/>')
_AROUND_LETTERS = re.compile(r"\s+(?=[A-Za-z])|(?<=[A-Za-z])\s+")
_PLACE = re.compile(r' d="[^"]*"|translate\([^)]*\)| (?:x|y|width|height)="[^"]*"')
_FINE = re.compile(r"\.\d\d\d+")
_ZEROS = re.compile(r"\.\d?0(?!\d)")
"""End of a number whose one or two digits after the point end in zeros."""
_STYLE = re.compile(r' style="[^"]*"')
_BLANKS = re.compile(r"  +")
_ESCAPED = {"%": "%25", "#": "%23", "<": "%3C", ">": "%3E", "&": "%26", '"': "'"}
"""What stands for characters in an address; that of the first stands in others."""


def picture_address(svg: bytes) -> str:
    """Address that holds a picture: hardly longer than it, where base64 is by a third."""
    address = slim(svg.decode())
    for char, escaped in _ESCAPED.items():
        address = address.replace(char, escaped)
    return f"data:image/svg+xml,{address}"


def slim(svg: str) -> str:
    r"""An SVG without comments, unused names and blanks, places to a hundredth of a point.

    Examples
    --------
    >>> slim('<svg>\n<!-- a -->\n <g id="text_1">\n<path d="M 1 2 \nL 3.14159 4 \nz"/></g></svg>')
    '<svg><g><path d="M1 2L3.14 4z"/></g></svg>'
    >>> slim('<g id="a"><g id="b" style="fill: #1a1a1a"/><use xlink:href="#b"/></g>')
    '<g><g id="n0" style="fill:#1a1a1a"/><use href="#n0"/></g>'
    >>> slim('<path style="fill: none; stroke: #fff" d="M 1.50 2.0 L 0.304 70"/>')
    '<path style="fill:none;stroke:#fff" d="M1.5 2L0.3 70"/>'
    >>> slim('<path d="M 4666 0" transform="translate(1.23456 7) scale(0.015625)"/>')
    '<path d="M4666 0" transform="translate(1.23 7) scale(0.015625)"/>'
    """
    text = _GLYPH.sub(_placed, _DROPPED.sub("", svg))
    numbers = count()
    names = dict.fromkeys(name for _, name in _POINTER.findall(text))
    short = {name: f"n{next(numbers)}" for name in names}
    text = _ID.sub(lambda m: f' id="{short[m[1]]}"' if m[1] in short else "", text)
    text = _POINTER.sub(lambda m: f"{m[1]}#{short[m[2]]}", text)
    text = _PLACE.sub(_short, text)
    text = _STYLE.sub(lambda m: m[0].replace("; ", ";"), text)
    text = _BLANKS.sub(" ", text.replace("\n", " "))
    return text.replace("> <", "><").replace("<g/>", "").replace(": ", ":").strip()


def _placed(found: re.Match[str]) -> str:
    """A letter by its place along the line, to a tenth of the hundredth of its size."""
    place = f' x="{float(found[2]):.1f}"' if found[2] and float(found[2]) else ""
    return f'<use href="{found[1]}"{place}/>'


def _short(found: re.Match[str]) -> str:
    """A path or a place without what no eye needs."""
    text = _ZEROS.sub(_without_zeros, _FINE.sub(_cut, found[0]))
    return f' d="{_AROUND_LETTERS.sub("", text[4:-1].strip())}"' if text[1] == "d" else text


def _cut(digits: re.Match[str]) -> str:
    return digits[0][:3]


def _without_zeros(digits: re.Match[str]) -> str:
    return "" if digits[0][1] == "0" else digits[0][:2]
