"""Reference of every key of a scenario file, as Markdown, made from the schema.

The schema is the one statement of what a file may say; this page puts it into tables for a reader.
Examples are the first values that given scenarios have at a key.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from sim.scenario.blocks.scenario import Scenario, schema_text

Schema = Mapping[str, Any]

PLAIN = {"string": "text", "number": "number", "integer": "whole number", "boolean": "yes or no"}
LONGEST_EXAMPLE = 40
"""Longer values are left to the scenarios themselves [characters]."""

INTRODUCTION = """# Keys of a scenario file

Made by `sim schema --reference scenarios/*.yaml`; a test holds it to the schema. Required keys may
stand in the file itself or in one that it extends; a key without a default may be left out. An
entry under a name of its own may be `null`: that takes out what the file it extends had put in. A
list replaces that of the extended file; `+key` adds to it.
"""


def reference_text(scenarios: Iterable[Path] = ()) -> str:
    """Markdown page of all keys: top level first, then one section a block, by name.

    Parameters
    ----------
    scenarios : iterable of Path
        Scenario files from which examples are taken: the first value that one has at a key.
    """
    schema = with_requirements(json.loads(schema_text(old_spellings=False)))
    examples: dict[tuple[str, str], Any] = {}
    for path in scenarios:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        _collect(schema, "", schema, given, examples)
    sections = [
        INTRODUCTION,
        *_section("Top level", "", schema, examples),
        *(
            line
            for name, block in sorted(schema["$defs"].items())
            for line in _section(name, name, block, examples)
        ),
    ]
    return "\n".join(sections)


def with_requirements(schema: Schema) -> Schema:
    """The schema with what a whole scenario must give; files that extend others may lack it."""
    strict = Scenario.model_json_schema(by_alias=True)
    blocks = {
        name: {**block, "required": strict["$defs"][name].get("required", [])}
        for name, block in schema["$defs"].items()
    }
    return {**schema, "$defs": blocks, "required": strict["required"]}


def _section(
    heading: str, name: str, block: Schema, examples: Mapping[tuple[str, str], Any]
) -> Iterator[str]:
    yield f"## {heading}\n"
    if name:
        yield f"{block.get('description', '')}\n"
    yield "| key | value | default | example | meaning |"
    yield "|---|---|---|---|---|"
    for key, stated in block.get("properties", {}).items():
        must = key in block.get("required", ())
        default = "required" if must else _default(stated)
        example = examples.get((name, key), next(iter(stated.get("examples", ())), None))
        cells = (f"`{key}`", _value(stated), default, _example(example), _meaning(stated))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _default(stated: Schema) -> str:
    default = stated.get("default")
    if default is None or default in ([], {}):
        return ""
    return _code(default)


def _code(value: Any) -> str:
    match value:
        case bool():
            return f"`{'yes' if value else 'no'}`"
        case list():
            return f"`[{', '.join(map(str, value))}]`"
        case _:
            return f"`{value}`"


def _example(value: Any) -> str:
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, list) and any(isinstance(item, list | dict) for item in value):
        return ""
    text = _code(value)
    return text if len(text) <= LONGEST_EXAMPLE else ""


def _meaning(stated: Schema) -> str:
    return " ".join(str(stated.get("description", "")).split())


def _value(stated: Schema) -> str:
    """Kind of value in words: its form, range and unit."""
    if "anyOf" in stated:
        forms = [_value(form) for form in stated["anyOf"] if form.get("type") != "null"]
        return " or ".join(dict.fromkeys(forms))
    if "$ref" in stated:
        block = stated["$ref"].removeprefix("#/$defs/")
        return f"[{block}](#{block.lower()})"
    if "const" in stated:
        return f"`{stated['const']}`"
    if "enum" in stated:
        return ", ".join(f"`{word}`" for word in stated["enum"])
    return _plain(stated)


def _plain(stated: Schema) -> str:
    kind = stated.get("type", "text")
    if isinstance(kind, list):
        return " or ".join(PLAIN.get(one, "list") for one in kind)
    if kind == "array":
        items: Schema = stated.get("items") or next(iter(stated.get("prefixItems", ())), {})
        return f"list of {_value(items)}"
    if kind == "object":
        inner = stated.get("additionalProperties")
        key = _names(stated.get("propertyNames", {})) or "name"
        return f"by {key}: {_value(inner)}" if isinstance(inner, dict) else "block"
    if "Q[1-4]" in stated.get("pattern", ""):
        return "quarter"
    if stated.get("format") == "date":
        return "date"
    words = _names(stated) or PLAIN[kind]
    return ", ".join(part for part in (words, _range(stated), stated.get("x-unit", "")) if part)


def _names(stated: Schema) -> str:
    """Vocabulary of the world that a name is from, in the singular."""
    return str(stated.get("x-names", "")).removesuffix("s").replace("_", " ")


def _range(stated: Schema) -> str:
    low = stated.get("minimum", stated.get("exclusiveMinimum"))
    high = stated.get("maximum", stated.get("exclusiveMaximum"))
    above = "above " if "exclusiveMinimum" in stated else "from "
    parts = []
    if low is not None:
        parts.append(f"{above}{low:g}")
    if high is not None:
        below = "below " if "exclusiveMaximum" in stated else "to "
        parts.append(f"{below}{high:g}")
    return " ".join(parts)


def _collect(
    schema: Schema, name: str, block: Schema, given: Any, examples: dict[tuple[str, str], Any]
) -> None:
    """Note the first value of each key of a block, and of the blocks within."""
    if not isinstance(given, Mapping):
        return
    for key, stated in block.get("properties", {}).items():
        if given.get(key) is not None:
            examples.setdefault((name, key), given[key])
            for inner, value in _blocks(schema, stated, given[key]):
                _collect(schema, inner, schema["$defs"][inner], value, examples)


def _blocks(schema: Schema, stated: Schema, given: Any) -> Iterator[tuple[str, Any]]:
    """Blocks that a value is read as, each with the part of the value it reads."""
    if "$ref" in stated:
        name = stated["$ref"].removeprefix("#/$defs/")
        allowed = schema["$defs"][name].get("properties", {})
        if isinstance(given, Mapping) and set(given) <= set(allowed):
            yield name, given
    for form in stated.get("anyOf", ()):
        yield from _blocks(schema, form, given)
    if isinstance(given, list) and isinstance(stated.get("items"), Mapping):
        for item in given:
            yield from _blocks(schema, stated["items"], item)
    inner = stated.get("additionalProperties")
    if isinstance(given, Mapping) and isinstance(inner, Mapping):
        for item in given.values():
            yield from _blocks(schema, inner, item)
