"""Agreements on record act from their dates and end when they end, whoever asks."""

from dataclasses import replace

import numpy as np
import pytest

from sim.laws.numerics.calendar import parse_quarter
from sim.scenario.blocks.quarters import Quarter
from sim.simulation.model import TradeModel
from sim.simulation.tariffs.agreements_on_record import entries
from sim.simulation.tariffs.concessions import ON_RECORD, concession_table
from sim.simulation.tariffs.duty_schedule import duty_schedule
from sim.world.csv_tables.records import NEVER
from sim.world.describe.agreements_overview import agreements_without_effect


@pytest.fixture
def still(tiny_scenario):
    """Nothing is asked, and trade answers at once."""
    return tiny_scenario.model_copy(update={"agreements": {}, "adjustment": "immediate"})


def rate(model, world, exporter, importer):
    i, j = world.region_index(exporter), world.region_index(importer)
    return model.snapshot.tariff_rate[0, :, i, j]


def path(scenario, world, exporter, importer):
    """Duty by quarter, goods last."""
    model, found = TradeModel(scenario, world, runs=[0]), {}
    while model.quarter < int(scenario.horizon.end):
        model.step()
        found[model.quarter] = rate(model, world, exporter, importer)
    return found


def test_a_record_cuts_duties_from_its_date_in_a_region_that_nobody_asks_about(still, tiny_world):
    later = next(one for one in tiny_world.agreements if one.agreement == "a-b-later")
    margin = next(one for one in tiny_world.margins if one.agreement == "a-b-later")
    asked = still.model_copy(
        update={
            "targets": {"goal": still.targets["goal"].model_copy(update={"pair": ("AAA", "CCC")})}
        }
    )
    rates = path(asked, tiny_world, margin.exporter, margin.importer)
    i, j = (tiny_world.region_index(code) for code in (margin.exporter, margin.importer))
    base = tiny_world.tariffs.applied_rate[:, i, j]
    before = rates[later.first_quarter - 1]
    after = rates[later.first_quarter]
    np.testing.assert_array_equal(before, base)
    named = [k for k, good in enumerate(tiny_world.goods) if margin.good in ("all", good)]
    assert np.all(after[named] < base[named])


def test_a_later_record_is_unknown_to_a_run_that_knows_less(still, tiny_world):
    later = next(one for one in tiny_world.agreements if one.agreement == "a-b-later")
    known = concession_table(still, tiny_world, until=later.first_quarter)
    unknown = concession_table(still, tiny_world, until=later.first_quarter - 1)
    assert ON_RECORD in known.agreement
    assert not len(unknown.agreement)


def test_as_of_says_what_is_known(still, tiny_world):
    later = next(one for one in tiny_world.agreements if one.agreement == "a-b-later")
    for known, quarter in ((True, later.first_quarter), (False, later.first_quarter - 1)):
        asked = still.model_copy(update={"as_of": Quarter(quarter)})
        assert (ON_RECORD in concession_table(asked, tiny_world).agreement) is known


def test_an_end_that_comes_later_is_unknown_too(world):
    ended = next(
        one for one in world.agreements if one.ended and one.is_in_force(f"{world.base_year}-12-31")
    )

    def last(until):
        found = entries(world, until=until)
        return {one.spell.last for one in found if one.margin.agreement == ended.agreement}

    assert last(None) == {ended.last_quarter}
    assert last(ended.last_quarter) == {NEVER}


def test_duties_rise_where_an_agreement_on_record_ends(still, tiny_world):
    union = [replace(one, ended="2025-01-01") for one in tiny_world.agreements]
    ending = replace(tiny_world, agreements=tuple(union[:1]) + tiny_world.agreements[1:])
    rates = path(still, ending, "CCC", "AAA")
    i, j = tiny_world.region_index("CCC"), tiny_world.region_index("AAA")
    full = sum(layer[:, j] for layer in tiny_world.tariffs.mfn_rate_by_type.values())
    np.testing.assert_array_equal(
        rates[parse_quarter("2024Q4")], tiny_world.tariffs.applied_rate[:, i, j]
    )
    np.testing.assert_allclose(rates[parse_quarter("2025Q1")], full, rtol=1e-12)


def test_the_base_year_is_what_the_held_margins_make_of_it(world, still, names):
    """The margins that are told to end are those that made the base year's duties."""
    del names
    schedule = duty_schedule(still.model_copy(update={"duties": {}, "ends": {}}), world)
    foreign = np.flatnonzero(~np.eye(len(world.regions), dtype=bool))
    n_goods = len(world.goods)
    place = (np.arange(n_goods)[:, None] * len(world.regions) ** 2 + foreign).reshape(-1)
    found = schedule.at(place).rate
    np.testing.assert_allclose(
        found, world.tariffs.applied_rate.reshape(-1)[place], rtol=1e-12, atol=1e-15
    )


def test_every_record_acts_or_is_named(world):
    acting = {entry.margin.agreement for entry in entries(world)}
    silent = {record.agreement for record, _ in agreements_without_effect(world)}
    transit = {record.agreement for record in world.agreements if record.kind == "transit"}
    assert acting | silent | transit == {record.agreement for record in world.agreements}
    assert not acting & silent


def test_every_recorded_margin_after_the_base_year_changes_its_duty(world, scenario_with):
    """Twelve rows of margins acted in no run."""
    plain = scenario_with(
        uncertainty_sources={"parameters": False, "events": False, "residual_shocks": False}
    )
    model = TradeModel(plain, world, runs=[0])
    starts = [e.spell.first for e in entries(world) if not e.is_held]
    while model.quarter < max(starts):
        model.step()
    for entry in entries(world):
        if entry.is_held or model.quarter < entry.spell.first:
            continue
        one = entry.margin
        i, j = world.region_index(one.exporter), world.region_index(one.importer)
        base = world.tariffs.applied_rate[:, i, j]
        now = model.snapshot.tariff_rate[0, :, i, j]
        assert np.all(now[base > 0] < base[base > 0]), one
