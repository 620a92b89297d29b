"""Runs in full and studies, started from the page: the same commands as in a terminal.

Each is a process of its own, so that its numbers, its files and its report are those of the
command that is shown; one at a time, ended with the lab or on demand.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from pathlib import Path

from starlette.responses import PlainTextResponse, Response

from sim.store.scenario_files import stored_file

KINDS = ("run", "explain", "reach", "sweep")
"""Commands that the page may start."""
REPORTS = {
    ".html": "text/html", ".csv": "text/csv", ".json": "application/json", ".png": "image/png",
    ".svg": "image/svg+xml", ".yaml": "text/plain",
}  # fmt: skip
SEALED = (
    "default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; font-src data:; sandbox allow-scripts allow-downloads"
)
"""What a stored report may do: use what it holds itself, as nobody's page."""
PAUSE_S = 1.0
"""Time between two signs of life [s]."""


class FullRuns:
    """The one run in full that is under way.

    Parameters
    ----------
    command : callable
        From the kind and the name of a scenario's file to the words behind `sim`.
    """

    def __init__(self, command: Callable[[str, str], list[str]]) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_busy(self) -> bool:
        """True while one is under way."""
        return self._process is not None

    async def lines(self, kind: str, name: str) -> AsyncGenerator[str, None]:
        """What the command says, line by line; an empty one every second while it says nothing.

        Closing the iterator ends the command.
        """
        words = [sys.executable, "-m", "sim", *self._command(kind, name)]
        self._process = process = await asyncio.create_subprocess_exec(
            *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, start_new_session=True,
            env={**os.environ, "COLUMNS": "100", "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert process.stdout is not None
        reading: asyncio.Future[bytes] | None = None
        try:
            while True:
                reading = reading or asyncio.ensure_future(process.stdout.readline())
                await asyncio.wait({reading}, timeout=PAUSE_S)
                if not reading.done():
                    yield ""
                    continue
                line, reading = reading.result(), None
                if not line:
                    break
                yield line.decode("utf-8", "replace").rstrip()
            await process.wait()
        finally:
            self.stop()
            if reading is not None:
                reading.cancel()
            self._process = None

    def stop(self) -> None:
        """End what is under way, its workers with it."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)


def report_of(line: str, results: Path) -> str:
    """Path of a report below the folder of results, if a line of the command names one.

    Examples
    --------
    >>> report_of("Report: results/pta/1/report.html", Path("results"))
    'pta/1/report.html'
    >>> report_of("Trade in 2030", Path("results"))
    ''
    """
    if not line.startswith(("Report: ", "Done before")):
        return ""
    return line.rpartition(f"{results}/")[2]


def result_file(results: Path, name: str) -> Response:
    """A stored file, sealed off from the lab's own page."""
    content = stored_file(results, name)
    if content is None:
        return PlainTextResponse("There is no such file.\n", 404)
    kind = REPORTS.get(Path(name).suffix, "application/octet-stream")
    return Response(content, media_type=kind, headers={"content-security-policy": SEALED})
