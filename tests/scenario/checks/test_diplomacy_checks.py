"""Negotiated timelines through `extends`, and what is allowed but probably not meant."""

import pytest


def test_a_negotiation_replaces_the_dates_of_the_extended_file_and_back(check, valid_text) -> None:
    child = "extends: parent.yaml\nagreements: {corridor: {timeline: {negotiated: {}}}}\n"
    opened = check(child, parent=valid_text).scenario
    assert opened is not None
    assert opened.agreements["corridor"].timeline.in_force is None
    back = check(
        "extends: child.yaml\n"
        "agreements: {corridor: {timeline: {signed: 2026Q1, in_force: 2027Q2}}}\n",
        child=child,
        parent=valid_text,
    ).scenario
    assert back is not None
    assert str(back.agreements["corridor"].timeline.in_force) == "2027Q2"


def test_the_word_alone_is_a_negotiation_without_known_dates(check, valid_text) -> None:
    text = valid_text.replace("{signed: 2026Q1, in_force: 2027Q1}", "negotiated")
    timeline = check(text).scenario.agreements["corridor"].timeline
    assert timeline.signed is timeline.negotiated.talks_since is timeline.ends is None
    assert not timeline.is_in_force(9000)


@pytest.mark.parametrize(
    ("added", "warning"),
    [
        (
            "diplomacy: {visits: [{sending_state: KAZ, host_state: PAK, when: 2050Q1}]}",
            "it has no effect",
        ),
        ("reforms: {budget_musd: {IRN: 5}}", "money for 'IRN', which reforms nothing"),
        (
            "behaviour: {negotiation: false}\nextends: open.yaml",
            "behaviour.negotiation is false but an agreement is negotiated",
        ),
    ],
)
def test_what_is_odd_is_warned_of(check, valid_text, added, warning) -> None:
    open_file = valid_text.replace("{signed: 2026Q1, in_force: 2027Q1}", "negotiated")
    is_child = "extends" in added
    found = check(added if is_child else f"{valid_text}{added}\n", open=open_file)
    assert found.scenario is not None
    assert any(warning in str(w) for w in found.warnings), found.warnings


def test_a_child_may_only_add_who_may_join(check, valid_text) -> None:
    found = check(
        "extends: parent.yaml\nagreements: {corridor: {may_join: [IRN]}}\n", parent=valid_text
    )
    assert found.scenario.agreements["corridor"].may_join == ("IRN",)
