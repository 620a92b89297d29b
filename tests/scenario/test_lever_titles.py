"""What a study varies has a title in words, and no two have the same."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.lever_titles import lever_titles, point_in_words
from sim.world.titles import world_titles

DOTTED = re.compile(r"[a-z_]\.[a-z_*0-9]|_|\*")
TREATY = "agreements.treaty"


def titles(scenario, *paths, names=None):
    return lever_titles(scenario, paths, names or {})


def words(scenario, *paths, names=None):
    return [title.words for title in titles(scenario, *paths, names=names).values()]


def test_a_title_is_the_schemas_with_the_agreements_name(tiny_scenario):
    assert words(tiny_scenario, TREATY, f"{TREATY}.concessions.*.cut") == [
        "Preferential agreement (treaty)",
        "Tariff cut (treaty)",
    ]


def test_a_name_that_repeats_its_kind_is_said_once(tiny_scenario):
    again = {"transit": next(iter(tiny_scenario.agreements.values()))}
    renamed = tiny_scenario.model_copy(update={"agreements": again})
    preferential = {"preferential": again["transit"]}
    assert words(renamed, "agreements.transit") == ["Preferential agreement (transit)"]
    other = tiny_scenario.model_copy(update={"agreements": preferential})
    path = "agreements.preferential"
    assert words(other, path, f"{path}.concessions.1.cut") == [
        "Preferential agreement",
        "Tariff cut (preferential agreement, BBB)",
    ]


def test_names_of_the_world_are_told_by_their_titles(tiny_scenario):
    known = {"gates": {"pass": "The Pass"}, "regions": {"BBB": "Beland"}, "projects": {"r": "Rail"}}
    paths = ("closures.pass", "open_all_year.pass", f"{TREATY}.concessions.1", "projects.r")
    assert words(tiny_scenario, *paths, names=known) == [
        "Closure (The Pass)",
        "Open all year (The Pass)",
        "Concession (treaty, Beland)",
        "Rail",
    ]


def test_titles_are_small_inside_a_sentence_but_for_names(tiny_scenario):
    known = {"projects": {"r": "Rail"}, "parameters": {"growth_sd": "Spread of growth"}}
    found = titles(tiny_scenario, "projects.r", "uncertainty.growth_sd", TREATY, names=known)
    assert [title.inside for title in found.values()] == [
        "Rail",
        "spread of growth",
        "preferential agreement (treaty)",
    ]


def test_a_point_is_told_with_units(tiny_scenario):
    cut = f"{TREATY}.concessions.*.cut"
    found = titles(tiny_scenario, cut, TREATY, "agreements")
    assert point_in_words({cut: 0.25, TREATY: False}, found) == (
        "tariff cut (treaty) 25 %, preferential agreement (treaty) off"
    )
    assert point_in_words({"agreements": ()}, found) == "agreements: none"
    assert point_in_words({}, found) == "as asked"


STEP = st.sampled_from(
    ["treaty", "other-one", "other_one", "concessions", "*", "1", "2", "cut", "timeline",
     "in_force", "border_time_cut", "deals", "crude", "volume"]
)  # fmt: skip
ROOT = st.sampled_from(
    ["agreements", "energy", "closures", "projects", "duties", "behaviour", "uncertainty", "x"]
)
PATHS = st.lists(
    st.tuples(ROOT, st.lists(STEP, max_size=4)).map(lambda p: ".".join([p[0], *p[1]])),
    min_size=1,
    max_size=12,
    unique=True,
)


@given(paths=PATHS)
def test_no_two_paths_have_the_same_title_and_none_shows_a_path(tiny_scenario, paths):
    found = words(tiny_scenario, *paths)
    assert len({text.casefold() for text in found}) == len(paths)
    for text in found:
        assert text
        assert not DOTTED.search(text), text


@pytest.mark.parametrize("vocabulary", ["gates", "projects", "parameters"])
def test_titles_of_the_packaged_world_hold_no_key(vocabulary):
    for name, title in world_titles()[vocabulary].items():
        assert not DOTTED.search(title), (name, title)
