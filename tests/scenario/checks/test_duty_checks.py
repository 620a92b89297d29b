"""Duties that rise and agreements that end: read, or refused at the place."""

import pytest

from sim.scenario.scenario_file import check_scenario, load_scenario
from tests.conftest import ROOT

TINY = (ROOT / "tests" / "worlds" / "tiny.yaml").read_text(encoding="utf-8")
MARK = "¦"
RISE = "{importer: BBB, exporters: [AAA], goods: all, add_rate: 0.25, from: 2025Q1}"


@pytest.fixture
def check(tmp_path, tiny_names):
    """Check the tiny scenario with some more lines; `¦` marks where the problem must be."""

    def checked(more, base=TINY):
        file = tmp_path / "asked.yaml"
        file.write_text(base + more.replace(MARK, ""), encoding="utf-8")
        return check_scenario(file, tiny_names)

    return checked


def test_rises_and_endings_are_read(check):
    more = (
        f"duties:\n  war: {RISE}\nends:\n  a-c-union: [{{last_quarter: 2025Q4, members: [CCC]}}]\n"
    )
    found = check(more)
    assert not found.problems
    assert found.scenario.duties["war"].add_rate == 0.25
    assert found.scenario.ends["a-c-union"][0].members == ("CCC",)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("duties: {¦war: {importer: BBB, goods: all, from: 2025Q1}}\n", "duties.war says no rate"),
        (
            "duties: {¦war: {importer: BBB, goods: all, from: 2025Q1, add_rate: 0.1, "
            "to_rate: 0.2}}\n",
            "duties.war says both add_rate and to_rate",
        ),
        (
            "duties: {war: {importer: BBB, goods: all, from: 2025Q1, add_rate: ¦25}}\n",
            "duties.war.add_rate is 25; wanted a rate from 0 to 10 (0.2 is 20 %): is this percent? "
            "write 0.25",
        ),
        (
            "duties: {war: {importer: BBB, exporters: [¦BBB], goods: all, from: 2025Q1, "
            "add_rate: 0.1}}\n",
            "'BBB' raises a duty on itself",
        ),
        (
            "duties: {war: {importer: BBB, goods: all, from: 2025Q2, until: ¦2025Q1, "
            "add_rate: 0.1}}\n",
            "duties.war.until 2025Q1 is before from 2025Q2",
        ),
        (
            "duties: {war: {importer: BBB, goods: [¦foot], from: 2025Q1, add_rate: 0.1}}\n",
            "did you mean 'food'",
        ),
        (
            "ends: {¦a-c-onion: [{last_quarter: 2025Q4}]}\n",
            "which is no agreement on record",
        ),
        (
            "ends: {¦treaty: [{last_quarter: 2025Q4}]}\n",
            "ends.treaty is an agreement of this file, not one on record",
        ),
        (
            "ends: {a-c-union: [{last_quarter: 2025Q4, members: [¦BBB]}]}\n",
            "'BBB' is not a member of the agreement; wanted one of AAA, CCC",
        ),
    ],
)
def test_a_mistake_is_found_where_it_is(check, more, message):
    found = check(more)
    lines = (TINY + more).splitlines()
    line = next(k for k, text in enumerate(lines, start=1) if MARK in text)
    column = lines[line - 1].index(MARK) + 1
    matching = [p for p in found.problems if message in f"{p.message}; {p.wanted}; {p}"]
    assert matching, [str(p) for p in found.problems]
    assert (matching[0].line, matching[0].column) == (line, column)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            "duties: {war: {importer: AAA, goods: all, from: 2025Q1, add_rate: 0.1}}\n",
            "as written the change is refused",
        ),
        (
            "duties: {war: {importer: BBB, goods: all, from: 2040Q1, add_rate: 0.1}}\n",
            "lies outside the horizon",
        ),
        ("ends: {b-c-old: [{last_quarter: 2025Q4}]}\n", "so it cannot end with 2025Q4"),
    ],
)
def test_what_has_no_effect_is_told(check, more, told):
    found = check(more)
    assert not found.problems
    assert any(told in warning.message for warning in found.warnings), found.warnings


def test_a_member_can_leave_an_agreement_of_the_file(check):
    left = TINY.replace("    concessions:", "    leaves: {AAA: 2026Q4}\n    concessions:")
    assert not check("", left).problems
    (problem,) = check("", left.replace("{AAA", "{CCC")).problems
    assert "'CCC' is not a member of the agreement" in problem.message


def test_a_member_cannot_leave_before_the_agreement_is_in_force(check):
    left = TINY.replace("    concessions:", "    leaves: {AAA: 2023Q2}\n    concessions:")
    (problem,) = check("", left).problems
    assert "agreements.treaty.leaves.AAA 2023Q2 is before the agreement" in problem.message
    assert "2023Q3 or later" in problem.wanted
    assert not check("", left.replace("2023Q2}", "2023Q3}")).problems


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ("trade_change: {fixed: ¦-1}", "trade_change holds -1; wanted numbers from -0.95 to 5"),
        ("trade_change: {uniform: [0, ¦50]}", "trade_change holds 50"),
        ("cost_share: {fixed: ¦10}", "cost_share holds 10; wanted numbers from 0 to 1"),
        ("days: {normal: [¦-3, 1]}", "days holds -3; wanted numbers from 0 to 365"),
        ("usd_per_container: {fixed: ¦2e6}", "usd_per_container holds 2e+06"),
    ],
)
def test_a_size_of_a_cost_beyond_its_bounds_is_refused_at_its_place(check, size, told):
    more = f"trade_costs:\n  c: {{pair: [AAA, BBB], {size}, from: 2025Q1, source: x}}\n"
    (problem,) = check(more).problems
    assert f"trade_costs.c.{told}" in f"{problem.message}; {problem.wanted}"
    assert problem.column == more.splitlines()[1].index(MARK) + 1


def test_what_is_on_record_between_the_members_is_told(check):
    (warning,) = [w for w in check("").warnings if "on record already" in w.message]
    assert "agreements.treaty: a-b-later" in warning.message
    assert "the better cut counts" in warning.wanted


def test_users_own_files_for_a_rise_and_an_exit_have_a_spelling(cases, tiny_names, tmp_path):
    """What the two files mean, as this format says it."""
    folder = cases / "reports" / "no-word-for-a-rise-or-an-exit"
    if not folder.is_dir():
        pytest.skip("users' own files are not there")
    text = (folder / "rise.yaml").read_text(encoding="utf-8")
    text = text[: text.index("agreements:")] + f"duties:\n  up: {RISE}\n"
    file = tmp_path / "rise.yaml"
    file.write_text(text, encoding="utf-8")
    assert load_scenario(file, tiny_names).duties
