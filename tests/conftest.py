"""Fixtures and the one hypothesis profile all tests share."""

import gc
import os
import sys
from pathlib import Path

import matplotlib
import pytest
from hypothesis import HealthCheck, settings

from sim.laws.numerics.process_settings import keep_to_one_thread

keep_to_one_thread()
matplotlib.use("Agg")

# Tests compiled once are read by every worker, and modules by every process that tests start:
# without the bytecode, collection alone takes three times as long in each of them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

settings.register_profile(
    "project",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")


def pytest_collection_finish() -> None:
    """Leave what was imported out of garbage collections, a seventh of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


SHARE_REPORTS = "tests/report/test_", "tests/report/summary/"
"""Files that look at the same reports, which are made once for all of them."""
SHARE_SOURCES = (
    "tests/test_glossary.py",
    "tests/test_layers.py",
    "tests/test_walks.py",
    "tests/scenario/blocks/test_agreement_changes.py",
)
"""Files that look at the code of all modules, which is read once for all of them."""
LONGEST = (
    SHARE_REPORTS[0],
    "tests/test_cli.py",
    "tests/test_cli_studies.py",
    "tests/study/test_reach.py",
    "tests/lab/test_page.py",
    "tests/study/ensemble/test_run.py",
    "tests/test_own_world.py",
    "tests/simulation/test_model.py",
    "tests/study/ensemble/test_kept_states.py",
    "tests/world/test_sense.py",
    "tests/world/test_builder.py",
    "tests/simulation/agents/test_port_twin.py",
    "tests/test_scenarios.py",
    SHARE_SOURCES[0],
    "tests/study/ensemble/test_checkpoint.py",
    "tests/scenario/test_mistakes.py",
    "tests/laws/uncertainty/test_crossing.py",
)
"""Units of work that are given out first, so that no worker is left alone with one at the end."""


def _unit_of(test: str) -> str:
    """What a test is given out with: its file, or the files that share what it looks at."""
    shared = next((s for s in (SHARE_REPORTS, SHARE_SOURCES) if test.startswith(s)), None)
    return shared[0] if shared else test.split("::")[0]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items) -> None:
    """Begin with the longest, where several workers share the tests; the rest stays shuffled."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = {unit: k for k, unit in enumerate(LONGEST)}
        items.sort(key=lambda item: place.get(_unit_of(item.nodeid), len(place)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give out whole files, and files that share reports to one worker, in the order above."""
    from xdist.scheduler import LoadFileScheduling

    class Units(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return _unit_of(nodeid)

    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return Units(config, log)


ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Folder that holds `sim/`, `scenarios/` and `tests/`."""
    return ROOT


@pytest.fixture(scope="session")
def cases() -> Path:
    """Folder of published answers; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared" / "cases"
    if not folder.is_dir():
        pytest.skip("published answers are not at ../shared/cases")
    return folder


@pytest.fixture(scope="session")
def world():
    """The packaged world, held to its first ledger."""
    from sim.world.load import load_world

    return load_world()


@pytest.fixture(scope="session")
def names():
    """Names of the packaged world."""
    from sim.world.names import world_names

    return world_names()


@pytest.fixture(scope="session")
def union_member(world):
    """A member of a customs union that has a corridor to a state outside it."""
    members = {code for union in world.customs_unions.values() for code in union}
    return next(end for c in world.corridors for end in c.ends if end in members)


@pytest.fixture(scope="session")
def outsider(world, union_member):
    """A state in no customs union, joined to the union's member by a corridor."""
    return next(
        (set(c.ends) - {union_member}).pop() for c in world.corridors if union_member in c.ends
    )


@pytest.fixture(scope="session")
def partner(world, union_member, outsider):
    """A third state, in no customs union either."""
    members = {code for union in world.customs_unions.values() for code in union}
    return next(code for code in world.regions if code not in members | {outsider})


@pytest.fixture
def scenario_with(world, union_member, outsider, tmp_path):
    """Build a scenario about the two states from top-level keys given as plain values."""
    import json

    from sim.scenario.scenario_file import load_scenario
    from sim.world.names import world_names

    def build(**keys):
        content = {
            "version": 1,
            "title": "Test",
            "question": "Does trade reach the target?",
            "horizon": {"start": f"{world.base_year}Q4", "end": f"{world.base_year + 4}Q4"},
            "runs": 4,
            "seed": 7,
            "baseline": {"ledger": world.ledger},
            # Laws are stated for a world in which nothing has happened yet.
            "recorded_stops": False,
            "targets": {
                "goal": {
                    "pair": [outsider, union_member],
                    "trade_musd": 1000,
                    "deadline": f"{world.base_year + 3}Q4",
                }
            },
            **keys,
        }
        path = tmp_path / "scenario.yaml"
        path.write_text(json.dumps(content), encoding="utf-8")
        return load_scenario(path, world_names())

    return build


@pytest.fixture(scope="session")
def tiny_world():
    """The world of three invented states."""
    from sim.world.load import load_world

    return load_world(ROOT / "tests" / "worlds" / "tiny")


@pytest.fixture(scope="session")
def tiny_names():
    """Its names."""
    from sim.world.names import world_names

    return world_names(ROOT / "tests" / "worlds" / "tiny")


@pytest.fixture(scope="session")
def tiny_scenario(tiny_names):
    """A treaty between two of the states."""
    from sim.scenario.scenario_file import load_scenario

    return load_scenario(ROOT / "tests" / "worlds" / "tiny.yaml", tiny_names)


@pytest.fixture
def no_pictures():
    """Reports are made with the data of their figures alone."""
    from tests.builders.pictures import pictures_left_out

    with pictures_left_out():
        yield


@pytest.fixture
def no_central_runs():
    """Commands rank no assumptions and try no spoilers."""
    from tests.builders.central_runs import central_runs_left_out

    with central_runs_left_out():
        yield


@pytest.fixture
def pyam():
    """The package that reads tables of the integrated-assessment community, where it works."""
    try:
        import pyam
    except (ImportError, TypeError) as problem:  # it comes with parts that may not fit each other
        pytest.skip(f"pyam cannot be imported ({problem}): pip install pyam-iamc 'sqlalchemy<2.1'")
    return pyam
