"""Broken specifications of a world: each refusal names its place and the remedy, and only once."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app

SPEC = """\
name: East
base_year: 2021
regions: [KEN, UGA, {code: EU, name: European Union, members: EU27}]
files: [own]
"""
TRADE = "exporter,importer,year,trade_musd\nKEN,UGA,2021,800\nUGA,KEN,2021,400\n"
INCOMES = "country,year,gdp_musd,population_m\nKEN,2021,110000,53\nUGA,2021,42000,46\n"
INCOMES += "EU,2021,17000000,447\n"
WANTED = "wanted the specification of a world"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "trade.csv").write_text(TRADE, encoding="utf-8")
    (tmp_path / "own" / "incomes.csv").write_text(INCOMES, encoding="utf-8")
    return tmp_path


def refusal(folder: Path, content: str | bytes, name: str = "spec.yaml") -> list[str]:
    """Lines that name a mistake; nothing is written."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return refusal_of(folder, path)


def refusal_of(folder: Path, path: Path) -> list[str]:
    done = CliRunner().invoke(app, ["build-world", str(path), "--output", str(folder / "world")])
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit)
    assert not (folder / "world").exists()
    return [line for line in done.output.splitlines() if line.startswith(str(folder))]


def test_the_spec_itself_is_sound(folder):
    (folder / "spec.yaml").write_text(SPEC, encoding="utf-8")
    words = ["build-world", str(folder / "spec.yaml"), "--output", str(folder / "world")]
    assert CliRunner().invoke(app, words).exit_code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", f":1:1: the file is empty; {WANTED}: base_year"),
        ("# nothing yet\n", f":1:1: the file is empty; {WANTED}"),
        ("- KEN\n", ":1:1: the file is a list; wanted keys with values, such as base_year: 2021"),
        (b"\x89PNG\0\1", f": is not a text file; {WANTED} as YAML text"),
        ("version: 1\ntitle: x\ntargets: {}\n",
         f":1:1: the file has no regions, files or base year; {WANTED}"),
        (TRADE, ":1:1: the file is a single value; wanted keys with values"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_spec_is_told_what_is_wanted(folder, content, said):
    (line,) = refusal(folder, content)
    assert said in line
    assert "scenario" not in line


def test_files_that_were_set_aside_are_told_where_nothing_is_left(folder):
    """A folder with BACI of another year: the reason stands on the screen, not only the result."""
    (folder / "own" / "trade.csv").write_text(
        "t,i,j,k,v,q\n2020,404,800,010121,1.0,1\n", encoding="utf-8"
    )
    path = folder / "spec.yaml"
    path.write_text(SPEC, encoding="utf-8")
    done = CliRunner().invoke(app, ["build-world", str(path), "--output", str(folder / "world")])
    assert done.exit_code == 2
    assert "holds 2020 and not the base year 2021; wanted that year's file, or base_year: 2020" in (
        " ".join(done.output.split())
    )
    assert f"{path}:4:8: none of these files has trade" in done.output


def test_a_missing_spec_and_a_folder_are_told_of_the_template(folder):
    for path, what in ((folder / "none.yaml", "there is no such file"), (folder, "is a folder")):
        (line,) = refusal_of(folder, path)
        assert what in line
        assert "--template` writes one to start from" in line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2021", '"2021"', ":2:12: base_year is '2021'; wanted a year such as 2022, without quot"),
        ("2021", "true", ":2:12: base_year is true; wanted a year"),
        ("2021", "1999", ":2:12: the files have no trade between these regions in 1999; "
         "wanted a year that they have: 2021"),
        ("East", "[a]", ":1:7: name is a list; wanted a few words"),
        ("name:", "nome:", ":1:1: the key 'nome' is unknown; wanted name, base_year"),
        ("UGA", "KEN", ":3:16: 'KEN' is listed twice; wanted each region once"),
        ("UGA", "null", ":3:16: a region is blank; wanted a code or a name"),
        ("UGA", "[UGA]", ":3:16: a region is a list; wanted a code or a name"),
        ("UGA", "Wakanda", ":3:16: 'Wakanda' is no country and no group known here"),
        ("EU27", "[[DEU]]", ":3:63: a member of EU is a list; wanted an ISO code or name"),
        ("code: EU", "cod: EU", ":3:22: the key 'cod' is unknown; wanted code, name, members"),
        ("[own]", "own", ":4:8: files are 'own', which is no list; wanted a list, such as files:"),
        ("[own]", "[null]", ":4:9: a file has no path; wanted its name"),
        ("[own]", "[onw]", "did you mean 'own'?"),
        ("[own]", "[own]\ngoods: [food]", ":5:8: goods are a list; wanted default, or goods with"),
        ("[own]", "[own]\ncif_fob_ratio: true", ":5:16: cif_fob_ratio is true; wanted a number"),
        ("[own]", "[own]\nnetwork:", ":5:9: network is blank; wanted estimated, none, packaged"),
        ("[own]", "[own]\nnetwork: packaged", ":5:10: KEN, UGA, EU have no place in the packaged"),
        ("[own]", "[own]\nnetwork: {post: []}", ":5:11: the key 'post' is unknown; wanted cities"),
        ("UGA", "UGA, TZA", ":3:21: no file has trade or GDP of Tanzania in 2021; wanted World"),
        ("[own]", "[own/incomes.csv]", ":4:8: none of these files has trade; wanted BACI"),
        ("[own]", "[own/trade.csv]", ":4:8: no GDP near 2021 for any region in these files"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_once_at_its_place_with_the_remedy(folder, old, new, said):
    assert old in SPEC
    lines = refusal(folder, SPEC.replace(old, new, 1))
    assert said in lines[0]
    if "code" not in old:  # without a code the region itself is refused too
        assert len(lines) == 1, lines
