"""Steps to get the same numbers again: command, seed, versions, hashes, resolved scenario."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.report.page.blocks import Block, Fold, Section, TableBlock, Verbatim, words
from sim.report.page.report_inputs import ReportInputs
from sim.scenario.writing import resolved_yaml

SHOWN_ELSEWHERE = ("title", "question", "answers", "reached_share", "command",
                   "wall_seconds")  # fmt: skip
"""Entries of the run's record that the page says in other places."""


def reproduction_section(inputs: ReportInputs) -> Section:
    """Section on how to reproduce a run."""
    return how_to_reproduce(inputs.record, (("The scenario", resolved_yaml(inputs.scenario)),))


def how_to_reproduce(record: Mapping[str, Any], scenarios: Sequence[tuple[str, str]]) -> Section:
    """Section on how to reproduce any study.

    Parameters
    ----------
    record : mapping
        What `run.json` says.
    scenarios : sequence of (name, text)
        Scenarios as resolved.
    """
    command = str(record.get("command", ""))
    blocks: list[Block] = [Verbatim(command)] if command else []
    said = {key: value for key, value in record.items() if key not in SHOWN_ELSEWHERE}
    table = TableBlock(words("What", "Value"), tuple(_flat(said)), caption="")
    blocks.append(Fold("Seed, versions and hashes", (table,)))
    for name, text in scenarios:
        blocks.append(Fold(f"{name} as resolved", (Verbatim(text),)))
    return Section("reproduction", "Reproduction", tuple(blocks))


def _flat(record: Mapping[str, Any], stem: str = "") -> Iterator[tuple[str, str]]:
    """Entries of a nested record as lines of name and text."""
    for key, value in record.items():
        name = f"{stem}{str(key).replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}: ")
        elif isinstance(value, str | int | float):
            yield name, f"{value:.6g}" if isinstance(value, float) else str(value)
