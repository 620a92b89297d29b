"""What passes the check of a world runs: sense of parameters, dates, amounts and files."""

import csv
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.laws.numerics.domains import DISPENSABLE, DOMAINS
from sim.world.csv_tables.csv_text import (
    UnreadableError,
    comma_number,
    number_of,
    read_csv,
    whole_of,
)
from sim.world.csv_tables.reader import PACKAGED
from sim.world.csv_tables.schema import SCHEMAS
from sim.world.csv_tables.table_errors import MAX_SAID, WorldError
from sim.world.load import load_world
from sim.world.names import world_names

runner = CliRunner()
HERE = Path(__file__).resolve().parents[1]
SCENARIO = HERE / "worlds" / "tiny.yaml"
PARAMETERS = [
    row["parameter"]
    for row in csv.DictReader((PACKAGED / "parameters.csv").read_text().splitlines())
]


def faults(folder: Path) -> str:
    with pytest.raises(WorldError) as caught:
        load_world(folder)
    return str(caught.value)


def commands(folder: Path):
    given = ["--world", str(folder)]
    for words in (["world"], ["check", str(SCENARIO)], ["run", str(SCENARIO)]):
        done = runner.invoke(app, [*words, *given])
        assert done.exit_code == 2, (words, done.output, done.exception)
        yield done.output


def laid_over(spoiled, *files: Path) -> Path:
    for file in files:
        shutil.copy(file, spoiled.path / f"{file.stem.removesuffix('-misspelt')}.csv")
    return spoiled.path


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - DISPENSABLE))
def test_a_parameter_that_is_missing_is_named(spoiled, name):
    spoiled.change("parameters", lambda rows: rows.remove(next(r for r in rows if r[0] == name)))
    with pytest.raises(WorldError, match=f"no row for '{name}'"):
        world_names(spoiled.path)


def test_every_parameter_is_read_by_a_law_and_within_its_bounds():
    assert set(PARAMETERS) == set(DOMAINS)
    assert set(DOMAINS) > DISPENSABLE


def test_a_misspelt_parameter_is_named_with_the_one_that_is_meant(spoiled):
    spoiled.change("parameters", lambda rows: [
        row.__setitem__(0, "growth_ds") for row in rows if row[0] == "growth_sd"])  # fmt: skip
    for said in commands(spoiled.path):
        assert "no row for 'growth_sd'; wanted one; did you mean 'growth_ds'?" in said
        assert "'growth_ds' is read by no law" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("trade_elasticity", "0"), ("trade_elasticity", "-5"), ("time_cost_per_day", "-0.1"),
     ("cargo_value_factor", "0"), ("talks_years", "0"), ("phase_in_year_4", "0.1"),
     ("corridor_choice_dispersion", "5000"), ("border_time_elasticity", "0.2"),
     ("domestic_sales_floor", "0")],
)  # fmt: skip
def test_a_parameter_that_no_law_can_read_is_refused(spoiled, name, value):
    def put(rows):
        row = next(r for r in rows if r[0] == name)
        for column in ("low", "value", "high"):
            row[rows[0].index(column)] = value

    spoiled.change("parameters", put)
    with pytest.raises(WorldError, match=rf"parameters.csv:\d+:(low|value): .*{value}"):
        world_names(spoiled.path)


@pytest.mark.parametrize("form", ["normal", "lognormal"])
def test_a_form_that_cannot_be_drawn_is_refused(spoiled, form):
    spoiled.put("parameters", 2, "distribution", form)
    assert f"parameters.csv:2:distribution: '{form}' is unknown" in faults(spoiled.path)


@pytest.mark.parametrize("file", ["parameters.csv", "parameters-misspelt.csv"])
def test_the_recorded_missing_parameter_is_named(spoiled, cases, file):
    folder = laid_over(spoiled, cases / "reports" / "parameter-missing" / file)
    for said in commands(folder):
        assert "no row for 'phase_in_impact'" in said
        assert ("did you mean 'phase_in_impct'" in said) is ("misspelt" in file)


