"""Old spellings of keys and words, still accepted for this version of the format.

Each file is respelled as it is read, before anything is merged or checked, so that all that follows
knows the present words alone; places stay those of the file. A file may use either spelling of a
key, not both at once. Dotted paths of studies and of overrides are respelled as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.scenario.text.problems import Place, Problem
from sim.scenario.text.tree import MappingEntry, MappingNode, Node, Scalar, SequenceNode

EVERY = "*"

KEYS: tuple[tuple[str, str, str], ...] = (
    ("", "closure", "model_closure"),
    ("", "layers_of_uncertainty", "uncertainty_sources"),
    ("", "year_round", "open_all_year"),
    ("uncertainty_sources", "chance", "events"),
    ("uncertainty_sources", "residual", "residual_shocks"),
    ("targets.*", "by", "deadline"),
    ("agreements.*.concessions.*", "by", "grantor"),
    ("agreements.*.concessions.*", "to", "partners"),
    ("agreements.*.concessions.*", "layers", "duty_types"),
    ("duties.*", "by", "importer"),
    ("duties.*", "on", "exporters"),
    ("duties.*", "layer", "duty_type"),
    ("closures.*.*", "to", "until"),
    ("bans.*", "to", "until"),
    ("diplomacy", "courting", "outside_attention"),
    ("diplomacy.visits.*", "by", "sending_state"),
    ("diplomacy.visits.*", "to", "host_state"),
    ("diplomacy.consulates.*", "by", "sending_state"),
    ("diplomacy.consulates.*", "to", "host_state"),
    ("diplomacy.missions.*", "by", "sending_state"),
    ("diplomacy.missions.*", "to", "host_state"),
    ("diplomacy.outside_attention.*", "by", "power"),
    ("diplomacy.outside_attention.*", "to", "state"),
    ("diplomacy.memoranda.*", "conversion", "conversion_rate"),
    ("reforms.steps.*", "by", "state"),
    ("reforms.steps.*", "what", "measure"),
    ("reforms.steps.*", "takes_years", "duration_years"),
    ("behaviour", "multi_vector", "partner_diversification"),
    ("behaviour", "border_stall", "closed_border_delay"),
    ("projects.*", "complete", "completes"),
    ("energy.deals.*", "by", "arc"),
    ("energy.deals.*", "to", "until"),
    ("energy.deals.*", "signed", "signing"),
    ("energy.spikes.*", "to", "until"),
    ("energy.force_majeure.*", "to", "until"),
)
"""Block by its path in present words, old key, present key; `*` is any name or place in a list."""

WORDS: tuple[tuple[str, str, str], ...] = (
    ("projects.*.completes", "by-hazard", "by_hazard"),
    ("energy.deals.*.signing", "when_it_pays", "if_profitable"),
)
"""Value by its path in present words, old word, present word."""

STUDIES = ("levers", "sweep", "reach.levers")
"""Blocks whose items or keys are dotted paths."""
SHOWN = 4

Path = tuple[str, ...]


@dataclass
class RespelledTree:
    """A file's tree in present words, and what had to be respelled for it."""

    tree: MappingNode
    olds: list[tuple[Place, str, str]] = field(default_factory=list)
    """Place of each old word, the word, and the present one."""
    problems: list[Problem] = field(default_factory=list)
    """Keys that stand in both spellings."""

    @property
    def hint(self) -> Problem | None:
        """One hint for the whole file, at its first old word; None if there is none."""
        if not self.olds:
            return None
        place = min((place for place, _, _ in self.olds), key=lambda p: (p.line, p.column))
        pairs = dict.fromkeys((old, new) for _, old, new in self.olds)
        told = [f"{old} is now {new}" for old, new in pairs]
        more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        what = f"has old spellings: {', '.join(told[:SHOWN])}{more}"
        return Problem.at(place, what, "the old ones are accepted in this version")


def respell(tree: MappingNode) -> RespelledTree:
    """A file's tree with every old spelling replaced by the present one.

    Parameters
    ----------
    tree : MappingNode
        Tree of one file, not merged with any other.
    """
    found = RespelledTree(tree)
    found.tree = _mapping(tree, (), found)
    return found


def respelled_value(node: Node, path: Sequence[str]) -> Node:
    """A value in present words, given the path in present words that it is to stand at."""
    return _respelled(node, tuple(path), RespelledTree(MappingNode(node.place, {})))


def respelled_path(path: str) -> str:
    """A dotted path in present words.

    Examples
    --------
    >>> respelled_path("agreements.*.concessions.1.by"), respelled_path("reforms.steps.by.start")
    ('agreements.*.concessions.1.grantor', 'reforms.steps.by.start')
    """
    steps: list[str] = []
    for step in path.split("."):
        in_study = ".".join(steps) in STUDIES
        steps.append(_now(KEYS, () if in_study else tuple(steps), step))
    return ".".join(steps)


def present_key(block: Path, key: str) -> str:
    """A key of a block in present words; among levers and swept values keys are dotted paths."""
    return respelled_path(key) if ".".join(block) in STUDIES else _now(KEYS, block, key)


