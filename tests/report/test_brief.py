"""Words of the answer in brief: amounts as precise as they are known, routes told apart."""

import pytest

from sim.laws.uncertainty.crossing import Estimate
from sim.report.brief import _change, _musd, _points
from sim.report.transport.short_names import short_names


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        ((234.2, 228.9, 239.6), "234 million USD (229 to 240)"),
        ((234.2, 180.0, 290.0), "230 million USD (180 to 290)"),
        ((11_234.0, 11_233.0, 11_236.0), "11,200 million USD (11,200 to 11,200)"),
        ((0.0412, 0.03, 0.07), "0.04 million USD (0.03 to 0.07)"),
        ((0.0, 0.0, 0.0), "0.00 million USD (0.00 to 0.00)"),
        ((41.0, 41.0, 41.0), "41.0 million USD (41.0 to 41.0)"),
        ((41.3, float("-inf"), float("inf")), "41 million USD (too few runs for an interval)"),
    ],
)
def test_an_amount_has_the_digits_that_its_error_leaves(estimate, words):
    assert _musd(Estimate(*estimate)) == words


def test_changes_have_a_sign_and_chances_the_decimals_of_their_interval():
    assert _change(Estimate(75.3, 71.8, 78.9)) == "+75 (72 to 79)"
    assert _change(Estimate(-5.2, -6.9, -3.1)) == "−5 (−7 to −3)"
    assert _change(Estimate(0.3, -9.0, 8.0)) == "0 (−9 to 8)"
    assert _points(Estimate(0.0061, 0.0048, 0.0073)) == "0.5 to 0.7 %"
    assert _points(Estimate(0.09, 0.07, 0.112)) == "7 to 11 %"


def test_short_names_of_routes_tell_each_from_every_other_and_keep_their_order():
    routes = [
        ["a", "b", "c"], ["a", "d", "c"], ["a", "b", "d", "c"], ["a"], ["b", "a"], ["a", "c"],
        ["e", "f", "g"],
    ]  # fmt: skip
    names = short_names(routes)
    assert len({*names}) == len(routes)
    for route, name in zip(routes, names, strict=True):
        assert [gate for gate in route if gate in name] == [*name]
        assert name[0] == route[0]
    assert names[-1] == ("e",)
