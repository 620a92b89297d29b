"""Rows of `sim validate`: a known miss is shown as one, and a mark never outlives its reason."""

import pytest

from sim.validation.check import Check


@pytest.mark.parametrize(
    ("ours", "is_known_miss", "verdict"),
    [
        (10.5, False, "ok"),
        (12.0, False, "FAILED"),
        (12.0, True, "MISS"),
        (10.5, True, "FAILED"),
        (float("nan"), False, "FAILED"),
    ],
)
def test_verdict_of_a_row(ours, is_known_miss, verdict):
    row = Check("case", "quantity", 10.0, ours, 1.0, "kt/year", "source", is_known_miss)
    assert row.verdict == verdict
