"""Agreements say what they change, and nobody above them asks what kind they are of."""

import ast

import pytest

from sim.scenario.blocks.agreement_changes import Access, AgreementChanges, HoursCut
from sim.scenario.blocks.agreements import AGREEMENT_KINDS, PreferentialAgreement, TransitAgreement
from sim.scenario.blocks.quarters import Quarter
from tests.builders.source_trees import SIM, nodes_of

COMMON = {"members": ("AAA", "BBB", "CCC"), "timeline": {"signed": "2023Q1", "in_force": "2024Q1"}}
CUT = {"grantor": "AAA", "goods": "all", "cut": 0.5, "phase_in_years": 4}


def preferential(**terms):
    made = {"kind": "preferential", "concessions": (CUT,), **COMMON, **terms}
    return PreferentialAgreement.model_validate(made)


def transit(**terms):
    return TransitAgreement.model_validate({"kind": "transit", **COMMON, **terms})


def test_a_preference_changes_duties_and_nothing_on_routes():
    agreement = preferential(leaves={"BBB": "2030Q4"}, origin_cost_ave=0.03)
    changes = agreement.changes
    assert changes == AgreementChanges(
        duty_cuts=agreement.concessions, origin_cost_ave=0.03, leaves={"BBB": Quarter(4 * 2030 + 3)}
    )
    assert changes.has_preferences
    assert not changes.acts_on_routes
    assert not changes.has_quotas
    assert preferential(concessions=({**CUT, "quota_musd": 5},)).changes.has_quotas


def test_a_transit_agreement_grants_passage_without_any_further_terms():
    assert transit().changes == AgreementChanges(grants_passage=True)
    assert transit().changes.acts_on_routes
    assert not transit().changes.has_preferences


@pytest.mark.parametrize("kind", AGREEMENT_KINDS)
def test_every_kind_has_terms_of_its_own(kind):
    assert AGREEMENT_KINDS[kind].terms()
    assert not set(AGREEMENT_KINDS[kind].terms()) & {"kind", "members", "timeline", "may_join"}


@pytest.mark.parametrize(
    ("terms", "changed"),
    [
        ({"border_time_cut": 0.2}, {"hours_cuts": (HoursCut(0.2),)}),
        ({"fee_cut": 0.3}, {"fee_cut": 0.3}),
        ({"tir": True}, {"is_sealed": True}),
        ({"joint_toll": True}, {"has_joint_toll": True}),
        ({"lanes_added_share": 0.5}, {"lanes_added_share": 0.5}),
        ({"opens": {"ports": ("quay",)}}, {"access": Access(ports=("quay",))}),
    ],
)
def test_every_term_of_transit_is_a_change_that_acts_on_routes(terms, changed):
    assert transit(**terms).changes == AgreementChanges(grants_passage=True, **changed)
    assert AgreementChanges(**changed).acts_on_routes


def test_recognition_of_controls_cuts_hours_of_its_goods_and_opens_nothing():
    terms = {"kind": "customs", "border_time_cut": 0.4, "goods": ("food",), **COMMON}
    agreement = AGREEMENT_KINDS["customs"].model_validate(terms)
    assert agreement.changes == AgreementChanges(hours_cuts=(HoursCut(0.4, ("food",)),))
    assert agreement.changes.acts_on_routes
    assert not agreement.changes.grants_passage
    assert agreement.changes.hours_cuts[0].by_good(("metals", "food")) == (0.0, 0.4)
    assert HoursCut(0.4).by_good(("metals", "food")) == (0.4, 0.4)


def test_a_joiner_gets_what_members_grant_and_grants_it_back():
    joined = preferential(may_join=("DDD",)).joined_by("DDD")
    assert joined.members == ("AAA", "BBB", "CCC", "DDD")
    assert (joined.timeline.in_force, joined.may_join) == (None, ())
    assert [(c.grantor, c.partners, c.cut) for c in joined.concessions] == [
        ("AAA", ("DDD",), 0.5),
        ("DDD", ("AAA",), 0.5),
    ]
    assert transit(fee_cut=0.3).joined_by("DDD").changes == transit(fee_cut=0.3).changes


def test_at_once_there_is_no_phase_in():
    begins = Quarter(4 * 2026)
    at_once = preferential(may_join=("DDD",)).at_once(begins)
    assert (at_once.timeline.in_force, at_once.timeline.ends, at_once.may_join) == (
        begins,
        None,
        (),
    )
    assert [c.phase_in_years for c in at_once.changes.duty_cuts] == [0.0]


def test_nobody_but_the_scenario_asks_for_the_kind_of_an_agreement():
    asked = []
    for room in ("simulation", "study", "report", "cli"):
        for path in (SIM / room).rglob("*.py"):
            for node in nodes_of(path):
                ends = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
                kinds = {e.value for e in ends if isinstance(e, ast.Constant)}
                if kinds & AGREEMENT_KINDS.keys():
                    asked.append(f"{path.relative_to(SIM)}:{node.lineno}")
    assert not asked, "read agreement.changes instead"
