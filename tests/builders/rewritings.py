"""Other ways to write the same scenario, found by walking the schema beside a file's content.

An *entry* of a list or of a mapping by the author's own names is written twice, a *list* or a
*mapping* in another order, a *pair* of states the other way round. A *spell* (a block with a first
and a last date) is cut into two that meet or that overlap, and a list inside an entry is spread
over one entry for each item. What is cut or spread is the nearest entry around it that can be
written several times. Merging is the same read backwards.
"""

import types
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator

from sim.laws.numerics.calendar import format_quarter, parse_quarter
from sim.scenario.blocks.fields import KnownName, read_name
from sim.scenario.blocks.quarters import Quarter

Path = tuple[str | int, ...]
LIST, NAMES, MAPPING, NAMED, ENTRY, PAIR, SPELL = (
    "list", "list of names", "mapping", "named mapping", "entry", "pair", "dated spell"
)  # fmt: skip
REPEATED, REORDERED, CUT, OVERLAPPED, SPREAD = (
    "repeated", "reordered", "cut in two", "cut into two that overlap", "spread"
)  # fmt: skip


WAYS_TO_WRITE = (REPEATED, REORDERED, CUT, OVERLAPPED, SPREAD)


class Place(NamedTuple):
    """Something that can be written in several ways."""

    pattern: str
    """Keys from the top, `*` for any entry of a list or a mapping."""
    kind: str
    path: Path
    """Where it stands in a file; empty for a place of the schema alone."""
    entry: Path | None
    """The nearest entry around it that a file can hold several times, if any."""
    dates: tuple[str, ...] = ()
    """Keys of a spell's dates, the last one last."""


@dataclass(frozen=True)
class Rewriting:
    """One other way to write one place of a file."""

    how: str
    place: Place

    @property
    def label(self) -> str:
        return f"{'.'.join(map(str, self.place.path))} {self.how}"

    def of(self, content: dict[str, Any]) -> dict[str, Any] | None:
        """The content with the place written in the other way; None where there is none."""
        made = deepcopy(content)
        return made if _HOW[self.how](made, self.place) else None


# --- the schema -----------------------------------------------------------------------------------


def places_of_schema(model: type[BaseModel], pattern: str = "") -> Iterator[tuple[str, str]]:
    """Pattern and kind of everything in a model that can be written in several ways."""
    if spell_of(model):
        yield pattern, SPELL
    for name, field in model.model_fields.items():
        key = field.alias or name
        annotation = (
            Annotated[(field.annotation, *field.metadata)] if field.metadata else (field.annotation)
        )
        yield from _of_annotation(annotation, f"{pattern}.{key}" if pattern else key)


def _of_annotation(annotation: Any, pattern: str) -> Iterator[tuple[str, str]]:
    for form in forms_of(annotation):
        if kind := kind_of(form):
            yield pattern, kind
        if isinstance(form, type) and issubclass(form, BaseModel):
            yield from places_of_schema(form, pattern)
        elif kind in (LIST, MAPPING, NAMED):
            if kind != MAPPING:
                yield f"{pattern}.*", ENTRY
            yield from _of_annotation(get_args(form)[kind != LIST], f"{pattern}.*")


