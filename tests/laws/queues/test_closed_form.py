"""The compiled period of a queue against the plain twin of a port."""

import numpy as np
import pytest

from sim.laws import queues
from tests.twins.port_twin import serve_quarter


def test_a_period_is_that_of_its_plain_twin():
    rng = np.random.default_rng(3)
    n = 200
    servers, hours = rng.choice([0.5, 1.0, 3.0, 40.0], n), rng.uniform(0.05, 4.0, n)
    period = rng.uniform(1.0, 2190.0, n)
    room = servers * period / hours
    arrivals, backlog = room * rng.uniform(0.0, 3.0, n), room * rng.choice([0.0, 0.02, 2.0], n)
    arrivals[:5] = backlog[:7] = 0.0
    found = queues.period_queue(
        arrivals, backlog, servers=servers, service_hours=hours, period_hours=period,
        formula="sakasegawa",
    )  # fmt: skip
    for k in range(7, n):
        twin = serve_quarter(arrivals[k], backlog[k], servers[k], hours[k], period[k])
        assert found.wait[k] == pytest.approx(twin.wait, rel=1e-9)
        assert found.wait_slope[k] == pytest.approx(twin.slope, rel=1e-9)
        assert found.backlog[k] == pytest.approx(twin.left, rel=1e-9, abs=1e-12)
    assert np.array_equal(found.utilisation[:5], np.zeros(5))
    assert found.served + found.backlog == pytest.approx(arrivals + backlog)


@pytest.mark.parametrize("name", ["servers", "service_hours", "period_hours", "variability"])
@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_what_cannot_be_is_refused_by_name(name, value):
    post = {"servers": 1.0, "service_hours": 1.0, "period_hours": 1.0, "variability": 1.0}
    with pytest.raises(ValueError, match=rf"{name}\[1\] is {value:g};"):
        queues.period_queue(
            1.0, 0.0, formula="sakasegawa", **{**post, name: np.array([1.0, value])}
        )


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_arrivals_and_backlogs_that_cannot_be_are_refused(value):
    post = {"servers": 1.0, "service_hours": 1.0, "period_hours": 1.0, "formula": "sakasegawa"}
    with pytest.raises(ValueError, match="arrivals"):
        queues.period_queue([1.0, value], 0.0, **post)
    with pytest.raises(ValueError, match="backlog"):
        queues.period_queue(0.0, [1.0, value], **post)
