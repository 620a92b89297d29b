"""Rates of duty: per cent is asked about, what is meant stands."""

from hypothesis import given
from hypothesis import strategies as st

from sim.laws.policy.implausible_rates import MAX_RATE, rate_complaints, reads_as_per_cent

FRACTIONS = st.lists(st.floats(0.001, 0.6), min_size=4, max_size=40)


@given(FRACTIONS)
def test_a_column_in_per_cent_is_asked_about_once_and_in_fractions_not_at_all(rates):
    assert rate_complaints([(rate, False) for rate in rates]) == []
    per_cent = [100.0 * rate + 1.0 for rate in rates]
    assert reads_as_per_cent(per_cent)
    ((place, message),) = rate_complaints([(rate, False) for rate in per_cent])
    assert place == 0
    assert "per cent?" in message


@given(FRACTIONS, st.floats(1.01, MAX_RATE), st.floats(MAX_RATE + 0.01, 1e6))
def test_one_rate_above_1_is_asked_about_unless_it_is_said_to_be_meant(rates, high, absurd):
    said = [(rate, False) for rate in rates]
    (told,) = rate_complaints([*said, (high, False)])
    assert told[0] == len(rates)
    assert rate_complaints([*said, (high, True)]) == []
    assert [place for place, _ in rate_complaints([(absurd, True), *said])] == [0]
