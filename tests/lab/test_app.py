"""What the lab lets in, what it refuses, and what it answers to texts, edits and files."""

import shutil
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `lab` is not installed")

from sim.lab.answers import MAX_RUNS, Answers
from sim.lab.app import MAX_STREAMS, MAX_WAITING, STATIC, Lab, Pages, application
from sim.lab.full_runs import FullRuns
from sim.lab.questions import blocks_of
from sim.lab.scenario_editor import ScenarioEditor
from sim.lab.stage_jobs import answer
from tests.lab.asgi import HOST, PORT, TOKEN, request

TINY = Path(__file__).resolve().parents[1] / "worlds"


class NoWorkers:
    """Workers for requests that need none: what is soon done is done here."""

    n_waiting = n_replaced = 0
    is_idle = True

    async def answer(self, job):
        return answer(job)

    def close(self):
        pass


@pytest.fixture
def folder(tmp_path):
    shutil.copy(TINY / "tiny.yaml", tmp_path / "tiny.yaml")
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def full(kind, name):
    return ["schema"]


def made(folder, **options):
    editor = ScenarioEditor(folder, TINY / "tiny", "abcdef0123456789", **options)
    workers = NoWorkers()
    lab = Lab(
        editor,
        Answers(workers, TINY / "tiny", None),
        lambda name: f"sim run {name}",
        FullRuns(full),
        folder / "results",
    )
    return application(lab, PORT, TOKEN, workers)


@pytest.fixture
def app(folder):
    return made(folder)


def asked(folder, text=None, **more):
    text = (folder / "tiny.yaml").read_text() if text is None else text
    return {"file": "tiny.yaml", "text": text, "original": text, **more}


# --- who may come in ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["localhost.evil.example", f"localhost.evil.example:{PORT}", f"evil.example:{PORT}", "",
     f"127.0.0.1:{PORT}.evil.example", "127.0.0.1", f"127.0.0.1:{PORT + 1}", f"[::1]:{PORT}x"],
)  # fmt: skip
def test_other_hosts_are_refused_whole(app, host):
    for path in ("/", "/api/start", "/static/x/main.js"):
        assert request(app, "GET", path, headers={"host": host}).status == 421
    assert request(app, "GET", "/", headers={"host": host}, query=f"t={TOKEN}").status == 421


def test_three_names_of_this_machine_are_known(app):
    for host in (HOST, f"localhost:{PORT}", f"[::1]:{PORT}"):
        assert request(app, "GET", "/", headers={"host": host}).status == 200


def test_without_the_token_nothing_is_told(app, folder):
    for drop, headers in ((("cookie",), {}), ((), {"cookie": f"sim-lab-{PORT}=guess"})):
        for path in ("/", "/api/start"):
            reply = request(app, "GET", path, headers=headers, drop=drop)
            assert reply.status == 401
            assert b"script" not in reply.body
        reply = request(app, "POST", "/api/check", asked(folder), headers=headers, drop=drop)
        assert reply.status == 401
    assert request(app, "GET", "/", drop=("cookie",), query="t=\xe9").status == 401


def test_the_token_is_exchanged_for_a_strict_cookie(app):
    reply = request(app, "GET", "/", drop=("cookie",), query=f"t={TOKEN}")
    assert (reply.status, reply.headers["location"]) == (303, "/")
    cookie = reply.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    ("headers", "drop"),
    [
        ({}, ("origin",)),
        ({"origin": "http://evil.example"}, ()),
        ({"origin": "null"}, ()),
        ({"origin": f"http://localhost.evil.example:{PORT}"}, ()),
        ({"origin": f"https://{HOST}"}, ()),
        ({}, ("x-sim-lab",)),
        ({"content-type": "text/plain"}, ()),
        ({"content-type": "application/x-www-form-urlencoded"}, ()),
    ],
)
def test_requests_of_other_pages_are_refused(app, folder, headers, drop):
    for path in ("/api/check", "/api/edit", "/api/ask", "/api/save", "/api/open"):
        reply = request(app, "POST", path, asked(folder), headers=headers, drop=drop)
        assert reply.status == 403


def test_every_reply_forbids_what_the_page_does_not_need(app):
    for path, query in (("/", ""), ("/api/start", ""), ("/nowhere", ""), ("/", f"t={TOKEN}")):
        headers = request(app, "GET", path, query=query).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert not [name for name in headers if name.startswith("access-control")]


def test_too_much_is_refused(app, folder):
    assert request(app, "POST", "/api/check", b"x" * 300_000).status == 413
    lying = {"content-length": "10"}
    assert request(app, "POST", "/api/check", b"x" * 300_000, headers=lying).status == 413
    assert request(app, "POST", "/api/check", asked(folder, "a" * 70_000)).status == 413
    assert request(app, "POST", "/api/check", b"[" * 100_000).status == 400
    for body in (b"", b"{", b"[]", b"{}", b'{"file": 7, "text": "a"}'):
        assert request(app, "POST", "/api/check", body).status == 400
    assert request(app, "PUT", "/api/check", asked(folder)).status == 405


