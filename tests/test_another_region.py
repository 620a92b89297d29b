"""A folder of downloads of another region becomes an answer with a report in five commands."""

import csv
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from tests.builders import downloads_isthmus as isthmus
from tests.builders.pictures import pictures_left_out
from tests.report import words

# test_own_world.py follows the same commands on another folder, quickly.
pytestmark = pytest.mark.slow

SPEC = """\
name: Central America
base_year: 2022
regions: [Honduras, El Salvador, GTM, NIC, Коста-Рика, United States]
files: [downloads]
"""
TRANSIT = """\
extends: honduras-el-salvador.yaml
runs: 8
agreements:
  preference: null
  one-stop:
    kind: transit
    members: [HND, SLV, GTM]
    timeline: {signed: 2022Q4, in_force: 2023Q1}
    border_time_cut: 0.5
"""


def call(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("isthmus")
    isthmus.make(root / "downloads")
    (root / "isthmus.yaml").write_text(SPEC, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def answered(folder) -> tuple[str, str]:
    """What the last of the commands prints, and the report's page."""
    with pytest.MonkeyPatch.context() as patch, pictures_left_out():
        patch.chdir(folder)
        world = ("--world", "worlds/isthmus")
        for words in (
            ("build-world", "isthmus.yaml", "--output", "worlds/isthmus"),
            ("init", "honduras-el-salvador", "--output", ".", *world),
            ("check", "honduras-el-salvador.yaml", *world),
            ("run", "honduras-el-salvador.yaml", *world, "--runs", "8", "--workers", "1"),
        ):
            done = call(*words)
            assert done.exit_code == 0, (words, done.output)
    (report,) = folder.glob("results/honduras-el-salvador/*/report.html")
    return done.output, report.read_text(encoding="utf-8")


def test_trade_is_the_sum_of_the_download(answered, folder):
    with (folder / "worlds" / "isthmus" / "trade_prior.csv").open(encoding="utf-8") as file:
        rows = {(r["exporter"], r["importer"]): r for r in csv.DictReader(file)}
    wanted = sum(isthmus.flow_kusd("HND", "SLV", k) for k in isthmus.PRODUCTS) / 1e3
    assert float(rows["HND", "SLV"]["trade_musd"]) == pytest.approx(wanted, rel=1e-9)
    assert rows["HND", "SLV"]["flag"] in ("seen", "derived")

    # Two countries of the rest are in the file: what it buys is estimated, and not below theirs.
    part = sum(isthmus.flow_kusd("HND", b, k) for b in ("MEX", "DEU") for k in isthmus.PRODUCTS)
    assert float(rows["HND", "ROW"]["trade_musd"]) >= part / 1e3
    assert rows["HND", "ROW"]["flag"] == "estimated"


def test_the_report_answers_and_says_what_it_rests_on(answered):
    said, page = answered
    assert "Honduras–El Salvador trade" in " ".join(said.split())
    assert "The routes of this world are estimated" in page
    first = words.first_screen(page)
    assert "Routes are estimated from geography, not on record." in first
    assert re.search(r"Estimated: \d+ of \d+ .*duties.* Energy has no market here\.", first)
    assert len(first.split()) <= words.MAX_OF_FIRST_PAGE
    assert "Energy is held at its recorded or derived value" in page
    assert "no ratings of States" in page
    assert "What no source has was estimated" in page
    assert "CEPII" in page


def test_members_of_the_common_market_trade_free_of_duty(answered, folder):
    text = (folder / "worlds" / "isthmus" / "agreements.csv").read_text(encoding="utf-8")
    assert "Central American Common Market" in text


@pytest.mark.usefixtures("no_pictures", "no_central_runs")
def test_a_transit_agreement_and_an_own_figure_act(answered, folder, monkeypatch):
    monkeypatch.chdir(folder)
    own = "world: {trade: [{exporter: HND, importer: SLV, trade_musd: 90, source: customs}]}\n"
    (folder / "own.yaml").write_text(TRANSIT + own, encoding="utf-8")
    done = call("run", "own.yaml", "--world", "worlds/isthmus", "--workers", "1")
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "by a figure of the scenario's own" in said
    assert "The agreements change trade in that year by +" in said
    shown = call("world", "--world", "worlds/isthmus", "--diff", "worlds/isthmus", "own.yaml")
    assert "HND SLV" in shown.output
