"""Edits touch the characters of their value alone, and every one of them can be taken back."""

import json
import random
import re
from collections import Counter

import pytest

from sim.lab.checked_text import inherited_tree
from sim.lab.document import EditContext, EditError, own_tree, plain_at, with_value
from sim.lab.links import LinkError, link_of, read_link
from sim.lab.yaml_text import inline_text
from sim.scenario.scenario_file import check_scenario
from sim.scenario.text.inheritance import assemble
from sim.scenario.text.problems import format_problems
from sim.scenario.text.tree import MappingNode, Scalar, SequenceNode, plain
from sim.scenario.text.yaml_reader import read_value

TEXT = """\
# a question
version: 1   # the only one
title: 'Old: title'
runs: 64
pair: [AAA, BBB]  # both
nested:
    deep: {x: 0.5, y: "two"}
    list:
    - {by: AAA, cut: 0.50} # first
    - by: BBB
      cut: 1
note: >-
  folded
  text
# the end
"""


def edited(path, value, text=TEXT, **context):
    return with_value(text, path, value, EditContext(**context)).text


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        ("runs", 128, "runs: 64", "runs: 128"),
        ("title", "It's", "'Old: title'", "'It''s'"),
        ("nested.deep.x", 0.75, "x: 0.5", "x: 0.75"),
        ("nested.deep.y", "a", '"two"', '"a"'),
        ("nested.deep.z", True, '"two"}', '"two", z: true}'),
        ("nested.list.1.cut", 0.25, "0.50}", "0.25}"),
        ("nested.list.2.cut", 0, "cut: 1\n", "cut: 0\n"),
        ("nested.list.2.to", ["AAA"], "cut: 1\n", "cut: 1\n      to: [AAA]\n"),
        ("nested.more", {"a": 1}, "cut: 1\n", "cut: 1\n    more:\n      a: 1\n"),
        ("nested.list.3", {"by": "C"}, "cut: 1\n", "cut: 1\n    - {by: C}\n"),
        ("pair", ["AAA", "C"], "[AAA, BBB]", "[AAA, C]"),
        ("note", "plain words", ">-\n  folded\n  text\n", '"plain words"\n'),
        ("seed", 3, "  text\n", "  text\nseed: 3\n"),
        ("new.deeper.still", "2027Q1", "  text\n",
         "  text\nnew:\n  deeper:\n    still: 2027Q1\n"),
    ],
)  # fmt: skip
def test_only_the_characters_of_the_value_change(path, value, old, new):
    assert TEXT.count(old) == 1
    assert edited(path, value) == TEXT.replace(old, new)


def test_line_ends_and_a_missing_last_one_stay():
    windows = TEXT.replace("\n", "\r\n")
    assert edited("runs", 1, windows) == windows.replace("runs: 64", "runs: 1")
    assert edited("seed", 3, windows) == windows.replace("  text\r\n", "  text\r\nseed: 3\r\n")
    assert edited("b", 2, "a: 1") == "a: 1\nb: 2"
    first = "a: 1"
    assert with_value("a: 1\nb: 2", "b", 5, EditContext(first), default=5).text == first


def test_what_has_no_safe_place_is_refused_in_words():
    for text, path in (
        ("a: [", "a"),
        ("a: &x 1\nb: *x", "a"),
        ("a: &x 1\nb: *x", "b"),
        ("a: {b: 1}", "a.b.c"),
        ("a: [1]", "a.5"),
        ("a:\n  b: 1", "a"),
        ("# nothing", "a"),
        ("extends: b.yaml", "extends"),
        ("a: 1", "a..b"),
    ):
        with pytest.raises(EditError, match=r"\w{3}"):
            with_value(text, path, 2)


def test_an_entry_is_taken_out_with_what_would_be_left_empty():
    assert edited("b.c.d", None, "a: 1\nb:\n  c:\n    d: 1  # why\n# end\n") == "a: 1\n# end\n"
    assert edited("a.c", None, "a: {b: 1, c: 2, d: 3}") == "a: {b: 1, d: 3}"
    assert edited("a.b", None, "a: {b: 1, c: 2}") == "a: {c: 2}"
    assert edited("a.2", None, "a:\n- 1\n- 2\n- 3\n") == "a:\n- 1\n- 3\n"


def test_nothing_takes_an_entry_out_or_that_of_the_file_below():
    below = own_tree("a: {b: 1}")
    assert edited("a.b", None, "x: 1\n", inherited=below) == "x: 1\na:\n  b: null\n"
    assert edited("x", None, "x: 1\ny: 2\n", inherited=below) == "y: 2\n"