def test_one_tab_cannot_ask_without_end(folder):
    app = made(folder)
    tab = {"x-sim-tab": "busy"}
    found = [request(app, "GET", "/", headers=tab).status for _ in range(70)]
    assert found[:60] == [200] * 60
    assert 429 in found
    assert request(app, "GET", "/", headers={"x-sim-tab": "other"}).status == 200


# --- texts -------------------------------------------------------------------------------------


def test_a_text_is_read_with_its_controls_link_and_command(app, folder):
    told = request(app, "POST", "/api/check", asked(folder)).json
    assert told["valid"]
    assert told["command"] == "sim run tiny.yaml"
    assert told["link"] == "#v=1&s=tiny.yaml&w=abcdef01"
    paths = {tuple(control["path"]) for control in told["controls"]}
    assert ("agreements", "treaty", "concessions", "1", "cut") in paths
    broken = asked(folder, (folder / "tiny.yaml").read_text().replace("cut: 0.5", "cut: 50"))
    told = request(app, "POST", "/api/check", broken).json
    assert not told["valid"]
    assert "percent" in told["problems"][0]["wanted"]
    assert told["problems"][0]["line"] == 17


def test_an_edit_gives_the_text_and_what_changed(app, folder):
    path = ["agreements", "treaty", "concessions", "1", "cut"]
    told = request(app, "POST", "/api/edit", asked(folder, path=path, value=0.75)).json
    assert told["text"] == (folder / "tiny.yaml").read_text().replace("cut: 0.5", "cut: 0.75")
    assert [(c["removed"], c["inserted"]) for c in told["changes"]] == [("0.5", "0.75")]
    nowhere = asked(folder, path=["title", "x"], value=1)
    reply = request(app, "POST", "/api/edit", nowhere)
    assert reply.status == 422
    assert "single value" in reply.json["message"]


def test_a_link_opens_as_the_same_text_and_says_when_the_world_is_another(app, folder):
    path = ["agreements", "treaty", "concessions", "1", "cut"]
    new = request(app, "POST", "/api/edit", asked(folder, path=path, value=0.75)).json["text"]
    question = {**asked(folder), "text": new}
    link = request(app, "POST", "/api/check", question).json["link"]
    assert request(app, "POST", "/api/open", {"link": link}).json["text"] == new
    foreign = link.replace("w=abcdef01", "w=00000000")
    assert "another world" in request(app, "POST", "/api/open", {"link": foreign}).json["notes"][0]
    assert request(app, "POST", "/api/open", {"link": "#v=7"}).status == 400
    assert request(app, "POST", "/api/open", {"file": "nothing"}).status == 404


@pytest.mark.parametrize(
    "name", ["../tiny", "a/b", "/etc/passwd", "", ".hidden", "a b", "a" * 80, 7]
)
def test_names_that_lead_elsewhere_are_refused(app, folder, name):
    for path in ("/api/open", "/api/check", "/api/save"):
        body = {"file": name, "name": name, "text": "a: 1", "hash": None}
        assert request(app, "POST", path, body).status == 400
    assert sorted(p.name for p in folder.iterdir()) == ["pyproject.toml", "tiny.yaml"]


def test_nothing_outside_the_project_is_extended(app, folder):
    (folder.parent / "secret.yaml").write_text("title: secret words")
    told = request(app, "POST", "/api/check", asked(folder, "extends: ../secret.yaml\n")).json
    assert not told["valid"]
    assert "leaves" in told["problems"][0]["message"]
    assert "secret words" not in str(told)


def test_an_answer_is_not_asked_of_a_broken_text_or_of_too_many_runs(app, folder):
    body = {"tab": "t", "number": 1, "stages": ["rough"]}
    wrong = request(app, "POST", "/api/ask", asked(folder, "a: 1", **body))
    assert wrong.status == 200  # a browser would tell a refusal as an error
    assert wrong.body.startswith(b"event: problem\n")
    assert b"event: answer" not in wrong.body
    many = (folder / "tiny.yaml").read_text().replace("runs: 8", "runs: 5000")
    assert request(app, "POST", "/api/ask", asked(folder, many, **body)).status == 422
    assert (
        request(app, "POST", "/api/ask", asked(folder, tab="t", number=1, stages=["x"])).status
        == 400
    )


def test_as_many_tabs_and_runs_as_the_lab_takes_fit_into_its_queue():
    """Two stages of each tab wait at once, in blocks of runs; other ledgers are a block more."""
    for n_workers in (1, 2, 8):
        jobs_of_a_tab = 2 * len(blocks_of(MAX_RUNS, n_workers)) + 1
        assert MAX_STREAMS * jobs_of_a_tab < MAX_WAITING


