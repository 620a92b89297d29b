"""Controls come from the schema: whatever a text sets can be seen and changed by one of them."""

import random

import pytest

from sim.lab.checked_text import inherited_tree, read_typed
from sim.lab.controls import STUDIED, ControlMaker, schema_of_scenarios
from sim.lab.document import EditContext, plain_at, with_value
from sim.scenario.text.tree import MappingNode, SequenceNode
from sim.world.titles import world_titles


@pytest.fixture(scope="module")
def maker():
    return ControlMaker(schema_of_scenarios(), world_titles())


@pytest.fixture
def main(project_root):
    return project_root / "scenarios" / "pta-and-transit.yaml"


def controls_of(maker, path, text, names):
    reading = read_typed(path, text, names)
    return {c.path: c for c in maker.controls(reading.merged, inherited_tree(path, text), path)}


def leaves(node, path=()):
    if isinstance(node, MappingNode):
        for key, entry in node.entries.items():
            yield from leaves(entry.node, (*path, key))
    elif isinstance(node, SequenceNode) and any(isinstance(i, MappingNode) for i in node.items):
        for k, item in enumerate(node.items, start=1):
            yield from leaves(item, (*path, str(k)))
    else:
        yield path, node


def test_whatever_the_shipped_scenarios_set_has_a_control_that_says_so(maker, names, project_root):
    for path in sorted((project_root / "scenarios").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        merged = read_typed(path, text, names).merged
        controls = controls_of(maker, path, text, names)
        for steps, _ in leaves(merged):
            if steps[0] in STUDIED or steps[-1] == "kind":
                continue
            value = plain_at(merged, steps)
            shown = controls[steps].value
            assert (tuple(shown) if isinstance(value, tuple) else shown) == value, (path, steps)


def test_a_control_knows_range_unit_names_title_and_where_its_value_comes_from(maker, main, names):
    controls = controls_of(maker, main, main.read_text(encoding="utf-8"), names)
    cut = controls["agreements", "pta", "concessions", "1", "cut"]
    assert (cut.kind, cut.title, cut.unit, cut.low, cut.high) == (
        "share",
        "Tariff cut",
        "share",
        0,
        1,
    )
    assert (cut.origin, cut.line, cut.is_lever, cut.effect) == ("pta.yaml", 0, True, "2027Q3")
    fee = controls["agreements", "transit", "fee_cut"]
    assert (fee.origin, fee.resting) == ("own", 0.0)
    assert main.read_text(encoding="utf-8").splitlines()[fee.line - 1].strip() == "fee_cut: 0.5"
    assert controls["agreements", "transit", "members"].names == "regions"
    assert controls["agreements", "transit", "timeline", "ends"].kind == "quarter"
    assert controls["as_of",].options == ("last",)
    assert controls["behaviour", "fiscal"].value is True
    assert controls["targets", "one-billion", "pair"].kind == "tuple"
    assert next(c.group for c in controls.values()) == "target"


def another(control, dice):
    """A legal value of a control."""
    if control.kind == "switch":
        return not control.value
    if control.kind in ("share", "number"):
        low, high = control.slider or (control.low, min(control.high, 10_000))
        value = low + dice.random() * (high - low)
        return round(value, 2) if control.step and control.step < 1 else max(1, round(value))
    if control.kind == "quarter":
        return f"{dice.randrange(2028, 2030)}Q{dice.randrange(1, 5)}"
    if control.kind == "day":
        return f"2029-0{dice.randrange(1, 9)}-11"
    return dice.choice(control.options) if control.kind == "choice" else None


def test_controls_move_the_text_and_the_text_moves_the_controls(maker, main, names):
    dice = random.Random(3)
    first = text = main.read_text(encoding="utf-8")
    context = EditContext(first, inherited_tree(main, first))
    controls = controls_of(maker, main, text, names)
    tried = [c for c in controls.values() if c.group != "target" and another(c, dice) is not None]
    assert len(tried) > 40
    for control in dice.sample(tried, 25):
        value = another(control, dice)
        now = with_value(text, control.path, value, context, default=control.resting).text
        moved = controls_of(maker, main, now, names)[control.path]
        assert moved.value == value
        assert moved.origin == "own" or now == text or value == control.resting
        back = with_value(now, control.path, control.value, context, default=control.resting).text
        assert controls_of(maker, main, back, names)[control.path].value == control.value
        if control.origin != "own":
            assert back == text


def test_a_key_that_the_schema_gains_has_a_control_at_once(main, names):
    schema = schema_of_scenarios()
    schema["$defs"]["Behaviour"]["properties"]["new_rule"] = {
        "type": "number", "minimum": 0, "maximum": 9, "default": 4, "description": "How new.",
        "x-unit": "years",
    }  # fmt: skip
    maker = ControlMaker(schema, world_titles())
    control = controls_of(maker, main, main.read_text(encoding="utf-8"), names)[
        "behaviour", "new_rule"
    ]
    assert (control.title, control.value, control.help, control.unit) == (
        "New rule", 4, "How new.", "years",
    )  # fmt: skip


def test_a_broken_text_still_has_controls_for_what_can_be_read(maker, main, names):
    text = main.read_text(encoding="utf-8").replace("fee_cut: 0.5", "fee_cut: [")
    assert read_typed(main, text, names).merged is None
    text = main.read_text(encoding="utf-8").replace("fee_cut: 0.5", "fee_cut: 7")
    assert controls_of(maker, main, text, names)["agreements", "transit", "fee_cut"].value == 7


def test_titles_tell_the_names_of_one_list_apart():
    for vocabulary, titles in world_titles().items():
        assert len({*titles.values()}) == len(titles), vocabulary