def test_a_list_that_is_inherited_is_written_out_whole():
    below = own_tree("p: {list: [{by: A, cut: 0.1}, {by: B, cut: 0.2}], size: 1}")
    text = "title: x\n"
    new = edited("p.list.2.cut", 0.9, text, original=text, inherited=below)
    assert new == "title: x\np:\n  list:\n    - {by: A, cut: 0.1}\n    - {by: B, cut: 0.9}\n"
    assert edited("p.list.2.cut", 0.2, new, original=text, inherited=below) == text
    more = edited("p.size", 5, new, original=text, inherited=below)
    assert (
        edited("p.list.2.cut", 0.2, more, original=text, inherited=below)
        == text + "p:\n  size: 5\n"
    )


def test_a_line_with_a_word_of_its_own_is_not_taken_out():
    text = "a: 1\n"
    grown = edited("b", 2, text, original=text).replace("b: 2", "b: 2  # mine")
    assert with_value(grown, "b", 7, EditContext(text), default=7).text == "a: 1\nb: 7  # mine\n"


@pytest.mark.parametrize(
    "value", [0, 1.5, 1e-7, -3, True, None, "", "NO", "yes", "1", "1e3", "a b", "a: b", "é", "\n",
              "\u2028", "'", '"', "#x", "null", "~", "2026Q1", "2026-02-17", "-",
              "\U0001f600", "\x07"],
)  # fmt: skip
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_what_is_written_is_read_again(value, quote):
    node, problems = read_value("", f"a: {inline_text(value, quote)}".encode())
    assert not problems
    assert plain(node) == {"a": value}


# --- many edits ------------------------------------------------------------------------------


def leaves(node, path=()):
    if isinstance(node, MappingNode):
        for key, entry in node.entries.items():
            yield from leaves(entry.node, (*path, key))
    elif isinstance(node, SequenceNode):
        for k, item in enumerate(node.items, start=1):
            yield from leaves(item, (*path, str(k)))
    elif isinstance(node, Scalar):
        yield path, node.value


