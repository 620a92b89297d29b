"""The world in scenarios/worlds/great-lakes is what its own spec makes of its own tables."""

import csv
from io import StringIO
from pathlib import Path

import pytest
import yaml

from sim.world.builder import build_world, read_spec
from sim.world.load import load_world
from tests.builders.downloads import rows_of

WORLDS = Path(__file__).resolve().parents[2] / "scenarios" / "worlds"
SPEC = WORLDS / "great-lakes-sources" / "great-lakes.yaml"
AGAIN = (
    "make it again: sim build-world scenarios/worlds/great-lakes-sources/great-lakes.yaml "
    "--output scenarios/worlds/great-lakes --replace"
)


def built(**changes: object):
    plain = {**yaml.safe_load(SPEC.read_text(encoding="utf-8")), **changes}
    spec, faults = read_spec(plain, SPEC.parent)
    assert spec is not None, faults
    return build_world(spec)


def test_the_shipped_world_is_built_by_its_own_spec():
    files = built().files
    shipped = {path.name: path.read_bytes() for path in (WORLDS / "great-lakes").iterdir()}
    assert files.keys() == shipped.keys(), AGAIN
    differ = [name for name, content in files.items() if content != shipped[name]]
    assert not differ, f"{differ}: {AGAIN}"


def test_figures_of_a_file_keep_the_source_and_the_flag_that_the_spec_gives():
    rows = rows_of(WORLDS / "great-lakes" / "trade_prior.csv")
    origin = {(r["exporter"], r["importer"]): (r["source"], r["flag"]) for r in rows}
    assert origin["RWA", "KEN"] == ("recollection", "estimated")
    assert origin["RWA", "ROW"] == ("project", "estimated")
    files = built(files=[{"path": name} for name in (
        "incomes.csv", "growth.csv", "trade.csv", "trade-with-the-rest.csv", "duties.csv",
    )]).files  # fmt: skip
    first = next(csv.DictReader(StringIO(files["gdp.csv"].decode())))
    assert (first["source"], first["flag"]) == ("incomes", "seen")


def test_carried_tables_stand_as_they_are_and_every_source_is_used():
    folder = WORLDS / "great-lakes"
    own = SPEC.parent / "tables"
    for path in own.glob("*.csv"):
        if path.stem != "sources":
            assert (folder / path.name).read_bytes() == path.read_bytes()
    named = {row["source"] for path in folder.glob("*.csv") if path.stem not in
             ("sources", "conflicts") for row in rows_of(path) if "source" in row}  # fmt: skip
    assert {row["source"] for row in rows_of(folder / "sources.csv")} == named
    page = (folder / "REPORT.md").read_text(encoding="utf-8")
    assert "Posts, ports and links: tables of the analyst's own" in page


def test_what_names_each_other_is_carried_together(tmp_path):
    """Ledgers alone are carried: the flows that the builder would hold in its own are left out."""
    (tmp_path / "own").mkdir()
    for name in ("ledgers", "sources"):
        content = (SPEC.parent / "tables" / f"{name}.csv").read_bytes()
        (tmp_path / "own" / f"{name}.csv").write_bytes(content)
    built_files = built(tables=str(tmp_path / "own"), goods="default", files=[
        "incomes.csv", "trade.csv", "trade-with-the-rest.csv",
    ]).files  # fmt: skip
    (tmp_path / "world").mkdir()
    for name, content in built_files.items():
        (tmp_path / "world" / name).write_bytes(content)
    assert load_world(tmp_path / "world").ledger == "rwanda"
    assert rows_of(tmp_path / "world" / "held_flows.csv") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tables": "tabels"}, "there is no folder 'tabels'"),
        ({"tables": ["tables"]}, "there is no folder a list"),
        ({"tables": "."}, "duties.csv is no table of a world"),
        ({"files": [{"path": "trade.csv", "flag": "guessed"}]}, "flag is 'guessed'; wanted seen"),
        ({"files": [{"path": "trade.csv", "source": "My own!"}]}, "a source is 'My own!'"),
    ],
)
def test_wrong_tables_and_sources_are_refused(change, said):
    plain = {**yaml.safe_load(SPEC.read_text(encoding="utf-8")), **change}
    spec, faults = read_spec(plain, SPEC.parent)
    assert spec is None
    assert any(said in f"{fault.what}; {fault.wanted}" for fault in faults), faults
