"""Factors in the conduct of States: capacity, institutions and their deals on record."""

from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.world.csv_tables.reader import Tables
from sim.world.frozen_arrays import frozen

TYPICAL_CAPACITY = 0.5
"""Rule of law and infrastructure of a State that no table rates [1]."""


@dataclass(frozen=True, eq=False)
class Politics:
    """Capacity of every region and the institutions that tie them."""

    rule_of_law: FloatArray
    """(n,) share of the world's states that stand below it [1]."""
    infrastructure: FloatArray
    """(n,) quality of trade and transport infrastructure, 0 to 1 [1]."""
    institutions: tuple[str, ...]
    ties: FloatArray
    """(n_institutions,) closeness that an institution brings its members, 0 to 1 [1]."""
    disputed: BoolArray
    """(n_institutions,) whether the evidence on its effect disagrees in sign."""
    belongs: BoolArray
    """(n, n_institutions) full members by the latest date on record."""


def politics(tables: Tables) -> Politics:
    """Read capacity and ties, typical values where a world has no such tables."""
    regions = tables["regions"].column("region")
    capacity = {row.text("region"): row for row in tables["state_capacity"]}
    rated = {row.text("institution"): row for row in tables["institution_ties"]}
    institutions = tables["institutions"].column("institution")
    belongs = np.zeros((len(regions), len(institutions)), dtype=np.bool_)
    for row in tables["memberships"]:
        if row.text("status") == "member" and not row.text("until"):
            where = regions.index(row.text("region")), institutions.index(row.text("institution"))
            belongs[where] = True

    def of_region(column: str) -> FloatArray:
        given = [capacity[r].number(column) if r in capacity else TYPICAL_CAPACITY for r in regions]
        return frozen(np.array(given, dtype=np.float64))

    disputed = np.array([i in rated and rated[i].yes("disputed") for i in institutions], dtype=bool)
    ties = [rated[i].number("tie") if i in rated else 0.0 for i in institutions]
    return Politics(
        rule_of_law=of_region("rule_of_law"),
        infrastructure=of_region("infrastructure"),
        institutions=institutions,
        ties=frozen(np.array(ties, dtype=np.float64)),
        disputed=frozen(disputed),
        belongs=frozen(belongs),
    )
