"""Titles in words of what a study varies, for the dotted paths by which a scenario names it.

A title is made of what the schema calls the last key of a path and, in brackets, of the names that
the path goes through: `agreements.pta.concessions.*.cut` is "Tariff cut (pta)". Names of the world
are replaced by its titles. No two paths of one study have the same title.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from sim.scenario.text.overrides import EVERY
from sim.scenario.writing import as_plain

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.scenario.variation import Value

Part = dict[str, Any]
Titles = Mapping[str, Mapping[str, str]]
"""Names of a world by vocabulary, each with its title."""

TITLE_KEYS = ("grantor", "sending_state", "power", "exporter", "pair", "carrier", "from")
"""Keys by whose values an item of a list is told from others, where it has them."""
MAX_SHOWN = 2
AUTHORED = "agreements"
"""Group of keys whose names, given by the author, say enough without their kind."""
QUANTITIES = "uncertainty"
"""Group of keys whose names have titles that are no proper names."""


@dataclass(frozen=True)
class LeverTitle:
    """Title of the value at a path, in words."""

    words: str
    """As it begins a label."""
    unit: str = ""
    """Unit of its values as the schema has it; a `share` is shown in per cent."""
    is_name: bool = False
    """Whether it begins with a name, which keeps its capital in a sentence."""

    @property
    def inside(self) -> str:
        """The same inside a sentence.

        Examples
        --------
        >>> LeverTitle("Tariff cut (pta)").inside, LeverTitle("TIR carnets").inside
        ('tariff cut (pta)', 'TIR carnets')
        """
        keeps = self.is_name or self.words[1:2].isupper()
        return self.words if keeps else self.words[:1].lower() + self.words[1:]

    @property
    def axis(self) -> str:
        """The same at an axis of numbers, with their unit."""
        unit = "%" if self.unit == "share" else self.unit
        return f"{self.words}, {unit}" if unit else self.words

    @property
    def written(self) -> str:
        """The same over values as the scenario has them."""
        return f"{self.words}, {self.unit}" if self.unit else self.words

    @property
    def scale(self) -> float:
        """Number at such an axis over the one in the scenario."""
        return 100.0 if self.unit == "share" else 1.0

    def value(self, value: "Value") -> str:
        """A value as it is shown, a switch as on or off.

        Examples
        --------
        >>> cut = LeverTitle("Tariff cut", "share")
        >>> (
        ...     cut.value(0.25),
        ...     cut.value(True),
        ...     cut.value(()),
        ...     LeverTitle("Phase-in", "years").value(5),
        ... )
        ('25 %', 'on', 'none', '5 years')
        """
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, tuple):
            return ", ".join(map(in_words, value)) or "none"
        if isinstance(value, str):
            return value
        number = f"{self.scale * value:.4g}" if self.scale != 1.0 else f"{value:g}"
        unit = "%" if self.unit == "share" else self.unit
        return f"{number} {unit}" if unit else number

    def setting(self, value: "Value") -> str:
        """Title and value inside a sentence.

        Examples
        --------
        >>> LeverTitle("Tariff cut (pta)", "share").setting(0.5)
        'tariff cut (pta) 50 %'
        >>> LeverTitle("Agreements").setting(("pta", "transit"))
        'agreements: pta, transit'
        """
        colon = ":" if isinstance(value, tuple) else ""
        return f"{self.inside}{colon} {self.value(value)}"


def point_in_words(changes: "Mapping[str, Value]", titles: Mapping[str, LeverTitle]) -> str:
    """A point of a study in words."""
    return ", ".join(titles[path].setting(v) for path, v in changes.items()) or "as asked"


def lever_titles(
    scenario: "Scenario", paths: Sequence[str], names: Titles
) -> dict[str, LeverTitle]:
    """Title of each path, no two of them alike.

    Parameters
    ----------
    scenario : Scenario
        What the paths lead into.
    paths : sequence of str
        Dotted paths, `*` being any key or place.
    names : mapping of str to mapping of str to str
        Titles of the world's names by vocabulary; names that it lacks are put into words.
    """
    content = as_plain(scenario)
    trails = {path: _trail(path.split("."), content, names) for path in dict.fromkeys(paths)}
    forms: list[Callable[[_Trail], str]] = [_short, _with_kinds, _in_full]
    found = {path: LeverTitle(_short(t), t.unit, t.begins_with_name) for path, t in trails.items()}
    for form in forms[1:]:
        for path in _alike(found):
            found[path] = replace(found[path], words=form(trails[path]))
    for path in _alike(found):  # words that only the spelling of their keys tells apart
        n = [p for p in found if found[p].words == found[path].words].index(path) + 1
        found[path] = replace(found[path], words=f"{found[path].words} [{n}]")
    return found


def _alike(found: dict[str, LeverTitle]) -> list[str]:
    """Paths whose title another path has too, the later ones first."""
    count = Counter(title.words.casefold() for title in found.values())
    return [path for path in reversed(found) if count[found[path].words.casefold()] > 1]


def in_words(key: str) -> str:
    """A key or a name as words.

    Examples
    --------
    >>> in_words("border_time_cut"), in_words("wider-list")
    ('border time cut', 'wider list')
    """
    return " ".join(key.replace("_", " ").replace("-", " ").split())


# --- the way of a path through the schema ---------------------------------------------------------


@dataclass(frozen=True)
class _Trail:
    """Parts of the scenario that a path goes through."""

    steps: tuple[str, ...]
    title: str = ""
    """Of the last key that the schema knows."""
    unit: str = ""
    kind: str = ""
    """What the schema calls the innermost block."""
    group: str = ""
    contexts: tuple[tuple[str, str, bool], ...] = ()
    """Kind, name and whether the world has a title for it, of every entry on the way."""
    end: str = "key"
    """`key`, `entry` of a mapping or `item` of a list."""
    inside: str = ""
    """Key of a block that the last key stands in, where it has no title of its own."""

    @property
    def begins_with_name(self) -> bool:
        """True if its title is a name of the world."""
        is_title = self.end == "entry" and not self.contexts[-1][0] and self.contexts[-1][2]
        return is_title and self.group != QUANTITIES


def _short(trail: _Trail) -> str:
    """Title, and names on the way in brackets; a name that only repeats its kind is left out."""
    contexts = [_context(trail, *each) for each in trail.contexts]
    if trail.end != "key" and contexts:
        kind, name, _ = trail.contexts[-1]
        if not kind:
            return _bracketed(_capital(name), contexts[:-1])
        own = [] if _repeats(name, kind) else [name]
        return _bracketed(kind, [*contexts[:-1], *own])
    return _bracketed(trail.title, [*contexts, *([trail.inside] if trail.inside else [])])


def _with_kinds(trail: _Trail) -> str:
    """Title, and every name on the way with its kind."""
    contexts = [f"{kind.lower()} {name}".strip() for kind, name, _ in trail.contexts]
    places = [f"entry {step}" for step in trail.steps if step.isdigit()]
    return _bracketed(trail.title or trail.kind, [*contexts, *places])


def _in_full(trail: _Trail) -> str:
    """All steps of the path in words."""
    every = [_said(step) for step in trail.steps]
    return _bracketed(_capital(every[-1]), every[:-1])


def _context(trail: _Trail, kind: str, name: str, is_of_world: bool) -> str:
    if kind and _repeats(name, kind):
        return kind[:1].lower() + kind[1:]
    says_enough = is_of_world or not kind or trail.group == AUTHORED or name.startswith("all ")
    return name if says_enough else f"{kind.lower()} {name}"


def _repeats(name: str, kind: str) -> bool:
    """True if a name says no more than its kind: a transit agreement that is called transit."""
    return set(name.casefold().split()) <= set(kind.casefold().split())


def _bracketed(title: str, contexts: Sequence[str]) -> str:
    return f"{title} ({', '.join(contexts)})" if contexts else title


def _said(step: str) -> str:
    return "all" if step == EVERY else in_words(step)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


@cache
def _schema() -> Part:
    from sim.scenario.blocks.scenario import schema_text

    schema: Part = json.loads(schema_text(old_spellings=False))
    return schema


def _trail(steps: list[str], content: Any, names: Titles) -> _Trail:
    """Follow a path through the schema and the scenario at once."""
    walk = _Walk(_Trail(tuple(steps)), _schema(), content, names)
    for step in steps:
        walk = walk.to(step)
    return walk.trail


@dataclass(frozen=True)
class _Walk:
    """A place in the schema and in a scenario."""

    trail: _Trail
    part: Part
    node: Any
    names: Titles
    key: str = ""
    """Key of the schema that was passed last."""

    def to(self, step: str) -> "_Walk":
        """The place one step further."""
        forms = _forms(self.part)
        keyed = [form for form in forms if step in form.get("properties", {})]
        for form in (*(f for f in keyed if _fits(f, self.node)), *keyed):
            return self._at_key(form, step)
        for form in forms:
            if isinstance(form.get("additionalProperties"), dict):
                return self._at_entry(form, step)
            if form.get("type") == "array" and "items" in form:
                return self._at_item(form, step)
        # A path that leads nowhere is refused elsewhere; its words are those of its keys.
        trail = replace(self.trail, title=_capital(_said(step)), unit="", end="key")
        return replace(self, trail=trail, part={}, node=None)

    def _at_key(self, form: Part, step: str) -> "_Walk":
        part = form["properties"][step]
        notes = {**(_forms(part) or [{}])[0], **part}
        titled = notes.get("x-title", "")
        is_plain_block = bool(self.key) and self.trail.end == "key" and not self.trail.kind
        trail = replace(
            self.trail,
            title=titled or _capital(in_words(step)),
            unit=notes.get("x-unit", ""),
            group=self.trail.group or part.get("x-group", ""),
            inside=in_words(self.key) if is_plain_block and not titled else "",
            end="key",
        )
        return replace(self, trail=trail, part=part, node=_value(self.node, step), key=step)

    def _at_entry(self, form: Part, step: str) -> "_Walk":
        known = self.names.get(form.get("propertyNames", {}).get("x-names", ""), {})
        inner = form["additionalProperties"]
        node = _value(self.node, step)
        is_block = any("properties" in form for form in _forms(inner))
        kind = _kind(inner, node) or ("" if is_block else self.trail.title)
        if step == EVERY:
            kind = ""
        name = f"all {in_words(self.key)}" if step == EVERY else known.get(step, in_words(step))
        contexts = (*self.trail.contexts, (kind, name, step in known))
        notes = (_forms(inner) or [{}])[0]
        trail = replace(
            self.trail, kind=kind, contexts=contexts, end="entry", unit=notes.get("x-unit", "")
        )
        return replace(self, trail=trail, part=inner, node=node)

    def _at_item(self, form: Part, step: str) -> "_Walk":
        node = _value(self.node, step)
        inner = form["items"]
        kind, trail = _kind(inner, node), replace(self.trail, end="item")
        if step != EVERY:
            contexts = (*trail.contexts, ("", self._told(node, step), False))
            trail = replace(trail, contexts=contexts)
            if kind:  # an entry of the list is what is varied: of which kind, and which one
                trail = replace(trail, contexts=(*contexts[:-1], (kind, contexts[-1][1], True)))
        return replace(self, trail=replace(trail, kind=kind), part=inner, node=node)

    def _told(self, node: Any, step: str) -> str:
        """An item of a list in a few words."""
        if not isinstance(node, Mapping):
            return f"entry {in_words(step)}" if node is None else in_words(str(node))
        said = [node[key] for key in TITLE_KEYS if node.get(key) not in (None, "all")]
        words = [self._titled(each) for each in said[:MAX_SHOWN]]
        return " ".join(words) or f"entry {in_words(step)}"

    def _titled(self, value: Any) -> str:
        if isinstance(value, list | tuple):
            return "–".join(map(self._titled, value))
        known = next((each[value] for each in self.names.values() if value in each), None)
        text = str(value)
        return known or (text if text[:1].isdigit() else in_words(text))


def _forms(part: Part) -> list[Part]:
    """Forms that a value may have, references followed, nothing left out."""
    if "$ref" in part:
        return _forms(_schema()["$defs"][part["$ref"].rpartition("/")[2]])
    if "anyOf" in part:
        return [form for each in part["anyOf"] for form in _forms(each)]
    return [] if part.get("type") == "null" else [part]


def _fits(form: Part, node: Any) -> bool:
    """True if a block may be the one of this form: its fixed words are the node's."""
    if not isinstance(node, Mapping):
        return True
    fixed = {k: p["const"] for k, p in form["properties"].items() if "const" in p}
    return all(node.get(key, word) == word for key, word in fixed.items())


def _kind(part: Part, node: Any) -> str:
    """Title in the schema of a block or of the blocks of a list; empty if it has no title."""
    for form in _forms(part):
        if form.get("type") == "array":
            return _kind(form.get("items", {}), None)
        if "properties" in form and _fits(form, node):
            return str(form.get("x-title", ""))
    return ""


def _value(node: Any, step: str) -> Any:
    """Value at a step; of `*` the first of all."""
    if isinstance(node, Mapping):
        return next(iter(node.values()), None) if step == EVERY else node.get(step)
    if isinstance(node, list | tuple):
        if step == EVERY:
            return node[0] if node else None
        return node[int(step) - 1] if step.isdigit() and 0 < int(step) <= len(node) else None
    return None
