"""Concessions become rows on cells; the customs-union rule says whose tariff moves."""

from dataclasses import replace

import numpy as np
import pytest

from sim.scenario.blocks.agreement_changes import Concession
from sim.simulation.tariffs.concessions import concession_table


def table_for(world, scenario_with, **concession):
    agreement = {
        "kind": "preferential",
        "members": [concession["grantor"], concession.pop("partner")],
        "timeline": {"signed": "2024Q1", "in_force": "2025Q1"},
        "concessions": [{"goods": "all", "cut": 0.5, **concession}],
    }
    # What is on record stands in the same table, and has tests of its own.
    unrecorded = replace(world, margins=())
    return concession_table(scenario_with(agreements={"pta": agreement}), unrecorded)


def test_every_good_of_every_partner_is_one_row(world, scenario_with, outsider, partner):
    table = table_for(world, scenario_with, grantor=outsider, partner=partner)
    assert len(table.good) == len(world.goods)
    assert set(table.importer) == {world.region_index(outsider)}
    assert set(table.exporter) == {world.region_index(partner)}


@pytest.mark.parametrize(("rule", "n_grantors"), [("refuse", 0), ("waiver", 1), ("union", None)])
def test_a_customs_union_decides_whose_tariff_moves(
    world, scenario_with, union_member, outsider, rule, n_grantors
):
    table = table_for(
        world, scenario_with, grantor=union_member, partner=outsider, customs_union=rule
    )
    if n_grantors is None:
        (members,) = [m for m in world.customs_unions.values() if union_member in m]
        n_grantors = len(members)
    assert len(set(table.importer.tolist())) == n_grantors


def test_the_rule_is_refusal_when_nothing_is_said(world, scenario_with, union_member, outsider):
    assert not len(table_for(world, scenario_with, grantor=union_member, partner=outsider).good)


def test_only_the_named_layers_are_cut(world, scenario_with, outsider, partner):
    layer = next(iter(world.tariffs.mfn_rate_by_type))
    table = table_for(world, scenario_with, grantor=outsider, partner=partner, duty_types=[layer])
    names = list(world.tariffs.mfn_rate_by_type)
    assert np.all(table.cut[names.index(layer)] == 0.5)
    assert np.all(np.delete(table.cut, names.index(layer), axis=0) == 0.0)


def test_rows_of_a_state_are_a_slice(world, scenario_with, outsider, partner):
    table = table_for(world, scenario_with, grantor=outsider, partner=partner)
    rows = table.rows_of(world.region_index(outsider))
    assert rows.stop - rows.start == len(table.good)
    empty = table.rows_of(world.region_index(partner))
    assert empty.start == empty.stop


def test_receivers_default_to_all_other_members():
    concession = Concession.model_construct(grantor="B", partners=None)
    assert concession.receivers(("A", "B", "C")) == ("A", "C")
