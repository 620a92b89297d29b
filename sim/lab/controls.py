"""Controls of a text, made from the schema of scenarios, the names of the world and what is set.

Nothing here knows any key: a key that the schema gains has a control the same day. A control has a
path, a kind (how its value is chosen), bounds, a title and what it says now, with the file that
says so.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from sim.lab.yaml_text import Value
from sim.scenario.blocks.scenario import schema_text
from sim.scenario.text.tree import MappingNode, Node, Scalar, SequenceNode, plain

Titles = Mapping[str, Mapping[str, str]]
Part = dict[str, Any]

GROUPS = {
    "target": "Target", "agreements": "Agreements", "tariffs": "Tariffs",
    "borders": "Borders, gates and lines", "energy": "Energy",
    "diplomacy": "Diplomacy and reforms", "records": "Records (ledger)",
    "uncertainty": "Uncertainty", "behaviour": "Behaviour", "file": "File",
}  # fmt: skip
"""Titles of groups, in the order of the page."""
STUDIED = ("levers", "sweep", "reach", "extends", "version")
"""Keys that bear on no run, or that no control changes."""
IDENTIFYING_KEYS = ("grantor", "sending_state", "power", "exporter", "pair", "carrier", "from")
"""Keys by whose values an item of a list is told from others, where it has them."""
QUARTER = "^[0-9]{4}Q[1-4]$"


@dataclass(frozen=True)
class Control:
    """One value that can be chosen.

    Attributes
    ----------
    path : tuple of str
        Steps to the value; places in lists count from 1.
    kind : str
        `share`, `number`, `quarter`, `day`, `switch`, `choice`, `name`, `names`, `tuple` or `text`.
    value : text, number, bool, list or None
        What it is now; None where nothing is set and there is no default.
    resting : text, number, bool, list or None
        What it would be without the text's own entry.
    origin : str
        `own`, the name of the file that sets it, or `default`.
    line : int
        Line of the own text that sets it, 0 for none.
    effect : str or None
        Date from which it can matter; None if from the start.
    """

    path: tuple[str, ...]
    kind: str
    title: str
    context: tuple[str, ...]
    group: str
    help: str
    value: Value
    resting: Value
    origin: str
    line: int = 0
    is_lever: bool = False
    unit: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    slider: tuple[float, float] | None = None
    names: str = ""
    """Vocabulary of the world that its values come from."""
    options: tuple[str, ...] = ()
    effect: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Fields that the page needs of it; empty ones are left out."""
        told = {key: value for key, value in vars(self).items() if value not in (None, (), "")}
        return {**told, "value": self.value, "resting": self.resting}


@dataclass(frozen=True)
class _Place:
    """Current position of the walk through the schema."""

    path: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    group: str = ""
    effect: str | None = None
    key: str = ""
    notes: Part = field(default_factory=dict)
    """Schema of the field as the block has it, with title, default and notes."""


def schema_of_scenarios() -> Part:
    """The schema that controls are made of, the caller's own."""
    schema: Part = json.loads(_text_of_schema())
    return schema


@cache
def _text_of_schema() -> str:
    return schema_text(old_spellings=False)


