"""What is on record of the world's energy is what its market gives, and rows can miss."""

from dataclasses import replace

import numpy as np
import pytest

from sim.validation.energy_balance import base_market, known_energy_world, market_value
from sim.validation.published_cases import energy_records
from sim.world.load import load_world

FROM_QATAR = "share of Pakistan's LNG imports from Qatar"


def test_what_is_on_record_is_given_by_the_market_of_the_base_year() -> None:
    rows = known_energy_world()
    assert len(rows) == len(energy_records()) > 10
    assert [row for row in rows if not row.ok] == []


def test_every_record_names_ways_and_a_tolerance_tighter_than_itself() -> None:
    world = load_world()
    for record in energy_records():
        assert set(record.market_arcs) <= set(world.energy.arcs.names)
        assert 0 < record.tolerance < 0.15 * record.value
        assert record.basis
        assert record.source


def test_a_flow_that_is_moved_shows_in_the_rows_it_belongs_to() -> None:
    world = load_world()
    system = base_market(world)
    flow = system.initial().flow[0].copy()
    by_name = {record.record: record for record in energy_records()}
    share, total = by_name[FROM_QATAR], by_name["LNG imports of Pakistan"]
    before = [market_value(world, system, flow, record) for record in (share, total)]
    flow[system.market_arcs.index("gas-row-pak")] += 1.0
    after = [market_value(world, system, flow, record) for record in (share, total)]
    assert after[1] == pytest.approx(before[1] + 1.0)
    assert after[0] == pytest.approx(before[0] * before[1] / after[1])


def test_a_contract_counts_with_the_arc_it_runs_on() -> None:
    world = load_world()
    system = base_market(world)
    flow = system.initial().flow[0]
    by_name = {record.record: record for record in energy_records()}
    share = market_value(world, system, flow, by_name[FROM_QATAR])
    spot = flow.copy()
    spot[len(world.energy.arcs.names) :] = 0.0
    assert share > 2 * market_value(world, system, spot, by_name[FROM_QATAR])


def test_an_unknown_measure_is_refused() -> None:
    world = load_world()
    system = base_market(world)
    strange = replace(energy_records()[0], measure="guess")
    with pytest.raises(ValueError, match="guess"):
        market_value(world, system, np.zeros(len(system.market_arcs)), strange)
