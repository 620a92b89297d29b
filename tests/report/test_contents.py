"""Sections: made where there is something to say, one for several targets, in the page's order."""

import pytest

from sim.report.blocks import Section, Subheading, Text
from sim.report.contents import CONTENTS, each_target, sections_of
from sim.report.series import Material
from sim.report.style import house_style

TWO = {
    "near": {"pair": ["PAK", "KAZ"], "trade_musd": 300, "by": "2027Q2"},
    "far": {"pair": ["PAK", "UZB"], "trade_musd": 5000, "by": "2035Q4"},
}


@pytest.fixture(scope="module")
def material_of(made_up):
    def material(**changes) -> Material:
        return made_up.material(made_up.scenario(**changes))

    return material


def said(_, finding):
    return Section("said", f"About {finding.name}", (Text(finding.name),))


def test_a_single_target_needs_no_heading_of_its_own(material_of):
    section = each_target(said)(material_of())
    assert section == Section("said", "About one-billion", (Text("one-billion"),))


def test_targets_share_a_section_under_their_own_headings(material_of):
    section = each_target(said)(material_of(targets=TWO))
    kinds = [type(block) for block in section.blocks]
    assert kinds == [Subheading, Text, Subheading, Text]
    assert section.heading == "About near"
    assert section.blocks[2] == Subheading("Pakistan–Uzbekistan, target far")


def test_targets_with_nothing_to_say_are_passed_over(material_of):
    def about_far(material, finding):
        return said(material, finding) if finding.name == "far" else None

    section = each_target(about_far)(material_of(targets=TWO))
    assert [b.text for b in section.blocks] == ["Pakistan–Uzbekistan, target far", "far"]
    assert each_target(lambda *_: None)(material_of(targets=TWO)) is None


def test_a_measure_that_was_not_recorded_takes_its_section_along(material_of):
    material = material_of()
    bare = {name: data.drop_vars("way_tonnes") for name, data in material.results.items()}
    without = Material(material.scenario, material.world, bare, material.findings)
    with house_style():
        names = [section.name for section in sections_of(material)]
        left = [section.name for section in sections_of(without)]
    assert "ways" in names
    assert left == [name for name in names if name != "ways"]


@pytest.mark.parametrize("changes", [{}, {"agreements": {}}])
def test_anchors_are_unique(material_of, changes):
    with house_style():
        names = [section.name for section in sections_of(material_of(**changes))]
    assert len(set(names)) == len(names) <= len(CONTENTS)