def forms_of(annotation: Any) -> list[Any]:
    """What an annotation may be, without its readers."""
    if get_origin(annotation) is Annotated:
        return forms_of(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [form for part in get_args(annotation) for form in forms_of(part)]
    return [annotation]


def kind_of(form: Any) -> str | None:
    """Which of the things a form is that can be written in several ways, if any."""
    inner = get_args(form)
    origin = get_origin(form)
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return LIST if any(isinstance(form, type) and issubclass(form, BaseModel)
                           for form in forms_of(inner[0])) else NAMES  # fmt: skip
    if origin is tuple and len(inner) == 2 and inner[0] == inner[1] and is_a_name(inner[0]):
        return PAIR
    if origin in (list, set, frozenset):
        raise TypeError(f"{form}: lists of the schema are tuples; teach kind_of this form")
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return NAMED if read_name in _readers(inner[0]) else MAPPING
    return None


def is_a_name(annotation: Any) -> bool:
    """Whether something is the name of a thing of the world."""
    return any(isinstance(reader, KnownName) for reader in _readers(annotation))


def _readers(annotation: Any) -> list[Any]:
    metadata = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return [one.func for one in metadata if isinstance(one, BeforeValidator)]


def spell_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Keys of a block's dates if the last of them may be absent and some other may not."""
    dated = {
        field.alias or name: field
        for name, field in model.model_fields.items()
        if {*forms_of(field.annotation)} & {date, Quarter}
    }
    firsts = [key for key, field in dated.items() if field.is_required()]
    lasts = [key for key, field in dated.items() if not field.is_required()]
    return (*firsts, lasts[-1]) if firsts and lasts else ()


# --- a file ---------------------------------------------------------------------------------------


def places_of(
    content: Any, annotation: Any, pattern: str = "", path: Path = (), entry: Path | None = None
) -> Iterator[Place]:
    """Everything in a file's content that can be written in several ways."""
    form = _form_taken(content, annotation)
    if form is None:
        return
    if isinstance(form, type) and issubclass(form, BaseModel):
        if dates := spell_of(form):
            yield Place(pattern, SPELL, path, entry, dates)
        for name, field in form.model_fields.items():
            key = field.alias or name
            if isinstance(content, dict) and key in content:
                inside = f"{pattern}.{key}" if pattern else key
                yield from places_of(content[key], field.annotation, inside, (*path, key), entry)
        return
    kind = kind_of(form)
    assert kind is not None
    yield Place(pattern, kind, path, entry)
    if kind in (PAIR, NAMES):
        return
    item = get_args(form)[kind != LIST]
    keys = range(len(content)) if kind == LIST else content
    for key in keys:
        inner = (*path, key)
        own = inner if kind in (LIST, NAMED) else entry
        if kind in (LIST, NAMED):
            yield Place(f"{pattern}.*", ENTRY, inner, own)
        yield from places_of(content[key], item, f"{pattern}.*", inner, own)


def _form_taken(content: Any, annotation: Any) -> Any:
    """Which of the forms of an annotation a value has been written in."""
    fitting = [form for form in forms_of(annotation) if _fits(content, form)]
    return fitting[0] if fitting else None


def _fits(content: Any, form: Any) -> bool:
    if isinstance(form, type) and issubclass(form, BaseModel):
        keys = {field.alias or name for name, field in form.model_fields.items()}
        return isinstance(content, dict) and set(content) <= keys
    if (kind := kind_of(form)) is None:
        return False
    return isinstance(content, list if kind in (LIST, NAMES, PAIR) else dict)


def rewritings(content: dict[str, Any], model: type[BaseModel]) -> list[Rewriting]:
    """All other ways to write one place of a file."""
    found = []
    for place in places_of(content, model):
        for how in WAYS_OF[place.kind]:
            rewriting = Rewriting(how, place)
            if rewriting.of(content) is not None:
                found.append(rewriting)
    return found


# --- the ways -------------------------------------------------------------------------------------


def _at(content: Any, path: Path) -> Any:
    for step in path:
        content = content[step]
    return content


def _put(content: Any, path: Path, value: Any) -> None:
    _at(content, path[:-1])[path[-1]] = value


def _repeat(content: Any, place: Place) -> bool:
    value = _at(content, place.path)
    if place.kind == ENTRY:
        _in_place_of(content, place.path, [value, deepcopy(value)])
    else:
        value += value
    return True


def _reorder(content: Any, place: Place) -> bool:
    value = _at(content, place.path)
    is_list = isinstance(value, list)
    _put(content, place.path, value[::-1] if is_list else dict([*value.items()][::-1]))
    return len(value) > 1


def _in_place_of(content: Any, entry: Path, others: list[Any]) -> None:
    """Put several entries where one stood."""
    around, key = _at(content, entry[:-1]), entry[-1]
    if isinstance(around, list):
        around[key : key + 1] = others
        return
    # The first keeps the name, which studies may speak of.
    around[key] = others[0]
    for other in others[1:]:
        around[next(name for n in count(1) if (name := f"{key}-{n}") not in around)] = other


def _cut(content: Any, place: Place, *, apart: bool) -> bool:
    if place.entry is None:
        return False
    *firsts, last = place.dates
    block = _at(content, place.path)
    middle, after = _middle(str(block[firsts[-1]]), block.get(last))
    inner = place.path[len(place.entry) :]
    one, other = (deepcopy(_at(content, place.entry)) for _ in range(2))
    _at(one, inner)[last] = middle
    _at(other, inner).update(dict.fromkeys(firsts, after if apart else middle))
    _in_place_of(content, place.entry, [one, other])
    return True


def _middle(first: str, last: Any) -> tuple[str, str]:
    """A date between two of them and the next one, as they are written."""
    if "Q" in first:
        begin = parse_quarter(first)
        end = parse_quarter(str(last)) if last else begin + 8
        middle = (begin + end) // 2
        return format_quarter(middle), format_quarter(middle + 1)
    begin = date.fromisoformat(first)
    end = date.fromisoformat(str(last)) if last else begin + timedelta(days=300)
    middle = begin + (end - begin) // 2
    return str(middle), str(middle + timedelta(days=1))


def _spread(content: Any, place: Place) -> bool:
    if place.entry is None or place.entry == place.path:
        return False
    items = _at(content, place.path)
    inner = place.path[len(place.entry) :]
    others = [deepcopy(_at(content, place.entry)) for _ in items]
    for other, item in zip(others, items, strict=True):
        _put(other, inner, [item])
    _in_place_of(content, place.entry, others)
    return len(items) > 1


_HOW: dict[str, Callable[[Any, Place], bool]] = {
    REPEATED: _repeat,
    REORDERED: _reorder,
    CUT: partial(_cut, apart=True),
    OVERLAPPED: partial(_cut, apart=False),
    SPREAD: _spread,
}
WAYS_OF = {
    LIST: (REORDERED, SPREAD),
    NAMES: (REPEATED, REORDERED, SPREAD),
    NAMED: (REORDERED,),
    ENTRY: (REPEATED,),
    MAPPING: (REORDERED,),
    PAIR: (REORDERED,),
    SPELL: (CUT, OVERLAPPED),
}
