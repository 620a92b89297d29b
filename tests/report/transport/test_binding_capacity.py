"""The first screen names the post, the year and the losers where a capacity binds."""

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
    longest = BindingGate(gate.gate, "2029Q2", 0.3, 5.0, ((loser, -0.12),))
    other = BindingGate(inputs.world.gates[1].gate, "2029Q2", 1.0, 2.0, ((loser, -0.12),))
    monkeypatch.setattr(binding_capacity, "binding_gates", lambda *given: (longest, other))
    told = capacity_sentence(inputs, inputs.findings[0])
    assert told.startswith(
        f"{gate.name} is full for a quarter or more of the year to 2029Q2 in 30\xa0% of the runs, "
        "and members of the agreements trade less"
    )
    assert told.count(":") == 1
    assert "–".join(inputs.findings[0].pair_names) in told
    assert "12" in told


def test_nothing_is_told_where_nothing_binds_or_nothing_is_agreed(made_up, inputs, monkeypatch):
    monkeypatch.setattr(binding_capacity, "binding_gates", lambda *given: ())
    assert capacity_sentence(inputs, inputs.findings[0]) == ""
    without = made_up.inputs(made_up.scenario({}))
    assert capacity_sentence(without, without.findings[0]) == ""


def test_every_pair_of_members_with_a_party_is_looked_at(inputs, monkeypatch):
    seen = {}

    def look(gates, pairs, year_ends, with_it, without):
        seen.update(pairs=pairs, year_ends=year_ends, shape=with_it.trade.shape)
        return ()

    monkeypatch.setattr(binding_capacity, "binding_gates", look)
    finding = inputs.findings[0]
    capacity_sentence(inputs, finding)
    assert "-".join(sorted(finding.pair, key=list(inputs.world.regions).index)) in seen[
        "pairs"
    ] or ("-".join(reversed(finding.pair)) in seen["pairs"])
    assert seen["year_ends"] == (finding.by,)
    assert seen["shape"][1:] == (1, len(seen["pairs"]))
