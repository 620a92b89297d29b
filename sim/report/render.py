"""A report from the results of a run: figures, the data behind them, a page, an answer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import xarray as xr

from sim.report.answer import answer_bytes
from sim.report.contents import sections_of
from sim.report.drawing import drawing_files
from sim.report.page import Front, page_files
from sim.report.past import past_fans
from sim.report.series import Material
from sim.report.style import house_style
from sim.report.wording import books_name, plural
from sim.study.findings import sentence

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.study.findings import Finding
    from sim.study.hindcast import Hindcast
    from sim.world.world import World


def render_report(
    scenario: "Scenario",
    world: "World",
    results: Mapping[str, xr.Dataset],
    findings: "tuple[Finding, ...]",
    run_record: Mapping[str, Any],
) -> dict[str, bytes]:
    """Files of a report; nothing is written.

    Parameters
    ----------
    scenario, world
        What was asked and what is.
    results : mapping of str to xarray.Dataset
        Variants by name, from `sim.study.run.run_variants`.
    findings : tuple of Finding
        From `sim.study.findings.findings`.
    run_record : mapping
        Facts about the run to print: seed, versions, hashes, command and what else there is.

    Returns
    -------
    dict of str to bytes
        By relative path: `report.html`, `answer.json`, and for each figure `figures/<name>.svg`,
        `.png` and `.csv`. The same input gives the same bytes.
    """
    material = Material(scenario, world, results, findings, run_record)
    with house_style():
        files = page_files(front_of(material), sections_of(material))
    return {**files, "answer.json": answer_bytes(material)}


def front_of(material: Material) -> Front:
    """First screen of a run's page."""
    scenario, world = material.scenario, material.world
    books = f"{books_name(world.ledger)}, base year {world.base_year}"
    return Front(
        kicker=f"Trade scenario · {books} · {plural(scenario.runs, 'run')}",
        title=scenario.title,
        question=scenario.question,
        answers=tuple(sentence(f, world.ledger, world.base_year) for f in material.findings),
    )


def render_hindcast(study: "Hindcast") -> dict[str, bytes]:
    """The figure of a hindcast, by relative path: SVG, PNG and the data behind it."""
    with house_style():
        return drawing_files(past_fans(study))