class ControlMaker:
    """Makes the controls of a text.

    Parameters
    ----------
    schema : dict
        From `schema_of_scenarios`.
    titles : mapping of str to mapping of str to str
        Names of the world by vocabulary, with their titles.
    """

    def __init__(self, schema: Part, titles: Titles) -> None:
        self._schema, self._titles = schema, titles

    def controls(
        self, merged: MappingNode, inherited: MappingNode | None, own_file: Path
    ) -> list[Control]:
        """Controls of a text in the order of the page, those shown first at the head of a group.

        Parameters
        ----------
        merged : MappingNode
            The text over the files that it extends.
        inherited : MappingNode or None
            Those files alone.
        own_file : Path
            Name under which the text was read.
        """
        found: list[Control] = []
        for key, part in self._schema["properties"].items():
            if key in STUDIED:
                continue
            place = _Place((key,), (), part.get("x-group", "file"), None, key, part)
            below = inherited.get(key) if inherited else None
            found += self._walk(part, merged.get(key), below, place, str(own_file))
        rank = {group: k for k, group in enumerate(GROUPS)}
        return sorted(found, key=lambda c: (rank.get(c.group, len(rank)), not c.is_lever))

    def _walk(
        self, part: Part, node: Node | None, below: Node | None, place: _Place, own: str
    ) -> Iterator[Control]:
        branch = self._branch(part, node)
        if "properties" in branch:
            yield from self._block(branch, node, below, place, own)
        elif isinstance(branch.get("additionalProperties"), dict):
            yield from self._named(branch, node, below, place, own)
        elif self._is_list_of_blocks(branch):
            yield from self._items(branch, node, below, place, own)
        elif branch:
            yield self._control(part, branch, node, below, place, own)

    def _block(
        self, branch: Part, node: Node | None, below: Node | None, place: _Place, own: str
    ) -> Iterator[Control]:
        """A mapping whose keys the schema knows."""
        effect = place.effect
        if "x-effect-from" in branch:
            dated = _at(node, branch["x-effect-from"].split("."))
            effect = str(dated.value) if isinstance(dated, Scalar) else None
        for key, part in branch["properties"].items():
            if "const" in part or (node is None and self._is_deep(part)):
                continue
            there = replace(
                place, path=(*place.path, key), effect=effect, key=key, notes=self._field(part)
            )
            yield from self._walk(part, _at(node, [key]), _at(below, [key]), there, own)

    def _named(
        self, branch: Part, node: Node | None, below: Node | None, place: _Place, own: str
    ) -> Iterator[Control]:
        """A mapping whose keys are names."""
        if not isinstance(node, MappingNode):
            return
        titles = self._titles.get(branch.get("propertyNames", {}).get("x-names", ""), {})
        inner = branch["additionalProperties"]
        for key, entry in node.entries.items():
            there = replace(
                place,
                path=(*place.path, key),
                context=(*place.context, titles.get(key, key)),
                notes={**place.notes, **self._field(inner)},
            )
            yield from self._walk(inner, entry.node, _at(below, [key]), there, own)

    def _items(
        self, branch: Part, node: Node | None, below: Node | None, place: _Place, own: str
    ) -> Iterator[Control]:
        """A list of mappings."""
        if not isinstance(node, SequenceNode):
            return
        olds = below.items if isinstance(below, SequenceNode) else ()
        for k, item in enumerate(node.items):
            there = replace(
                place,
                path=(*place.path, str(k + 1)),
                context=(*place.context, self._told(item, k)),
            )
            old = olds[k] if k < len(olds) else None
            yield from self._walk(branch["items"], item, old, there, own)

    def _told(self, item: Node, k: int) -> str:
        """An item of a list in a few words."""
        said = [plain(node) for key in IDENTIFYING_KEYS if (node := _at(item, [key])) is not None]
        words = [" – ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in said]
        known = self._titles.get("regions", {})
        return ", ".join(known.get(word, word) for word in words[:2]) or f"{k + 1}"

    def _control(
        self,
        part: Part,
        branch: Part,
        node: Node | None,
        below: Node | None,
        place: _Place,
        own: str,
    ) -> Control:
        notes = {**branch, **place.notes}
        default = place.notes.get("default")
        origin, line = "default", 0
        if node is not None:
            is_own = node.place.file == own
            origin = "own" if is_own else Path(node.place.file).name
            line = node.place.line if is_own else 0
        words, kind = self._kind(part, branch)
        slider = notes.get("x-slider")
        return Control(
            path=place.path,
            kind=kind,
            title=notes.get("x-title") or _in_words(place.key),
            context=place.context,
            group=place.group,
            help=place.notes.get("description", ""),
            value=default if node is None else _json(node),
            resting=default if below is None else _json(below),
            origin=origin,
            line=line,
            is_lever=bool(notes.get("x-lever")) or origin == "own",
            unit=notes.get("x-unit", ""),
            low=branch.get("minimum", branch.get("exclusiveMinimum")),
            high=branch.get("maximum", branch.get("exclusiveMaximum")),
            step=notes.get("x-step"),
            slider=None if slider is None else (slider[0], slider[1]),
            names=self._vocabulary(branch),
            options=words,
            effect=place.effect,
        )

    def _kind(self, part: Part, branch: Part) -> tuple[tuple[str, ...], str]:
        """Words that may be chosen, and how a value is chosen."""
        simple = [each for each in self._branches(part) if each.get("type") != "array"]
        words = tuple(
            str(word) for each in simple for word in each.get("enum", [each.get("const")]) if word
        )
        if branch.get("type") == "array":
            return words, "tuple" if "prefixItems" in branch else "names"
        if any(each.get("pattern") == QUARTER for each in simple):
            return words, "quarter"
        if self._vocabulary(branch):
            return words, "name"
        if words:
            return words, "choice"
        return (), _kind_of_value(branch)

    def _vocabulary(self, branch: Part) -> str:
        items: Part = branch.get("items") or next(iter(branch.get("prefixItems", ())), {})
        return str(branch.get("x-names") or items.get("x-names", ""))

    def _branch(self, part: Part, node: Node | None) -> Part:
        """The form of writing a value that a node uses, or the plainest where there is none."""
        forms = self._branches(part)
        if isinstance(node, MappingNode):
            blocks = [form for form in forms if form.get("type") == "object"]
            return max(blocks, key=lambda form: _likeness(form, node), default={})
        if isinstance(node, SequenceNode):
            return next((form for form in forms if form.get("type") == "array"), {})
        plain_forms = [form for form in forms if form.get("type") not in ("array", "object")]
        if node is not None or plain_forms:
            lists = [form for form in forms if form.get("type") == "array"]
            return (lists or plain_forms or [{}])[0]
        return forms[0] if forms else {}

    def _branches(self, part: Part) -> list[Part]:
        """Forms that a value may have, references followed, nothing left out."""
        if "$ref" in part:
            return self._branches(self._schema["$defs"][part["$ref"].rpartition("/")[2]])
        if "anyOf" in part:
            return [form for each in part["anyOf"] for form in self._branches(each)]
        return [] if part.get("type") == "null" else [part]

    def _field(self, part: Part) -> Part:
        return {key: part[key] for key in part if key not in ("anyOf", "$ref", "type")}

    def _is_list_of_blocks(self, branch: Part) -> bool:
        items = branch.get("items")
        return items is not None and any("properties" in form for form in self._branches(items))

    def _is_deep(self, part: Part) -> bool:
        """True if a value is a block, which has no control before it is there."""
        return all(form.get("type") == "object" for form in self._branches(part)) and not any(
            "properties" in form for form in self._branches(part)
        )


def _kind_of_value(branch: Part) -> str:
    if branch.get("type") == "boolean":
        return "switch"
    if branch.get("type") in ("number", "integer"):
        return "share" if branch.get("x-unit") == "share" else "number"
    return "day" if branch.get("format") == "date" else "text"


def _likeness(form: Part, node: MappingNode) -> int:
    """Score for how well a block matches the text: by fixed values first, then by its keys."""
    properties: Part = form.get("properties", {})
    fixed = sum(
        isinstance(value := node.get(key), Scalar) and value.value == each["const"]
        for key, each in properties.items()
        if "const" in each
    )
    return int(100 * fixed + len({*properties} & {*node.entries}))


def _at(node: Node | None, steps: list[str]) -> Node | None:
    for step in steps:
        node = node.get(step) if isinstance(node, MappingNode) else None
    return node


def _json(node: Node) -> Value:
    return json.loads(json.dumps(plain(node)))


def _in_words(key: str) -> str:
    words = key.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def values_beside(control: Mapping[str, Any], value: object) -> list[float]:
    """Values of a slider one step up and down, as its page gives them; none of what has no slider.

    Parameters
    ----------
    control : mapping
        As `Control.as_json` tells it.
    value : object
        What it says now.

    Examples
    --------
    >>> values_beside({"kind": "share"}, 0.29), values_beside({"kind": "share"}, 1.0)
    ([0.3, 0.28], [0.99])
    >>> values_beside({"kind": "number", "slider": [0, 50], "step": 5}, 20), values_beside({}, 1)
    ([25.0, 15.0], [])
    """
    kind, slider = control.get("kind"), control.get("slider")
    ends = slider or (control.get("low", 0.0), control.get("high", 1.0))
    step = control.get("step") or (0.01 if kind == "share" else 1.0)
    numbers = [value, step, *ends]
    if not (slider or kind == "share") or not all(isinstance(n, int | float) for n in numbers):
        return []
    scale = 100.0 if kind == "share" else 1.0
    steps = [float(f"{(value + turn * step) * scale:.10g}") / scale for turn in (1, -1)]  # type: ignore[operator]
    return [float(f"{each:.12g}") for each in steps if ends[0] <= each <= ends[1]]
