"""Reading and checking tables: every fault is found, named, located and answered."""

from pathlib import Path

import pytest

from sim.world.csv_tables.reader import PACKAGED, content_hash, read_tables
from sim.world.csv_tables.schema import SCHEMAS
from sim.world.csv_tables.table_errors import WorldError, did_you_mean
from sim.world.load import load_world
from sim.world.names import world_names


def faults(folder: Path) -> tuple[str, ...]:
    with pytest.raises(WorldError) as caught:
        load_world(folder)
    return caught.value.problems


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "wanted"),
    [
        (
            "gdp",
            2,
            "gdp_musd",
            "lots",
            "gdp.csv:2:gdp_musd: 'lots' is no number; wanted a number from 1",
        ),
        ("gdp", 2, "gdp_musd", "nan", "gdp.csv:2:gdp_musd: nan is out of range"),
        ("gdp", 2, "gdp_musd", "inf", "gdp.csv:2:gdp_musd: inf is out of range"),
        ("tariffs", 3, "tariff_rate", "-0.1", "tariffs.csv:3:tariff_rate: -0.1 is out of range"),
        ("growth", 5, "year", "2025.5", "growth.csv:5:year: '2025.5' is no number; wanted a whole"),
        ("tariffs", 2, "importer", "AAB", "tariffs.csv:2:importer: 'AAB' is unknown"),
        ("goods", 3, "source", "inventd", "did you mean 'invented'?"),
        ("posts", 3, "gate", "brigde", "posts.csv:3:gate: 'brigde' is unknown"),
        ("posts", 3, "gate", "brigde", "did you mean 'bridge'?"),
        ("gates", 2, "closed_months", "12;13", "gates.csv:2:closed_months: 13 is out of range"),
        ("closures", 2, "start", "2023-13-01", "closures.csv:2:start: '2023-13-01' is no date"),
        (
            "regions",
            2,
            "flag",
            "guess",
            "regions.csv:2:flag: 'guess' is unknown; wanted is derived",
        ),
        ("regions", 2, "name", "", "regions.csv:2:name: is blank; wanted a value"),
        ("ledger_entries", 3, "exporter", "CCC", "ledger_entries.csv:3:exporter: 'CCC' is none of"),
        ("margins", 4, "importer", "AAA", "margins.csv:4:importer: 'AAA' is no member"),
        ("parameters", 2, "low", "9", "parameters.csv:2:value: 5.03 is not between low 9"),
        ("corridors", 2, "door_days_low", "99", "corridors.csv:2:door_days_low: 99 is above"),
        (
            "corridors",
            2,
            "corridor",
            "detour",
            "corridor_links.csv:2:corridor: 'over-pass'",
        ),
        ("export_composition", 2, "share", "0.2", "shares of 'AAA' sum to 1.1; wanted 1"),
        ("trade_totals", 2, "exports_musd", "1200", "exports sum to 2500, imports to 2400"),
        ("world", 3, "value", "MMXX", "world.csv:3:value: 'MMXX' is no year"),
        ("world", 4, "value", "gas", "world.csv:4:value: 'gas' is no good of goods.csv"),
        ("ledgers", 3, "default", "yes", "ledgers.csv:default: 2 ledgers are the default"),
        ("output", 2, "good", "fuel", "has no place in this table; the row is to be left out"),
        ("held_flows", 2, "importer", "AAA", "held_flows.csv:2:importer: is the exporter too"),
        ("closures", 2, "end", "2020", "closures.csv:2:end: 2020 is before 2023-03-01"),
        ("closures", 2, "end", "", "closures.csv:2:end: is blank and so is last_seen_closed"),
        (
            "closures",
            3,
            "last_seen_closed",
            "2023-12",
            "2023-12 is before 2024; wanted a later day",
        ),
    ],
)
def test_a_wrong_cell_is_located_and_answered(
    spoiled, table: str, row: int, column: str, value: str, wanted: str
) -> None:
    spoiled.put(table, row, column, value)
    problems = faults(spoiled.path)
    assert any(wanted in problem for problem in problems), problems