def another(value, dice):
    """A value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return dice.randrange(1, 500)
    if isinstance(value, float):
        return round(dice.random(), 3)
    if isinstance(value, str) and re.fullmatch(r"\d{4}Q\d", value):
        return f"{dice.randrange(2026, 2035)}Q{dice.randrange(1, 5)}"
    return dice.choice(["plain", "two words", "it's", "a: b", "Ünï"])


def comments(text):
    return Counter(re.findall(r"(?:^|(?<=\s))#.*$", text, flags=re.MULTILINE))


@pytest.mark.parametrize(
    "part", [0, *(pytest.param(k, marks=pytest.mark.slow) for k in range(1, 10))]
)
def test_a_hundred_random_edits_keep_comments_and_can_all_be_undone(part, project_root):
    """A tenth of the thousand edits: over all shipped scenarios, own and inherited values."""
    dice = random.Random(part)
    files = sorted((project_root / "scenarios").glob("*.yaml"))
    n_done = 0
    while n_done < 100:
        path = dice.choice(files)
        first = text = path.read_text(encoding="utf-8")
        below = inherited_tree(path, first)
        done = []
        for _ in range(20):
            merged = assemble(path, text.encode()).tree
            steps, value = dice.choice([*leaves(merged)])
            if steps[0] == "extends":
                continue
            wanted = another(value, dice)
            try:
                edit = with_value(text, steps, wanted, EditContext(first, below))
            except EditError as error:
                pytest.fail(f"{path.name}: {steps}: {error}")
            again = assemble(path, edit.text.encode())
            assert not again.problems
            assert plain_at(again.tree, steps) == wanted
            assert not comments(text) - comments(edit.text)
            if len(edit.changes) == 1 and not edit.changes[0].removed.count("\n"):
                assert len(edit.changes[0].removed) <= len(str(value)) + 2
            done.append(edit)
            text, merged, n_done = edit.text, again.tree, n_done + 1
        for edit in reversed(done):
            text = edit.undone()
        assert text == first


def test_inherited_values_put_back_one_by_one_give_the_first_text(project_root):
    dice = random.Random(5)
    path = project_root / "scenarios" / "afghan-border-closed.yaml"
    first = text = path.read_text(encoding="utf-8")
    below = inherited_tree(path, first)
    own = {steps for steps, _ in leaves(own_tree(first))}
    inherited = {
        s: v for s, v in leaves(below) if s not in own and plain_at(own_tree(first), s[:2]) is None
    }
    chosen = dice.sample(sorted(inherited), 25)
    for steps in chosen:
        text = edited(steps, another(inherited[steps], dice), text, original=first, inherited=below)
    assert text != first
    for steps in dice.sample(chosen, len(chosen)):
        text = edited(steps, inherited[steps], text, original=first, inherited=below)
    assert text == first


# --- links -----------------------------------------------------------------------------------


def test_a_link_leads_to_the_same_text(project_root):
    path = project_root / "scenarios" / "pta-and-transit.yaml"
    first = path.read_text(encoding="utf-8")
    context = EditContext(first, inherited_tree(path, first))
    text = first
    for name, value in (
        ("agreements.transit.fee_cut", 0.75),
        ("agreements.pta.concessions.1.cut", 0.9),
        ("runs", 64),
    ):
        text = with_value(text, name, value, context).text
    link = link_of(text, first, path.name, "0841791700", context)
    assert link.startswith("#v=1&s=pta-and-transit.yaml&w=08417917&d=")
    assert "agreements.transit.fee_cut:0.75" in link
    assert read_link(link).applied(first, context) == text
    typed = text.replace("# yaml", "# my own words, yaml")
    packed = link_of(typed, first, path.name, "0841791700", context)
    assert "&z=" in packed
    assert read_link(packed).applied(first, context) == typed
    assert (
        link_of(first, first, path.name, "0841791700", context)
        == "#v=1&s=pta-and-transit.yaml&w=08417917"
    )


def test_a_damaged_link_says_so():
    import zlib
    from base64 import urlsafe_b64encode

    bomb = urlsafe_b64encode(zlib.compress(b"a" * 10_000_000)[2:-4]).decode()
    for link in ("", "#v=2&s=a", "#v=1&s=a&z=!!!", "#v=1&s=a&z=AAAA", f"#v=1&s=a&z={bomb}"):
        with pytest.raises(LinkError):
            read_link(link)
    with pytest.raises(LinkError):
        read_link("#v=1&s=a&d=a.b.c:1").applied("a: 1", EditContext())


# --- typing ----------------------------------------------------------------------------------


def broken(text, dice):
    lines = text.splitlines()
    for _ in range(dice.randrange(1, 4)):
        k = dice.randrange(len(lines))
        kind = dice.randrange(6)
        if kind == 0:
            lines.pop(k)
        elif kind == 1:
            lines.insert(k, lines[dice.randrange(len(lines))])
        elif kind == 2:
            lines[k] = dice.choice([" ", "\t", "- "]) + lines[k]
        elif kind == 3:
            lines[k] = (
                lines[k].partition(":")[0] + ": " + dice.choice(["", "[", "2026Q9", "-1", "x"])
            )
        elif kind == 4:
            at = dice.randrange(len(lines[k]) + 1)
            lines[k] = lines[k][:at] + dice.choice("[]{}:#&*\"'%") + lines[k][at:]
        else:
            lines[k] = lines[k].replace("cut", "cutt").replace("extends: ", "extends: x")
    return "\n".join(lines)


@pytest.mark.parametrize("n_texts", [30, pytest.param(200, marks=pytest.mark.slow)])
def test_typed_texts_have_the_problems_that_sim_check_finds(n_texts, project_root, tmp_path, names):
    from sim.lab.checked_text import read_typed

    folder = project_root / "scenarios"
    for source in folder.glob("*.yaml"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    dice, files = random.Random(9), sorted(tmp_path.glob("*.yaml"))
    n_broken = 0
    for number in range(n_texts):
        path = dice.choice(files)
        text = path.read_text(encoding="utf-8")
        if number % 3 == 0:
            text = broken(text, dice)
        saved = tmp_path / "typed.yaml"
        saved.write_text(text, encoding="utf-8")
        checked = check_scenario(saved, names)
        reading = read_typed(saved, text, names)
        n_broken += bool(checked.problems)
        said = reading.as_json()
        assert [tuple(p[k] for k in ("line", "column", "message", "wanted", "nearest")) for p in
                said["problems"]] == [(p.line, p.column, p.message, p.wanted, p.nearest)
                                      for p in checked.problems]  # fmt: skip
        assert format_problems(reading.checked.problems) == format_problems(checked.problems)
        json.dumps(said)
    assert n_broken > n_texts / 8


def test_a_text_in_old_spellings_is_edited_where_it_stands():
    text = "closure: full  # as ever\ntargets:\n  t: {pair: [A, B], by: 2030Q4}\n"
    assert edited("targets.t.deadline", "2031Q4", text) == text.replace("2030", "2031")
    assert edited("model_closure", "direct", text) == text.replace("full", "direct")
    assert edited("model_closure", None, text) == text.partition("\n")[2]
    assert edited("targets.t.source", "us", text).endswith("by: 2030Q4, source: us}\n")
