"""Keys, kinds and ranges: the models' verdict on a tree, as problems with places.

The models report by path; here each path is walked through the tree to the line it came from and
every kind of complaint is put into plain words.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.laws.numerics.similar_words import nearest
from sim.scenario.blocks.agreements import AGREEMENT_KINDS, NegotiatedTimeline, Timeline
from sim.scenario.blocks.fields import REFUSAL, UNION_TAGS, described
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.checks.empty_values import blank_problems, left_empty
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.old_spellings import KEYS, old_names
from sim.scenario.text.problems import Problem, quoted
from sim.scenario.text.suggestions import AskedNames
from sim.scenario.text.tree import (
    MappingEntry,
    MappingNode,
    Node,
    Scalar,
    SequenceNode,
    Step,
    at,
    dotted,
    key_place_of,
    named_tables,
    place_of,
    plain,
    text,
)


def _models_of(
    model: type[BaseModel], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """Position and class of a model and of every model inside it, as its annotations say."""
    yield path, model
    for name, field in model.model_fields.items():
        yield from _models_in(field.annotation, (*path, field.alias or name))


def _models_in(
    hint: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from _models_of(hint, path)
        return
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        parts = parts[:1]
    is_many = isinstance(origin, type) and issubclass(origin, (Mapping, tuple))
    for part in parts:
        yield from _models_in(part, (*path, "*") if is_many else path)


MODELS = tuple(
    # A figure of one's own is the last thing that a misplaced key may mean.
    sorted(dict.fromkeys(_models_of(Scenario)), key=lambda one: one[0][:1] == ("world",))
)
"""Where in a scenario each model stands; `*` is any name or place in a list."""
_ONE_SLIP = 0.9
"""Similarity from which a key is meant even if it is there already."""
_NO_STEPS = UNION_TAGS | AGREEMENT_KINDS.keys()


def shape_problems(
    tree: MappingNode, names: NamesLike | None, *, is_complete: bool
) -> tuple[Scenario | None, list[Problem]]:
    """The scenario a tree describes, or what is wrong with its keys, kinds and ranges.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    names : Names or None
        What the world calls things; None takes every name as it is.
    is_complete : bool
        False if part of the tree could not be read: then absent keys are no problem.
    """
    blanks = list(blank_problems(tree))
    known, kinds = _with_known_kinds(tree)
    problems = blanks + kinds
    try:
        return Scenario.model_validate(plain(known), context=names and AskedNames(names)), problems
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=True)
    misspelt = {
        (*found[0], found[2])
        for detail in details
        if detail["type"] == "extra_forbidden" and (found := _unknown(tree, detail))[2]
    }
    if ("extends",) in misspelt:
        is_complete = False
    for detail in details:
        path = _path(tree, detail["loc"])
        if _says_nothing_new(tree, path, detail):
            continue
        is_absent = detail["type"] == "missing" and isinstance(path[-1], str)
        if is_absent and (not is_complete or path in misspelt):
            continue
        problems.append(left_empty(tree, path, names) or _problem(tree, path, detail))
    return None, problems


def _says_nothing_new(tree: MappingNode, path: tuple[Step, ...], detail: ErrorDetails) -> bool:
    """True if a complaint only follows from another one."""
    node = at(tree, *path)
    if isinstance(node, Scalar):
        return node.is_blank
    if detail["type"] == "too_short" and node is not None:
        # The models count only the items that are right themselves.
        items = node.items if isinstance(node, SequenceNode) else node.entries
        return len(items) >= int(detail["ctx"]["min_length"])
    if detail["type"] == "missing" and isinstance(path[-1], int):
        owner = at(tree, *path[:-1])
        return isinstance(owner, SequenceNode) and path[-1] > len(owner.items)
    return False


def _with_known_kinds(tree: MappingNode) -> tuple[MappingNode, list[Problem]]:
    """A tree whose agreements all have a known kind, and problems of those that had none.

    A mistyped or absent kind is replaced by the likely one, so that the rest of the agreement is
    checked all the same; one that gives no clue is left out.
    """
    problems = []
    agreements = tree.get("agreements")
    if not isinstance(agreements, MappingNode):
        return tree, []
    entries = dict(agreements.entries)
    for name, table in named_tables(agreements):
        kind = table.get("kind")
        if (value := text(kind)) in AGREEMENT_KINDS:
            continue
        guess = _likely_kind(table, value)
        path = ("agreements", name)
        wanted = f"wanted kind: {' or '.join(AGREEMENT_KINDS)}"
        if kind is None:
            misspelt = [key for key in table.entries if nearest(key, ("kind",)) and len(key) < 6]
            if not misspelt:
                place = key_place_of(tree, path)
                what = f"{dotted(path)} does not say its kind"
                near = nearest(name, [other for other in agreements.entries if other != name])
                what += "" if near is None else f" and is not {dotted(('agreements', near))}"
                problems.append(Problem.at(place, what, wanted, guess))
        elif not (isinstance(kind, Scalar) and kind.is_blank):
            what = f"{dotted((*path, 'kind'))} is {described(plain(kind))}"
            right = f"wanted {' or '.join(AGREEMENT_KINDS)}"
            problems.append(Problem.at(kind.place, what, right, guess))
        entry = entries.pop(name)
        if guess is not None:
            known_kind = MappingEntry(entry.key_place, Scalar(table.place, guess))
            inner = MappingNode(table.place, {**table.entries, "kind": known_kind})
            entries[name] = MappingEntry(entry.key_place, inner)
    known = MappingEntry(
        tree.entries["agreements"].key_place, MappingNode(agreements.place, entries)
    )
    return MappingNode(tree.place, {**tree.entries, "agreements": known}), problems


def _likely_kind(table: MappingNode, value: str | None) -> str | None:
    """The kind a mistyped word or the other keys point to."""
    if value is not None and (near := nearest(value, AGREEMENT_KINDS)):
        return near
    shared = {kind: len(table.entries.keys() & keys_of(m)) for kind, m in AGREEMENT_KINDS.items()}
    best = max(shared.values())
    likely = [kind for kind, n in shared.items() if n == best]
    return likely[0] if len(likely) == 1 else None


def keys_of(model: type[BaseModel]) -> list[str]:
    """Keys of a model as they are written in a file."""
    keys = [field.alias or name for name, field in model.model_fields.items()]
    return [*keys, "extends"] if model is Scenario else keys


def _path(tree: MappingNode, loc: Sequence[Step]) -> tuple[Step, ...]:
    """A model's path without the steps that no file contains."""
    path: list[Step] = []
    node: Node | None = tree
    for step in loc:
        inner = at(node, step)
        if inner is None and (step in _NO_STEPS or step == "[key]"):
            continue
        path.append(step)
        node = inner
    return tuple(path)


