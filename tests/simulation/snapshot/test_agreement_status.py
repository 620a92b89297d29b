"""Treaties: dates by run, and the stages they put every agreement in."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sim.scenario.blocks.agreements import NegotiatedTimeline, Negotiation, Timeline
from sim.simulation.snapshot.agreement_status import NEVER, Treaties

SIGNED, IN_FORCE, ENDS = 8100, 8104, 8131


def dated(**changed):
    dates = {"signed": "2025Q1", "in_force": "2026Q1", "ends": "2032Q4"} | changed
    return SimpleNamespace(timeline=Timeline.model_validate(dates))


def test_dates_are_the_same_in_every_run():
    treaties = Treaties.dated({"a": dated(), "b": dated(ends=None)}, 3)
    assert treaties.in_force.shape == (3, 2)
    assert np.all(treaties.in_force == IN_FORCE)
    assert_array_equal(treaties.ends[1], [ENDS, NEVER])


def test_who_joins_is_party_for_as_long_as_the_agreement_lasts():
    joining = SimpleNamespace(timeline=NegotiatedTimeline(negotiated=Negotiation(signed=None)))
    treaties = Treaties.dated({"a": dated(), "a+AAA": joining, "b": dated(ends=None)}, 2)
    assert_array_equal(treaties.ends[1], [ENDS, ENDS, NEVER])
    assert_array_equal(treaties.in_force[1], [IN_FORCE, NEVER, IN_FORCE])
    signed = Treaties(treaties.signed * 0 + SIGNED, treaties.in_force, treaties.ends)
    assert signed.stage(ENDS, np.zeros(3))[0].tolist() == [3, 1, 3]
    assert signed.stage(ENDS + 1, np.zeros(3))[0].tolist() == [0, 0, 3]


def test_no_agreement_is_an_axis_without_length():
    treaties = Treaties.dated({}, 2)
    assert treaties.is_in_force(IN_FORCE).shape == (2, 0)
    assert treaties.stage(IN_FORCE, np.zeros(0)).shape == (2, 0)


@pytest.mark.parametrize(
    ("quarter", "stage"),
    [
        (SIGNED - 1, 0),
        (SIGNED, 1),
        (IN_FORCE - 1, 1),
        (IN_FORCE, 2),
        (IN_FORCE + 7, 2),
        (IN_FORCE + 8, 3),
        (ENDS, 3),
        (ENDS + 1, 0),
    ],
)
def test_stages_follow_the_dates_and_the_slowest_concession(quarter, stage):
    treaties = Treaties.dated({"a": dated()}, 1)
    assert treaties.stage(quarter, np.array([3.0])).tolist() == [[stage]]


def test_runs_may_differ():
    treaties = Treaties(
        signed=np.array([[SIGNED], [NEVER]]),
        in_force=np.array([[IN_FORCE], [NEVER]]),
        ends=np.array([[NEVER], [NEVER]]),
    )
    assert treaties.is_in_force(IN_FORCE)[:, 0].tolist() == [True, False]
    assert treaties.stage(IN_FORCE, np.zeros(1))[:, 0].tolist() == [3, 0]
    assert treaties.years_in_force(IN_FORCE + 2)[0, 0] == 0.5
