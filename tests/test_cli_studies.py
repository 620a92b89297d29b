"""Studies as a user types them, from the question to the files that others read."""

import io
import json
import subprocess
import sys
import tarfile
from html import unescape
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.cli.rerun_options import replayed
from sim.store.checksums import with_checksums
from sim.store.exports import SUFFIX
from sim.store.study_parts import columns_of
from tests.builders.amounts import amounts_in

TINY = Path(__file__).resolve().parent / "worlds" / "tiny"
SLOW = pytest.mark.slow
CUT = "agreements.treaty.concessions.*.cut"
BLOCKS = f"""
levers: [agreements.treaty]
sweep:
  {CUT}: [0, 1]
reach:
  levers:
    {CUT}: {{from: 0, to: 1, cost_musd: 10}}
"""
runner = CliRunner()


def call(*arguments: object, **options: object):
    return runner.invoke(app, [str(argument) for argument in arguments], **options)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies")
    text = TINY.with_suffix(".yaml").read_text().replace("end: 2028Q4", "end: 2027Q4")
    (folder / "study.yaml").write_text(text + BLOCKS)
    (folder / "other.yaml").write_text(
        "extends: study.yaml\nagreements: {treaty: null}\nlevers: null\nsweep: null\nreach: null\n"
    )
    return folder


def study(place, command, *options):
    output = place / "results"
    before = set(output.glob("*/*"))
    given = ("--world", TINY, "--output", output, "--workers", 1)
    done = call(command, place / "study.yaml", *given, *options)
    assert done.exit_code == 0, done.output
    (folder,) = set(output.glob("*/*")) - before
    return done, folder


def told(folder):
    """The answer for machines, once it is seen that the page's numbers are in it with units."""
    answer = json.loads((folder / "answer.json").read_text())
    html = (folder / "report.html").read_text()
    assert all(in_words in unescape(html) for in_words in answer["answers"])
    for section in answer["sections"].values():
        for table in section.get("tables", ()):
            if section["heading"] != "Reproduction":
                assert list(amounts_in(table)), section["heading"]
        for figure in section.get("figures", ()):
            assert figure["facts"], figure["name"]
    amounts = list(amounts_in(answer))
    assert all(amount["unit"] for amount in amounts), [a for a in amounts if not a["unit"]]
    return answer


@pytest.fixture(scope="module")
def swept(place):
    return study(place, "sweep", "--runs", 6)


def test_a_sweep_leaves_everything_a_reader_needs(swept):
    done, folder = swept
    assert "The chance of 3 billion USD in 2027" in done.output
    assert str(folder / "report.html") in done.output
    names = {path.name for path in folder.iterdir()}
    wanted = {"scenario.yaml", "run.json", "report.html", "answer.json", "figures", "points.csv"}
    assert names >= wanted | {"outcomes.csv", "outcomes.parquet", "points.parquet"}
    html = (folder / "report.html").read_text()
    assert "<svg" in html or "data:image/svg" in html
    assert "http" not in html.replace("http://www.w3.org", "")
    rows = columns_of((folder / "outcomes.parquet").read_bytes())
    assert rows["run"].tolist() == list(range(6)) * 2
    (table,) = told(folder)["sections"]["of-points"]["tables"]
    assert all("low" in point["chance of the target"] for point in table["rows"]), table["rows"][0]


def test_a_study_done_before_is_told_again(swept, place):
    given = ("--world", TINY, "--output", place / "results", "--workers", 1, "--runs", 6)
    again = call("sweep", place / "study.yaml", *given)
    assert again.exit_code == 0
    assert "Done before" in again.output


@pytest.mark.usefixtures("no_pictures")
def test_a_study_whose_result_was_changed_is_made_anew(place, tmp_path):
    given = ("--world", TINY, "--output", tmp_path, "--workers", 1, "--runs", 2)
    assert call("sweep", place / "study.yaml", *given).exit_code == 0
    (points,) = tmp_path.glob("*/*/points.csv")
    whole = points.read_bytes()
    points.write_bytes(whole[:-9])
    again = call("sweep", place / "study.yaml", *given)
    assert again.exit_code == 0
    assert "changed since it was written: points.csv; it is made again" in again.output
    assert points.read_bytes() == whole
    assert "Done before" in call("sweep", place / "study.yaml", *given).output


