"""Result of a study on disk: the page, its record, and the scenarios it came from."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.cli.studies.study_options import StudyOrigin
from sim.cli.terminal import FAILED, warn

if TYPE_CHECKING:
    from sim.report.studies.study_page import StudyPage
    from sim.store.study_parts import PartStore
    from sim.study.jobs.plan import Plan

Conclude = Callable[["Plan", "PartStore"], "StudyPage"]
"""From the finished parts to the page."""


def is_complete(folder: Path) -> bool:
    """True if the result is complete; its answers are then reported again."""
    from sim.store.checksums import changed_files
    from sim.store.stored_results import read_record

    record = read_record(folder)
    if record is None:
        return False
    if changed := changed_files(folder, record):
        told = f"changed since it was written: {', '.join(changed)}"
        typer.echo(f"{folder}: {told}; it is made again.", err=True)
        return False
    for answer in record.get("answers", ()):
        typer.echo(answer)
    typer.echo(f"Done before, with the same numbers: {folder / 'report.html'}")
    return True


def write_result(
    plan: "Plan", origin: StudyOrigin, store: "PartStore", folder: Path, make_page: Conclude
) -> None:
    """Write the result; what stands against it is no fault of the input once all is simulated."""
    from sim.study.workers.study_errors import StudyError

    try:
        _write(plan, origin, store, folder, make_page)
    except StudyError as error:
        typer.echo(f"{error}\nFinished parts are kept in {store.folder}.", err=True)
        raise typer.Exit(FAILED) from None


def _write(
    plan: "Plan", origin: StudyOrigin, store: "PartStore", folder: Path, make_page: Conclude
) -> None:
    from sim.report.page.style import house_style
    from sim.report.studies.study_page import study_files
    from sim.scenario.writing import resolved_yaml, scenario_hash
    from sim.store import versions, write_run
    from sim.store.checksums import with_checksums
    from sim.store.study_parts import joined_rows, remove_parts
    from sim.study.jobs.case_columns import PATHS

    world = plan.world_of(plan.base)
    with house_style():
        page = make_page(plan, store)
        record = {
            "run_id": plan.study_id,
            "kind": plan.kind,
            "scenario": origin.stem,
            "title": page.title,
            "question": page.question,
            "seed": plan.base.seed,
            "runs": plan.n_simulated,
            "cases": plan.n_cases,
            "varied": list(plan.varied),
            "pairs": {name: "-".join(t.pair) for name, t in plan.base.targets.items()},
            "ledger": world.ledger,
            "scenario_hash": scenario_hash(plan.base),
            "world_hash": world.tables_hash,
            "versions": versions(),
            "answers": list(page.answers),
            "command": origin.command,
            "arguments": list(origin.arguments),
            "scenarios": list(origin.scenarios),
            "baselines": list(origin.baselines),
            "reached_share": dict(page.reached_share),
        }
        texts = [(name, resolved_yaml(scenario)) for name, scenario in origin.scenarios.items()]
        files = study_files(page, record, texts, tell=warn)
    names = (
        ["scenario.yaml"] if len(texts) == 1 else [f"scenarios/{name}.yaml" for name, _ in texts]
    )
    files |= {name: text.encode() for name, (_, text) in zip(names, texts, strict=True)}
    moved = joined_rows(store, [*plan.numbers], "outcomes", plan.varied, without=PATHS)
    write_run(folder, {**files, "run.json": with_checksums(record, files, moved)}, moved)
    remove_parts(store)
    for answer in page.answers:
        typer.echo(answer)
    typer.echo(f"Report: {folder / 'report.html'}")
