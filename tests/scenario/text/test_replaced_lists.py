"""Lists of an extended file: added to with a plus, told of where their entries get lost."""

import pytest

from sim.scenario.scenario_file import check_scenario

BASE = """\
version: 1
title: base
question: base?
horizon: {start: 2022Q4, end: 2030Q4}
baseline: {ledger: any}
targets: {goal: {pair: [AAA, BBB], trade_musd: 10, deadline: 2030Q4}}
closures:
  pass: [{from: 2026-01-01, until: 2026-12-31, share: 0.5}]
"""


def checked(folder, closures: str):
    (folder / "base.yaml").write_text(BASE)
    own = folder / "own.yaml"
    own.write_text(f"extends: base.yaml\ntitle: own\nclosures:\n  {closures}\n")
    found = check_scenario(own, None)
    assert found.problems == ()
    return found


def test_a_plus_adds_to_the_list_of_the_extended_file(tmp_path):
    found = checked(tmp_path, "+pass: [{from: 2028-01-01, until: 2028-06-30}]")
    assert [str(c.from_date)[:4] for c in found.scenario.closures["pass"]] == ["2026", "2028"]
    assert found.warnings == ()


def test_a_plus_without_a_list_below_is_the_list_itself(tmp_path):
    found = checked(tmp_path, "+port: [{from: 2028-01-01, until: 2028-06-30}]")
    assert set(found.scenario.closures) == {"pass", "port"}


@pytest.mark.parametrize(
    ("entries", "is_told"),
    [
        ("{from: 2028-01-01, until: 2028-06-30}", True),
        ("{from: 2025-07-01, until: 2027-06-30}", False),
        ("{from: 2025-07-01, until: 2027-06-30, share: 0.2}", True),
        ("{from: 2026-01-01, until: 2026-06-30}, {from: 2026-07-01}", False),
        ("{from: 2026-01-01, until: 2026-06-30}, {from: 2026-07-02}", True),
    ],
)
def test_days_that_a_replacement_loses_are_told(tmp_path, entries, is_told):
    found = checked(tmp_path, f"pass: [{entries}]")
    assert len(found.scenario.closures["pass"]) == entries.count("from")
    told = [warning.message for warning in found.warnings if "replaces" in warning.message]
    assert bool(told) == is_told
    assert all("closures.pass replaces 1 entry of" in message for message in told)
