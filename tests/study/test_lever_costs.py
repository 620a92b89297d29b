"""Costs of levers at the values that a scenario has."""

from types import SimpleNamespace

import pytest

from sim.scenario.blocks.studies import ReachLever
from sim.study.lever_costs import costs_of

CONTENT = {
    "agreements": {
        "pta": {"concessions": [{"cut": 0.5}, {"cut": 1.0}]},
        "transit": {"border_time_cut": 0.3, "joint_toll": True},
    }
}


def scenario(levers):
    return SimpleNamespace(
        reach=None if levers is None else SimpleNamespace(levers=levers),
        model_dump=lambda **_: CONTENT,
    )


def lever(**given) -> ReachLever:
    return ReachLever.model_validate(given)


def test_a_lever_costs_what_its_terms_cost_at_their_values():
    levers = {
        "agreements.pta.concessions.*.cut": lever(**{"from": 0, "to": 1, "cost_musd": 40}),
        "agreements.transit.border_time_cut": lever(
            **{"from": 0, "to": 0.6, "cost_musd": 60, "cost_power": 2}
        ),
        "agreements.transit.joint_toll": lever(cost_musd=5),
    }
    found = costs_of(scenario(levers), ("agreements.pta", "agreements.transit", "diplomacy"))
    assert found == pytest.approx({"agreements.pta": 30.0, "agreements.transit": 20.0})


def test_without_stated_costs_there_are_none():
    assert costs_of(scenario(None), ("agreements.pta",)) == {}