def test_all_faults_are_said_at_once(spoiled) -> None:
    spoiled.put("gdp", 2, "gdp_musd", "x")
    spoiled.put("gdp", 3, "region", "ZZZ")
    spoiled.put("tariffs", 4, "good", "fod")
    assert len(faults(spoiled.path)) == 3


def test_a_missing_column_and_the_one_in_its_place_are_both_named(spoiled) -> None:
    spoiled.put("gdp", 1, "gdp_musd", "gpd_musd")
    missing, unknown = faults(spoiled.path)
    assert missing.startswith("gdp.csv:1:gdp_musd: column is missing")
    assert "did you mean 'gpd_musd'?" in missing
    assert unknown.startswith("gdp.csv:1:gpd_musd: unknown column")


def test_a_duplicate_row_names_the_first(spoiled) -> None:
    spoiled.change("tariffs", lambda rows: rows.append(rows[1]))
    assert "stands already in row 2; wanted one row" in faults(spoiled.path)[0]


def test_a_short_row_is_counted(spoiled) -> None:
    spoiled.change("layers", lambda rows: rows[1].pop())
    assert "layers.csv:2: 3 cells; wanted 4, as in the header" in faults(spoiled.path)


@pytest.mark.parametrize(
    ("table", "row", "wanted"),
    [
        ("bans", "b,AAA,all,,1,2024,2025,", "bans.csv:2:states: AAA are not two regions"),
        ("bans", "b,AAA;BBB,sea,,1,2024,2025,", "bans.csv:2:scope: 'sea' is unknown"),
        ("bans", "b,AAA;BBB,all,,2,2024,2025,", "bans.csv:2:share: 2 is out of range"),
        ("bans", "b,AAA;BBB,all,,1,2024,,", "bans.csv:2:end: is blank and so is last_seen"),
        ("bans", "b,AAA;BBB,all,fools,1,2024,2025,", "bans.csv:2:goods: 'fools' is unknown"),
        ("detours", "AAA,AAA,0.5", "detours.csv:2:partner: is the region itself"),
        ("detours", "AAA,BBB,0.5", "detours.csv:2:partner: has no gate with this region"),
    ],
)
def test_stops_on_record_are_checked(spoiled, table: str, row: str, wanted: str) -> None:
    columns = {
        "bans": "ban,states,scope,goods,share,start,end,last_seen",
        "detours": "region,partner,kept_share",
    }
    content = f"{columns[table]},note,source,flag\n{row},,invented,estimated\n"
    (spoiled.path / f"{table}.csv").write_text(content, encoding="utf-8")
    problems = faults(spoiled.path)
    assert any(wanted in problem for problem in problems), problems


def test_a_table_may_do_without_its_optional_columns(spoiled) -> None:
    """Tables made before these columns were known still load, and say the same."""
    assert "year_round_from" not in (spoiled.path / "gates.csv").read_text(encoding="utf-8")
    assert "share" not in (spoiled.path / "closures.csv").read_text(encoding="utf-8")
    world = load_world(spoiled.path)
    assert {closure.share for closure in world.closures} == {1.0}
    assert not any(gate.year_round_from for gate in world.gates)


def test_a_missing_row_is_named(spoiled) -> None:
    spoiled.change("tariffs", lambda rows: rows.pop())
    assert faults(spoiled.path) == (
        "tariffs.csv:importer: no row for 'CCC metals extra_duty'; wanted one",
    )


def test_a_gap_in_the_years_of_growth_is_named(spoiled) -> None:
    spoiled.change("growth", lambda rows: rows.pop(3))
    assert faults(spoiled.path) == ("growth.csv:region: no row for 'AAA 2025'; wanted one",)


def test_a_missing_table_is_named(spoiled) -> None:
    (spoiled.path / "gates.csv").unlink()
    assert any(line.startswith("gates.csv: no such table") for line in faults(spoiled.path))


def test_text_that_is_not_utf8_is_refused(spoiled) -> None:
    (spoiled.path / "goods.csv").write_bytes(b"good,name\n\xff\xfe")
    assert any("goods.csv:2: byte 0xff is not UTF-8" in line for line in faults(spoiled.path))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "no such folder" in faults(tmp_path / "nowhere")[0]


