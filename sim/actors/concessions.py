"""Concessions as arrays: which cells they touch, by how much and from when.

A row is one concession on one cell (one good from one exporter to one importer). Rows are sorted by
the state whose tariff they change, so that each State holds a slice of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.laws.tariffs import grantors

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.world.world import World

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True)
class ConcessionTable:
    """Rows of concessions, one a cell, sorted by the granting state."""

    agreement: IntArray
    """(n_rows,) index of the agreement."""
    good: IntArray
    exporter: IntArray
    importer: IntArray
    """(n_rows,) the cell; `importer` is the state that grants."""
    cut: FloatArray
    """(n_layers, n_rows) share taken off each layer once phased in [1]."""
    phase_in_years: FloatArray
    """(n_rows,) annual steps of the phase-in [years]."""
    covered_share: FloatArray
    """(n_rows,) share of the cell's trade that is covered [1]."""
    quota_musd: FloatArray
    """(n_rows,) yearly value admitted at the preferential rate, infinite without a quota [musd]."""
    origin_cost_ave: FloatArray
    """(n_rows,) median cost of proving origin; NaN takes the scenario-wide parameter [1]."""

    def rows_of(self, importer: int) -> slice:
        """Slice of the rows granted by one state."""
        bounds = np.searchsorted(self.importer, [importer, importer + 1])
        return slice(int(bounds[0]), int(bounds[1]))

    def longest_phase_in(self, n_agreements: int) -> FloatArray:
        """Annual steps of the slowest concession of each agreement, (n_agreements,) [years]."""
        longest = np.zeros(n_agreements)
        np.maximum.at(longest, self.agreement, self.phase_in_years)
        return longest


def concession_table(scenario: "Scenario", world: "World") -> ConcessionTable:
    """Compile the concessions of every preferential agreement of a scenario.

    A concession by a member of a customs union changes the tariff of the states that its
    `customs_union` rule names: of nobody when refused, of that member under a waiver, of the
    whole union when the union grants.
    """
    rows = [
        row
        for number, agreement in enumerate(scenario.agreements.values())
        if agreement.kind == "preferential"
        for row in _rows(number, agreement, world)
    ]
    rows.sort(key=lambda row: (row["importer"], row["exporter"], row["good"], row["agreement"]))

    def column(name: str, kind: Any) -> NDArray[Any]:
        return np.array([row[name] for row in rows], dtype=kind)

    layers = tuple(world.tariffs)
    return ConcessionTable(
        agreement=column("agreement", np.intp),
        good=column("good", np.intp),
        exporter=column("exporter", np.intp),
        importer=column("importer", np.intp),
        cut=column("cut", np.float64).reshape(len(rows), len(layers)).T,
        phase_in_years=column("phase_in_years", np.float64),
        covered_share=column("covered_share", np.float64),
        quota_musd=column("quota_musd", np.float64),
        origin_cost_ave=column("origin_cost_ave", np.float64),
    )


def _rows(number: int, agreement: Any, world: "World") -> Iterator[Mapping[str, Any]]:
    """Rows of one agreement: concession by grantor, partner and good."""
    place = {code: index for index, code in enumerate(world.regions)}
    good_place = {name: index for index, name in enumerate(world.goods)}
    for concession in agreement.concessions:
        union = next(
            (members for members in world.customs_unions.values() if concession.by in members), ()
        )
        states = grantors(
            place[concession.by],
            tuple(place[code] for code in union),
            concession.customs_union or "refuse",
        )
        layers = tuple(world.tariffs)
        cut = [
            concession.cut if name in concession.layers_among(layers) else 0.0 for name in layers
        ]
        goods = concession.goods_among(world.goods)
        for importer, partner, good in product(states, agreement.receivers(concession), goods):
            if place[partner] in states:
                continue
            yield {
                "agreement": number,
                "good": good_place[good],
                "exporter": place[partner],
                "importer": importer,
                "cut": cut,
                "phase_in_years": concession.phase_in_years,
                "covered_share": 1.0 - concession.excluded_share,
                "quota_musd": np.inf if concession.quota_musd is None else concession.quota_musd,
                "origin_cost_ave": (
                    np.nan if agreement.origin_cost_ave is None else agreement.origin_cost_ave
                ),
            }
