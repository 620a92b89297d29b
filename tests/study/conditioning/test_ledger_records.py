"""Records of the packaged world as the conditioning law reads them."""

import csv
from collections import defaultdict
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import optimize, stats

from bench.base_estimate import base_estimate
from sim.laws.numerics.calendar import parse_quarter
from sim.laws.uncertainty.conditioning import EffectiveSample, effective_sample, log_likelihood
from sim.laws.uncertainty.spans import Span, increments
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.uncertainty.base_error import base_error, residual_and_base_error
from sim.study.conditioning.ledger_records import (
    as_of,
    entries_for,
    last_record,
    records_for,
    too_few,
)

OUT, BACK = ("PAK", "KAZ"), ("KAZ", "PAK")
QUARTERS = range(parse_quarter("2022Q4"), parse_quarter("2030Q4") + 1)


@pytest.fixture
def scenario(scenario_with):
    return scenario_with(horizon={"start": "2022Q4", "end": "2030Q4"})


def told(records, direction):
    return [
        (str(r.span.start), str(r.span.end), round(r.span.trade_musd, 3))
        for r in records
        if r.directions == (direction,)
    ]


def test_each_day_counts_once_by_direction(world):
    records = records_for(world, [OUT, BACK], parse_quarter("2025Q4"))
    assert told(records, OUT) == [
        ("2023-07-01", "2024-06-30", 185.25),
        ("2024-07-01", "2025-06-30", 97.96),
        ("2025-07-01", "2025-10-31", 24.54),
    ]
    assert told(records, BACK) == [
        ("2023-07-01", "2024-06-30", 0.677),
        ("2024-07-01", "2025-06-30", 129.63),
        ("2025-07-01", "2025-10-31", 0.263),
    ]


def test_what_is_not_over_by_then_is_told_as_far_as_it_was_published(world):
    records = records_for(world, [OUT], parse_quarter("2024Q1"))
    assert told(records, OUT) == [("2023-07-01", "2024-02-29", 90.76)]
    assert records_for(world, [OUT], parse_quarter("2022Q4")) == ()


def test_statements_and_doubtful_figures_are_no_records(world):
    spoiled = replace(
        world, ledgers=tuple(replace(entry, basis="statement") for entry in world.ledgers)
    )
    assert records_for(spoiled, [OUT], parse_quarter("2025Q4")) == ()
    assert last_record(spoiled) == parse_quarter("2022Q4")
    assert [entry.trade_musd for entry in world.stated(*OUT) if entry.ledger == "pakistan"] == [197]


def test_only_directions_held_to_the_ledger_are_recorded(world):
    assert records_for(world, [("PAK", "CHN")], parse_quarter("2025Q4")) == ()
    assert records_for(world, [("PAK", "CHN")], parse_quarter("2025Q4"), held_only=False)


def test_two_way_figures_fill_what_the_directions_leave_open(world):
    entry = next(e for e in world.ledgers if e.ledger == "pakistan" and e.exporter == "PAK")
    later = replace(entry, exporter="", partner="KAZ", start="2025-07-01", end="2025-12-31",
                    trade_musd=70.0, basis="part")  # fmt: skip
    earlier = replace(later, start="2023-07-01", end="2023-12-31")
    own = [e for e in world.ledgers if e.end != "2025-10-31"]
    told_both = replace(world, ledgers=(*own, later, earlier))
    records = records_for(told_both, [OUT, BACK], parse_quarter("2025Q4"))
    both = [r for r in records if len(r.directions) == 2]
    assert [(str(r.span.start), r.span.trade_musd) for r in both] == [("2025-07-01", 70.0)]


def test_arrays_weigh_quarters_by_days(scenario, world):
    entries = entries_for(scenario, world, [BACK, OUT], QUARTERS)
    assert entries.weight.shape == (6, 2, len(QUARTERS))
    part = next(e for e in range(6) if entries.recorded_musd[e] == 24.54)
    at = QUARTERS.index(parse_quarter("2025Q3"))
    assert_allclose(entries.weight[part, 1, at : at + 2], [0.25, 0.25 * 31 / 92])
    assert entries.weight[part, 0].sum() == 0.0
    assert_allclose(entries.weight.sum(axis=(1, 2)), [1, 1, 0.25 * (1 + 31 / 92)] * 2)
    assert (entries.log_sd > 0.1).all()
    assert entries.log_sd[part] == entries.log_sd.max()


def test_as_of_the_base_year_nothing_is_known(scenario_with, world):
    asked = scenario_with(horizon={"start": "2022Q4", "end": "2030Q4"}, as_of="2022Q4")
    assert as_of(asked, world) == parse_quarter("2022Q4")
    entries = entries_for(asked, world, [OUT, BACK], QUARTERS)
    weight = log_likelihood(np.ones((3, 2, 33)), np.ones((5, 2, 33)), entries)
    assert effective_sample(weight) == EffectiveSample(15.0, 3.0, 5.0)


def test_left_out_the_last_record_counts(scenario, world):
    assert as_of(scenario, world) == last_record(world) == parse_quarter("2025Q4")


def test_what_lies_beyond_the_paths_is_left_out(scenario, world):
    entries = entries_for(scenario, world, [OUT], range(QUARTERS[0], parse_quarter("2024Q4") + 1))
    assert_allclose(entries.recorded_musd, [185.25, 39.43])


def test_few_effective_runs_are_told_in_words():
    assert too_few(EffectiveSample(28_000.0, 50.0, 900.0), 192_000) == ""
    assert "worth 412 equal ones" in too_few(EffectiveSample(412.4, 3.0, 200.0), 131_072)
    assert too_few(EffectiveSample(16.0, 16.0, 1.0), 16) == ""