@pytest.mark.parametrize(
    ("command", "options", "said"),
    [
        ("explain", ("--runs", 6), "preferential agreement (treaty)"),
        ("reach", ("--runs", 6, "--probability", 0.99), "not reachable within these ranges"),
        ("sensitivity", ("--size", 2), "runs"),
        ("discover", ("--runs", 60, "--points", 4), "3 billion USD in 2027"),
    ],
)
def test_every_question_has_an_answer_and_a_page(place, command, options, said):
    done, folder = study(place, command, *options)
    assert said in done.output
    assert list((folder / "figures").glob("*.png"))
    assert told(folder)["run"]["kind"] == command
    assert json.loads((folder / "run.json").read_text())["kind"] == command


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("command", ["sweep", "explain", pytest.param("reach", marks=SLOW)])
def test_a_study_runs_until_it_is_as_sure_as_was_asked(place, command):
    done, folder = study(place, command, "--precision", 45)
    assert "64 runs: chance to ±" in done.output
    assert ", difference to ±" in done.output
    record = json.loads((folder / "run.json").read_text())
    assert record["runs"] == 64 * record["cases"]
    assert record["arguments"] == [command, "--precision", "45.0"]
    assert "--precision 45.0" in record["command"]
    assert replayed(record["arguments"]) == record["arguments"]
    both = call(command, place / "study.yaml", "--precision", 45, "--runs", 8)
    assert both.exit_code == 2
    assert "leave out --runs" in both.output


def test_compare_shows_the_baseline(place):
    output = place / "compared"
    files = (place / "other.yaml", place / "study.yaml")
    given = ("--world", TINY, "--output", output, "--workers", 1, "--runs", 6)
    done = call("compare", *files, *given)
    assert done.exit_code == 0, done.output
    assert "study against other" in done.output
    (folder,) = output.glob("*/*")
    told(folder)
    assert call("compare", files[0], *given).exit_code == 2


@pytest.fixture
def verified_here(monkeypatch):
    """What `sim verify` runs again is run in this process, which has read its modules."""

    def run(command, **_):
        assert command[:4] == [sys.executable, "-P", "-m", "sim"]
        done = call(*command[4:])
        return subprocess.CompletedProcess(command, done.exit_code, done.stdout, done.stderr)

    monkeypatch.setattr(subprocess, "run", run)


@pytest.mark.usefixtures("no_pictures", "verified_here")
def test_compare_sets_a_scenario_beside_itself_without_a_block(place):
    """The answer is that of the file that leaves the block out, and is repeated as stored."""
    output = place / "without"
    given = ("--world", TINY, "--output", output, "--workers", 1, "--runs", 6)
    done = call("compare", place / "study.yaml", "--without", "agreements.treaty", *given)
    assert done.exit_code == 0, done.output
    assert "study against study-without-agreements-treaty" in done.output
    (folder,) = output.glob("*/*")
    assert "--without agreements.treaty" in json.loads((folder / "run.json").read_text())["command"]
    same = call("verify", folder, "--world", TINY, "--workers", 1)
    assert same.exit_code == 0, same.output
    by_file = call("compare", place / "other.yaml", place / "study.yaml", *given)
    (first,), (second,) = (
        [line.partition(": ")[2] for line in one.output.splitlines() if "study against" in line]
        for one in (done, by_file)
    )
    assert first.split("the chance", 1)[1] == second.split("the chance", 1)[1]
    nothing = call("compare", place / "study.yaml", "--without", "agreements.traety", *given)
    assert nothing.exit_code == 2
    assert "did you mean 'treaty'?" in nothing.output
    both = call("compare", place / "other.yaml", place / "study.yaml", "--without", "x", *given)
    assert both.exit_code == 2


@SLOW
def test_verify_finds_the_same_bits(swept):
    _, folder = swept
    same = call("verify", folder, "--world", TINY, "--workers", 1)
    assert same.exit_code == 0, same.output
    assert "the same to the bit" in same.output
    assert call("verify", folder.parent / "nothing").exit_code == 2