def test_the_recorded_hours_at_a_border_are_refused(spoiled, cases):
    folder = laid_over(spoiled, cases / "reports" / "out-of-bounds" / "gates.csv")
    for said in commands(folder):
        assert "gates.csv:2:border_hours: 1e18 is out of range" in said


def test_the_recorded_zero_leaves_the_one_flow_that_fits(spoiled, cases):
    tables = sorted((cases / "reports" / "zero-flow-traceback" / "tables").glob("*.csv"))
    world = load_world(laid_over(spoiled, *tables))
    trade = world.trade.sum(axis=0) + world.energy_trade
    assert trade[2, 0] == pytest.approx(200.0, rel=1e-9)
    assert trade[0, 2] == 0.0


@pytest.mark.parametrize("order", [1, pytest.param(-1, marks=pytest.mark.slow)])
def test_a_total_that_no_flow_is_left_for_is_named(spoiled, order):
    """Of the first region all that may move is 0, and its total is larger than what is held."""
    spoiled.put("trade_prior", 3, "trade_musd", "0")
    spoiled.change("trade_totals", lambda rows: rows.__setitem__(slice(1, 4), rows[1:4][::order]))
    line = 2 if order == 1 else 4
    for said in commands(spoiled.path):
        assert re.search(
            r"trade_totals.csv:\d:(ex|im)ports_musd: (ex|im)ports of (AAA|BBB|CCC) are \d+, but "
            r"flows that meet the other totals sum to \d+: no trade beside held_flows.csv",
            said,
        )
        named = re.search(r"csv:(\d):.*of (AAA|BBB|CCC)", said)
        assert (int(named[1]) == line) == (named[2] == "AAA")


