"""How sure a study is, told beforehand, and more runs until it is sure enough."""

from dataclasses import replace

import numpy as np
import pytest

from sim.study.jobs.plan import case_rows, run_jobs
from sim.study.jobs.study_precision import (
    StudyPrecision,
    expected_precision,
    first_look,
    more_runs,
    study_precision,
    to_within,
)
from sim.study.precision import precision_in_words
from tests.study.conftest import CUT

POINTS = ({CUT: 0.0}, {CUT: 1.0})


@pytest.fixture
def begun(swept, carried_out):
    """A study of 64 runs of two points that may grow, and its store."""
    plan = to_within(swept(POINTS), 0.5)
    return plan, carried_out(plan)


def test_a_study_grows_to_the_runs_that_its_precision_takes(begun, swept, carried_out):
    """Rows are those of as many runs from the beginning, and its name stays."""
    plan, store = begun
    known = study_precision(plan, store, (0, 1))
    assert known.difference is not None
    assert 0.0 < known.difference < known.chance < 0.5
    told: list[str] = []
    assert more_runs(plan, store, told.append) is None  # half a chance is known at once
    wanting = replace(plan, precision=0.9 * known.chance)
    larger = more_runs(wanting, store, told.append)
    assert larger is not None
    assert larger.n_runs == 128
    assert told[1].startswith(told[0].removesuffix("."))
    assert told[1].endswith("needs about 128 runs of each case.")
    assert replace(plan, n_runs=128).study_id == plan.study_id
    run_jobs(larger, store, None)
    whole = swept(POINTS, n_runs=128)
    assert [*larger.numbers] != [*whole.numbers]
    assert store.done == frozenset(larger.numbers)
    again = carried_out(whole)
    for case in (0, 1):
        ours, theirs = case_rows(larger, store, case), case_rows(whole, again, case)
        assert ours.keys() == theirs.keys()
        for name, column in ours.items():
            np.testing.assert_array_equal(column, theirs[name])


def test_the_first_blocks_tell_how_sure_all_runs_will_be(swept, carried_out, begun):
    """As sure as they are themselves, narrowed by the root of the number of runs."""
    plan, store = begun
    chance, difference = study_precision(plan, store, plan.ends, 1)
    assert expected_precision(plan, store) == f"{precision_in_words(64, chance, difference)}."
    whole = replace(plan, n_runs=256)
    assert first_look(whole) == frozenset(store.done)
    told = precision_in_words(256, chance / 2, difference / 2)
    assert expected_precision(whole, store) == f"{told}, judged by the first 64."


def test_one_case_tells_no_difference_and_one_run_no_interval(swept, carried_out):
    plan = swept(({},), n_runs=1)
    store = carried_out(plan)
    known = study_precision(plan, store, plan.ends)
    assert known.difference is None
    assert known.chance > 0.4
    assert expected_precision(plan, store).startswith("1 run: chance to ±")
    assert precision_in_words(1, np.inf, None) == "1 run: chance to ±100 points"
    assert StudyPrecision(0.1, None).difference is None
