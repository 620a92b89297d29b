"""A scenario written out in full, and the hash of what determines its result."""

import hashlib
import json
import re
from typing import Any

import yaml

from sim.scenario.blocks.scenario import Scenario
from sim.scenario.blocks.studies import STUDY_KEYS

ORDERED = ("targets", "agreements")
"""Keys whose names results have in the order of the file: rows and columns, the first target."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*|[0-9]{4}Q[1-4]", re.ASCII)
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def resolved_yaml(scenario: Scenario) -> str:
    """The scenario as one complete file, all defaults written out.

    Keys of the format come in their usual order and names given by the author in theirs, which
    results have too. Read again, the text gives an equal scenario, in the same order.

    Parameters
    ----------
    scenario : Scenario
        Checked scenario.

    Returns
    -------
    str
        YAML text that extends nothing.
    """
    return yaml.dump(
        as_plain(scenario),
        Dumper=_Writer,
        sort_keys=False,
        allow_unicode=True,
        width=100_000,
    )


def scenario_hash(scenario: Scenario) -> str:
    """SHA-256 of everything that bears on the numbers.

    Title, question and the sources of targets are left out: a better wording is no new run. So is
    what only studies read, and the order of names, but of those by which results are ordered.

    Parameters
    ----------
    scenario : Scenario
        Checked scenario.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    content = as_plain(scenario)
    for key in ("title", "question", *STUDY_KEYS):
        content.pop(key, None)
    if not scenario.own_figures:
        content.pop("world")
    for target in content["targets"].values():
        target.pop("source", None)
    # An alphabetical order goes without saying.
    orders = {key: [*content[key]] for key in ORDERED if [*content[key]] != sorted(content[key])}
    if orders:
        content["orders"] = orders
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def as_plain(scenario: Scenario) -> dict[str, Any]:
    """The scenario as nested dicts, lists, text and numbers, as they stand in a file."""
    return scenario.model_dump(mode="json", by_alias=True, exclude_none=True)


class _Writer(yaml.SafeDumper):
    """Writes short lists on one line and quotes every text that could be read as another kind."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_text(self, data: str) -> yaml.Node:
        is_plain = _PLAIN.fullmatch(data) and data.casefold() not in _RESERVED
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=None if is_plain else '"')

    def represent_items(self, data: list[Any]) -> yaml.Node:
        is_flat = not any(isinstance(item, dict | list) for item in data)
        return self.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=is_flat)


_Writer.add_representer(str, _Writer.represent_text)
_Writer.add_representer(list, _Writer.represent_items)