def test_a_zero_on_record_beside_a_missing_flow_is_calibrated(spoiled):
    """Exports of the first are all held; what is missing is what the totals leave."""
    spoiled.put("trade_prior", 3, "trade_musd", "0")
    for row, amount in ((2, "900"), (3, "250"), (4, "900"), (5, "250")):
        spoiled.put("held_flows", row, "trade_musd", amount)
    for row, sold, bought in ((2, "900", "350"), (3, "700", "1050"), (4, "250", "450")):
        spoiled.put("trade_totals", row, "exports_musd", sold)
        spoiled.put("trade_totals", row, "imports_musd", bought)
    world = load_world(spoiled.path)
    trade = world.trade.sum(axis=0) + world.energy_trade
    assert trade[2, 0] == pytest.approx(100.0, rel=1e-9)


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "said"),
    [
        ("held_flows", 2, "trade_musd", "70000", "held for bayland sum to 70000, beyond all"),
        ("goods", 2, "value_per_feu_usd", "30", "goods.csv:2:value_per_feu_usd: 30 is out of"),
        ("gates", 3, "border_hours", "9000", "gates.csv:3:border_hours: 9000 is out of range"),
        ("gdp", 2, "gdp_musd", "", "gdp_musd: is blank; wanted the output of the base year 2022"),
        ("gdp", 2, "gdp_musd", "0", "gdp.csv:2:gdp_musd: 0 is out of range"),
        ("gdp", 3, "gdp_musd", "80", "is 2 USD a head; wanted 30 to 1,000,000"),
        ("gdp", 3, "gdp_musd", "8e8", "gdp.csv:3:gdp_musd: 8e+08 is 2e+07 USD a head"),
        ("gdp", 2, "gdp_musd", "20000e6", "gdp.csv:2:gdp_musd: 20000e6 is out of range"),
        ("gdp", 2, "population_m", "0", "gdp.csv:2:population_m: 0 is out of range"),
        ("forecast_errors", 2, "n", "9" * 400, "forecast_errors.csv:2:n: '999"),
        ("forecast_errors", 2, "n", "9" * 20, "forecast_errors.csv:2:n: 999"),
        ("gates", 2, "note", "x" * 131_073, "gates.csv:2: a cell has more than 131,072"),
        ("gates", 2, "note", "x" * 6_000, "gates.csv:2:note: has 6,000 characters"),
        ("gates", 2, "name", "a\x1b[31mb", "gates.csv:2:name: holds the control character U+001B"),
        ("tariffs", 2, "tariff_rate", "10%", "'10%' is no number; wanted a number from 0 to 10:"
         " this is per cent; write 0.1"),
        ("tariffs", 2, "tariff_rate", "10", "10 is a duty of 1,000 %: is this per cent? write 0.1"),
        ("growth", 2, "real_growth", "4", "is this per cent? write 0.04"),
        ("tariffs", 2, "tariff_rate", "0,1", "is this a decimal comma? write 0.1"),
        ("gdp", 2, "gdp_musd", "1_000", "'1_000' is no number"),
        ("gdp", 2, "gdp_musd", "20,000", "is this a thousand with a comma? write 20000"),
        ("gdp", 2, "gdp_musd", "20000,5", "is this a decimal comma? write 20000.5"),
        ("gates", 2, "mean_closure_days", "900", "0.5 closures a year of 900 days are 450 days"),
        ("gates", 2, "closed_months", "1;2;3;4;5;6;7;8;9;10;11;12", "is shut in every month"),
        ("closures", 2, "start", "1923-03-01", "in a world of 2022; wanted a year from 1982"),
        ("closures", 2, "end", "2093-03-11", "is the year right?"),
        ("ledger_entries", 2, "start", "1950-01-01", "is 72 years after 1950-01-01; wanted a sum"),
        ("ledger_entries", 2, "start", "2022-12-31", "'calendar' is a whole year, and these are 1"),
        ("closures", 2, "end", "2023-03-01", "is the first too; wanted a later day"),
        ("agreements", 3, "members", "BBB;BBB", "'BBB;BBB' are no two parties"),
        ("margins", 2, "importer", "AAA", "margins.csv:2:importer: is the exporter too"),
        ("distances", 3, "partner", "AAA", "distances.csv:3:partner: is the region itself"),
        ("forecast_errors", 2, "q50", "3", "3 is not between q05 -1 and q95 1"),
        ("sources", 2, "year", "2099", "sources.csv:2:year: 2099 in a world of 2022"),
        ("projects", 2, "earliest_year", "2199", "wanted a year from 1962 to 2102"),
        ("ports", 2, "throughput_mt", "300", "300 through a capacity of 50; 2 times at most"),
        ("trade_prior", 2, "trade_musd", "600000", "is 30 times the largest GDP of AAA on record"),
        ("gdp", 2, "gdp_musd", "٢٠٠٠٠", "is no number"),
        ("gdp", 2, "gdp_musd", "n/a", "is it missing? leave the cell blank"),
        ("tariffs", 2, "importer", "AA\u00a0A", "it holds a no-break space (U+00A0)"),
        ("memberships", 2, "since", "3012-01-01", "3012-01-01 is out of range; wanted a year"),
        ("memberships", 4, "until", "2004", "until: 2004 is before since 2005; wanted a later day"),
        ("agreements", 2, "in_force", "0000", "agreements.csv:2:in_force: 0000 is out of range"),
        ("agreements", 2, "in_force", "3011", "agreements.csv:2:in_force: 3011 is out of range"),
        ("agreements", 2, "in_force", "2012-02-30", "2012-02-30 is a day that does not exist"),
        ("agreements", 2, "signed", "2013", "in_force: 2012-01-01 is before signed 2013"),
        ("agreements", 3, "ended", "2000-06", "ended: 2000-06 is before in_force 2001-01-01"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_at_its_place(spoiled, table, row, column, value, said):
    spoiled.put(table, row, column, value)
    first, *_ = commands(spoiled.path)
    assert said in first
    assert "Traceback" not in first


def test_a_pair_that_stands_twice_the_other_way_round_is_told(spoiled):
    spoiled.change("distances", lambda rows: rows.append(["CCC", "AAA", "100", "no", *rows[1][4:]]))
    assert "distances.csv:5:region: the pair stands already in row 3" in faults(spoiled.path)


def test_a_column_of_duties_in_per_cent_is_told_once_at_its_first_line(spoiled):
    def in_per_cent(rows):
        at = rows[0].index("tariff_rate")
        for row in rows[1:]:
            row[at] = str(100 * float(row[at]))

    spoiled.change("tariffs", in_per_cent)
    (told,) = faults(spoiled.path).splitlines()
    assert told.startswith("tariffs.csv:2:tariff_rate: 10 and 7 more of 8 rates are above 1")
    assert "is the column in per cent?" in told


def test_a_duty_above_100_per_cent_stands_where_its_row_says_that_it_is_meant(spoiled):
    spoiled.put("tariffs", 6, "tariff_rate", "3.5")
    told = faults(spoiled.path)
    assert told.startswith("tariffs.csv:6:tariff_rate: 3.5 is a duty of 350 %")
    assert "a note in its row" in told
    notes = iter(["note", *[""] * 4, "Tobacco, as published"])
    spoiled.change("tariffs", lambda rows: [row.append(next(notes, "")) for row in rows])
    world = load_world(spoiled.path)
    assert world.tariffs.mfn_rate_by_type["customs_duty"].max() == 3.5
    given = runner.invoke(app, ["world", "--world", str(spoiled.path)])
    assert given.exit_code == 0
    assert "Warning: tariffs.csv:6: 350 %, a duty above 100 %: Tobacco" in given.output
    spoiled.put("tariffs", 6, "tariff_rate", "35")
    assert "wanted a rate from 0 to 10" in faults(spoiled.path)


def test_dates_cut_short_are_compared_as_far_as_they_are_known(spoiled):
    spoiled.put("agreements", 2, "signed", "2012-06")
    spoiled.put("agreements", 2, "in_force", "2012")
    load_world(spoiled.path)


def test_a_column_that_stands_twice_is_told(spoiled):
    spoiled.change("gdp", lambda rows: [row.append(row[2]) for row in rows])
    assert "gdp.csv:1:gdp_musd: column stands twice" in faults(spoiled.path)


ROUTES = {
    "comments": lambda text: "# a remark, \"with a quote\n" + text.replace("\n", "\n\n#x\n", 1),
    "commas at the end": lambda text: text.replace("\n", ",,,\n"),
    "byte order mark": lambda text: "\ufeff" + text,
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "line ends of old": lambda text: text.replace("\n", "\r"),
    "quotes": lambda text: "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in text.split("\n")),
}  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_a_table_means_the_same_however_it_is_saved(spoiled, tiny, route):
    path = spoiled.path / "gdp.csv"
    path.write_bytes(ROUTES[route](path.read_text()).encode())
    assert load_world(spoiled.path).gdp_musd.tolist() == load_world(tiny).gdp_musd.tolist()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"region;year;gdp_musd\n", "gdp.csv:1: cells are separated by semicolons; wanted commas"),
        (b"#x\nregion\tyear\n", "gdp.csv:2: cells are separated by tabs; wanted commas"),
        ("region,year\n".encode("utf-16"), "gdp.csv: is saved as UTF-16"),
        ("region,year\nÔrea,1\n".encode("latin-1"), "gdp.csv:2: byte 0xd4 is not UTF-8"),
        (b"PK\x03\x04 a workbook", "gdp.csv: is a workbook"),
        (b"a\0b", "gdp.csv: is no text"),
    ],
)
def test_a_file_that_is_no_table_is_told_in_one_sentence(spoiled, content, said):
    (spoiled.path / "gdp.csv").write_bytes(content)
    told = [line for line in faults(spoiled.path).splitlines() if line.startswith("gdp.csv:")]
    assert said in told[0]
    assert len(told) == 1