def _model_at(tree: MappingNode, path: Sequence[Step]) -> type[BaseModel] | None:
    """The model that describes the mapping at a path."""
    fitting = [model for pattern, model in MODELS if _fits(path, pattern)]
    if NegotiatedTimeline in fitting:
        is_negotiated = at(tree, *path, "negotiated") is not None
        return NegotiatedTimeline if is_negotiated else Timeline
    if len(fitting) > 1:
        kind = text(at(tree, *path, "kind"))
        table = at(tree, *path)
        if kind not in AGREEMENT_KINDS and isinstance(table, MappingNode):
            kind = _likely_kind(table, kind)
        return AGREEMENT_KINDS.get(kind or "")
    return fitting[0] if fitting else None


def _fits(path: Sequence[Step], pattern: Sequence[str]) -> bool:
    return len(path) == len(pattern) and all(
        part in ("*", step) for step, part in zip(path, pattern, strict=True)
    )


def _unknown(tree: MappingNode, detail: ErrorDetails) -> tuple[tuple[Step, ...], str, str | None]:
    """Position of an unknown key, the key, and the key it may stand for."""
    path = _path(tree, detail["loc"])
    parent, key = path[:-1], str(path[-1])
    model = _model_at(tree, parent)
    table = at(tree, *parent)
    present = table.entries if isinstance(table, MappingNode) else {}
    keys = keys_of(model) if model else []
    free = [name for name in keys if name not in present]
    olds = {old: new for old, new in old_names(parent).items() if new in free}
    slip = nearest(key, keys, least=_ONE_SLIP)
    near = slip or nearest(key, [*free, *olds]) or nearest(key, keys)
    return parent, key, olds.get(near or "", near)


