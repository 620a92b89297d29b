"""The lab as a web application of this machine: its routes, and answers that stream."""

import asyncio
import json
import logging
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from sim.lab.answers import MAX_RUNS, Answers, AnswerStream
from sim.lab.full_runs import KINDS, FullRuns, report_of, result_file
from sim.lab.guard import Guard, TooLongError
from sim.lab.questions import ORDER
from sim.lab.scenario_editor import RefusedRequestError, ScenarioEditor
from sim.lab.workers import LabWorkers, LostWorkerError
from sim.laws.solve_errors import SolveError
from sim.scenario.blocks.scenario import Scenario
from sim.store.scenario_files import files_in
from sim.store.store_errors import StoreError
from sim.study.workers.interruption import SimulationCancelled

log = logging.getLogger("sim.lab")
MAX_WAITING = 320
"""Jobs that may wait for a worker: a question of as many runs as the lab takes has some thirty."""
MAX_STREAMS = 8
"""Tabs that may be answered at once."""
STATIC = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
INDENT = re.compile(rb"^\s*(//[^\n]*\n)?", re.MULTILINE)
LINE_END = re.compile(rb"^((?:(?!//)[^\n])*[;{,(])\n", re.MULTILINE)
"""End of a line that says nothing, unless a comment stands before it."""
KEPT_A_YEAR = "public, max-age=31536000, immutable"
_errors = count(1)


@dataclass
class Lab:
    """Everything that requests share."""

    editor: ScenarioEditor
    answers: Answers
    command: Callable[[str], str]
    """From the name of a scenario's file to the command that runs it in full."""
    full_runs: FullRuns
    results: Path = Path("results")
    """Folder of results, which runs in full are written to."""
    first: Scenario | None = None
    """Scenario that will be asked first; workers make ready for it while the page loads."""
    newest: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Number of the newest question of each tab."""
    asking: dict[str, AnswerStream] = field(default_factory=dict)
    """What each tab is waiting for."""


def _slim(name: str, content: bytes) -> bytes:
    """A script without indentation, lines of comment and ends of lines; no text spans lines."""
    if not name.endswith(".js"):
        return content
    return LINE_END.sub(rb"\1", INDENT.sub(b"", content))


class Pages:
    """The files of the page, under names that tell their content, so that they never grow stale."""

    def __init__(self, folder: Path) -> None:
        contents = files_in(folder)
        digest = sha256(b"".join(contents.values())).hexdigest()[:12]
        self.folder = f"/static/{digest}/"
        self._contents = {
            name: _slim(name, content).replace(b"/static/", self.folder.encode())
            for name, content in contents.items()
        }

    def index(self) -> Response:
        """The page itself."""
        return self._response("index.html", "no-store")

    def file(self, name: str) -> Response:
        """One of its files."""
        if name not in self._contents or name == "index.html":
            return PlainTextResponse("There is no such file.\n", 404)
        return self._response(name, KEPT_A_YEAR)

    def _response(self, name: str, cache: str) -> Response:
        kind = TYPES.get(Path(name).suffix, "application/octet-stream")
        return Response(self._contents[name], media_type=kind, headers={"cache-control": cache})


def application(lab: Lab, port: int, token: str, workers: LabWorkers) -> ASGIApp:
    """The lab as an ASGI application.

    Parameters
    ----------
    lab : Lab
    port : int
        Port that it will be called at.
    token : str
        What the printed address holds.
    workers : LabWorkers
        Ended with the application.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        if lab.first is not None:
            lab.answers.recall(lab.first)
            lab.answers.prepare([lab.first], ORDER[:3])
        try:
            yield
        finally:
            lab.full_runs.stop()
            workers.close()
            lab.answers.close()

    app = Starlette(
        routes=_routes(lab, Pages(STATIC)),
        exception_handlers={
            RefusedRequestError: _refused,
            StoreError: _refused,
            TooLongError: _too_long,
            Exception: _failed,
        },
        lifespan=lifespan,
    )
    return Guard(app, port, token)


