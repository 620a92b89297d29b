"""Reports that several tests look at, rendered once, with pictures only where they are looked at.

Saving the pictures of a report takes twice as long as making its sections. A test of words, numbers
or names of figures asks for `told`; one of pictures for `render`.
"""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from tests.builders.pictures import (
    drawn_once,
    files_without_picture,
    pictures_left_out,
    vectors_alone,
    with_narrow,
)

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sim.report.page.blocks import Section
    from sim.report.page.page import PageHeader
    from sim.report.page.report_inputs import ReportInputs

_PLACE = Path(__file__).with_name("fixtures.py")


def _made_up() -> ModuleType:
    spec = importlib.util.spec_from_file_location("report_fixtures", _PLACE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _words() -> ModuleType:
    spec = importlib.util.spec_from_file_location("report_words", _PLACE.with_name("words.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def for_phones() -> None:
    """Figures are drawn for phones as well."""


@pytest.fixture(autouse=True)
def figures_drawn_once(request, monkeypatch):
    """No test but those `for_phones` has its figures drawn a second time, for phones.

    Fixtures of a wider scope come before: the reports below have all their figures.
    """
    if "for_phones" not in request.fixturenames:
        monkeypatch.setattr("sim.report.page.figure.with_narrow", drawn_once)


@pytest.fixture(scope="session")
def words() -> ModuleType:
    """Counters of the words that a page shows."""
    return _words()


@pytest.fixture(scope="session")
def made_up() -> ModuleType:
    """Builders of scenarios and of results that nobody simulated."""
    return _made_up()


@pytest.fixture(scope="session")
def render(made_up):
    """Render the report of a made-up scenario, its figures once unless `for_phones` is asked."""
    from sim.report.render import render_report

    def rendered(asked, world=None, *, energy=True):
        return render_report(made_up.inputs(asked, world, energy=energy))

    return rendered


@pytest.fixture(scope="session")
def told(made_up):
    """Page, answer and data of a made-up scenario's report, its pictures left empty or short."""
    from sim.report.render import render_report

    def rendered(asked, world=None, *, energy=True, saved=files_without_picture, narrow=False):
        inputs = made_up.inputs(asked, world, energy=energy)
        with pictures_left_out(saved, narrow=narrow):
            return render_report(inputs)

    return rendered


@dataclass(frozen=True)
class Made:
    """What a report is put together from; drawing its figures takes seconds."""

    inputs: "ReportInputs"
    header: "PageHeader"
    sections: "tuple[Section, ...]"

    @classmethod
    def of(cls, inputs: "ReportInputs") -> "Made":
        """Draw all of a report, in the house's style."""
        from sim.report.contents import sections_of
        from sim.report.page.style import house_style
        from sim.report.render import header_of

        with house_style():
            return cls(inputs, header_of(inputs), tuple(sections_of(inputs)))

    def files(self, executor: "Executor | None" = None) -> dict[str, bytes]:
        """The report itself, as `render_report` puts it together."""
        from sim.report.answer_json import ANSWER, answer_bytes
        from sim.report.page.page import page_files
        from sim.report.page.style import house_style

        with house_style():
            files = page_files(self.header, self.sections, executor=executor)
        parts = (*self.header.sections, *self.sections)
        return {**files, ANSWER: answer_bytes(self.inputs, parts)}


@pytest.fixture(scope="session")
def both_made(made_up) -> Made:
    """Parts of the report on two agreements."""
    # A test that asks for it while it runs has its own figures drawn once: these are not.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.report.page.figure.with_narrow", with_narrow)
        return Made.of(made_up.inputs(made_up.scenario()))


@pytest.fixture(scope="session")
def both_told(both_made) -> dict[str, bytes]:
    """Report on two agreements without its pictures."""
    with pictures_left_out():
        return both_made.files()


@pytest.fixture(scope="session")
def both(both_made) -> dict[str, bytes]:
    """Report on two agreements."""
    return both_made.files()


@pytest.fixture(scope="session")
def none_made(made_up) -> Made:
    """Parts of the report without agreements."""
    with pictures_left_out():
        return Made.of(made_up.inputs(made_up.scenario({})))


@pytest.fixture(scope="session")
def none_told(none_made) -> dict[str, bytes]:
    """Report without agreements and without its pictures."""
    with pictures_left_out():
        return none_made.files()


@pytest.fixture(scope="session")
def none(none_made) -> dict[str, bytes]:
    """Report without agreements, its pictures as vectors alone."""
    with pictures_left_out(vectors_alone):
        return none_made.files()
