"""A report from the results of a run: figures, the data behind them, a page, an answer."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import xarray as xr

from sim.report.answer import answer_bytes
from sim.report.drawing import Drawing, drawing_files
from sim.report.effects import agreement_effects
from sim.report.exports import growth_of_exports
from sim.report.fan import target_fan
from sim.report.goods import trade_by_good
from sim.report.incomes import winners_and_losers
from sim.report.page import page_bytes
from sim.report.past import past_fans
from sim.report.recorded import recorded_since
from sim.report.series import Material
from sim.report.style import house_style
from sim.report.surprises import surprises
from sim.report.terms import tariffs_and_use
from sim.report.way_bars import way_bars
from sim.report.way_map import way_map
from sim.report.ways import duties_and_ways

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.study.findings import Finding
    from sim.study.hindcast import Hindcast
    from sim.world.world import World

Draw = Callable[[Material, "Finding"], Drawing]

WITH_AGREEMENTS: tuple[Draw, ...] = (
    target_fan,
    agreement_effects,
    tariffs_and_use,
    winners_and_losers,
)
WITHOUT_AGREEMENTS: tuple[Draw, ...] = (
    target_fan,
    trade_by_good,
    duties_and_ways,
    growth_of_exports,
)


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
    material = Material(scenario, world, results, findings)
    with house_style():
        drawings = [draw_target(material, finding) for finding in findings]
        files = {
            path: content
            for of_target in drawings
            for drawing in of_target
            for path, content in drawing_files(drawing).items()
        }
    files["report.html"] = page_bytes(material, drawings, files, run_record)
    files["answer.json"] = answer_bytes(material, run_record)
    return files


def draw_target(material: Material, finding: "Finding") -> tuple[Drawing, ...]:
    """The four figures of one target, then those of its ways and of its certainty."""
    draws = WITHOUT_AGREEMENTS if material.without is None else WITH_AGREEMENTS
    if not material.has_incomes:
        draws = tuple(growth_of_exports if d is winners_and_losers else d for d in draws)
    if_known = (
        way_map(material, finding),
        way_bars(material, finding),
        surprises(material, finding),
        recorded_since(material, finding),
    )
    return (
        *(draw(material, finding) for draw in draws),
        *(drawing for drawing in if_known if drawing is not None),
    )


def render_hindcast(study: "Hindcast") -> dict[str, bytes]:
    """The figure of a hindcast, by relative path: SVG, PNG and the data behind it."""
    with house_style():
        return drawing_files(past_fans(study))