@pytest.mark.parametrize(
    "name",
    ["points.csv", "points.parquet", "outcomes.csv", "outcomes.parquet", "report.html",
     "answer.json", "scenario.yaml", "run.json", "figures/*.svg"],
)  # fmt: skip
def test_verify_finds_any_changed_byte(swept, tmp_path, name):
    folder = tmp_path / "result"
    copytree(swept[1], folder)
    name = next(folder.glob(name)).relative_to(folder).as_posix()
    content = bytearray((folder / name).read_bytes())
    at = content.rindex(b"0")
    content[at] = ord("1")
    (folder / name).write_bytes(content)
    other = call("verify", folder, "--world", TINY, "--workers", 1)
    assert other.exit_code == 1
    assert f"changed since it was written: {name};" in other.output


def test_verify_misses_what_is_gone(swept, tmp_path):
    folder = tmp_path / "result"
    copytree(swept[1], folder)
    (folder / "points.csv").unlink()
    other = call("verify", folder, "--world", TINY, "--workers", 1)
    assert other.exit_code == 1
    assert "points.csv" in other.output


@SLOW
def test_verify_names_what_comes_out_otherwise(swept, tmp_path):
    """Somebody else's numbers, with the sums to go with them."""
    folder = tmp_path / "result"
    copytree(swept[1], folder)
    points = folder / "points.csv"
    points.write_bytes(points.read_bytes().replace(b"0", b"1", 1))
    record = json.loads((folder / "run.json").read_text())
    files = {name: (folder / name).read_bytes() for name in record["files"]}
    bare = {key: value for key, value in record.items() if key not in ("files", "seal")}
    (folder / "run.json").write_bytes(with_checksums(bare, files))
    other = call("verify", folder, "--world", TINY, "--workers", 1)
    assert other.exit_code == 1
    assert "not the same: points.csv" in other.output


@pytest.mark.parametrize(
    ("key", "value"),
    [("arguments", []), ("arguments", 5), ("arguments", ["run", 5]), ("versions", []),
     ("versions", None), ("baselines", 5), ("ledger", 5), ("scenarios", [5]), ("answers", 5)],
)  # fmt: skip
def test_a_record_of_another_form_is_a_plain_error(swept, tmp_path, key, value):
    folder = tmp_path / "result"
    copytree(swept[1], folder)
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**record, key: value}))
    for command in (("verify",), ("export", "--as", "ema")):
        done = call(*command, folder)
        assert done.exit_code == 2
        assert "damaged" in done.output


def test_a_large_study_asks_first_and_says_how_long(place):
    given = ("--world", TINY, "--output", place / "large", "--workers", 1)
    asked = call("sweep", place / "study.yaml", *given, "--runs", 20_000)
    assert asked.exit_code == 2
    assert "40,000 runs" in asked.output
    assert "--yes" in asked.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("discover", "--points", 10**12), "wanted at most 1,000,000"),
        (("sensitivity", "--size", 2**40), "wanted at most"),
        (("sweep", "--runs", 10**21), "1000000"),
        (("sweep", "--cluster", "host"), "tcp://host:8786"),
        (("sweep", "--cluster", ""), "tcp://host:8786"),
    ],
)
def test_what_no_machine_can_do_is_told_at_once(place, words, said):
    done = call(words[0], place / "study.yaml", "--world", TINY, *words[1:])
    assert done.exit_code == 2, done.output
    assert said in done.output


@pytest.mark.usefixtures("no_pictures")
def test_long_names_of_scenarios_make_a_folder_that_can_be(place, tmp_path):
    names = [f"{'ü' * 60}-{k}.yaml" for k in range(2)]
    for name in names:
        (tmp_path / name).write_text((place / "study.yaml").read_text())
    given = ("--world", TINY, "--output", tmp_path / "out", "--workers", 1, "--runs", 1)
    done = call("compare", *(tmp_path / name for name in names), *given)
    assert done.exit_code == 0, done.output


@pytest.mark.usefixtures("no_pictures")
def test_a_disk_that_is_full_fails_the_study_and_keeps_its_parts(place, tmp_path, monkeypatch):
    given = ("--world", TINY, "--output", tmp_path, "--workers", 1, "--runs", 3)

    def full(*_, **__):
        raise OSError(28, "")

    with monkeypatch.context() as patch:
        patch.setattr("pyarrow.csv.CSVWriter", full)
        done = call("sweep", place / "study.yaml", *given)
    assert done.exit_code == 1
    assert "No space left on device" in done.output
    again = call("sweep", place / "study.yaml", *given)
    assert again.exit_code == 0
    assert "6 of 6 runs were done before" in again.output


