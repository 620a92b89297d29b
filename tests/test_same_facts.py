"""A fact means the same however it is written: split, merged, repeated or in another order.

The places come from the schema (`tests/builders/rewritings.py`), so a block that is added to it is
held to this by itself once `tests/worlds/every-list.yaml`, or `every-energy-list.yaml` for what is
under `energy`, has an entry of it; until then a test says so. Compared is what the model makes of a
scenario, quarter by quarter, not what is printed.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from sim.scenario.blocks.scenario import Scenario
from sim.scenario.scenario_file import check_scenario
from sim.scenario.text.inheritance import assemble
from sim.scenario.text.tree import plain
from sim.simulation.energy.arc_openings import EnergyOpenings
from sim.simulation.energy.drivers import path_inputs
from sim.simulation.energy.energy_setup import energy_table
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.uncertainty.draws import draw, simulated_quarters
from sim.study.explain import levers_of
from sim.study.sweep import points_of
from sim.world.csv_tables.table_errors import CalibrationError
from sim.world.load import load_world
from sim.world.names import world_names
from tests.builders.rewritings import (
    CUT,
    ENTRY,
    OVERLAPPED,
    PAIR,
    REORDERED,
    REPEATED,
    SPELL,
    SPREAD,
    WAYS_OF,
    WAYS_TO_WRITE,
    Rewriting,
    places_of,
    places_of_schema,
    rewritings,
)

WORLDS = Path(__file__).resolve().parent / "worlds"
RUNS = range(2)
BY_AGREEMENT = {"treaties", "talks", "stage"}
BY_CELL_OR_SOLVER = {
    "tariffs", "adjustment", "equilibrium", "residual", "n_iterations"
}  # fmt: skip
"""Parts of a snapshot that grow with the number of lines, or tell how it was solved."""


class Exempt(NamedTuple):
    """Something that does not mean the same in another writing, and why."""

    why: str
    of: Callable[[Any], bool] = lambda entry: True
    """Which entries it is about, by the content of the entry that is cut or spread."""


def is_negotiated(agreement: Any) -> bool:
    return "negotiated" in agreement["timeline"]


def is_phased_in(agreement: Any) -> bool:
    return any(line.get("phase_in_years") for line in agreement.get("concessions", ()))


EXCEPTIONS: dict[tuple[str, str], Exempt] = {
    ("diplomacy.consulates.*", REPEATED): Exempt("each consulate that is opened adds"),
    ("diplomacy.outside_attention.*", REPEATED): Exempt("each power that courts a State adds"),
    ("diplomacy.outside_attention.*", OVERLAPPED): Exempt("the same, while they overlap"),
    ("agreements.*", REPEATED): Exempt("two negotiations take twice the effort", is_negotiated),
    ("agreements.*.concessions", SPREAD): Exempt("the same", is_negotiated),
    ("diplomacy.memoranda.*", REPEATED): Exempt("two sets of memoranda are twice as many"),
    ("reforms.steps.*", REPEATED): Exempt("a second reform cuts what the first one left"),
    ("reforms.steps.*.goods", SPREAD): Exempt("each reform costs what it costs"),
    ("agreements.*.members", SPREAD): Exempt("an agreement of one member is none"),
    ("agreements.*.timeline", CUT): Exempt("steps count from entry into force", is_phased_in),
    ("agreements.*.timeline", OVERLAPPED): Exempt("the same", is_phased_in),
    ("trade_costs.*", REPEATED): Exempt("two stated costs add up"),
    ("trade_costs.*", OVERLAPPED): Exempt("the same, while they overlap"),
    ("ends.*", REPEATED): Exempt("its keys are agreements on record, which have one name each"),
    ("energy.deals.*", REPEATED): Exempt("two contracts deliver twice as much"),
    ("energy.deals.*", OVERLAPPED): Exempt("the same, while they overlap"),
    ("energy.deals.*.through", SPREAD): Exempt("each deal has a volume of its own"),
}
"""By place and way of writing."""
ALONE = {"agreements.*.may_join", "projects"}
"""What the world of three states has one of."""


# --- what the model makes of a scenario -----------------------------------------------------------


def content_of(name: str) -> dict[str, Any]:
    tree = assemble(WORLDS / f"{name}.yaml").tree
    assert tree is not None
    found = plain(tree)
    assert isinstance(found, dict)
    return json.loads(json.dumps(found))


@cache
def world_of(name: str):
    folder = WORLDS / "tiny" if name == "every-list" else None
    return load_world(folder), world_names(folder)


@cache
def world_with(own: Any):
    """The world of three states with own figures over its tables."""
    return load_world(WORLDS / "tiny", own=own)


def read(content: dict[str, Any], name: str, folder: Path) -> Scenario:
    path = folder / "written.yaml"
    path.write_text(json.dumps(content), encoding="utf-8")
    checked = check_scenario(path, world_of(name)[1])
    assert checked.scenario is not None, [p.message for p in checked.problems]
    return checked.scenario


def made_of(content: dict[str, Any], name: str, folder: Path) -> dict[str, Any]:
    """All that a scenario comes to, by name."""
    scenario = read(content, name, folder)
    found = {"studies": studies_of(scenario)}
    return found | (trade_of(scenario) if name == "every-list" else energy_of(scenario))


def trade_of(scenario: Scenario) -> dict[str, Any]:
    """Snapshots of every quarter in the world of three states."""
    model = TradeModel(scenario, world_with(scenario.own_figures), runs=RUNS)
    found: dict[str, Any] = {}
    while model.quarter < int(scenario.horizon.end):
        model.step()
        found[f"effort {model.quarter}"] = model.snapshot.talks.effort
        for field in fields(Snapshot):
            if field.name not in BY_AGREEMENT | BY_CELL_OR_SOLVER:
                found[f"{field.name} {model.quarter}"] = getattr(model.snapshot, field.name)
    return found


def energy_of(scenario: Scenario) -> dict[str, Any]:
    """What moves the energy market of the packaged world; deals by the arc and terms they share."""
    world = world_of("every-energy-list")[0]
    quarters = simulated_quarters(scenario, world)
    draws = draw(scenario, world, RUNS, quarters.start, len(quarters))
    path = path_inputs(scenario, world, draws)
    table = energy_table(world, dict(scenario.energy.deals))
    openings = EnergyOpenings(scenario, world, draws, table.market_arcs)
    n_arcs = len(world.energy.arcs.names)
    found: dict[str, Any] = {"money": path.money, "built": path.built}
    for year in range(world.base_year, quarters.stop // 4):
        found[f"open {year}"] = openings.of_year(year)[:, :n_arcs]
    arcs, pledges = table.market_arcs, table.pledges
    for p in range(pledges.n_known, len(pledges.arc)):
        w = pledges.arc[p]
        terms = (
            arcs.arc[w],
            arcs.price_share[w],
            pledges.take_or_pay[p],
            *arcs.load_share[w],
        )
        due = pledges.delivered_share(np.array(quarters))[p]
        delivered = pledges.quantity[p] * due * openings.of_year(world.base_year)[0, w]
        found[f"deals {terms}"] = found.get(f"deals {terms}", 0.0) + delivered
    return found


def studies_of(scenario: Scenario) -> Any:
    """What studies would vary."""
    points = points_of(scenario)
    return (
        {frozenset(point.items()) for point in points},
        len(points),
        set(scenario.levers or ()),
        scenario.levers and len(levers_of(scenario).coalitions),
        scenario.reach and dict(scenario.reach.levers),
    )


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Names of what is not the same."""
    only_one = one.keys() ^ other.keys()
    return [*only_one, *(k for k in one.keys() & other.keys() if not _same(one[k], other[k]))]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        is_alike = one.shape == other.shape
        return is_alike and bool(np.allclose(one, other, rtol=1e-7, atol=1e-9, equal_nan=True))
    if (isinstance(one, tuple) and hasattr(one, "_fields")) or hasattr(one, "__dataclass_fields__"):
        names = getattr(one, "_fields", None) or one.__dataclass_fields__
        return all(_same(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


# --- the property ---------------------------------------------------------------------------------

CONTENTS = {name: content_of(name) for name in ("every-list", "every-energy-list")}
ALL = [(name, way) for name, content in CONTENTS.items() for way in rewritings(content, Scenario)]


def is_excepted(content: Any, way: Rewriting) -> bool:
    exception = EXCEPTIONS.get((way.place.pattern, way.how))
    if exception is None:
        return False
    for step in way.place.entry or way.place.path:
        content = content[step]
    return exception.of(content)


def rewritten(content: dict[str, Any], how: str) -> dict[str, Any]:
    """A content with all of its places written in another way at once, exceptions apart."""
    for pattern in {p.pattern: None for p in places_of(content, Scenario)}:
        own = [p for p in places_of(content, Scenario) if p.pattern == pattern]
        # From the end, so that places before it stay where they are.
        for place in own[::-1]:
            way = Rewriting(how, place)
            if how in WAYS_OF[place.kind] and not is_excepted(content, way):
                content = way.of(content) or content
    return content


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    return cache(lambda name: made_of(CONTENTS[name], name, folder))


def test_every_list_and_spell_of_the_schema_is_tried():
    has = {name: {(p.pattern, p.kind) for p in places_of(content, Scenario)}
           for name, content in CONTENTS.items()}  # fmt: skip
    for pattern, kind in places_of_schema(Scenario):
        name = "every-energy-list" if pattern.startswith("energy.") else "every-list"
        assert (pattern, kind) in has[name], (
            f"the schema has a {kind} at {pattern}, and tests/worlds/{name}.yaml has none: add an "
            "entry that acts (two where it is a list), so that writing it otherwise is tried"
        )


def test_every_list_and_mapping_has_two_entries_to_exchange():
    reordered = {way.place.pattern for _, way in ALL if way.how == REORDERED}
    for pattern, kind in places_of_schema(Scenario):
        if kind not in (SPELL, ENTRY) and pattern not in ALONE:
            assert pattern in reordered, f"{pattern} needs two entries in tests/worlds"


@pytest.mark.parametrize("how", WAYS_TO_WRITE)
@pytest.mark.parametrize("name", CONTENTS)
def test_everything_in_another_writing_changes_nothing(name, how, made, tmp_path):
    content = rewritten(CONTENTS[name], how)
    if json.dumps(content) == json.dumps(CONTENTS[name]):
        pytest.skip("nothing can be written so")
    changed = differences(made(name), made_of(content, name, tmp_path))
    assert not changed, f"{how}: the slow tests of this file tell which place it is"


SINGLE = [(name, way) for name, way in ALL if not is_excepted(CONTENTS[name], way)]
EXCEPTED = [(name, way) for name, way in ALL if is_excepted(CONTENTS[name], way)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "way"), SINGLE, ids=lambda each: getattr(each, "label", ""))
def test_one_place_in_another_writing_changes_nothing(name, way, made, tmp_path):
    other = made_of(way.of(CONTENTS[name]), name, tmp_path)
    assert not differences(made(name), other), f"{way.label} is not the same"


@pytest.mark.slow
@pytest.mark.parametrize(("pattern", "how"), EXCEPTIONS)
def test_exceptions_are_real(pattern, how, made, tmp_path):
    own = [(name, way) for name, way in EXCEPTED if (way.place.pattern, way.how) == (pattern, how)]
    assert own, f"nothing is excepted from {pattern} {how}"
    for name, way in own:
        try:
            other = made_of(way.of(CONTENTS[name]), name, tmp_path)
        except AssertionError:
            return  # no file may hold it
        if differences(made(name), other):
            return
    pytest.fail(f"{pattern} {how} is the same: it is no exception")


IDLE_HERE = {
    "ends.*.*.members": "agreements on record have two members here, and end with either",
    "agreements.*.opens.ports": "no cargo of a third state passes a port here",
}
"""Lists of which the world of three states does not need every entry."""
LISTED = [(name, place) for name, content in CONTENTS.items()
          for place in places_of(content, Scenario)
          if place.kind not in (PAIR, SPELL, ENTRY) and place.pattern not in IDLE_HERE]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "place"), LISTED, ids=lambda each: str(getattr(each, "path", "")))
def test_every_list_acts(name, place, made, tmp_path):
    """Without its first entry, or its last, something changes: else the rest would say nothing."""
    acts = []
    for end in (0, -1):
        content = deepcopy(CONTENTS[name])
        around: Any = content
        for step in place.path:
            around = around[step]
        del around[[*around][end] if isinstance(around, dict) else end]
        try:
            other = made_of(content, name, tmp_path)
        except (AssertionError, CalibrationError):
            acts.append(True)  # no file, or no trade, may do without it
        else:
            acts.append(bool(differences(made(name), other)))
    assert any(acts)