def _routes(lab: Lab, pages: Pages) -> list[Route]:
    """Addresses of the page, its files, its questions and results."""

    async def index(_request: Request) -> Response:
        return pages.index()

    async def static(request: Request) -> Response:
        if not request.url.path.startswith(pages.folder):
            return PlainTextResponse("There is no such file.\n", 404)
        return pages.file(request.path_params["name"])

    async def start(_request: Request) -> Response:
        return JSONResponse(lab.editor.start(), headers={"cache-control": "no-store"})

    async def ask(request: Request) -> Response:
        return _stream(lab, request, await _json_of(request))

    async def full(request: Request) -> Response:
        return _full(lab, request, await _json_of(request))

    async def result(request: Request) -> Response:
        return result_file(lab.results, request.path_params["path"])

    return [
        Route("/", index),
        Route("/static/{digest}/{name}", static),
        Route("/api/start", start),
        Route("/api/open", endpoint(lab.editor.opened), methods=["POST"]),
        Route("/api/check", endpoint(partial(_checked, lab)), methods=["POST"]),
        Route("/api/edit", endpoint(lab.editor.edited), methods=["POST"]),
        Route("/api/save", endpoint(lab.editor.saved), methods=["POST"]),
        Route("/api/question", endpoint(lab.editor.question), methods=["POST"]),
        Route("/api/ask", ask, methods=["POST"]),
        Route("/api/ahead", endpoint(partial(_ahead, lab)), methods=["POST"]),
        Route("/api/difference", endpoint(partial(_difference, lab)), methods=["POST"]),
        Route("/api/full", full, methods=["POST"]),
        Route("/results/{path:path}", result),
    ]


Work = Callable[[dict[str, Any]], dict[str, Any] | Awaitable[dict[str, Any]]]


def endpoint(work: Work) -> Any:
    """A route that answers the JSON of a request with JSON."""

    async def answered(request: Request) -> Response:
        given = work(await _json_of(request))
        found = given if isinstance(given, dict) else await given
        status = 409 if "conflict" in found else 200
        return JSONResponse(found, status, headers={"cache-control": "no-store"})

    return answered


def _checked(lab: Lab, asked: dict[str, Any]) -> dict[str, Any]:
    reading, told = lab.editor.read(asked)
    told["command"] = lab.command(reading.path.name)
    return told


async def _json_of(request: Request) -> dict[str, Any]:
    try:
        asked = await request.json()
    except ValueError:
        raise RefusedRequestError("wanted JSON") from None
    except RecursionError:
        raise RefusedRequestError("nested too deep") from None
    if not isinstance(asked, dict):
        raise RefusedRequestError("wanted a mapping")
    return asked


def _stream(lab: Lab, request: Request, asked: dict[str, Any]) -> Response:
    """Answers to a text, one stage after the other, until there is a newer question."""
    reading = lab.editor.scenario_of(asked)
    tab, number, stages = str(asked.get("tab", ""))[:64], asked.get("number"), asked.get("stages")
    if (
        not isinstance(number, int)
        or not isinstance(stages, list)
        or not {*stages} <= {*ORDER}
        or not stages
    ):
        raise RefusedRequestError("wanted the number of the question and the names of stages")
    scenario = reading.scenario
    if scenario is None:
        # No refusal: browsers tell one as an error, and texts are asked about unchecked.
        told = _message("problem", {"number": number, "problems": reading.as_json()["problems"]})
        return Response(told, media_type="text/event-stream", headers={"cache-control": "no-store"})
    _require_room(lab, scenario.runs)
    if tab not in lab.asking and len(lab.asking) >= MAX_STREAMS:
        raise RefusedRequestError("too many tabs are asking already", 429)
    lab.newest[tab] = max(lab.newest[tab], number)
    wanted = AnswerStream(lab.answers, scenario, stages, is_as_filed=lab.editor.is_as_filed(asked))
    messages = _messages(lab, request, tab, number, wanted)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(messages, media_type="text/event-stream", headers=headers)


def _require_room(lab: Lab, runs: int) -> None:
    """Refuse a question of too many runs, or one too many."""
    if runs > MAX_RUNS:
        raise RefusedRequestError(
            f"the lab takes at most {MAX_RUNS} runs; run it in full for more", 422
        )
    if lab.answers.workers.n_waiting >= MAX_WAITING:
        raise RefusedRequestError("too many questions wait already", 429)


def _ahead(lab: Lab, asked: dict[str, Any]) -> dict[str, Any]:
    """Begin to work out answers one step beside what a slider was moved to."""
    texts = [each["text"] for each in lab.editor.steps_beside(asked)]
    readings = [lab.editor.scenario_of({**asked, "text": text}) for text in texts]
    scenarios = [reading.scenario for reading in readings if reading.scenario is not None]
    lab.answers.prepare([each for each in scenarios if each.runs <= MAX_RUNS])
    return {}


async def _difference(lab: Lab, asked: dict[str, Any]) -> dict[str, Any]:
    """Changes from one text of a file to another on the same draws, or the reason for none."""
    read = lab.editor.scenario_of
    after, before = (read({**asked, "text": asked.get(k)}).scenario for k in ("text", "against"))
    if after is None or before is None:
        raise RefusedRequestError("wanted two valid texts", 422)
    _require_room(lab, max(after.runs, before.runs))
    try:
        return await lab.answers.difference(after, before)
    except (LostWorkerError, SolveError, SimulationCancelled) as error:
        return {"reason": _in_words(error)}


