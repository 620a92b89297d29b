"""Parts of an attribution are shown so that a reader who adds them comes to what stands there."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.page.style import house_style
from sim.report.studies import explain_page as page
from sim.report.studies.rounded_parts import shared_out, shown_parts
from sim.report.studies.study_page import _part
from sim.report.studies.waterfall import waterfall
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.lever_titles import LeverTitle
from sim.study.explain import Attribution

NUMBER = re.compile(r"[+\u2212]?[0-9][0-9,]*(?:\.[0-9]+)?")


def attribution(parts, without, half_width, measure="trade_musd") -> Attribution:
    parts = np.array(parts)
    ends = (without, without + parts.sum())
    around = [(end - half_width, end + half_width) for end in (*ends, parts.sum())]
    return Attribution(
        target="goal", measure=measure, without=ends[0], with_all=float(ends[1]),
        levers=tuple(f"lever-{k}" for k in range(len(parts))), parts=parts,
        interval=np.stack([parts - half_width, parts + half_width], axis=1),
        without_interval=around[0], with_all_interval=around[1], total_interval=around[2],
        n_runs=8,
    )  # fmt: skip


def number(text: str) -> float:
    return float(text.replace(",", "").replace("\u2212", "-"))


PARTS = st.lists(
    st.one_of(st.just(0.0), st.floats(-5e3, 5e3), st.floats(-1.0, 1.0)), min_size=1, max_size=12
)


@given(PARTS, st.floats(0.1, 1e4), st.floats(0.001, 1e3))
def test_shown_parts_add_to_the_shown_total(parts, without, half_width):
    found = attribution(parts, without, half_width)
    shown = shown_parts(found)
    step = 10.0**-shown.places
    read = [number(shown.signed(part)) for part in shown.parts]
    ends = [number(shown.write(end)) for end in (shown.without, shown.with_all)]
    assert sum(read) == pytest.approx(number(shown.signed(shown.total)), abs=step / 100)
    assert ends[1] - ends[0] == pytest.approx(sum(read), abs=step / 100)
    assert np.abs(np.array(read) - found.parts).max() < step * (1 + 1e-6)
    assert abs(ends[0] - found.without) <= step * (0.5 + 1e-6)
    assert all(text == 0.0 for text, part in zip(read, found.parts, strict=True) if part == 0.0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.integers(-1, 1))
def test_whole_numbers_next_to_the_values_have_the_sum_that_is_wanted(values, off):
    total = round(sum(values)) + (off if len(values) > 1 else 0)
    if not abs(total - sum(values)) <= min(1.0, len(values) / 2):
        return
    units = shared_out(values, total)
    assert sum(units) == total
    assert np.abs(np.array(units) - values).max() <= 1.0 + 1e-6


def test_numbers_have_the_digits_that_their_interval_knows():
    assert shown_parts(attribution([108.4, 31.2], 231.0, 20.0)).places == 0
    assert shown_parts(attribution([1084.0, 312.0], 2310.0, 300.0)).places == -1
    assert shown_parts(attribution([0.0105, 0.004], 0.01, 0.002, "reached_share")).places == 2
    assert shown_parts(attribution([0.0, 0.0], 0.01, 0.0)).parts == (0.0, 0.0)


def sentence(parts, without, half_width):
    found = [
        attribution(parts, without, half_width),
        attribution(np.array(parts) / 1e4, 0.02, half_width / 1e4, "reached_share"),
    ]
    target = SimpleNamespace(deadline=Quarter(2030 * 4 + 3), trade_musd=1e3)
    plan = SimpleNamespace(base=SimpleNamespace(targets={"goal": target}, reach=None))
    return found, plan, page._answer(plan, found[1], found, titles_of(found[0]))


def titles_of(found: Attribution) -> dict[str, LeverTitle]:
    return {lever: LeverTitle(lever) for lever in found.levers}


def drawn(found: Attribution):
    target = SimpleNamespace(deadline=Quarter(2030 * 4 + 3), trade_musd=1e3)
    return waterfall(found, target, "the goal", titles_of(found), "stamp")


def test_a_reader_of_the_answer_can_add():
    """Three like parts, whose nearest numbers would be 33, 33 and 33 of 100."""
    parts = [33.4, 33.4, 33.4, 0.4, 0.4, 0.4, -0.4]
    _, _, text = sentence(parts, 150.6, 40.0)
    told = text[text.index("million USD: {") if "{" in text else text.index("The median") :]
    told = re.sub(r"\(.*?\)| ± [0-9,.]*[0-9]", "", told)
    ends, rest = told.split("million USD:", 1)
    without, with_all = map(number, NUMBER.findall(ends))
    total = number(NUMBER.search(rest)[0])
    listed = rest[rest.index("in million USD:") :]
    shown = [number(n) for n in re.findall(r" ([+\u2212]?[0-9][0-9,.]*)(?= |,|\.$)", listed)]
    assert with_all - without == total == 101
    assert "the other 2 " in listed
    assert sum(shown[:5]) + shown[-1] == total


def test_the_table_and_the_figure_show_the_same_parts():
    found, plan, _ = sentence([12.46, 12.46, 12.46], 100.3, 4.0)
    shown = shown_parts(found[0])
    table = page._table(plan, found, titles_of(found[0]))
    cells = [row[-1].text for row in _part(table, table.rows).rows[:4]]
    parts = [number(NUMBER.match(cell)[0]) for cell in cells]
    assert sum(parts[:3]) == pytest.approx(parts[3])
    assert parts[:3] == list(shown.parts)
    with house_style():
        drawing = drawn(found[0])
    for part in shown.parts:
        assert f"{shown.signed(part)} ± " in drawing.alt
    steps = [text.get_text().split(" ±")[0] for text in drawing.figure.axes[0].texts]
    assert sorted(steps[:3]) == sorted(shown.signed(part) for part in shown.parts)
    assert drawing.rows[0][1] == 12.46  # the file keeps what was computed


def test_the_figure_of_one_run_has_steps_without_an_error():
    found = attribution([12.0, -3.0], 100.0, np.inf)
    with house_style():
        axes = drawn(found).figure.axes[0]
    assert np.isfinite(axes.get_ylim()).all()
    assert {text.get_text() for text in axes.texts} >= {"+12", "\u22123"}


def test_the_figure_of_losses_shows_where_nothing_is():
    with house_style():
        axes = drawn(attribution([-50.0, 10.0], 20.0, 1.0)).figure.axes[0]
    low, high = axes.get_ylim()
    assert low < -30.0
    assert high > 20.0
