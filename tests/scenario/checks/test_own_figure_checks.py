"""Own figures are checked where they stand, against each other and the totals of the world."""

import pytest

MISTAKES = {
    "trade: [{exporter: PAK, importer: KAZZ, trade_musd: 1, source: s}]": "'KAZZ' is not a state",
    "trade: [{exporter: PAK, importer: PAK, trade_musd: 1, source: s}]": "sells to itself",
    "trade: [{exporter: PAK, importer: KAZ, trade: 1, source: s}]": "did you mean 'trade_musd'?",
    "trade: [{exporter: PAK, importer: KAZ, trade_musd: 1}]": "no key 'source'",
    "trade: [{exporter: PAK, importer: KAZ, trade_musd: -1, source: s}]": "wanted million USD",
    "growth: [{region: KAZ, year: 2022, real_growth: 0.04, source: s}]": "wanted a year from 2023",
    "growth: [{region: KAZ, year: 2030, real_growth: 4, source: s}]": "write 0.04",
    "gdp: [{region: KAZ, gdp_musd: 1, source: s}, {region: KAZ, gdp_musd: 2, source: s}]": (
        "world.gdp.2 is of the same region as 1"
    ),
    "tariffs: [{importer: KAZ, goods: [food], tariff_rate: 0.1, source: s}, {importer: KAZ, "
    "goods: [metals, food], tariff_rate: 0.2, source: s}]": "tariffs.2 is of the same importer",
    "tariffs: [{importer: KAZ, goods: all, tariff_rate: 0.1, source: s}, {importer: KAZ, "
    "duty_type: customs_duty, goods: [food], tariff_rate: 0.2, source: s}]": (
        "tariffs.2 is of the same importer and duty_type and goods as 1"
    ),
    "tariffs: [{importer: KAZ, goods: [fod], tariff_rate: 0.1, source: s}]": "did you mean 'food'?",
    "tariffs: [{importer: KAZ, goods: all, tariff_rate: 20, source: s}]": "write 0.2",
    "tarifs: []": "did you mean 'tariffs'?",
}


@pytest.mark.parametrize("block", MISTAKES)
def test_a_mistake_is_told_at_its_place(check, valid_text, block):
    checked = check(f"{valid_text}world:\n  {block}\n")
    assert checked.scenario is None
    told = [p for p in checked.problems if MISTAKES[block] in str(p)]
    assert told, [str(p) for p in checked.problems]
    assert told[0].line > 0
    assert told[0].column > 0


def test_an_income_far_from_the_tables_is_asked_about(check, valid_text):
    checked = check(valid_text + "world: {gdp: [{region: KAZ, gdp_musd: 225000000, source: s}]}\n")
    assert checked.scenario is not None
    assert any("is the unit right?" in str(w) for w in checked.warnings)


def test_figures_become_rows_of_tables(check, valid_text):
    checked = check(
        f"{valid_text}world:\n"
        "  trade: [{exporter: PAK, importer: KAZ, trade_musd: 5000, source: s}]\n"
        "  tariffs: [{importer: KAZ, goods: [food, metals], tariff_rate: 0.1, source: t}]\n"
    )
    rows = checked.scenario.own_figures
    assert [row[0] for row in rows] == ["held_flows", "tariffs", "tariffs"]
    assert dict(rows[0][1])["trade_musd"] == "5000"
    assert [dict(row[1])["good"] for row in rows[1:]] == ["food", "metals"]
    assert {row[2] for row in rows} == {"s", "t"}


@pytest.mark.parametrize(
    "block",
    [
        "gdp: [{region: KAZ, gdp_musd: 2e5, source: s}, {region: KAZ, gdp_musd: 2e5, source: t}]",
        "trade: [{exporter: PAK, importer: KAZ, trade_musd: 20000, source: s}, {exporter: PAK, "
        "importer: KAZ, trade_musd: 20000, source: s}]",
        "tariffs: [{importer: KAZ, goods: [food], tariff_rate: 0.1, source: s}, {importer: KAZ, "
        "goods: [food, metals], tariff_rate: 0.1, source: s}, {importer: KAZ, goods: [food], "
        "duty_type: additional_duties, tariff_rate: 0.3, source: s}]",
    ],
)
def test_a_figure_that_is_said_twice_is_one(check, valid_text, block):
    checked = check(f"{valid_text}world:\n  {block}\n")
    assert checked.scenario is not None, [str(p) for p in checked.problems]
