"""What the page says: changes, ledgers, routes, assumptions."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from sim.report.evidence.assumptions import assumptions_of, assumptions_section
from sim.report.evidence.scenario_changes import changes_of
from sim.report.page.formatting import musd
from sim.report.page.recorded_trade import recorded_years
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import MARGIN_IN, WIDTH_IN, spread, text_width_in, wrapped
from sim.report.transport.pair_routes import route_rows


@pytest.fixture(scope="module")
def inputs(made_up) -> ReportInputs:
    return made_up.inputs(made_up.scenario())


def test_agreements_are_told_in_plain_words(inputs):
    preferential, transit, closures = changes_of(inputs.scenario, inputs.world)
    assert "Pakistan and Kazakhstan" in preferential.heading
    assert "in force from 2027Q3" in preferential.heading
    first, second, origin = preferential.points
    assert first.startswith("Pakistan takes 50\xa0% off its customs duty")
    assert "from Kazakhstan" in first
    assert "over 5 years" in first
    assert "20\xa0% of this trade left out" in first
    assert "on all goods from Pakistan" in second
    assert "up to 100 million USD a year" in second
    assert "waiver" in second
    assert "2\xa0%" in origin
    assert any("joint toll" in point for point in transit.points)
    assert closures.points == ("Torkham (1 closure): 2025-10-11 to 2026-12-31.",)


def test_a_refused_concession_is_said_to_have_no_effect(made_up):
    refused = dict(made_up.PREFERENTIAL)
    refused["concessions"] = [{"grantor": "KAZ", "goods": "all", "cut": 0.5}]
    (change, *_) = changes_of(made_up.scenario({"pta": refused}), made_up.world())
    assert "no effect" in change.points[0]


def test_partial_years_are_counted_and_left_out(made_up):
    here = made_up.world()
    records = recorded_years(here, ("PAK", "KAZ"))
    assert records.n_partial > 0
    assert {year.ledger for year in records.years if not year.doubtful} >= {
        "pakistan",
        "kazakhstan",
    }
    assert recorded_years(here, ("KAZ", "PAK")) == records


def test_two_directions_make_a_total(made_up):
    here = made_up.world()
    entry = replace(
        here.ledgers[0], ledger="kazakhstan", region="PAK", partner="KAZ", exporter="PAK",
        start="2030-01-01", end="2030-12-31", trade_musd=30.0, doubtful=False,
    )  # fmt: skip
    back = replace(entry, exporter="KAZ", trade_musd=12.0)
    (year,) = recorded_years(replace(here, ledgers=(entry, back)), ("PAK", "KAZ")).years
    assert year.trade_musd == 42.0
    assert year.place == pytest.approx(2030.0, abs=0.01)
    alone = recorded_years(replace(here, ledgers=(entry,)), ("PAK", "KAZ"))
    assert alone.years == ()
    assert alone.n_partial == 1


def test_way_shares_are_means_over_runs(inputs):
    (finding,) = inputs.findings
    rows = route_rows(inputs, finding)
    year = [f"2030Q{q}" for q in (1, 2, 3, 4)]
    tonnes = inputs.asked["route_tonnes"].sel(quarter=year).mean(["run", "quarter"]).to_numpy()
    expected = sorted(tonnes / tonnes.sum(), reverse=True)
    assert [row.asked for row in rows] == pytest.approx(expected)


def test_way_shares_have_the_interval_of_a_ratio_of_means(inputs):
    (finding,) = inputs.findings
    labels = list(inputs.asked["route"].to_numpy())
    rng = np.random.default_rng(1)
    tonnes = inputs.asked["route_tonnes"].copy(deep=True)
    tonnes[:] = rng.gamma(2.0, 1e4, (tonnes.sizes["run"], 1, len(labels)))
    uneven = inputs.asked.assign(route_tonnes=tonnes)
    changed = replace(inputs, results={**inputs.results, "as asked": uneven})
    each = tonnes[:, 0].to_numpy()
    drawn = rng.integers(0, len(each), (4000, len(each)))
    means = each[drawn].mean(axis=1)
    shares = means / means.sum(axis=1, keepdims=True)
    expected = np.quantile(shares, [0.05, 0.95], axis=0)
    names = [str(label).partition(": ")[2] for label in labels]
    for row in route_rows(changed, finding):
        low, high = row.with_agreements_interval
        assert low < row.asked < high
        assert [low, high] == pytest.approx(expected[:, names.index(row.gates)], abs=0.01)


def test_shares_alike_in_every_run_have_an_interval_without_width_whatever_the_tonnes(inputs):
    (finding,) = inputs.findings
    tonnes = inputs.asked["route_tonnes"].mean(["run", "quarter"])
    size = inputs.asked["route_tonnes"].sum("route")
    alike = inputs.asked.assign(route_tonnes=(size * tonnes).transpose("run", "quarter", "route"))
    changed = replace(inputs, results={**inputs.results, "as asked": alike})
    for row in route_rows(changed, finding):
        assert row.first_interval == pytest.approx((row.first, row.first))
        assert row.with_agreements_interval == pytest.approx((row.asked, row.asked))


def test_changed_assumptions_come_first(inputs):
    rows = assumptions_of(inputs)
    assert [row.is_changed for row in rows] == [True] + [False] * (len(rows) - 1)
    assert rows[0].value.text == "triangular 3.8 – 5 – 7"
    assert all(row.unit for row in rows)
    assert all(row.source for row in rows)


def test_a_parameter_that_was_not_drawn_is_not_shown_as_drawn(inputs):
    name = next(n for n, p in inputs.world.parameters.items() if p.distribution == "triangular")
    held = {
        variant: data.assign({f"parameter_{name}": data[f"parameter_{name}"] * 0 + 4.0})
        for variant, data in inputs.results.items()
    }
    unchanged = inputs.scenario.model_copy(update={"uncertainty": {}})
    still = ReportInputs(unchanged, inputs.world, held, inputs.findings)
    title = inputs.world.parameters[name].title
    (row,) = (row for row in assumptions_of(still) if row.title == title)
    assert row.value.text.startswith("4 in every run")


def test_an_assumption_that_nothing_called_on_is_named_and_not_counted_as_used(inputs, made_up):
    idle = inputs.world.parameters[made_up.IDLE].title
    *_, used, others = assumptions_section(inputs).blocks
    table, _ = used.blocks
    assert used.is_printed
    assert not any(row[0].startswith(idle) for row in table.rows)
    assert idle in others.blocks[0].text


def test_labels_keep_their_distance_and_their_bounds():
    places = spread([0.0, 0.1, 0.1, 9.9, 10.0], 1.0, low=0.0, high=10.0)
    assert sorted(places) == places
    assert min(b - a for a, b in pairwise(places)) > 1.0 - 1e-9
    assert places[0] >= 0.0
    assert places[-1] <= 10.0


def test_what_is_left_where_every_way_is_shut_reads_as_nothing():
    assert musd(1.3e-30) == musd(0.0) == "0"
    assert musd(0.002) == "0.002"


@pytest.mark.parametrize(
    "text",
    ["W" * 400, "m " * 200, "Bands hold 90 % of the runs; " * 12, "", "one", "i" * 1000],
)
def test_lines_of_a_figure_fit_between_its_margins_and_lose_nothing(text):
    lines = wrapped(text, 8.0)
    assert all(text_width_in(line, 8.0) <= WIDTH_IN - 2 * MARGIN_IN for line in lines)
    kept = "".join(lines).replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    assert kept == text.replace(" ", "")
    assert not any(line.startswith("%") for line in lines)
