"""Hints never mislead: what is advised is what is meant, or nothing is."""

import time
from pathlib import Path

import pytest

from sim.scenario.blocks.fields import Number
from sim.scenario.scenario_file import check_scenario
from sim.scenario.text.problems import MAX_SAID, format_problems
from sim.scenario.text.suggestions import suggestion_for
from sim.study.discover import MIN_HITS, _remedy
from sim.world.names import world_names

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
TEXT = TINY.with_suffix(".yaml").read_text(encoding="utf-8")
SHARE = Number("wanted a share from 0 to 1", low=0, high=1, share=True)
AMOUNT = Number("wanted million USD", low=0, high=1e8, million=True)


@pytest.fixture(scope="module")
def packaged():
    return world_names()


@pytest.fixture(scope="module")
def small():
    return world_names(TINY)


def told(tmp_path, names, *changes):
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    return format_problems(check_scenario(path, names).problems)


def refused(reader, value):
    with pytest.raises(ValueError) as error:  # noqa: PT011 - a refusal of any kind
        reader(value)
    return error.value.context


@pytest.mark.parametrize(
    ("reader", "typed", "point"),
    [(SHARE, "0,25", "0.25"), (SHARE, "0,125", "0.125"), (SHARE, "-0,5", "-0.5"),
     (AMOUNT, "2417,5", "2417.5"), (AMOUNT, "2.417,25", "2417.25"), (AMOUNT, "3,14159", "3.14159")],
)  # fmt: skip
def test_a_decimal_comma_is_told_with_the_number_that_is_meant(reader, typed, point):
    assert f"(decimal comma: write {point})" in refused(reader, typed)["wanted"]


@pytest.mark.parametrize("typed", ["1,500", "12,345,678", "1,500.5"])
def test_a_comma_that_may_group_thousands_is_no_decimal_comma(typed):
    wanted = refused(AMOUNT, typed)["wanted"]
    assert "decimal comma" not in wanted
    assert f"write {float(typed.replace(',', '')):g}" in wanted


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0,5", "cut is '0,5', and the comma ends it; wanted a decimal point (decimal comma: write "
         "0.5)"),
        ("0,125", "(decimal comma: write 0.125)"),
        ("1,500", "wanted a number without commas: 1500, or 1.500 if it is a decimal one"),
    ],
)  # fmt: skip
def test_a_decimal_comma_within_braces_is_told_at_its_number(tmp_path, small, typed, said):
    found = told(tmp_path, small, ("cut: 0.5, phase", f"cut: {typed}, phase"))
    assert f":17:41: agreements.treaty.concessions.1.cut is '{typed}'" in found
    assert said in found
    assert "has no value" not in found
    assert "did you mean" not in found


def test_a_number_as_key_after_a_text_is_no_decimal_comma(tmp_path, small):
    found = told(tmp_path, small, ("cut: 0.5, phase", "cut: 0.5, 5, phase"))
    assert "concessions.1.5 has no value" in found


def test_a_cut_below_nothing_is_told_where_duties_go_up(tmp_path, small):
    found = told(tmp_path, small, ("cut: 0.5", "cut: -0.2"))
    assert "a duty that goes up stands under duties:" in found
    assert "stands under" not in told(tmp_path, small, ("cut: 0.5", "cut: 20"))


def test_an_agreement_on_record_that_is_left_empty_is_told_how_it_ends(tmp_path, small):
    old = TEXT[TEXT.index("  treaty:") :]
    found = told(tmp_path, small, (old, "  b-c-new: null\n"))
    assert "agreements.b-c-new is empty; b-c-new is an agreement on record" in found
    assert "wanted ends: {b-c-new: [{last_quarter: 2026Q4}]} if it is to end" in found
    ends = "ends: {b-c-new: [{last_quarter: 2026Q4}]}\n"
    assert told(tmp_path, small, ("agreements:\n" + old, ends)) == ""


