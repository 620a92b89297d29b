"""Carry out a study from the command line: ask first if it is large, show progress, keep the rest.

A study that was finished before is not done again; one that was interrupted goes on.
"""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from time import perf_counter
from typing import TYPE_CHECKING

import typer

from sim.cli.progress import pace_in_words, progress
from sim.cli.studies.study_options import StudyOptions, StudyOrigin
from sim.cli.studies.write_study import Conclude, is_complete, write_result
from sim.cli.terminal import BAD_INPUT, FAILED, INTERRUPTED

if TYPE_CHECKING:
    from sim.store.study_parts import PartStore
    from sim.study.jobs.plan import Plan
    from sim.study.workers.pool import WorkerPool

ASK_BEYOND = 20_000
"""Runs beyond which a study says how long it will take and asks."""

Grow = Callable[["Plan", "PartStore"], "Plan | None"]
"""From what is finished to a plan with more cases, or None once there is enough."""


def conduct(
    plan: "Plan",
    options: StudyOptions,
    origin: StudyOrigin,
    make_page: Conclude,
    next_cases: Grow = lambda _plan, _store: None,
) -> None:
    """Carry out a plan and write its result.

    Parameters
    ----------
    plan : Plan
    options : StudyOptions
    origin : StudyOrigin
    make_page : callable
        Makes the page from the finished parts.
    next_cases : callable, optional
        For a study whose next cases depend on what came of the first.
    """
    from sim.cli.interrupts import harmless_interrupts
    from sim.store.folder_links import check_inside
    from sim.store.study_parts import locked_parts
    from sim.study.targets_in_base_year import require_trade

    require_trade(plan.base, plan.world_of(plan.base))
    folder = options.output / origin.stem / plan.study_id
    check_inside(options.output, folder)
    if is_complete(folder):
        return
    parts = folder.with_name(f".{plan.study_id}.parts")
    note = {"kind": plan.kind, "scenario": origin.stem, "jobs": plan.n_jobs, "study": plan.study_id}
    with locked_parts(parts, plan.study_id, note) as store:
        try:
            with harmless_interrupts():
                plan = _run_jobs(plan, options, store, next_cases)
                write_result(plan, origin, store, folder, make_page)
        except KeyboardInterrupt:
            typer.echo(
                f"Interrupted; {len(store.done)} of {plan.n_jobs} parts are kept in {parts}, the "
                "same command goes on from there.",
                err=True,
            )
            raise typer.Exit(INTERRUPTED) from None


def _run_jobs(plan: "Plan", options: StudyOptions, store: "PartStore", next_cases: Grow) -> "Plan":
    """Do what is left of a plan and of what it grows into; the plan as it is in the end."""
    from sim.study.jobs.plan import run_jobs
    from sim.study.jobs.study_precision import expected_precision, first_look, more_runs
    from sim.study.workers.study_errors import StudyError

    def tell(words: str) -> None:
        typer.echo(words, err=True)

    n_before = n_done = _n_done(plan, store)
    _say_what_is_there(plan, store, n_done)
    started = perf_counter()
    grown: Plan | None = plan
    try:
        if plan.n_simulated - n_done > ASK_BEYOND and not options.yes:
            _ask(plan, options, store)
            n_done = _n_done(plan, store)
        with _worker_pool(plan, options, n_done) as worker_pool:
            if worker_pool is not None:
                worker_pool.tell = tell
            if plan.ends:
                looks = first_look(plan)
                run_jobs(plan, store, worker_pool, stop_share=options.stop_share, only=looks)
                tell(expected_precision(plan, store))
            n_cases = plan.n_cases
            while grown is not None:
                plan = grown
                with progress(plan.n_simulated, _n_done(plan, store), with_pace=True) as advance:
                    run_jobs(
                        plan, store, worker_pool, progress=advance, stop_share=options.stop_share
                    )
                # Cases that come later are what a search looks at with the runs it then has.
                grown = more_runs(plan, store, tell) if plan.n_cases == n_cases else None
                if grown and grown.n_simulated > ASK_BEYOND and not options.yes:
                    _ask(grown, options, store)
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
        typer.echo(
            f"{n_new:,} runs in {seconds:.0f} s ({pace_in_words(n_new / seconds)})", err=True
        )


def _n_done(plan: "Plan", store: "PartStore") -> int:
    """Runs of a plan that are finished."""
    return sum(len(plan.runs_of(number)) for number in store.done if plan.has(number))


def _ask(plan: "Plan", options: StudyOptions, store: "PartStore") -> None:
    """Time one part, say how long the rest will take, and ask; without a terminal do nothing."""
    from sim.study.jobs.plan import run_jobs

    if not sys.stdin.isatty():
        typer.echo(f"This study has {plan.n_simulated:,} runs; add --yes to start it.", err=True)
        raise typer.Exit(BAD_INPUT)
    n_before = len(store.done)
    started = perf_counter()
    run_jobs(plan, store, None, stop_share=options.stop_share, most_jobs=1)
    seconds = perf_counter() - started
    n_left = plan.n_jobs - len(store.done)
    whole = seconds * n_left / max(len(store.done) - n_before, 1)
    what = f"{plan.n_simulated:,} runs"
    if options.cluster is None:
        n_workers = _n_workers(options)
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


def _n_workers(options: StudyOptions) -> int:
    import os

    return options.workers or os.cpu_count() or 1


def _worker_pool(
    plan: "Plan", options: StudyOptions, n_done: int
) -> AbstractContextManager["WorkerPool | None"]:
    from sim.study.workers.pool import WORTH_A_POOL, process_workers

    if options.cluster is not None:
        from sim.study.workers.dask_workers import cluster_workers

        return cluster_workers(options.cluster)
    is_small = plan.precision is None and plan.n_simulated - n_done < WORTH_A_POOL
    return process_workers(1 if is_small else _n_workers(options))
