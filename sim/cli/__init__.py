"""The commands. Each answers `--help` with an example; heavy rooms are imported where needed."""

import os
import sys
from io import TextIOWrapper

import typer

# As in worker processes, so that sums of array libraries have the same bits in all of them.
os.environ.setdefault("OMP_NUM_THREADS", "1")


from sim.cli import ask, build, inquire, keep, look, past, pdf, study

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Scenario simulator for trade policy: from a question in YAML to an answer with figures.",
)

for command in (
    ask.run,
    ask.check,
    ask.init,
    ask.schema,
    study.compare,
    study.sweep,
    inquire.explain,
    inquire.reach,
    inquire.sensitivity,
    inquire.discover,
    look.list_,
    pdf.report,
    keep.verify,
    keep.export,
    keep.clean,
    look.world,
    build.build_world,
    look.route,
    look.validate,
    past.hindcast,
):
    app.command(name=command.__name__.rstrip("_").replace("_", "-"))(command)


def main() -> None:
    """Run the command line; a character that the terminal cannot show is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
