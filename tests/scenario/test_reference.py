"""The page of all keys of a scenario file says what the schema says."""

import json

from sim.scenario.blocks.scenario import schema_text
from sim.scenario.reference import reference_text


def test_the_page_in_docs_is_of_this_schema(project_root):
    scenarios = sorted((project_root / "scenarios").glob("*.yaml"))
    page = (project_root / "docs" / "scenario-keys.md").read_text(encoding="utf-8")
    assert page == reference_text(scenarios), "run sim schema --reference scenarios/*.yaml"


def test_every_key_of_every_block_has_a_row_that_says_its_meaning():
    page = reference_text()
    schema = json.loads(schema_text(old_spellings=False))
    for block in (schema, *schema["$defs"].values()):
        for key, stated in block["properties"].items():
            (row, *_) = [row for row in page.splitlines() if row.startswith(f"| `{key}` |")]
            assert row.split("|")[2].strip(), f"{key} has no kind of value"
            assert "description" in stated, f"{key} has no description"


def test_required_keys_defaults_units_and_ranges_are_told():
    rows = reference_text().splitlines()
    assert any("| `cut` | number, from 0 to 1, share | required |" in row for row in rows)
    assert any("| `phase_in_years` | number, from 0 to 50, years | `0.0` |" in row for row in rows)
    assert any("| `runs` | whole number, from 1 to 1e+06 | `160` |" in row for row in rows)


def test_examples_are_values_of_the_files(tmp_path):
    file = tmp_path / "some.yaml"
    file.write_text("agreements: {pact: {kind: preferential, concessions: [{cut: 0.37}]}}")
    rows = reference_text([file]).splitlines()
    assert any(row.startswith("| `cut` |") and "| `0.37` |" in row for row in rows)
