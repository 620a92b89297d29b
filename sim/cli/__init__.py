"""The commands. Each answers `--help` with an example; heavy rooms are imported where needed."""

import sys
from io import TextIOWrapper

import typer

from sim.cli import (
    hindcast_command,
    lab_command,
    pdf_command,
    result_commands,
    route_command,
    scenario_commands,
    show_commands,
    update_command,
    world_command,
)
from sim.cli.studies import analysis_commands, study_commands
from sim.laws.numerics.process_settings import collect_seldom, keep_to_one_thread

keep_to_one_thread()  # no command has imported an array library yet

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Scenario simulator for trade policy: from a question in YAML to an answer with figures.",
)

for command in (
    scenario_commands.run,
    scenario_commands.check,
    scenario_commands.init,
    scenario_commands.schema,
    study_commands.compare,
    study_commands.sweep,
    analysis_commands.explain,
    analysis_commands.reach,
    analysis_commands.sensitivity,
    analysis_commands.discover,
    show_commands.list_,
    pdf_command.report,
    result_commands.verify,
    result_commands.export,
    result_commands.clean,
    show_commands.world,
    world_command.build_world,
    update_command.update_world,
    route_command.route,
    show_commands.validate,
    hindcast_command.hindcast,
    lab_command.lab,
):
    app.command(name=command.__name__.rstrip("_").replace("_", "-"))(command)


def main() -> None:
    """Run the command line; a character that the terminal cannot show is no reason to fail."""
    collect_seldom()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
