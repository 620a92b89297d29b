"""Concessions as arrays: which cells they touch, by how much and from when.

A row is one concession on one cell (one good from one exporter to one importer), of an agreement of
the scenario or of one on record. Rows are sorted by the state whose tariff they change, so that
each State holds a slice of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.policy.tariffs import grantors
from sim.simulation.tariffs.agreements_on_record import entries, goods_of, layers_of
from sim.world.csv_tables.records import NEVER

if TYPE_CHECKING:
    from sim.scenario.blocks.agreement_changes import Concession
    from sim.scenario.blocks.agreements import Agreement
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


ON_RECORD = -1
"""Agreement of rows that no scenario asks for."""
NO_QUOTA = -1


class TariffOffer(NamedTuple):
    """Tariffs that a State offers on the rows of its concessions for one quarter."""

    rows: slice
    """Its rows in the concession table."""
    effect: FloatArray
    """(n_runs, n_rows) part of each agreed cut that is in effect, 0 if it is not in force [1]."""


@dataclass(frozen=True)
class ConcessionTable:
    """Rows of concessions, one a cell, sorted by the granting state."""

    agreement: IndexArray
    """(n_rows,) index of the scenario's agreement, `ON_RECORD` for what is on record."""
    first: IndexArray
    last: IndexArray
    """(n_rows,) first and last quarter in which the row can be in force."""
    good: IndexArray
    exporter: IndexArray
    importer: IndexArray
    """(n_rows,) the cell; `importer` is the state that grants."""
    cut: FloatArray
    """(n_layers, n_rows) share taken off each layer once phased in [1]."""
    phase_in_years: FloatArray
    """(n_rows,) annual steps of the phase-in [years]."""
    covered_share: FloatArray
    """(n_rows,) share of the cell's trade that is covered [1]."""
    quota: IndexArray
    """(n_rows,) index of the quota that it is under, `NO_QUOTA` for none."""
    quota_musd: FloatArray
    """(n_quotas,) yearly value admitted under each quota, once for all of its rows [musd]."""
    origin_cost_ave: FloatArray
    """(n_rows,) median cost of proving origin; NaN takes the scenario-wide parameter [1]."""

    def rows_of(self, importer: int) -> slice:
        """Slice of the rows granted by one state."""
        bounds = np.searchsorted(self.importer, [importer, importer + 1])
        return slice(int(bounds[0]), int(bounds[1]))

    def longest_phase_in(self, n_agreements: int) -> FloatArray:
        """Annual steps of the slowest concession of each agreement, (n_agreements,) [years]."""
        longest = np.zeros(n_agreements)
        asked = self.agreement != ON_RECORD
        np.maximum.at(longest, self.agreement[asked], self.phase_in_years[asked])
        return longest


def concession_table(
    scenario: "Scenario", world: "World", *, until: int | None = None
) -> ConcessionTable:
    """Compile the concessions of a scenario's agreements and of those on record.

    A concession by a member of a customs union changes the tariff of the states that its
    `customs_union` rule names: of nobody when refused, of that member under a waiver, of the
    whole union when the union grants. Agreements on record say themselves whose tariff they cut;
    those in force in the base year are within its duties and are no rows.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    until : int, optional
        Last quarter whose records are known; that of the scenario's `as_of` unless given.
    """
    rows = [
        row
        for number, agreement in enumerate(scenario.agreements.values())
        for row in _rows(number, agreement, world)
    ]
    rows += _recorded_rows(scenario, world, until)
    rows.sort(key=lambda row: (row["importer"], row["exporter"], row["good"], row["agreement"]))
    quotas = {row["quota"]: row["quota_musd"] for row in rows if row["quota"] is not None}
    number_of = {key: number for number, key in enumerate(sorted(quotas))}

    def column(name: str, kind: Any) -> NDArray[Any]:
        return np.array([row[name] for row in rows], dtype=kind)

    layers = world.duty_types
    return ConcessionTable(
        agreement=column("agreement", np.intp),
        first=column("first", np.intp),
        last=column("last", np.intp),
        good=column("good", np.intp),
        exporter=column("exporter", np.intp),
        importer=column("importer", np.intp),
        cut=column("cut", np.float64).reshape(len(rows), len(layers)).T,
        phase_in_years=column("phase_in_years", np.float64),
        covered_share=column("covered_share", np.float64),
        quota=np.array([number_of.get(row["quota"], NO_QUOTA) for row in rows], dtype=np.intp),
        quota_musd=np.array([quotas[key] for key in number_of], dtype=np.float64),
        origin_cost_ave=column("origin_cost_ave", np.float64),
    )