def test_a_table_that_cannot_be_read_is_told_alone(spoiled):
    """What other tables refer to in it is not unknown for that."""
    path = spoiled.path / "regions.csv"
    path.write_bytes(path.read_text().replace("Orea", "Oréa").encode("latin-1"))
    assert faults(spoiled.path) == (
        "regions.csv:2: byte 0xe9 is not UTF-8; wanted a CSV file in UTF-8"
    )
    with pytest.raises(WorldError, match=r"^regions\.csv:2: byte 0xe9.*wanted a CSV"):
        world_names(spoiled.path)


@pytest.mark.parametrize("heading", ["exports_kusd", "Exports (billion USD)", "exports_usd"])
def test_a_heading_in_another_unit_is_not_told_to_change_its_name(spoiled, heading):
    spoiled.put("trade_totals", 1, "exports_musd", heading)
    said = faults(spoiled.path)
    assert "wanted amounts in that unit, not the name alone" in said
    assert "did you mean" not in said


def test_a_heading_in_the_same_unit_is_told_its_name(spoiled):
    spoiled.put("trade_totals", 1, "exports_musd", "Exports (USD million)")
    assert "did you mean 'exports_musd'?" in faults(spoiled.path)


def test_a_quote_that_is_never_closed_is_told_where_it_opens(spoiled):
    spoiled.put("gdp", 3, "source", "invented")
    path = spoiled.path / "gdp.csv"
    lines = path.read_text().splitlines()
    lines[2] = '"' + lines[2]
    path.write_text("\n".join(lines))
    assert "gdp.csv:3: a quote that opens here is never closed" in faults(spoiled.path)