def test_a_difference_is_asked_of_two_valid_texts_on_the_same_draws(app, folder):
    text = (folder / "tiny.yaml").read_text()
    broken = request(app, "POST", "/api/difference", asked(folder, against=text + "\n: :"))
    assert broken.status == 422
    fewer = text.replace("runs: 8", "runs: 3")
    told = request(app, "POST", "/api/difference", asked(folder, against=fewer))
    assert told.json == {"reason": "they have different runs or years"}


def test_steps_beside_a_slider_are_the_texts_that_its_edits_give(app, folder):
    text = (folder / "tiny.yaml").read_text()
    controls = request(app, "POST", "/api/check", asked(folder)).json["controls"]
    cut = next(each for each in controls if each["path"][-1] == "cut")
    editor = ScenarioEditor(folder, TINY / "tiny", "abcdef0123456789")
    given = asked(folder, control=cut, value=cut["value"])
    texts = [each["text"] for each in editor.steps_beside(given)]
    assert len(texts) == 2
    for turn, beside in zip((1, -1), texts, strict=True):
        value = float(f"{cut['value'] + 0.01 * turn:.12g}")
        edit = asked(folder, path=cut["path"], value=value, resting=cut["resting"])
        assert request(app, "POST", "/api/edit", edit).json["text"] == beside != text
    for wrong in ({}, {"control": 3}):
        assert request(app, "POST", "/api/ahead", asked(folder, **wrong)).status == 400
    nothing = asked(folder, control={"path": ["title"], "kind": "text"}, value="a")
    assert request(app, "POST", "/api/ahead", nothing).status == 200


# --- files -------------------------------------------------------------------------------------


def test_saving_writes_whole_files_and_never_over_what_somebody_else_wrote(app, folder):
    first = request(app, "POST", "/api/open", {"file": "tiny"}).json
    new = first["text"] + "# mine\n"
    saved = request(app, "POST", "/api/save", {"name": "tiny", "text": new, "hash": first["hash"]})
    assert saved.status == 200
    assert (folder / "tiny.yaml").read_text() == new
    (folder / "tiny.yaml").write_text("title: somebody else's\n")
    again = {"name": "tiny", "text": new, "hash": saved.json["hash"]}
    reply = request(app, "POST", "/api/save", again)
    assert reply.status == 409
    assert "-title: somebody else's" in reply.json["difference"]
    assert (folder / "tiny.yaml").read_text() == "title: somebody else's\n"
    again["hash"] = reply.json["hash"]
    assert request(app, "POST", "/api/save", again).status == 200
    other = {"name": "new-one", "text": new, "hash": None}
    assert request(app, "POST", "/api/save", other).status == 200
    (folder / "link.yaml").symlink_to(folder / "tiny.yaml")
    through = {"name": "link", "text": "x", "hash": None}
    assert request(app, "POST", "/api/save", through).status == 400
    assert sorted(p.name for p in folder.glob("*")) == [
        "link.yaml", "new-one.yaml", "pyproject.toml", "tiny.yaml",
    ]  # fmt: skip


def test_read_only_writes_nothing(folder):
    app = made(folder, is_read_only=True)
    before = (folder / "tiny.yaml").read_bytes()
    assert request(app, "GET", "/api/start").json["read_only"]
    for name in ("tiny", "new"):
        body = {"name": name, "text": "a: 1", "hash": None}
        assert request(app, "POST", "/api/save", body).status == 403
    assert (folder / "tiny.yaml").read_bytes() == before
    assert sorted(p.name for p in folder.iterdir()) == ["pyproject.toml", "tiny.yaml"]


def test_files_of_the_page_are_small_and_their_names_tell_their_content(app):
    page = request(app, "GET", "/")
    assert page.headers["cache-control"] == "no-store"
    assert b"<script>" not in page.body
    assert b" style=" not in page.body
    place = page.body.split(b'src="')[1].split(b'"')[0].decode()
    script = request(app, "GET", place)
    assert script.headers["content-type"].startswith("text/javascript")
    assert "immutable" in script.headers["cache-control"]
    assert request(app, "GET", place.replace("main.js", "nothing.js")).status == 404
    assert request(app, "GET", "/static/old/main.js").status == 404
    sizes = {n: len(c) for n, c in Pages(STATIC)._contents.items()}
    assert sum(size for name, size in sizes.items() if name.endswith(".js")) <= 60_000
    assert sizes["lab.css"] <= 20_000
    assert len(sizes) <= 12
    text = b"".join(Pages(STATIC)._contents.values())
    assert b"https://" not in text
    assert text.replace(b"http://www.w3.org/2000/svg", b"").count(b"http://") == 0
