"""Commands that look after results: run them again, hand them on, remove them."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.terminal import BAD_INPUT, FAILED, WorldOption, plain_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

REPRODUCED = (".parquet", ".csv", ".svg", ".png")
"""Files of a result that hold numbers; the others tell when and how they came about."""


def verify(
    result: Annotated[Path, typer.Argument(help="Folder of a result.")],
    world: WorldOption = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes.")] = None,
) -> None:
    """Run a stored result again and compare it to the bit.

    Files that were changed since they were written are named at once, by their checksums.

    Example: sim verify results/pta/0123456789ab
    """
    from tempfile import TemporaryDirectory

    from sim.store.checksums import changed_files
    from sim.store.stored_results import known_record

    with plain_errors():
        record = known_record(result)
        if changed := changed_files(result, record):
            told = f"changed since it was written: {', '.join(changed)}"
            typer.echo(f"{result}: {told}; the same command makes it again", err=True)
            raise typer.Exit(FAILED)
        _same_premises(record, world)
        with TemporaryDirectory(prefix="sim-verify-") as folder:
            again = _run_again(result, record, Path(folder), world, workers)
            differing = _differing(result, again)
    if differing:
        typer.echo(f"{result}: not the same: {', '.join(differing)}", err=True)
        raise typer.Exit(FAILED)
    typer.echo(f"{result}: the same to the bit.")


def _same_premises(record: "Mapping[str, Any]", world: Path | None) -> None:
    """Refuse to compare what rests on another world, and warn of other versions."""
    from sim.store import StoreError, versions
    from sim.world.load import load_world

    known = load_world(world, ledger=record.get("ledger"))
    if known.content_hash != record.get("world_hash"):
        raise StoreError(
            "the result rests on another world than this one; --world says where its tables are"
        )
    ours, theirs = versions(), record.get("versions", {})
    other = [f"{name} {theirs.get(name)} then, {v} now" for name, v in ours.items()
             if theirs.get(name) != v]  # fmt: skip
    if other:
        typer.echo(f"Warning: other versions ({'; '.join(other)}).", err=True)


def _run_again(
    result: Path,
    record: "Mapping[str, Any]",
    folder: Path,
    world: Path | None,
    workers: int | None,
) -> Path:
    """The same command on the scenarios that the result kept.

    What the result says is data: of its options only those of `sim.cli.rerun_options` are repeated,
    and Python looks for no code in the present folder, which may be that of the result.
    """
    import subprocess
    import sys

    from sim.cli.rerun_options import replayed
    from sim.store import StoreError
    from sim.store.results import CODE
    from sim.store.stored_results import kept_scenarios

    try:
        arguments = replayed(record.get("arguments", ["run"]))
    except ValueError as problem:
        raise StoreError(f"{result}: {problem}") from None
    command = [sys.executable, "-P", "-m", "sim", arguments[0]]
    for file in kept_scenarios(result):
        path = str(file.absolute())
        command += ["--baseline", path] if file.stem in record.get("baselines", ()) else [path]
    command += [*arguments[1:], "--output", str(folder)]
    command += ["--world", str(world)] if world is not None else []
    command += ["--workers", str(workers)] if workers is not None else []
    command += ["--yes"] if arguments[0] != "run" else []
    theirs = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = os.pathsep.join([str(CODE.parent), *filter(os.path.isabs, theirs)])
    known = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=known)
    if done.returncode == BAD_INPUT:
        raise StoreError(f"{result}: could not be run again:\n{done.stderr.strip()}")
    if done.returncode:
        typer.echo(f"{result}: did not come out again:\n{done.stderr.strip()}", err=True)
        raise typer.Exit(FAILED)
    from sim.store import stored_runs

    return stored_runs(folder)[0][0].folder


def _differing(result: Path, again: Path) -> list[str]:
    """Files of numbers that are not the same, or on one side only."""
    from sim.store.checksums import checksums

    ours, theirs = (checksums(folder, REPRODUCED) for folder in (result, again))
    return sorted(
        name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
    )


FORM_NAMES = {"excel": "xlsx", "pyam": "iamc"}
"""Programs' names for forms, beside those of the forms themselves."""


def export(
    result: Annotated[Path, typer.Argument(help="Folder of a result.")],
    form: Annotated[
        str | None,
        typer.Option(
            "--as", help="csv, xlsx (or excel), iamc or ema; by the file's ending, or csv, if not."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; here, named for the result, if not."),
    ] = None,
) -> None:
    """Write a result in a form that other programs read.

    Example: sim export results/pta/0123456789ab --as iamc
    """
    from sim.store import write_new
    from sim.store.exports import FORMS, SUFFIX, exported

    ending = output.suffix.casefold() if output else ""
    form = form or next((one for one in FORMS if SUFFIX[one].endswith(ending)), FORMS[0])
    form = FORM_NAMES.get(form.casefold(), form)
    if form not in FORMS:
        raise typer.BadParameter(f"--as {form}: wanted {', '.join(FORMS)}")
    if ending and not SUFFIX[form].endswith(ending):
        raise typer.BadParameter(f"{output}: wanted a name that ends with {SUFFIX[form]}")
    with plain_errors():
        _tell_changes(result)
        content = exported(result, form)
        path = output or Path(
            f"{result.resolve().parent.name}-{result.resolve().name}{SUFFIX[form]}"
        )
        write_new(path, content)
    typer.echo(f"{path}: written, {len(content):,} bytes.")


def _tell_changes(result: Path) -> None:
    """Warn of files that were changed since they were written; refuse changed numbers."""
    from sim.store import StoreError
    from sim.store.checksums import RECORD, changed_files
    from sim.store.stored_results import known_record

    changed = changed_files(result, known_record(result))
    if not changed:
        return
    told = f"{result}: changed since it was written: {', '.join(changed)}"
    if any(name == RECORD or name.endswith(".parquet") for name in changed):
        raise StoreError(f"{told}; nothing was exported, the same command makes it again")
    typer.echo(f"Warning: {told}", err=True)


def clean(
    results: Annotated[Path, typer.Argument(help="Folder of results.")] = Path("results"),
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Remove all but the newest so many of each scenario and command."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove interrupted studies and, with --keep, older results; asks first.

    Example: sim clean --keep 1
    """
    from sim.store.cleaning import older_folders, remove, unfinished_folders
    from sim.store.folder_links import LEFT_ALONE, linked_folders
    from sim.store.stored_results import check_results

    with plain_errors():
        check_results(results)
    for link in linked_folders(results):
        typer.echo(f"{link}: {LEFT_ALONE}.", err=True)
    chosen = [
        *unfinished_folders(results),
        *(older_folders(results, keep) if keep is not None else ()),
    ]
    if not chosen:
        typer.echo(f"Nothing to remove in {results}.")
        return
    for item in chosen:
        typer.echo(f"{item.folder}: {item.why}, {item.n_bytes / 1e6:.1f} MB")
    if not yes and not typer.confirm(f"Remove these {len(chosen)}?"):
        typer.echo("Nothing was removed.")
        return
    with plain_errors():
        remove(chosen)
    typer.echo(f"{len(chosen)} removed.")
