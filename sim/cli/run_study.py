"""Carry out a study from the command line: ask first if it is large, show progress, keep the rest.

A study that was finished before is not done again; one that was interrupted goes on.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import BAD_INPUT, FAILED, INTERRUPTED, noted, warn

if TYPE_CHECKING:
    from sim.report.studies.study_page import StudyPage
    from sim.scenario.blocks.scenario import Scenario
    from sim.store.study_parts import PartStore
    from sim.study.jobs.plan import Plan
    from sim.study.workers.pool import WorkerPool

ASK_BEYOND = 20_000
"""Runs beyond which a study says how long it will take and asks."""

MAX_RUNS = 1_000_000
"""Runs of a case, as many as a scenario may ask for."""


def _address(given: str | None) -> str | None:
    """An address that a scheduler can have.

    Raises
    ------
    typer.BadParameter
        If it cannot.
    """
    if given is not None and re.fullmatch(r"[a-z]+://[^\s/]+:[0-9]{1,5}", given) is None:
        raise typer.BadParameter(f"{given!r}: wanted protocol, host and port, as tcp://host:8786")
    return given


RunsOption = Annotated[
    int | None,
    typer.Option("--runs", min=1, max=MAX_RUNS, help="Runs of each case, if not the scenario's."),
]
PrecisionOption = Annotated[
    float | None,
    typer.Option(
        "--precision",
        min=0.05,
        max=50.0,
        help="Run until chances are known to within so many percentage points (half the 90 % "
        "interval); instead of --runs.",
    ),
]


def goal_of(precision: float | None, runs: int | None) -> float | None:
    """Half-width that chances are to have [1].

    Raises
    ------
    typer.BadParameter
        If a number of runs is wanted as well.
    """
    if precision is not None and runs is not None:
        raise typer.BadParameter("--precision finds the number of runs itself; leave out --runs")
    return None if precision is None else precision / 100.0


WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="Processes; as many as processors unless given.")
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        callback=_address, help="Dask scheduler that does the work, such as tcp://host:8786."
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, however large it is.")]
StopOption = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, help="Share of failed runs beyond which the study stops."),
]
STOP_SHARE = 0.1


@dataclass(frozen=True)
class StudyOptions:
    """Options for carrying out a study; they change no number."""

    output: Path
    workers: int | None = None
    cluster: str | None = None
    yes: bool = False
    stop_share: float = STOP_SHARE
    command: str = ""
    arguments: tuple[str, ...] = ()
    """Command and options that bear on the numbers, for `sim verify`."""
    stem: str = "study"
    baselines: tuple[str, ...] = ()
    """Names of those the others are compared with."""
    scenarios: Mapping[str, "Scenario"] = field(default_factory=dict)
    """Scenarios that are written beside the result, by name."""


Grow = Callable[["Plan", "PartStore"], "Plan | None"]
"""From what is finished to a plan with more cases, or None once there is enough."""
Conclude = Callable[["Plan", "PartStore"], "StudyPage"]
"""From the finished parts to the page."""


def conduct(
    plan: "Plan",
    means: StudyOptions,
    make_page: Conclude,
    next_cases: Grow = lambda _plan, _store: None,
) -> None:
    """Carry out a plan and write its result.

    Parameters
    ----------
    plan : Plan
    means : StudyOptions
    make_page : callable
        Makes the page from the finished parts.
    next_cases : callable, optional
        For a study whose next cases depend on what came of the first.
    """
    from sim.cli.interrupts import harmless_interrupts
    from sim.store.places import check_inside
    from sim.store.study_parts import opened
    from sim.study.untraded import require_trade

    require_trade(plan.base, plan.world_of(plan.base))
    folder = means.output / means.stem / plan.study_id
    check_inside(means.output, folder)
    if _is_there(folder):
        return
    parts = folder.with_name(f".{plan.study_id}.parts")
    note = {"kind": plan.kind, "scenario": means.stem, "jobs": plan.n_jobs, "study": plan.study_id}
    with opened(parts, plan.study_id, note) as store:
        try:
            with harmless_interrupts():
                plan = _run_jobs(plan, means, store, next_cases)
                _write_or_say_why(plan, means, store, folder, make_page)
        except KeyboardInterrupt:
            typer.echo(
                f"Interrupted; {len(store.done)} of {plan.n_jobs} parts are kept in {parts}, the "
                "same command goes on from there.",
                err=True,
            )
            raise typer.Exit(INTERRUPTED) from None


def _is_there(folder: Path) -> bool:
    """True if the result is complete; its answers are then reported again."""
    from sim.store.checksums import changed_files
    from sim.store.results import read_record

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


def _run_jobs(plan: "Plan", means: StudyOptions, store: "PartStore", next_cases: Grow) -> "Plan":
    """Do what is left of a plan and of what it grows into; the plan as it is in the end."""
    from sim.study.jobs.plan import run_jobs
    from sim.study.jobs.sureness import expected_sureness, first_look, more_runs
    from sim.study.workers.study_errors import StudyError

    def tell(words: str) -> None:
        typer.echo(words, err=True)

    n_before = n_done = _n_done(plan, store)
    _say_what_is_there(plan, store, n_done)
    started = perf_counter()
    grown: Plan | None = plan
    try:
        if plan.n_simulated - n_done > ASK_BEYOND and not means.yes:
            _ask(plan, means, store)
            n_done = _n_done(plan, store)
        with _worker_pool(plan, means, n_done) as worker_pool:
            if worker_pool is not None:
                worker_pool.tell = tell
            if plan.ends:
                looks = first_look(plan)
                run_jobs(plan, store, worker_pool, stop_share=means.stop_share, only=looks)
                tell(expected_sureness(plan, store))
            n_cases = plan.n_cases
            while grown is not None:
                plan = grown
                with _progress(plan.n_simulated, _n_done(plan, store)) as advance:
                    run_jobs(
                        plan, store, worker_pool, progress=advance, stop_share=means.stop_share
                    )
                # Cases that come later are what a search looks at with the runs it then has.
                grown = more_runs(plan, store, tell) if plan.n_cases == n_cases else None
                if grown and grown.n_simulated > ASK_BEYOND and not means.yes:
                    _ask(grown, means, store)
                grown = grown or next_cases(plan, store)
    except StudyError as error:
        typer.echo(f"{error}\nFinished parts are kept in {store.folder}.", err=True)
        raise typer.Exit(FAILED) from None
    _say_pace(plan.n_simulated - n_before, perf_counter() - started)
    return plan


def _say_what_is_there(plan: "Plan", store: "PartStore", n_done: int) -> None:
    """Parts that have to be done again, and runs that were done before."""
    if store.n_damaged:
        typer.echo(f"{store.n_damaged} damaged or foreign parts are done again.", err=True)
    if n_done:
        typer.echo(f"{n_done:,} of {plan.n_simulated:,} runs were done before.", err=True)


def _say_pace(n_new: int, seconds: float) -> None:
    if n_new:
        typer.echo(f"{n_new:,} runs in {seconds:.0f} s ({_pace(n_new / seconds)})", err=True)


def _pace(runs_per_second: float) -> str:
    """Runs a second; of slow ones a digit that is not 0."""
    digits = 0 if runs_per_second >= 10 else 1 if runs_per_second >= 1 else 2
    return f"{runs_per_second:,.{digits}f} runs/s"


def _n_done(plan: "Plan", store: "PartStore") -> int:
    """Runs of a plan that are finished."""
    return sum(len(plan.runs_of(number)) for number in store.done if plan.has(number))


def _ask(plan: "Plan", means: StudyOptions, store: "PartStore") -> None:
    """Time one part, say how long the rest will take, and ask; without a terminal do nothing."""
    from sim.study.jobs.plan import run_jobs

    if not sys.stdin.isatty():
        typer.echo(f"This study has {plan.n_simulated:,} runs; add --yes to start it.", err=True)
        raise typer.Exit(BAD_INPUT)
    n_before = len(store.done)
    started = perf_counter()
    run_jobs(plan, store, None, stop_share=means.stop_share, most_jobs=1)
    seconds = perf_counter() - started
    n_left = plan.n_jobs - len(store.done)
    whole = seconds * n_left / max(len(store.done) - n_before, 1)
    what = f"{plan.n_simulated:,} runs"
    if means.cluster is None:
        n_workers = _n_workers(means)
        what += f", about {_spell(whole / n_workers)} with {n_workers} workers"
    else:
        what += f", about {_spell(whole)} of one worker's time"
    if not typer.confirm(f"This study has {what}. Start it?", err=True):
        raise typer.Exit(FAILED)  # what was timed is kept


def _spell(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:,.1f} hours"


def _n_workers(means: StudyOptions) -> int:
    import os

    return means.workers or os.cpu_count() or 1


def _worker_pool(
    plan: "Plan", means: StudyOptions, n_done: int
) -> AbstractContextManager["WorkerPool | None"]:
    from sim.study.workers.pool import WORTH_A_POOL, process_workers

    if means.cluster is not None:
        from sim.study.workers.dask_workers import cluster_workers

        return cluster_workers(means.cluster)
    is_small = plan.precision is None and plan.n_simulated - n_done < WORTH_A_POOL
    return process_workers(1 if is_small else _n_workers(means))


def _write_or_say_why(
    plan: "Plan", means: StudyOptions, store: "PartStore", folder: Path, make_page: Conclude
) -> None:
    """Write the result; what stands against it is no fault of the input once all is simulated."""
    from sim.study.workers.study_errors import StudyError

    try:
        _write(plan, means, store, folder, make_page)
    except StudyError as error:
        typer.echo(f"{error}\nFinished parts are kept in {store.folder}.", err=True)
        raise typer.Exit(FAILED) from None


def _write(
    plan: "Plan", means: StudyOptions, store: "PartStore", folder: Path, make_page: Conclude
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
            "scenario": means.stem,
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
            "command": means.command,
            "arguments": list(means.arguments),
            "scenarios": list(means.scenarios),
            "baselines": list(means.baselines),
            "reached_share": dict(page.reached_share),
        }
        texts = [(name, resolved_yaml(scenario)) for name, scenario in means.scenarios.items()]
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


@contextmanager
def _progress(total: int, n_done: int) -> Iterator[Callable[[int], None]]:
    """Progress on standard error: a bar with rate and time left, nothing if not a terminal."""
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        """Runs a second."""

        def render(self, task: Task) -> Text:
            return Text(_pace(task.speed or 0.0))

    screen = Console(stderr=True)
    with Progress(
        *Progress.get_default_columns()[:2],
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} runs"),
        Rate(),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
        speed_estimate_period=120.0,
    ) as bar:
        task = bar.add_task("simulating", total=total, completed=n_done)
        yield noted(lambda n: bar.advance(task, n))