def _full(lab: Lab, request: Request, asked: dict[str, Any]) -> Response:
    """A run in full or a study of a saved scenario, as it comes along."""
    path, kind = lab.editor.path_of(asked.get("file")), asked.get("kind")
    if lab.editor.is_read_only:
        raise RefusedRequestError("this lab was started to read only", 403)
    if kind not in KINDS:
        raise RefusedRequestError(f"wanted one of {', '.join(KINDS)}")
    if lab.full_runs.is_busy:
        raise RefusedRequestError("another run in full is under way", 429)

    async def messages() -> AsyncIterator[bytes]:
        lines = lab.full_runs.lines(str(kind), path.name)
        async with aclosing(lines):
            async for line in lines:
                if await request.is_disconnected():
                    return
                report = report_of(line, lab.results)
                if report:
                    yield _message("report", {"path": report})
                yield _message("line", {"line": line}) if line else b": at work\n\n"
        yield _message("done", {})

    return StreamingResponse(
        messages(), media_type="text/event-stream", headers={"cache-control": "no-store"}
    )


async def _messages(
    lab: Lab, request: Request, tab: str, number: int, asked: AnswerStream
) -> AsyncIterator[bytes]:
    replaced = lab.answers.workers.n_replaced
    before = lab.asking.get(tab)
    lab.asking[tab] = asked
    try:
        if asked.given is not None:
            # Before anything is begun, which takes longer than to find it.
            yield _message("answer", {**asked.given, "number": number})
        for place in range(len(asked.stages)):
            if lab.newest[tab] != number:
                yield _message("stopped", {"number": number})
                return
            work = asked.begin(place)
            await asyncio.sleep(0)  # it is asked before the older one is given up: they may be one
            _give_up(before)
            async for sign in _signs_of(work, request):
                yield sign
            if not work.done():
                return
            if (failure := _failure_of(work, number)) is not None:
                yield failure
                return
            if lab.answers.workers.n_replaced > replaced:
                replaced = lab.answers.workers.n_replaced
                what = "A worker ended and was replaced; the answer is from the new one."
                yield _message("notice", {"number": number, "message": what})
            if place or asked.given is None:
                yield _message("answer", {**work.result(), "number": number})
    finally:
        _give_up(before)
        asked.cancel()
        if lab.asking.get(tab) is asked:
            del lab.asking[tab]
    yield _message("done", {"number": number})


def _give_up(asked: AnswerStream | None) -> None:
    if asked is not None:
        asked.cancel()


async def _signs_of(work: asyncio.Future[Any], request: Request) -> AsyncIterator[bytes]:
    """Signs of life while an answer is worked out, as long as somebody reads them."""
    while not work.done():
        await asyncio.wait({work}, timeout=HEARTBEAT_S)
        if not work.done():
            yield b": at work\n\n"
            if await request.is_disconnected():
                return


def _failure_of(work: asyncio.Future[Any], number: int) -> bytes | None:
    """Message that an answer was given up or failed; None where there is one."""
    if work.cancelled():
        return _message("stopped", {"number": number})
    error = work.exception()
    if error is None:
        return None
    return _message("failed", {"number": number, "message": _in_words(error)})


HEARTBEAT_S = 0.25
"""Time after which a stream looks whether anybody still reads it [s]."""


def _message(event: str, content: dict[str, Any]) -> bytes:
    return f"event: {event}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n".encode()


def _in_words(error: BaseException) -> str:
    """Text of an error for a page; an unforeseen error gets a number that is also in the log."""
    if isinstance(error, LostWorkerError):
        return f"No answer: {error}."
    if isinstance(error, SolveError):
        return f"The trade equilibrium was not found: {error}"
    if isinstance(error, SimulationCancelled):
        return "Stopped."
    number = next(_errors)
    log.error("error %d: %s", number, type(error).__name__)
    log.debug("error %d", number, exc_info=error)
    return f"Something went wrong (error {number})."


async def _refused(_request: Request, error: Exception) -> Response:
    return JSONResponse({"message": str(error)}, getattr(error, "status", 400))


async def _too_long(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"message": "that is more than the lab takes at once"}, 413)


async def _failed(_request: Request, error: Exception) -> Response:
    if isinstance(error, ClientDisconnect):
        return Response(status_code=499)
    return JSONResponse({"message": _in_words(error)}, 500)
