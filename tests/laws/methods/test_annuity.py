"""Annuity: present value gives the cost back, at any rate, and the limits are closed forms."""

import numpy as np
import pytest

from sim.laws.methods.annuity import annual_charge


@pytest.mark.parametrize("rate", [0.0, 1e-9, 0.04, 0.09, 0.3])
def test_the_present_value_of_the_payments_is_the_cost(rate):
    paid = float(annual_charge(100.0, rate, 30))
    years = np.arange(1, 31)
    assert (paid / (1.0 + rate) ** years).sum() == pytest.approx(100.0, rel=1e-8)


def test_for_ever_it_is_the_return_and_without_one_an_even_share():
    assert float(annual_charge(100.0, 0.09, 1000.0)) == pytest.approx(9.0)
    assert annual_charge([100.0, 50.0], 0.0, 25.0).tolist() == pytest.approx([4.0, 2.0])


def test_more_is_asked_for_a_higher_return_and_a_shorter_life():
    rates, years = np.linspace(0.0, 0.2, 9), np.linspace(5.0, 60.0, 9)
    assert (np.diff(annual_charge(1.0, rates, 30.0)) > 0).all()
    assert (np.diff(annual_charge(1.0, 0.09, years)) < 0).all()


def test_senseless_terms_are_refused():
    for rate, years in ((-1.0, 30.0), (0.09, 0.0)):
        with pytest.raises(ValueError, match="want a rate"):
            annual_charge(1.0, rate, years)
