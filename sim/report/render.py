"""A report from the results of a run: figures, the data behind them, a page, an answer."""

from concurrent.futures import Executor
from itertools import tee
from typing import TYPE_CHECKING

from sim.report.answer_json import ANSWER, answer_bytes
from sim.report.contents import each_section
from sim.report.evidence.study_basis import ledgers_in_words
from sim.report.page.figure import drawing_files
from sim.report.page.fonts import Tell, tell_of_boxes
from sim.report.page.formatting import plural
from sim.report.page.page import PageHeader, page_files
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import house_style
from sim.report.studies.hindcast_figure import past_fans
from sim.report.summary.first_page import first_page
from sim.study.ensemble.asked_answer import answer_asked
from sim.study.ensemble.headline import headline

if TYPE_CHECKING:
    from sim.study.hindcasts.hindcast import Hindcast


def render_report(
    inputs: ReportInputs, *, executor: Executor | None = None, tell: Tell = lambda _: None
) -> dict[str, bytes]:
    """Files of a report; nothing is written.

    Parameters
    ----------
    inputs : ReportInputs
    executor : concurrent.futures.Executor, optional
        Saves the figures elsewhere; bears on nothing but time.
    tell : callable, optional
        Takes a sentence about letters that no font of this machine has.

    Returns
    -------
    dict of str to bytes
        By relative path: `report.html`, `answer.json`, and for each figure `figures/<name>.svg`,
        `.png` and `.csv`. The same input gives the same bytes.
    """
    with house_style():
        header = header_of(inputs)
        # The figures of a section are saved while the next one is made.
        sections, kept = tee(each_section(inputs))
        files = page_files(header, sections, executor=executor, tell=tell)
    return {**files, ANSWER: answer_bytes(inputs, (*header.sections, *kept))}


def header_of(inputs: ReportInputs) -> PageHeader:
    """First screen of a run's page."""
    scenario, world = inputs.scenario, inputs.world
    ledgers = ledgers_in_words(world, scenario)
    return PageHeader(
        overline=" · ".join([*ledgers, plural(scenario.runs, "simulation")]),
        title=scenario.title,
        question=scenario.question,
        answers=(
            *filter(None, [_asked_answer(inputs)]),
            *(headline(finding) for finding in inputs.findings),
        ),
        sections=first_page(inputs),
    )


def _asked_answer(inputs: ReportInputs) -> str:
    """Answer to a question that is not about trade; empty for one that is."""
    return answer_asked(
        inputs.scenario, inputs.world, inputs.asked, inputs.without, inputs.findings[0]
    )


def render_hindcast(study: "Hindcast", *, tell: Tell = lambda _: None) -> dict[str, bytes]:
    """The figure of a hindcast, by relative path: SVG, PNG and the data behind it."""
    with house_style():
        drawing = past_fans(study)
        tell_of_boxes([drawing.figure], tell)
        return drawing_files(drawing)
