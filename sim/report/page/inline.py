"""Pictures inside a page: an SVG with what no eye needs left out, as an address that holds it."""

import re
from itertools import count

_DROPPED = re.compile(r"<\?xml[^>]*\?>|<!--.*?-->|<metadata>.*?</metadata>", re.S)
_ID = re.compile(r' id="([^"]*)"')
_POINTER = re.compile(r'(?<=[("])#([^")]+)(?=[")])')
_GLYPH = re.compile(r'<use xlink:href="([^"]*)"(?: transform="translate\(([-\d.]+) 0\)")?/>')
_PATH = re.compile(r' d="([^"]*)"')
_PLACE = re.compile(r' d="[^"]*"|translate\([^)]*\)| (?:x|y|width|height)="[^"]*"')
_FINE = re.compile(r"(\d\.\d\d)\d+")
_ZEROS = re.compile(r"(\.\d*?)0+(?!\d)")
_STYLE = re.compile(r' style="[^"]*"')
_ESCAPED = str.maketrans({"%": "%25", "#": "%23", "<": "%3C", ">": "%3E", "&": "%26", '"': "'"})


def picture_address(svg: bytes) -> str:
    """Address that holds a picture: hardly longer than it, where base64 is by a third."""
    return f"data:image/svg+xml,{slim(svg.decode()).translate(_ESCAPED)}"


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
    short = {name: f"n{next(numbers)}" for name in dict.fromkeys(_POINTER.findall(text))}
    text = _ID.sub(lambda m: f' id="{short[m[1]]}"' if m[1] in short else "", text)
    text = _POINTER.sub(lambda m: f"#{short[m[1]]}", text)
    text = _PATH.sub(lambda m: f' d="{_tight(m[1])}"', text)
    text = _PLACE.sub(lambda m: _short(_FINE.sub(r"\1", m[0])), text)
    text = _STYLE.sub(lambda m: m[0].replace("; ", ";"), text)
    text = re.sub(r"\s+", " ", text)
    return text.replace("> <", "><").replace("<g/>", "").replace(": ", ":").strip()


def _placed(found: re.Match[str]) -> str:
    """A letter by its place along the line, to a tenth of the hundredth of its size."""
    place = f' x="{float(found[2]):.1f}"' if found[2] and float(found[2]) else ""
    return f'<use href="{found[1]}"{place}/>'


def _short(places: str) -> str:
    """Numbers without the zeros that end them."""
    return _ZEROS.sub(lambda m: m[1] if len(m[1]) > 1 else "", places)


def _tight(path: str) -> str:
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", path.strip())