HELD = [OUT, BACK, ("PAK", "UZB"), ("UZB", "PAK"), ("PAK", "TKM"), ("TKM", "PAK")]


@pytest.mark.parametrize(("exporter", "importer"), HELD)
def test_held_flows_are_the_estimate_from_the_ledgers_own_entries(world, exporter, importer):
    """Table and law agree; the 197 million as stated are no part of it."""
    spans = [
        Span(date.fromisoformat(e.start), date.fromisoformat(e.end), e.trade_musd)
        for e in world.ledgers
        if e.ledger == "pakistan" and e.exporter == exporter and e.importer == importer and e.counts
    ]
    base_end = date(world.base_year, 12, 31)
    records = [span for span in increments(spans) if span.start <= base_end]
    error = world.ledger_errors["pakistan"]
    found = base_estimate(
        records,
        world.base_year,
        wander_per_year=0.13,  # all of Pakistan's partners (sim.laws.uncertainty.residuals)
        quarter_log_sd=error.quarter_log_sd,
        record_log_sd=error.log_sd,
    )
    i, j = world.region_index(exporter), world.region_index(importer)
    assert_allclose(world.pair_musd(exporter, importer), found.trade_musd, rtol=0.01)
    assert_allclose(world.held_log_sd[i, j], found.log_sd, atol=0.005)


def test_base_error_is_the_same_whoever_else_is_drawn(world):
    i, j = world.region_index("PAK"), world.region_index("KAZ")
    streams = Streams(1, range(4000))
    both = base_error(world, streams, [(i, j), (j, i)])
    assert both.shape == (4000, 2)
    assert_allclose(both.std(axis=0), [world.held_log_sd[i, j], world.held_log_sd[j, i]], rtol=0.05)
    assert_allclose(np.corrcoef(both.T)[0, 1], 0.0, atol=0.05)
    assert_allclose(base_error(world, Streams(1, [7]), [(j, i)])[0, 0], both[7, 1])


def test_a_flow_without_an_error_on_record_is_taken_as_it_stands(world):
    i, j = world.region_index("KAZ"), world.region_index("CHN")
    assert not base_error(world, Streams(1, range(3)), [(i, j)]).any()


def test_error_of_a_ledger_is_what_partners_disagree_on(world, cases):
    """Change of the log ratio of both reporters' figures: two ledgers in two years, four errors."""
    figures = defaultdict(dict)
    with (cases.parent / "facts" / "observed_trade.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if "Comtrade by WITS" in row["ledger"] and row["flow"] == "one-way":
                key = row["from"], row["to"], int(row["period_start"][:4])
                figures[key][row["ledger"][:3]] = float(row["value_musd"])
    ratio = {
        key: np.log(told[key[0]] / told[key[1]]) for key, told in figures.items() if len(told) == 2
    }
    change = [
        ratio[a, b, year + 1] - ratio[a, b, year]
        for a, b, year in ratio
        if (a, b, year + 1) in ratio
    ]
    assert len(change) > 25
    assert_allclose(world.ledger_errors["pakistan"].log_sd, np.std(change) / 2, atol=0.01)


def test_lump_of_a_quarter_is_the_difference_of_adjoining_halves(world):
    flows = {(e.exporter, e.importer) for e in world.ledgers if e.ledger == "pakistan"}
    differences = []
    for exporter, importer in flows - {("PAK", "AFG"), ("AFG", "PAK")}:  # shut since October 2025
        spans = [
            Span(date.fromisoformat(e.start), date.fromisoformat(e.end), e.trade_musd)
            for e in world.ledgers
            if (e.ledger, e.exporter, e.importer) == ("pakistan", exporter, importer) and e.counts
        ]
        halves = _halves(increments(spans))
        differences += [
            np.log(halves[k + 1] / halves[k]) for k in halves if halves.get(k + 1, 0.0) > 0.0
        ]
    assert len(differences) >= 18
    error = world.ledger_errors["pakistan"]

    def misfit(scale):
        return -stats.t.logpdf(differences, error.degrees, 0.0, scale).sum()

    scale = optimize.minimize_scalar(misfit, bounds=(0.05, 3.0), method="bounded").x
    assert_allclose(error.quarter_log_sd, scale, atol=0.05)


def _halves(spans):
    """Half-years that are covered throughout, by twice the year plus one for the second half."""
    found = {}
    for half in range(2 * 2023, 2 * 2026):
        year, second = divmod(half, 2)
        first = date(year, 7 if second else 1, 1)
        last = date(year, 12, 31) if second else date(year, 6, 30)
        inside = [span for span in spans if span.start >= first and span.end <= last]
        if sum((span.end - span.start).days + 1 for span in inside) == (last - first).days + 1:
            found[half] = sum(span.trade_musd for span in inside)
    return found


def test_one_lumpy_year_does_not_decide(scenario, world):
    """129.63 million between 0.7 and 0.3: more remains than the few paths that come near it."""
    entries = entries_for(scenario, world, [OUT, BACK], QUARTERS)
    pairs = [tuple(map(world.region_index, direction)) for direction in (OUT, BACK)]
    streams = Streams(scenario.seed, range(2048))
    paths = residual_and_base_error(scenario, world, streams, np.array(QUARTERS))
    factor = np.exp(np.stack([paths[:, i, j] for i, j in pairs], axis=1))
    base = np.array([world.pair_musd(*direction) for direction in (OUT, BACK)])
    known = np.broadcast_to(base[:, None], (1, 2, len(QUARTERS)))

    def effective(degrees):
        errors = entries._replace(degrees=np.full(entries.n, degrees))
        return effective_sample(log_likelihood(known, factor, errors)).residual

    assert (entries.degrees == 1.0).all()
    assert effective(1.0) > 5 * effective(1e6)
    assert effective(1.0) > effective(3.0)
