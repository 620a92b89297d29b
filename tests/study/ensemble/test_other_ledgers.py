"""Ledgers in which the same question is asked again: those that say something else, each once."""

import pytest

from sim.study.ensemble.other_ledgers import ledgers_that_differ
from sim.world.load import load_world


@pytest.fixture(scope="module")
def others():
    ledgers = ("pakistan", "kazakhstan", "pakistan-customs", "reconciled")
    return {ledger: load_world(ledger=ledger) for ledger in ledgers}


def test_ledgers_that_hold_neither_direction_are_asked_once(scenario_with, others):
    """Customs of Pakistan hold no flow of the pair, so there the matrix speaks, as in the other."""
    asked = scenario_with()
    (target,) = asked.targets.values()
    assert set(target.pair) == {"PAK", "KAZ"}
    assert list(ledgers_that_differ(asked, others["pakistan"], others)) == [
        "kazakhstan",
        "reconciled",
    ]
    assert list(ledgers_that_differ(asked, others["reconciled"], others)) == [
        "pakistan",
        "kazakhstan",
    ]