def test_exports_are_what_others_read(swept, place):
    _, folder = swept
    made = {}
    for form in ("csv", "xlsx", "iamc", "ema"):
        path = place / f"export{SUFFIX[form]}"
        done = call("export", folder, "--as", form, "--output", path)
        assert done.exit_code == 0, done.output
        made[form] = path
    lines = made["csv"].read_text().splitlines()
    assert len(lines) == 13
    iamc = made["iamc"].read_text().splitlines()
    assert iamc[0] == "model,scenario,region,variable,unit,year,value"
    from openpyxl import load_workbook

    book = load_workbook(made["xlsx"], read_only=True)
    assert set(book.sheetnames) == {"about", "outcomes", "points"}
    book.close()
    with tarfile.open(made["ema"]) as archive:
        metadata = json.load(archive.extractfile("metadata.json"))
        experiments = io.TextIOWrapper(archive.extractfile("experiments.csv")).read().splitlines()
        assert len(experiments) == 13
        for _, _, name in metadata["outcomes"]:
            assert len(archive.extractfile(name).read().split()) == 12
    assert call("export", folder, "--as", "pdf").exit_code == 2
    assert call("export", folder, "--output", place / "by-its-name.xlsx").exit_code == 0
    assert (place / "by-its-name.xlsx").read_bytes()[:2] == b"PK"
    for wrong in (("--output", "x.docx"), ("--as", "excel", "--output", "x.csv")):
        done = call("export", folder, *wrong)
        assert done.exit_code == 2
        assert "wanted" in done.output
    assert call("export", folder, "--as", "csv", "--output", made["csv"]).exit_code == 2


@pytest.mark.filterwarnings("ignore")
def test_the_long_table_is_read_by_pyam(pyam, swept, tmp_path):
    _, folder = swept
    path = tmp_path / "table.csv"
    call("export", folder, "--as", "iamc", "--output", path)
    assert not pyam.IamDataFrame(path).empty


def test_clean_asks_and_leaves_what_stands(swept, place):
    _, folder = swept
    output = place / "results"
    left = output / "study" / ".0123456789ab.parts"
    left.mkdir()
    kept = call("clean", output, input="n\n")
    assert "interrupted study" in kept.output
    assert left.is_dir()
    assert call("clean", output, "--yes").exit_code == 0
    assert not left.exists()
    assert (folder / "run.json").is_file()
    assert "Nothing to remove" in call("clean", output).output


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize(
    ("command", "said", "file"),
    [
        ("sweep", "Customs revenue of Orea", "curves-revenue-musd"),
        ("explain", "the customs revenue of Orea", "waterfall-revenue-musd"),
        pytest.param("reach", "the customs revenue of Orea", "frontier-goal", marks=SLOW),
    ],
)
def test_a_study_answers_first_in_the_measure_asked(place, command, said, file):
    done, folder = study(place, command, "--runs", 5, "--set", "asks=revenue")
    answer = told(folder)
    assert said in answer["answers"][0]
    assert any("2027" in each for each in answer["answers"][1:])  # trade is told after it
    assert answer["answers"][0] in done.output
    assert [each.name for each in (folder / "figures").glob(f"{file}*")]
    (table,) = [name for name in ("points", "parts", "mixes") if (folder / f"{name}.csv").exists()]
    if command != "reach":  # without a goal in that measure it searches for the target
        assert "revenue" in (folder / f"{table}.csv").read_text().lower()


@pytest.mark.usefixtures("no_pictures")
def test_a_search_for_a_goal_tells_it_everywhere(place):
    done, folder = study(place, "reach", "--runs", 5, "--set", "asks=revenue", "--set",
                         "reach.goal=1e6")  # fmt: skip
    answer = told(folder)
    assert "not reachable within these ranges" in answer["answers"][1]
    assert (
        "the customs revenue of Orea being at least 1,000,000 million USD"
        in done.output.replace("The customs", "the customs")
    )
    assert "median_revenue_musd" in (folder / "mixes.csv").read_text()
    assert "gravity law" not in done.output
