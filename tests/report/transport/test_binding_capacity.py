"""The first screen names the post, the year and the losers where a capacity binds."""

import numpy as np
import pytest

from sim.report.transport import binding_capacity
from sim.report.transport.binding_capacity import capacity_sentence
from sim.study.ensemble.binding_gates import BindingGate


@pytest.fixture
def inputs(made_up):
    return made_up.inputs(made_up.scenario())


def test_gate_year_and_losers_are_told(inputs, monkeypatch):
    gate = inputs.world.gates[0]
    loser = "-".join(inputs.findings[0].pair)
    mild = BindingGate(gate.gate, 2028, 1.0, 5.0, ((loser, np.log(0.97)),))
    worst = BindingGate(gate.gate, 2029, 1.0, 5.0, ((loser, -0.12),))
    monkeypatch.setattr(binding_capacity, "binding_gates", lambda *given: (mild, worst))
    told = capacity_sentence(inputs, inputs.findings[0])
    assert f"The capacity of {gate.name} binds in 2029" in told
    assert "–".join(inputs.findings[0].pair_names) in told
    assert "12" in told


def test_nothing_is_told_where_nothing_binds_or_nothing_is_agreed(made_up, inputs, monkeypatch):
    monkeypatch.setattr(binding_capacity, "binding_gates", lambda *given: ())
    assert capacity_sentence(inputs, inputs.findings[0]) == ""
    without = made_up.inputs(made_up.scenario({}))
    assert capacity_sentence(without, without.findings[0]) == ""


def test_every_pair_of_members_with_a_party_is_looked_at(inputs, monkeypatch):
    seen = {}

    def look(gates, pairs, years, with_it, without):
        seen.update(pairs=pairs, years=years, shape=with_it.trade.shape)
        return ()

    monkeypatch.setattr(binding_capacity, "binding_gates", look)
    finding = inputs.findings[0]
    capacity_sentence(inputs, finding)
    assert "-".join(sorted(finding.pair, key=list(inputs.world.regions).index)) in seen[
        "pairs"
    ] or ("-".join(reversed(finding.pair)) in seen["pairs"])
    assert seen["years"][-1] == int(finding.years[finding.at])
    assert seen["shape"][1:] == (len(seen["years"]), len(seen["pairs"]))