def _rows(number: int, agreement: "Agreement", world: "World") -> Iterator[Mapping[str, Any]]:
    """Rows of one agreement: concession by grantor, partner and good."""
    place = {code: index for index, code in enumerate(world.regions)}
    good_place = {name: index for index, name in enumerate(world.goods)}
    layers, changes = world.duty_types, agreement.changes
    for concession in changes.duty_cuts:
        states = granting_states(world, concession.grantor, concession.customs_union)
        named = concession.duty_types_among(layers)
        cut = [concession.cut if name in named else 0.0 for name in layers]
        receivers = concession.receivers(agreement.members)
        goods = concession.goods_among(world.goods)
        # Lines of one good and size, as those of each kind of duty, grant their quota once.
        size = concession.quota_for, concession.quota_musd or 0.0
        key = (number, states, tuple(sorted(receivers)), goods, *size)
        for importer, partner, good in product(states, receivers, goods):
            if place[partner] in states:
                continue
            left = [changes.leaves.get(code, NEVER) for code in (concession.grantor, partner)]
            yield {
                "agreement": number,
                "first": 0,
                "last": min(map(int, left)),
                "good": good_place[good],
                "exporter": place[partner],
                "importer": importer,
                "cut": cut,
                "phase_in_years": concession.phase_in_years,
                "covered_share": 1.0 - concession.excluded_share,
                "quota": _quota_key(concession, key, partner, good),
                "quota_musd": concession.quota_musd,
                "origin_cost_ave": (
                    np.nan if changes.origin_cost_ave is None else changes.origin_cost_ave
                ),
            }


def granting_states(world: "World", by: str, rule: str) -> tuple[int, ...]:
    """Regions whose tariff changes when one of them wants it, by what its customs union does."""
    union = next((members for members in world.customs_unions.values() if by in members), ())
    place = [world.region_index(code) for code in (by, *union)]
    return grantors(place[0], tuple(place[1:]), rule)


def _quota_key(
    concession: "Concession", key: tuple[Any, ...], partner: str, good: str
) -> tuple[Any, ...] | None:
    if concession.quota_musd is None:
        return None
    own_partner = partner if "partner" in concession.quota_for else ""
    own_good = good if "good" in concession.quota_for else ""
    return (*key, own_partner, own_good)


def _recorded_rows(
    scenario: "Scenario", world: "World", until: int | None
) -> Iterator[Mapping[str, Any]]:
    """Rows of agreements on record that entered into force after the base year."""
    layers = world.duty_types
    for entry in entries(world, scenario, until=until):
        if entry.is_held:
            continue
        margin = entry.margin
        own = layers_of(margin, layers)
        for good in goods_of(margin, world.goods):
            yield {
                "agreement": ON_RECORD,
                "first": entry.spell.first,
                "last": entry.spell.last,
                "good": world.goods.index(good),
                "exporter": world.region_index(margin.exporter),
                "importer": world.region_index(margin.importer),
                "cut": [margin.cut if name in own else 0.0 for name in layers],
                "phase_in_years": margin.phase_in_years,
                "covered_share": margin.covered_share,
                "quota": None,
                "quota_musd": None,
                "origin_cost_ave": np.nan,
            }
