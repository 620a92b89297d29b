"""Accessions on record: spells of days, and the model's waits beside them."""

import pytest

from sim.study.hindcasts.accession_waits import stage_waits
from sim.validation.accessions_on_record import known_accessions
from sim.world.accessions import AccessionRecord
from sim.world.load import load_world


def record(**days):
    blank = dict.fromkeys(AccessionRecord.__dataclass_fields__, "")
    return AccessionRecord(**(blank | days))


def test_a_spell_ends_with_the_next_day_that_is_known():
    known = record(asked="2007-04-03", signed="2008-08-03", in_force="2011-08-07")
    assert known.spell("signature") == (pytest.approx(1.336, abs=0.01), True)
    assert known.spell("entry into force") == (pytest.approx(3.01, abs=0.01), True)
    assert known.spell("opening") is None


def test_what_had_not_ended_counts_as_far_as_it_was_seen():
    waiting = record(asked="2014", last_seen="2016-07-01")
    assert waiting.spell("signature") == (pytest.approx(2.0, abs=0.01), False)
    assert waiting.spell("entry into force") is None
    # A day in between that nobody knows leaves its stage out.
    assert record(asked="2014", in_force="2016").spell("signature") is None


def test_the_packaged_waits_are_recomputed_by_hand():
    """Two signed in 1.3 and 3.7 years, one had waited 1.7: a median of 2.3 years, not 1.5."""
    waits = {wait.stage: wait for wait in stage_waits(load_world())}
    signature = waits["signature"]
    assert signature.recorded.n_ended == 2
    assert signature.recorded.exposure_years == pytest.approx(1.34 + 3.69 + 1.68, abs=0.05)
    assert signature.recorded.years == pytest.approx(2.32, abs=0.05)
    entry = waits["entry into force"]
    assert entry.recorded.n_ended == 3
    assert entry.recorded.years == pytest.approx(0.69 * (3.01 + 0.64 + 0.63) / 3, abs=0.05)


def test_the_models_medians_lie_within_what_the_records_allow():
    checks = known_accessions()
    assert {check.quantity.split(":")[0] for check in checks} >= {"signature", "entry into force"}
    assert all(check.ok for check in checks)


def test_a_world_without_records_has_no_waits(tiny_world):
    assert stage_waits(tiny_world) == ()
