"""Start the lab: find a port, start workers, tell the address, serve until it is stopped.

Workers load what they simulate with while this process loads the rest.
"""

import logging
import shlex
import socket
import webbrowser
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import starlette  # noqa: F401 - it is missing now or not at all
import uvicorn

from sim.lab.workers import LabWorkers

if TYPE_CHECKING:
    from sim.lab.app import Lab
    from sim.lab.scenario_editor import ScenarioEditor
    from sim.scenario.blocks.scenario import Scenario

HOST = "127.0.0.1"
"""The only address that is served; there is no option for another."""
PORTS_TRIED = 10
RESULTS = Path("results")
"""Folder of results, as for other commands."""
YES: dict[str, tuple[str, ...]] = {"run": ()}
"""Commands that never ask before they begin."""


class NoPortError(OSError):
    """All ports that were tried are taken."""


class LabOptions(NamedTuple):
    """Options for starting the lab."""

    folder: Path
    """Folder of the scenarios."""
    fragment: str
    """Part of the address behind `#`, which says what is opened."""
    world: Path | None = None
    port: int = 8765
    workers: int = 2
    is_read_only: bool = False
    opens_browser: bool = True
    is_debugged: bool = False


def serve(options: LabOptions, say: Callable[[str], None]) -> None:
    """Serve the lab until it is interrupted.

    Parameters
    ----------
    options : LabOptions
    say : callable
        Takes the lines to be told at the start.

    Raises
    ------
    NoPortError
        If no port is free.
    """
    logging.basicConfig(level=logging.DEBUG if options.is_debugged else logging.ERROR)
    listener = _listener(options.port)
    port = int(listener.getsockname()[1])
    workers = LabWorkers(options.workers)
    try:
        from sim.lab.app import application
        from sim.lab.guard import new_token

        token = new_token()
        lab = _lab(options, workers)
        app = application(lab, port, token, workers)
        level = "debug" if options.is_debugged else "critical"
        config = uvicorn.Config(
            app, log_level=level, access_log=False, server_header=False, lifespan="on",
            timeout_graceful_shutdown=1, http="h11", ws="none",
        )  # fmt: skip
        address = f"http://{HOST}:{port}/?t={token}{options.fragment}"
        # Who follows the address before the server runs waits for it and is not refused.
        say(f"Lab: {address}")
        say("Ctrl-C stops it.")
        if options.opens_browser:
            with suppress(webbrowser.Error):
                webbrowser.open_new_tab(address)
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        workers.close()
        listener.close()


def _lab(options: LabOptions, workers: LabWorkers) -> "Lab":
    from sim.lab.answers import Answers
    from sim.lab.app import Lab
    from sim.lab.full_runs import FullRuns
    from sim.lab.scenario_editor import ScenarioEditor
    from sim.store.lab_answers import LabAnswers
    from sim.world.load import load_world

    world = load_world(options.world)
    editor = ScenarioEditor(options.folder, options.world, world.content_hash, options.is_read_only)

    def words(kind: str, name: str) -> list[str]:
        world = [] if options.world is None else ["--world", str(options.world)]
        return [kind, str(options.folder / name), *world]

    def command(name: str) -> str:
        return shlex.join(["sim", *words("run", name)])

    full_runs = FullRuns(lambda kind, name: [*words(kind, name), *YES.get(kind, ("--yes",))])
    stored = LabAnswers(RESULTS, world.content_hash, may_write=not options.is_read_only)
    answers = Answers(workers, options.world, world, stored)
    return Lab(editor, answers, command, full_runs, RESULTS, _first(editor, options.fragment))


def _first(editor: "ScenarioEditor", fragment: str) -> "Scenario | None":
    """Scenario that an address leads to; None if it leads to none that is valid."""
    from sim.lab.scenario_editor import RefusedRequestError
    from sim.store.scenario_files import scenario_files
    from sim.store.store_errors import StoreError

    found = scenario_files(editor.folder)
    asked = {"link": fragment} if fragment else {"file": found[0].name if found else None}
    try:
        opened = editor.opened(asked)
    except (RefusedRequestError, StoreError):
        return None
    return editor.scenario_of(opened).scenario


def _listener(port: int) -> socket.socket:
    """A socket on the first free port from the one wanted on."""
    for tried in range(port, port + PORTS_TRIED):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        with suppress(OSError):
            if not _is_taken(tried):
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((HOST, tried))
                # Two labs that start at once may both have the address until one listens.
                listener.listen()
                return listener
        listener.close()
    what = f"ports {port} to {port + PORTS_TRIED - 1} are taken"
    raise NoPortError(None, f"{what}; choose another with --port", "the lab's port")


def _is_taken(port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        return port != 0 and probe.connect_ex((HOST, port)) == 0
