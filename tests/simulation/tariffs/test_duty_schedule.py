"""Duties that rise and members that leave: dated, by layer, with preferences or on top."""

import numpy as np
import pytest

from sim.laws.numerics.calendar import parse_quarter
from sim.scenario.blocks.duty_blocks import DutyRise, Ending
from sim.scenario.blocks.quarters import Quarter
from sim.simulation.tariffs.duty_schedule import duty_schedule

FIRST = Quarter(parse_quarter("2025Q1"))


def rise(**terms):
    return DutyRise.model_validate(
        {"importer": "BBB", "goods": "all", "from": "2025Q1", **terms}, context=None
    )


def place_of(world, exporter, importer):
    n = len(world.regions)
    i, j = world.region_index(exporter), world.region_index(importer)
    return np.arange(len(world.goods)) * n * n + i * n + j


def rates(scenario, world, exporter, importer, quarter=FIRST):
    schedule = duty_schedule(scenario, world)
    return schedule.at(place_of(world, exporter, importer), quarter).rate


@pytest.fixture
def asked(tiny_scenario):
    def build(duties=(), **keys):
        named = {f"rise-{k}": one for k, one in enumerate(duties)}
        return tiny_scenario.model_copy(update={"agreements": {}, "duties": named, **keys})

    return build


def test_points_are_added_in_their_quarters_and_from_whom_they_are_asked(asked, tiny_world):
    scenario = asked([rise(exporters=("AAA",), add_rate=0.25, until="2025Q4")])
    base = rates(asked(), tiny_world, "AAA", "BBB")
    for quarter, added in (("2024Q4", 0.0), ("2025Q1", 0.25), ("2025Q4", 0.25), ("2026Q1", 0.0)):
        found = rates(scenario, tiny_world, "AAA", "BBB", parse_quarter(quarter))
        np.testing.assert_allclose(found, base + added, rtol=1e-12)
    others = rates(scenario, tiny_world, "CCC", "BBB")
    np.testing.assert_array_equal(others, rates(asked(), tiny_world, "CCC", "BBB"))


def test_a_rate_is_set_for_its_layer_alone(asked, tiny_world):
    layer = [*tiny_world.tariffs.mfn_rate_by_type][1]
    scenario = asked([rise(to_rate=0.5, duty_type=layer)])
    j = tiny_world.region_index("BBB")
    expected = tiny_world.tariffs.mfn_rate_by_type["customs_duty"][:, j] + 0.5
    np.testing.assert_allclose(rates(scenario, tiny_world, "AAA", "BBB"), expected, rtol=1e-12)


def test_a_rise_written_twice_split_or_in_another_order_is_the_same(asked, tiny_world):
    whole = rise(add_rate=0.2)
    goods = [rise(add_rate=0.2, goods=(good,)) for good in tiny_world.goods]
    spells = [rise(add_rate=0.2, until="2025Q2"), rise(add_rate=0.2, **{"from": "2025Q2"})]
    expected = rates(asked([whole]), tiny_world, "AAA", "BBB")
    for written in ([whole, whole], goods[::-1], spells, [*spells, whole]):
        np.testing.assert_array_equal(rates(asked(written), tiny_world, "AAA", "BBB"), expected)


def test_a_union_lets_a_member_raise_only_as_its_rule_says(asked, tiny_world):
    base = rates(asked(), tiny_world, "BBB", "AAA")
    for rule, states in (("refuse", ()), ("waiver", ("AAA",)), ("union", ("AAA", "CCC"))):
        scenario = asked([rise(importer="AAA", add_rate=0.3, customs_union=rule)])
        for importer in ("AAA", "CCC"):
            added = rates(scenario, tiny_world, "BBB", importer) - rates(
                asked(), tiny_world, "BBB", importer
            )
            np.testing.assert_allclose(added, 0.3 if importer in states else 0.0, atol=1e-12)
    assert base.shape == (len(tiny_world.goods),)


def test_preferences_apply_to_a_rise_unless_it_says_otherwise(asked, tiny_world):
    """Members of a union of their own pay nothing of the first and all of the second."""
    inside = asked([rise(importer="AAA", exporters=("CCC",), add_rate=0.3, customs_union="waiver")])
    on_top = asked(
        [
            rise(
                importer="AAA",
                exporters=("CCC",),
                add_rate=0.3,
                customs_union="waiver",
                preferences="ignore",
            )
        ]
    )
    np.testing.assert_allclose(rates(inside, tiny_world, "CCC", "AAA"), 0.0, atol=1e-15)
    np.testing.assert_allclose(rates(on_top, tiny_world, "CCC", "AAA"), 0.3, rtol=1e-12)


@pytest.mark.parametrize("members", [None, ("CCC",), ("AAA", "CCC")])
def test_who_leaves_an_agreement_on_record_pays_and_asks_the_full_duty(asked, tiny_world, members):
    ending = Ending.model_validate({"last_quarter": "2025Q1", "members": members})
    scenario = asked(ends={"a-c-union": (ending,)})
    for exporter, importer in (("AAA", "CCC"), ("CCC", "AAA")):
        j = tiny_world.region_index(importer)
        full = sum(layer[:, j] for layer in tiny_world.tariffs.mfn_rate_by_type.values())
        within = rates(scenario, tiny_world, exporter, importer, FIRST)
        np.testing.assert_allclose(within, 0.0, atol=1e-15)
        after = rates(scenario, tiny_world, exporter, importer, FIRST + 1)
        np.testing.assert_allclose(after, full, rtol=1e-12)
