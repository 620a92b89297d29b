"""Negotiations in the model: common draws, and what each rule does."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.scenario.blocks.quarters import Quarter
from sim.scenario.scenario_file import load_scenario
from sim.simulation.diplomacy.negotiation import advance, stance
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.agreement_status import NEVER
from sim.world.load import load_world
from sim.world.names import world_names

TINY = Path(__file__).resolve().parents[2] / "worlds"

OPEN = """\
extends: tiny.yaml
agreements:
  treaty:
    timeline: {negotiated: {talks_since: 2023Q1}}
    may_join: [CCC]
    concessions:
      - {grantor: BBB, goods: all, cut: 0.2}
      - {grantor: AAA, goods: all, cut: 0.2, customs_union: waiver}
"""


@pytest.fixture(scope="module")
def tiny_world():
    return load_world(TINY / "tiny")


@pytest.fixture
def asked(tmp_path):
    """Build a scenario about the tiny world from text laid over the negotiated one."""

    def build(more=""):
        (tmp_path / "tiny.yaml").write_text((TINY / "tiny.yaml").read_text(encoding="utf-8"))
        (tmp_path / "open.yaml").write_text(OPEN, encoding="utf-8")
        (tmp_path / "asked.yaml").write_text(f"extends: open.yaml\n{more}\n", encoding="utf-8")
        return load_scenario(tmp_path / "asked.yaml", world_names(TINY / "tiny"))

    return build


def test_the_order_of_states_does_not_matter(tiny_world, asked):
    model = TradeModel(asked(), tiny_world, runs=range(5))
    model.step()
    stances = [stance(model.diplomacy.agenda, k, model.snapshot) for k in range(3)]
    for one, other in zip(
        advance(model.diplomacy.agenda, model.snapshot, stances),
        advance(model.diplomacy.agenda, model.snapshot, stances[::-1]),
        strict=True,
    ):
        for name in vars(one):
            assert np.array_equal(getattr(one, name), getattr(other, name))


def test_a_batch_is_its_single_runs(tiny_world, asked):
    together = TradeModel(asked(), tiny_world, runs=range(3)).run_to_end().snapshot
    for run in range(3):
        alone = TradeModel(asked(), tiny_world, runs=[run]).run_to_end().snapshot
        assert np.array_equal(alone.treaties.in_force[0], together.treaties.in_force[run])
        assert np.array_equal(alone.trade[0], together.trade[run])


def test_dates_override_and_a_date_in_no_run_is_no_agreement(tiny_world, asked):
    dated = "agreements: {treaty: {timeline: {signed: 2023Q1, in_force: 2023Q3}, may_join: []}}"
    model = TradeModel(asked(dated), tiny_world, runs=range(2)).run_to_end()
    assert model.diplomacy.agenda is None
    assert np.all(model.snapshot.treaties.in_force == Quarter.parse("2023Q3"))


def test_nobody_joins_before_the_agreement_has_worked_for_a_year(tiny_world, asked):
    model = TradeModel(asked("horizon: {end: 2045Q4}"), tiny_world, runs=range(32)).run_to_end()
    first, joined = model.snapshot.treaties.in_force.T
    assert list(model.scenario.agreements) == ["treaty", "treaty+CCC"]
    assert (joined != NEVER).any()
    opened = model.snapshot.talks.opened[:, 1]
    assert np.all(opened[opened != NEVER] >= first[opened != NEVER] + 4)


def test_who_joins_is_party_until_the_agreement_ends(tiny_world, asked):
    dates = "{signed: 2023Q1, in_force: 2023Q1, ends: 2028Q4}"
    typical = f"behaviour: {{negotiation: false}}\nagreements: {{treaty: {{timeline: {dates}}}}}"
    question = asked(f"horizon: {{end: 2029Q1}}\nuncertainty: {{opening_years: 1}}\n{typical}")
    model, stages = TradeModel(question, tiny_world, runs=range(2)), []
    while model.quarter < int(model.scenario.horizon.end):
        model.step()
        stages.append(model.snapshot.stage)
    assert np.all(stages[-2] == 3)
    assert not stages[-1].any()


def test_what_raises_a_hazard_only_brings_dates_forward(tiny_world, asked):
    def signed(more):
        model = TradeModel(asked(f"horizon: {{end: 2035Q4}}\n{more}"), tiny_world, runs=range(16))
        return model.run_to_end().snapshot.treaties.signed[:, 0]

    plain = signed("behaviour: {domino: false, targets: false}")
    visited = signed(
        "behaviour: {domino: false, targets: false}\n"
        "diplomacy: {visits: [{sending_state: AAA, host_state: BBB, when: 2023Q1}]}"
    )
    assert np.all(visited <= plain)
    assert (visited < plain).any()


def test_a_closed_border_stalls(tiny_world, asked):
    model = TradeModel(asked(), tiny_world, runs=range(4))
    shut = replace(model.snapshot, gate_open_share=np.zeros_like(model.snapshot.gate_open_share))
    stances = [stance(model.diplomacy.agenda, k, model.snapshot) for k in range(3)]
    _, talks = advance(model.diplomacy.agenda, replace(shut, quarter=shut.quarter + 1), stances)
    routes = model.diplomacy.agenda.routes
    assert routes.passes[routes.needed[0]].any(axis=1).all(), "every way of the pair passes a gate"
    assert not talks.pressure[:, 0].any()


def test_a_world_without_the_parameters_says_so(tiny_world, asked):
    from sim.world.frozen_arrays import ReadOnlyMapping

    few = {k: v for k, v in tiny_world.parameters.items() if k != "talks_years"}
    with pytest.raises(ValueError, match="no talks_years; negotiated agreements"):
        TradeModel(asked(), replace(tiny_world, parameters=ReadOnlyMapping(few)), runs=[0])
