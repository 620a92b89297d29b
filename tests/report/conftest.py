"""Reports that several tests look at, rendered once."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

_PLACE = Path(__file__).with_name("fixtures.py")


def _made_up() -> ModuleType:
    spec = importlib.util.spec_from_file_location("report_fixtures", _PLACE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made_up() -> ModuleType:
    """Builders of scenarios and of results that nobody simulated."""
    return _made_up()


@pytest.fixture(scope="session")
def render(made_up):
    """Render the report of a made-up scenario."""
    from sim.report.render import render_report

    def rendered(asked, world=None, *, energy=True):
        return render_report(made_up.material(asked, world, energy=energy))

    return rendered


@pytest.fixture(scope="session")
def both(made_up, render) -> dict[str, bytes]:
    """Report on two agreements."""
    return render(made_up.scenario())


@pytest.fixture(scope="session")
def none(made_up, render) -> dict[str, bytes]:
    """Report without agreements."""
    return render(made_up.scenario({}))