def _problem(tree: MappingNode, path: tuple[Step, ...], detail: ErrorDetails) -> Problem:
    """One complaint of the models in plain words, at its place."""
    kind, ctx, given = detail["type"], detail.get("ctx", {}), detail["input"]
    where = dotted(path)
    if kind == "extra_forbidden":
        return _unknown_key(tree, detail)
    if kind == "missing":
        return _missing(tree, path)
    if kind == REFUSAL:
        is_key = detail["loc"][-1] == "[key]"
        place = key_place_of(tree, path) if is_key else place_of(tree, path)
        start = where if not is_key else dotted(path[:-1])
        link = " " if str(ctx["what"]).startswith(("is ", "has ")) else ": "
        what = f"{start}{link}{ctx['what']}"
        return Problem.at(place, what, ctx["wanted"], ctx["nearest"] or None)
    what, wanted = _by_type(kind, ctx, given)
    return Problem.at(place_of(tree, path), f"{where} {what}".strip(), wanted)


def _by_type(kind: str, ctx: dict[str, Any], given: object) -> tuple[str, str]:
    """Error found and value wanted, for the models' own complaints."""
    if kind in ("tuple_type", "list_type"):
        return f"is {described(given)}", "wanted a list in brackets, such as [a, b]"
    if kind in ("dict_type", "mapping_type", "model_type", "model_attributes_type"):
        return f"is {described(given)}", "wanted keys with values, such as {key: value}"
    if kind == "too_short":
        noun = "entry" if ctx["min_length"] == 1 else "entries"
        count = ctx["actual_length"]
        has = "has none" if count == 0 else f"has only {count}"
        return has, f"wanted at least {ctx['min_length']} {noun}"
    if kind == "too_long":
        return f"has {ctx['actual_length']} entries", f"wanted {ctx['max_length']}"
    return f"is {described(given)}", "wanted another value"


def _missing(tree: MappingNode, path: tuple[Step, ...]) -> Problem:
    """An absent key, placed at the mapping that should hold it, or too short a list."""
    parent, key = path[:-1], path[-1]
    if isinstance(key, int):
        count = f"{key} {'entry' if key == 1 else 'entries'}"
        meaning = _meaning(tree, parent)
        return Problem.at(place_of(tree, parent), f"{dotted(parent)} has only {count}", meaning)
    owner = f"{dotted(parent)} has no key" if parent else "the scenario has no key"
    return Problem.at(key_place_of(tree, parent), f"{owner} {quoted(key)}", _meaning(tree, path))


def _meaning(tree: MappingNode, path: tuple[Step, ...]) -> str:
    """Meaning of a key (the value wanted under it), from its description."""
    model, key = _model_at(tree, path[:-1]), path[-1]
    for name, field in model.model_fields.items() if model else ():
        if key == (field.alias or name) and field.description:
            text = field.description.rstrip(".")
            return f"wanted {key}: {text[0].lower()}{text[1:]}"
    return f"wanted {key}"


def _home_of(key: str, model: type[BaseModel] | None) -> str:
    """Place or kind of agreement that a key belongs to, in words; empty where there is none."""
    if model in AGREEMENT_KINDS.values():
        kinds = [kind for kind, other in AGREEMENT_KINDS.items() if key in keys_of(other)]
        if kinds:
            return f"{key} belongs to agreements of kind {' or '.join(kinds)}"
    homes = [(".".join(home), key) for home, other in MODELS if key in keys_of(other) and home]
    homes += [(home, f"{key}, now {new},") for home, old, new in KEYS if old == key and home]
    return f"{homes[0][1]} belongs under {homes[0][0]}" if homes else ""


def _unknown_key(tree: MappingNode, detail: ErrorDetails) -> Problem:
    """A key that means nothing here, with the one that may be meant."""
    parent, key, near = _unknown(tree, detail)
    place = key_place_of(tree, (*parent, key))
    model = _model_at(tree, parent)
    under = f" under {dotted(parent)}" if parent else ""
    wanted = f"wanted one of {', '.join(keys_of(model))}" if model else "wanted it left out"
    home = _home_of(key, model)
    if home and (near is None or not parent):
        wanted, near = home, None
    return Problem.at(place, f"unknown key {quoted(key)}{under}", wanted, near)