def old_names(block: Sequence[str | int]) -> dict[str, str]:
    """Old keys of a block with the present ones."""
    steps = tuple(map(str, block))
    return {old: new for where, old, new in KEYS if _fits(where, steps)}


def with_deprecated(schema: dict[str, Any]) -> dict[str, Any]:
    """A JSON schema that knows the old spellings too, marked as deprecated; changed in place."""
    for block, old, new in KEYS:
        for home in _at(schema, block):
            if new in home:
                home[old] = {**home[new], **_deprecated(new)}
    for path, old, new in WORDS:
        block, _, key = path.rpartition(".")
        names = [key, *(was for where, was, now in KEYS if (where, now) == (block, key))]
        for home in _at(schema, block):
            for name in home.keys() & set(names):
                told = {k: home[name].pop(k) for k in _TOLD if k in home[name]}
                either = [home[name], {"const": old, **_deprecated(new)}]
                home[name] = {"anyOf": either, **told}
    return schema


_TOLD = ("default", "deprecated", "description")


def _deprecated(new: str) -> dict[str, Any]:
    return {"deprecated": True, "description": f"Old spelling of {new}."}


def _at(schema: dict[str, Any], block: str) -> Iterator[dict[str, Any]]:
    """Properties of every object that a block of a scenario may be."""
    parts = [schema]
    for step in block.split(".") if block else ():
        inner = [part for found in parts for part in _resolved(schema, found)]
        parts = [part for found in inner for part in _inside(found, step)]
    for found in parts:
        for part in _resolved(schema, found):
            yield part.get("properties", {})


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Schemas that a part refers to, each of its alternatives separately."""
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    if "anyOf" in part:
        for choice in part["anyOf"]:
            yield from _resolved(schema, choice)
    else:
        yield part


def _inside(part: dict[str, Any], step: str) -> Iterator[dict[str, Any]]:
    if step in part.get("properties", {}):
        yield part["properties"][step]
    elif step == EVERY:
        for key in ("additionalProperties", "items"):
            if isinstance(part.get(key), dict):
                yield part[key]


def _fits(pattern: str, path: Path) -> bool:
    parts = pattern.split(".") if pattern else []
    return len(parts) == len(path) and all(
        part in (EVERY, step) for part, step in zip(parts, path, strict=True)
    )


def _now(table: Sequence[tuple[str, str, str]], path: Path, word: str) -> str:
    """The present spelling of a word at a path."""
    fitting = (new for where, old, new in table if old == word and _fits(where, path))
    return next(fitting, word)


def _respelled(node: Node, path: Path, found: RespelledTree) -> Node:
    if isinstance(node, Scalar):
        return _scalar(node, path, found)
    if isinstance(node, MappingNode):
        return _mapping(node, path, found)
    inside = [_item(item, path, found) for item in node.items]
    return SequenceNode(node.place, tuple(inside))


def _item(item: Node, path: Path, found: RespelledTree) -> Node:
    """An item of a list, which is a dotted path where it stands among levers."""
    is_path = ".".join(path) in STUDIES and isinstance(item, Scalar)
    if not is_path or not isinstance(item, Scalar) or not isinstance(item.value, str):
        return _respelled(item, (*path, EVERY), found)
    now = respelled_path(item.value)
    if now != item.value:
        found.olds.append((item.place, item.value, now))
    return Scalar(item.place, now)


def _scalar(node: Scalar, path: Path, found: RespelledTree) -> Scalar:
    if not isinstance(node.value, str) or (now := _now(WORDS, path, node.value)) == node.value:
        return node
    found.olds.append((node.place, node.value, now))
    return Scalar(node.place, now)


def _mapping(node: MappingNode, path: Path, found: RespelledTree) -> MappingNode:
    in_study = ".".join(path) in STUDIES
    entries: dict[str, MappingEntry] = {}
    for key, entry in node.entries.items():
        now = present_key(path, key)
        if now != key:
            found.olds.append((entry.key_place, key, now))
        if now != key and now in node.entries:
            found.problems.append(_both(path, key, now, node))
            continue
        if in_study:
            inner = _varied(entry.node, tuple(now.split(".")), found)
        else:
            inner = _respelled(entry.node, (*path, now), found)
        entries[now] = MappingEntry(entry.key_place, inner)
    return MappingNode(node.place, entries)


def _varied(node: Node, path: Path, found: RespelledTree) -> Node:
    """Values that a study puts at a path; a range of numbers is left alone."""
    if not isinstance(node, SequenceNode):
        return node
    return SequenceNode(node.place, tuple(_respelled(item, path, found) for item in node.items))


def _both(path: Path, old: str, now: str, node: MappingNode) -> Problem:
    where = f"{'.'.join(path)} has" if path else "the scenario has"
    lines = [node.entries[key].key_place.line for key in (old, now)]
    what = f"{where} {old} (line {lines[0]}) and {now} (line {lines[1]}), which are one key"
    return Problem.at(node.entries[old].key_place, what, f"wanted {now} alone")
