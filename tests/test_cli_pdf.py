"""Reports printed as a PDF: with a browser, with one that fails, with none."""

import json
import shutil
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.cli.pdf_command import BROWSERS

runner = CliRunner()


@pytest.fixture
def result(tmp_path):
    """A stored result with a page of two sections."""
    from sim.report.page.blocks import Paragraph, Section
    from sim.report.page.page import PageHeader, page_files

    folder = tmp_path / "results" / "asked" / "0123456789ab"
    folder.mkdir(parents=True)
    sections = [Section(name, name.title(), (Paragraph("Said."),)) for name in ("first", "second")]
    files = page_files(PageHeader("Kind", "Title", "Question?", ("Answer.",)), sections)
    (folder / "report.html").write_bytes(files["report.html"])
    (folder / "run.json").write_text(json.dumps({"run_id": folder.name, "scenario": "asked"}))
    return folder


def browser_that(tmp_path, monkeypatch, script: str) -> None:
    """Put a program of the browser's name on a path of its own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / BROWSERS[0]
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")


def call(result: Path, output: Path):
    return runner.invoke(app, ["report", str(result), "--output", str(output)])


def test_the_page_is_handed_to_the_browser_and_its_pdf_is_written(result, tmp_path, monkeypatch):
    prints = 'for a; do case "$a" in --print-to-pdf=*) out=${a#*=};; file:*) page=$a;; esac; done\n'
    browser_that(tmp_path, monkeypatch, prints + 'printf "%s" "$page" > "$out"')
    done = call(result, tmp_path / "out.pdf")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out.pdf").read_text() == (result / "report.html").resolve().as_uri()
    again = call(result, tmp_path / "out.pdf")
    assert again.exit_code == 2
    assert "there already" in again.output


def test_a_browser_that_does_not_print_is_told_and_nothing_is_written(
    result, tmp_path, monkeypatch
):
    browser_that(tmp_path, monkeypatch, "echo no display >&2; exit 3")
    done = call(result, tmp_path / "out.pdf")
    assert done.exit_code == 1
    assert "no display" in done.output
    assert not (tmp_path / "out.pdf").exists()


def test_without_a_browser_the_command_says_what_to_do(result, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    done = call(result, tmp_path / "out.pdf")
    assert done.exit_code == 1
    assert "report.html" in done.output
    assert not (tmp_path / "out.pdf").exists()


@pytest.mark.slow
def test_a_real_browser_prints_a4_with_page_numbers(result, tmp_path):
    if not any(shutil.which(name) for name in BROWSERS):
        pytest.skip(f"no browser that prints is on the path ({', '.join(BROWSERS)})")
    done = call(result, tmp_path / "out.pdf")
    assert done.exit_code == 0, done.output
    content = (tmp_path / "out.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/MediaBox [0 0 594" in content or b"/MediaBox [0 0 595" in content