def test_an_unknown_ledger_is_answered(tiny: Path) -> None:
    with pytest.raises(WorldError, match="did you mean 'bayland'"):
        load_world(tiny, ledger="baylnd")


def test_distances_are_needed_only_where_trade_is_missing(spoiled) -> None:
    spoiled.change("distances", lambda rows: rows.pop())
    assert "distances.csv:region: no row for 'BBB CCC'" in faults(spoiled.path)[0]
    spoiled.put("trade_prior", 6, "trade_musd", "50")
    assert load_world(spoiled.path).calibration.gaps == ()


def test_nearest_ignores_case_and_stays_silent_on_strangers() -> None:
    assert did_you_mean("Food", ["food"]) == "; did you mean 'food'?"
    assert did_you_mean("zzzz", ["food"]) == ""


@pytest.mark.parametrize("place", ["packaged", "tiny"])
def test_every_row_has_a_flag_and_a_source_that_exists(place: str, tiny: Path) -> None:
    tables = read_tables(PACKAGED if place == "packaged" else tiny)
    known = set(tables["sources"].column("source"))
    assert set(tables) == set(SCHEMAS)
    for table in tables.values():
        absent = place == "tiny" and SCHEMAS[table.name].optional  # none of energy there
        assert table.rows or absent, f"{table.name} is empty"
        for row in table:
            assert row.text("flag") in ("seen", "derived", "estimated"), (table.name, row.line)
            assert row.text("source") in known, (table.name, row.line)


def test_what_is_remembered_is_not_called_seen() -> None:
    for table in read_tables(PACKAGED).values():
        for row in table:
            if row.text("source") == "recollection":
                assert row.text("flag") == "estimated", (table.name, row.line)


def test_the_readme_names_every_table_and_column() -> None:
    readme = (PACKAGED / "README.md").read_text(encoding="utf-8")
    for name, schema in SCHEMAS.items():
        line = next(
            line for line in readme.splitlines() if line.startswith("|") and f"`{name}`" in line
        )
        for column in schema.columns[:-2]:
            assert f"`{column.name}`" in line, (name, column.name)


def test_the_hash_follows_the_content_and_nothing_else(spoiled, tiny: Path) -> None:
    before = content_hash(spoiled.path)
    assert before == content_hash(tiny)
    (spoiled.path / "notes.txt").write_text("not a table")
    assert content_hash(spoiled.path) == before
    spoiled.put("gdp", 2, "gdp_musd", "20001")
    assert content_hash(spoiled.path) != before


def test_names_agree_with_the_world(tiny: Path) -> None:
    for folder in (tiny, None):
        names, world = world_names(folder), load_world(folder)
        assert names.base_year == world.base_year
        assert names.regions == world.regions
        assert names.goods == world.goods
        assert names.layers == tuple(world.tariffs.mfn_rate_by_type)
        assert names.gates == tuple(gate.gate for gate in world.gates)
        assert names.ports == tuple(port.port for port in world.ports)
        assert names.routes == tuple(route.corridor for route in world.corridors)
        assert names.parameters == tuple(world.parameters)
        assert dict(names.customs_unions) == dict(world.customs_unions)


def test_names_need_no_arrays() -> None:
    import subprocess
    import sys

    code = "import sys, sim.world.names as n; n.world_names(); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_table_may_do_without_a_column_that_has_a_default(tmp_path, project_root):
    import shutil

    from sim.world.load import load_world

    tiny = project_root / "tests" / "worlds" / "tiny"
    old = tmp_path / "old"
    shutil.copytree(tiny, old)
    for name in ("ledgers", "held_flows"):
        rows = [line.split(",") for line in (old / f"{name}.csv").read_text().splitlines()]
        kept = [
            k
            for k, title in enumerate(rows[0])
            if title not in ("log_sd", "quarter_log_sd", "degrees")
        ]
        assert len(kept) < len(rows[0])
        text = "\n".join(",".join(row[k] for k in kept) for row in rows)
        (old / f"{name}.csv").write_text(f"{text}\n")
    world = load_world(old)
    assert (world.held_log_sd == 0.0).all()
    assert {error.log_sd for error in world.ledger_errors.values()} == {0.1}
