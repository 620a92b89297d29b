"""Discovery: a box that is there is found, and none is told where there is none."""

import numpy as np
import pytest

from sim.laws.methods.prim import bounded
from sim.study.discover import _discovered
from sim.study.workers.study_errors import StudyError

NAMES = ("a", "b", "c")


def test_a_planted_box_is_found():
    inputs = np.random.default_rng(1).random((2000, 3))
    found = _discovered("goal", NAMES, inputs, (inputs[:, 0] > 0.6) & (inputs[:, 2] < 0.5))
    assert bounded(found.box) == [0, 2]
    assert found.box.low[0] == pytest.approx(0.6, abs=0.05)
    assert found.box.high[2] == pytest.approx(0.5, abs=0.05)
    assert found.box.density > 0.9 > 3 * found.share


def test_luck_is_no_box():
    rng = np.random.default_rng(2)
    found = _discovered("goal", NAMES, rng.random((400, 3)), rng.random(400) < 0.15)
    assert found.box.density >= found.share
    assert not bounded(found.box) or found.box.density > found.share


def test_too_few_hits_are_refused():
    inputs = np.random.default_rng(3).random((50, 3))
    with pytest.raises(StudyError, match="take more runs"):
        _discovered("goal", NAMES, inputs, inputs[:, 0] > 0.95)