def test_the_recorded_decimal_commas_are_told(cases, small):
    folder = cases / "reports" / "decimal-comma-advice"
    for name, right, wrong in (("half", "0.5", "0.05"), ("target", "1500.5", "15005")):
        said = format_problems(check_scenario(folder / f"{name}.yaml", small).problems)
        assert f"decimal comma: write {right})" in said
        assert wrong not in said


@pytest.mark.parametrize(
    ("word", "vocabulary", "said", "wanted", "near"),
    [
        ("FRA", "regions", "France is part of EUU", "no trade of its own", None),
        ("germany", "regions", "Germany is part of EUU", "no trade of its own", None),
        ("BLR", "regions", "Belarus is part of ROW", "no trade of its own", None),
        ("EAEU", "regions", "it is an institution", "its members here: KAZ, KGZ, RUS", None),
        ("GCC", "regions", "it is an institution", "ARE, SAU, QAT, OMN, KWT", None),
        ("EU", "regions", "goes by another name here", "wanted EUU", "EUU"),
        ("UAE", "regions", "goes by another name here", "wanted ARE", "ARE"),
        ("Kazakhstan", "regions", "it is the name of one", "wanted its code", "KAZ"),
        ("KZA", "regions", "is not a state", "wanted one of", "KAZ"),
        ("LNG", "energy_carriers", "liquefied natural gas goes by another name", "gas", "gas"),
        ("oil", "energy_carriers", "is more than one", "crude, products", None),
        ("PA\u00a0K", "regions", "it holds a no-break space (U+00A0)", "wanted one of", None),
        ("PAK\u200b", "regions", "it holds a no-break space (U+200B)", "wanted one of", "PAK"),
    ],
)
def test_a_word_that_is_no_name_is_told_what_it_is(packaged, word, vocabulary, said, wanted, near):
    found = suggestion_for(word, vocabulary, "state", packaged)
    assert said in found.what
    assert wanted in found.wanted
    assert found.near == near


def test_every_other_name_stands_for_names_of_the_world(packaged):
    for other in packaged.other_names:
        known = getattr(packaged, other.vocabulary)
        assert set(other.stands_for) <= set(known), other
        assert other.name not in known, other


def test_a_no_break_space_is_named_at_its_line(tmp_path, small):
    said = told(tmp_path, small, ("title:", "\u00a0title:"))
    assert ":2:1: a no-break space (U+00A0) stands here" in said
    assert "no key 'title'" not in said
    said = told(tmp_path, small, ("title: ", "title:\u00a0"))
    assert ":2:7: a no-break space (U+00A0) stands here" in said
    assert "no colon" not in said
    said = told(tmp_path, small, ("runs: ", "runs:\u00a0"))
    assert "a no-break space (U+00A0) stands here" in said


def test_a_no_break_space_within_a_text_is_blamed_for_nothing(tmp_path, small):
    said = told(
        tmp_path, small, ("title: A way", "title: 5\u00a0% of a way"), ("runs: 8", "runs 8")
    )
    assert "no-break space" not in said
    assert "a key has no colon" in said


def test_thousands_of_wrong_names_take_a_second_and_are_counted(tmp_path, small):
    many = ", ".join(f"Q{k}X" for k in range(4700))
    before = time.perf_counter()
    said = told(tmp_path, small, ("members: [AAA, BBB]", f"members: [{many}]"))
    assert time.perf_counter() - before < 10.0  # a second on a machine that is at rest
    assert f"and {4700 - MAX_SAID:,} more" in said.splitlines()[-1]
    assert len(said) < 40_000


def test_more_runs_are_advised_where_they_help_alone():
    assert "take more runs" in _remedy(3, 1000)
    assert f"about {MIN_HITS / 3:.2g} times as many" in _remedy(997, 1000)
    for n_hits in (0, 1000):
        assert "take more runs" not in _remedy(n_hits, 1000)
        assert "more runs hardly change" in _remedy(n_hits, 1000)
