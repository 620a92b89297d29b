"""Crossings, new questions and runs in full, as the page asks for them."""

import asyncio
import re
import socket
import time
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `lab` is not installed")

from sim.lab.full_runs import FullRuns, report_of
from sim.lab.serve import HOST, _listener
from tests.lab.asgi import request
from tests.lab.test_app import asked, folder, made  # noqa: F401

NEW = {"from": "2025-01-01", "until": "2026-12-31"}


def closures(told):
    return {gate: each["spells"] for gate, each in told["closures"].items()}


@pytest.fixture
def app(folder):  # noqa: F811
    return made(folder)


def test_a_crossing_that_is_shut_stands_in_the_text_and_is_opened_again(app, folder):  # noqa: F811
    gate = next(iter(request(app, "GET", "/api/start").json["titles"]["gates"]))
    body = asked(folder, path=["closures", gate], value=[NEW])
    shut = request(app, "POST", "/api/edit", body).json["text"]
    told = request(app, "POST", "/api/check", {**asked(folder), "text": shut}).json
    assert told["valid"], told["problems"]
    assert closures(told)[gate] == [NEW]
    assert told["closures"][gate]["is_own"]
    again = {**asked(folder, path=["closures", gate], value=None, resting=None), "text": shut}
    assert request(app, "POST", "/api/edit", again).json["text"] == asked(folder)["text"]


def test_closures_of_the_extended_file_stay_when_one_is_added(app, folder):  # noqa: F811
    gate = next(iter(request(app, "GET", "/api/start").json["titles"]["gates"]))
    old = {"from": "2024-01-01", "until": "2024-12-31"}
    body = asked(folder, path=["closures", gate], value=[old])
    below = request(app, "POST", "/api/edit", body).json["text"]
    (folder / "tiny.yaml").write_text(below)
    text = "extends: tiny.yaml\ntitle: Shut for longer\nquestion: And if it stays shut?\n"
    here = {"file": "more.yaml", "text": text, "original": text}
    read = request(app, "POST", "/api/check", here).json
    assert closures(read)[gate] == [old]
    assert not read["closures"][gate]["is_own"]
    body = {**here, "path": ["closures", gate], "value": [old, NEW], "resting": [old]}
    longer = request(app, "POST", "/api/edit", body).json["text"]
    told = request(app, "POST", "/api/check", {**here, "text": longer}).json
    assert told["valid"], told["problems"]
    assert closures(told)[gate] == [old, NEW]
    assert told["closures"][gate]["below"] == [old]
    assert told["replaces"] == []
    fewer = request(
        app, "POST", "/api/check", {**here, "text": longer.replace(str(old["from"]), "2023-01-01")}
    )
    assert [(each["path"], each["n"]) for each in fewer.json["replaces"]] == [
        (["closures", gate], 1)
    ]
    body = {**here, "text": longer, "path": ["closures", gate], "value": [old], "resting": [old]}
    assert request(app, "POST", "/api/edit", body).json["text"] == text


def test_the_map_has_every_gate_once_and_the_outlines_of_the_land(app):
    told = request(app, "GET", "/api/start").json
    placed = [node["gate"] for node in told["map"]["nodes"].values() if node["gate"]]
    assert {*placed} <= {*told["titles"]["gates"]}
    assert placed


def test_a_new_question_builds_on_the_baseline_and_is_not_saved(app, folder):  # noqa: F811
    ask = {"pair": ["AAA", "CCC"], "name": "mine"}
    assert request(app, "POST", "/api/question", ask).status == 400  # there is no baseline
    longer = re.sub(r"end: \w+", "end: 2034Q4", asked(folder)["text"])
    (folder / "baseline.yaml").write_text(longer)
    told = request(app, "POST", "/api/question", ask).json
    assert told["file"] == "mine.yaml"
    assert told["known"]
    read = {"file": "mine.yaml", "text": told["text"], "original": told["text"]}
    assert request(app, "POST", "/api/check", read).json["problems"] == []
    assert not (folder / "mine.yaml").exists()
    for pair in (["AAA", "AAA"], ["AAA", "XXX"], "AAA", ["AAA"], [1, 2]):
        reply = request(app, "POST", "/api/question", {"pair": pair, "name": "mine"})
        assert reply.status == 400
    taken = {"pair": ["AAA", "CCC"], "name": "baseline"}
    assert request(app, "POST", "/api/question", taken).status == 409


def test_a_run_in_full_tells_its_lines_and_only_known_commands_start(app, folder):  # noqa: F811
    reply = request(app, "POST", "/api/full", {"file": "tiny", "kind": "run"})
    assert reply.status == 200
    assert b"event: line" in reply.body
    assert reply.body.endswith(b"event: done\ndata: {}\n\n")
    assert request(app, "POST", "/api/full", {"file": "tiny", "kind": "clean"}).status == 400
    assert request(app, "POST", "/api/full", {"file": "../x", "kind": "run"}).status == 400
    reading = made(folder, is_read_only=True)
    assert request(reading, "POST", "/api/full", {"file": "tiny", "kind": "run"}).status == 403


def test_a_run_that_nobody_reads_any_more_is_ended():
    runs = FullRuns(lambda _kind, _name: ["lab", "--no-browser", "--port", "8990"])

    async def all_of_it():
        lines = runs.lines("run", "")
        while not (await anext(lines)).startswith("Lab:"):
            pass
        process = runs._process
        assert runs.is_busy
        began = time.monotonic()
        await lines.aclose()
        assert not runs.is_busy
        await process.wait()
        return time.monotonic() - began

    assert asyncio.run(all_of_it()) < 10.0
    assert report_of("Report: /x/results/a/1/report.html", Path("/x/results"))


def test_stored_reports_are_sealed_off_and_nothing_else_is_read(app, folder):  # noqa: F811
    place = folder / "results" / "a" / "1"
    place.mkdir(parents=True)
    (place / "report.html").write_text("<script>1</script>")
    (folder / "results" / ".hidden").write_text("x")
    (folder / "results" / "out.html").symlink_to(folder / "tiny.yaml")
    reply = request(app, "GET", "/results/a/1/report.html")
    assert reply.status == 200
    assert "sandbox" in reply.headers["content-security-policy"]
    assert "allow-same-origin" not in reply.headers["content-security-policy"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    for path in ("../tiny.yaml", "a/../../tiny.yaml", ".hidden", "out.html", "a", "nothing"):
        assert request(app, "GET", f"/results/{path}").status == 404
    assert request(app, "GET", "/results/a/1/report.html", drop=("cookie",)).status == 401


def test_crossings_are_told_by_the_border_they_are_on(app):
    assert request(app, "GET", "/api/start").json["borders"] == {
        "Bayland and Crossing": ["bridge"], "Crossing and Orea": ["pass"],
        "Ports and straits": ["harbour", "narrows", "quay"],
    }  # fmt: skip


def test_labs_that_start_at_once_take_ports_of_their_own():
    """An address that another has bound, and does not listen at yet, looks free."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((HOST, 0))
        port = other.getsockname()[1]
        with _listener(port) as first, _listener(port) as second:
            assert first.getsockname()[1] != second.getsockname()[1]
            with pytest.raises(OSError, match="in use"):
                other.listen()
