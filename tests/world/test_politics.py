"""Capacity and ties of States: rated where a table rates them, typical elsewhere."""

import numpy as np

from sim.world.load import load_world
from sim.world.politics import TYPICAL_CAPACITY


def test_every_region_and_institution_of_the_packaged_world_is_rated(world) -> None:
    counts = world.flag_counts
    assert sum(counts["state_capacity"].values()) == len(world.regions)
    assert sum(counts["institution_ties"].values()) == len(world.politics.institutions)
    assert world.politics.disputed.sum() == 1


def test_a_world_without_the_tables_has_typical_states_and_no_ties(spoiled) -> None:
    for table in ("state_capacity", "institution_ties"):
        (spoiled.path / f"{table}.csv").unlink()
    politics = load_world(spoiled.path).politics
    assert np.all(politics.rule_of_law == TYPICAL_CAPACITY)
    assert not politics.ties.any()
    # Who was a member until 2010 only, or just watches, does not belong.
    assert politics.belongs.tolist() == [[True, True], [False, True], [True, False]]


def test_a_rating_moves_its_region_alone(spoiled) -> None:
    (spoiled.path / "state_capacity.csv").write_text(
        "region,rule_of_law,infrastructure,source,flag\nBBB,0.9,0.1,invented,estimated\n",
        encoding="utf-8",
    )
    politics = load_world(spoiled.path).politics
    assert politics.rule_of_law.tolist() == [TYPICAL_CAPACITY, 0.9, TYPICAL_CAPACITY]
    assert politics.infrastructure[1] == 0.1