def test_a_number_cut_in_two_by_its_comma_is_told(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,5,x\n")
    assert "written with a comma" in read_csv(path).faults[0][2]
    path.write_text("a,b\n1,x,5\n")
    assert "written with a comma" not in read_csv(path).faults[0][2]


def test_numbers_are_read_as_they_are_written():
    assert [number_of(c) for c in ("1", "-1.5e3", ".5", "5.")] == [1.0, -1500.0, 0.5, 5.0]
    assert [number_of(c) for c in ("", "1_0", "0x1", "nan", "inf", "1 0", "1e9999")] == [None] * 7
    assert [whole_of(c) for c in ("12", "-1", "1.0", "1e3", "9" * 31)] == [12, -1, None, None, None]
    assert [comma_number(c) for c in ("1,5", "1.203,5", "12,345", "1,2,3")] == \
        ["1.5", "1203.5", "12.345", None]  # fmt: skip


def test_many_wrong_names_are_told_at_once_and_counted(spoiled):
    def many(rows):
        rows += [[f"Q{k}", "2022", "1", "1", "invented", "estimated"] for k in range(4700)]

    spoiled.change("gdp", many)
    said = faults(spoiled.path)
    assert len(said.splitlines()) == MAX_SAID + 1
    assert "and 4,650 more problems" in said


def test_the_bounds_of_every_number_are_stated():
    """A column of numbers without bounds lets through what no law can read."""
    open_ended = [
        f"{table}.{column.name}"
        for table, schema in SCHEMAS.items()
        for column in schema.columns
        if column.kind in ("number", "integer") and None in (column.low, column.high)
    ]
    assert open_ended == []


def test_a_broken_file_is_told_as_such(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('a,b\n"x"y,1\n')
    with pytest.raises(UnreadableError, match="text follows a closing quote"):
        read_csv(path)


def test_a_recorded_point_beyond_all_trade_is_told(spoiled):
    spoiled.put("ledger_entries", 2, "trade_musd", "1000e6")
    assert "ledger_entries.csv:2:trade_musd: 1e+09 is beyond all trade of BBB" in faults(
        spoiled.path
    )


def test_a_source_is_of_a_year(spoiled):
    spoiled.put("sources", 2, "year", "4044")
    assert "sources.csv:2:year: 4044 is out of range" in faults(spoiled.path)
