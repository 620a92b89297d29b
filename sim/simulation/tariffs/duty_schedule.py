"""Duties without new preferences by quarter: those of the base year, raised, or taken back.

They are the same in every run: the world's duty by layer, what a scenario raises it to, less the
margins of the base year's agreements for as long as these last.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.policy.duty_schedules import StandingDuties, raised_rate
from sim.simulation.tariffs.agreements_on_record import entries, goods_of, layers_of
from sim.simulation.tariffs.concessions import granting_states
from sim.world.csv_tables.records import NEVER

if TYPE_CHECKING:
    from sim.scenario.blocks.duty_blocks import DutyRise
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


class Rise(NamedTuple):
    """A change of one layer of duty on some cells."""

    layer: int
    place: IndexArray
    """Flat indices of the cells."""
    added: float
    level: float
    """Points added and rate set, NaN for the one that is not said [1]."""
    first: int
    last: int
    is_extra: bool
    """Whether it comes on top of every preferential rate."""


class Margin(NamedTuple):
    """A margin of the base year on some cells."""

    layers: tuple[int, ...]
    place: IndexArray
    margin: float
    last: int


@dataclass(frozen=True)
class DutySchedule:
    """Possible changes of the duties on cells without any new preference."""

    layer_rates: FloatArray
    """(n_layers, n_goods, n) duty before preferences by importer in the base year [1]."""
    shape: tuple[int, ...]
    """Of the trade matrix: goods, exporters, importers."""
    rises: tuple[Rise, ...]
    margins: tuple[Margin, ...]
    """Of all agreements in force in the base year."""

    def moving(self) -> IndexArray:
        """Cells whose duty changes, rising flat indices."""
        ending = [one.place for one in self.margins if one.last < NEVER]
        raised = [one.place for one in self.rises]
        return np.unique(np.concatenate([np.zeros(0, dtype=np.intp), *ending, *raised]))

    def on(self, place: IndexArray) -> "DutySchedule":
        """The same with what touches some cells alone."""
        wanted = np.zeros(int(np.prod(self.shape)), dtype=np.bool_)
        wanted[place] = True

        def touching(listed: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(one for one in listed if wanted[one.place].any())

        return replace(self, rises=touching(self.rises), margins=touching(self.margins))

    def acting(self, quarter: int) -> tuple[bool, ...]:
        """Flags of margins, then rises, active in a quarter: all that duties change with."""
        return (
            *(quarter <= one.last for one in self.margins),
            *(one.first <= quarter <= one.last for one in self.rises),
        )

    def at(self, place: IndexArray, quarter: int | None = None) -> StandingDuties:
        """Duties on some cells in a quarter, or as they were in the base year.

        Parameters
        ----------
        place : (n_cells,) ndarray
            Flat indices of cells, rising.
        quarter : int, optional
            The base year unless given.
        """
        good, _, importer = np.unravel_index(place, self.shape)
        rates = self.layer_rates[:, good, importer]
        margins = np.zeros_like(rates)
        for one in self.margins:
            if quarter is None or quarter <= one.last:
                own = np.isin(place, one.place, assume_unique=True)
                for layer in one.layers:
                    margins[layer, own] = np.maximum(margins[layer, own], one.margin)
        extra = np.zeros(len(place))
        if quarter is None:
            return StandingDuties(rates, margins, extra)
        for layer, base in enumerate(rates.copy()):
            rates[layer] = self._raised(base, layer, place, quarter, is_extra=False)
            above = self._raised(base, layer, place, quarter, is_extra=True)
            extra += np.maximum(above - base, 0.0)
        return StandingDuties(rates, margins, extra)

    def _raised(
        self, base: FloatArray, layer: int, place: IndexArray, quarter: int, *, is_extra: bool
    ) -> FloatArray:
        acting = [
            rise
            for rise in self.rises
            if rise.layer == layer
            and rise.is_extra == is_extra
            and rise.first <= quarter <= rise.last
        ]
        if not acting:
            return base
        on = np.stack([np.isin(place, rise.place, assume_unique=True) for rise in acting], axis=-1)
        added = np.where(on, [rise.added for rise in acting], np.nan)
        return raised_rate(base, added, np.where(on, [rise.level for rise in acting], np.nan))


def duty_schedule(
    scenario: "Scenario", world: "World", *, until: int | None = None
) -> DutySchedule:
    """Compile what a scenario raises and ends, and the margins of the base year.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    until : int, optional
        Last quarter whose records are known; that of the scenario's `as_of` unless given.
    """
    shape = world.trade.shape
    layers = world.duty_types
    margins = []
    for entry in entries(world, scenario, until=until):
        if not entry.is_held:
            continue
        one = entry.margin
        i, j = world.region_index(one.exporter), world.region_index(one.importer)
        goods = [world.goods.index(good) for good in goods_of(one, world.goods)]
        place = np.asarray(np.ravel_multi_index((goods, i, j), shape), dtype=np.intp)
        own = tuple(layers.index(name) for name in layers_of(one, layers))
        margins.append(Margin(own, place, one.margin, entry.spell.last))
    rises = tuple(_rise(rise, world) for rise in scenario.duties.values())
    return DutySchedule(
        np.stack(list(world.tariffs.mfn_rate_by_type.values())), shape, rises, tuple(margins)
    )


def _rise(rise: "DutyRise", world: "World") -> Rise:
    layers = world.duty_types
    states = granting_states(world, rise.importer, rise.customs_union)
    named = world.regions if rise.exporters is None else rise.exporters
    partners = [world.region_index(code) for code in named]
    goods = [k for k, good in enumerate(world.goods) if rise.goods == "all" or good in rise.goods]
    place = [
        int(np.ravel_multi_index((good, exporter, importer), world.trade.shape))
        for good in goods
        for importer in states
        for exporter in partners
        if exporter not in states
    ]
    return Rise(
        layer=0 if rise.duty_type is None else layers.index(rise.duty_type),
        place=np.unique(np.array(place, dtype=np.intp)),
        added=np.nan if rise.add_rate is None else rise.add_rate,
        level=np.nan if rise.to_rate is None else rise.to_rate,
        first=int(rise.from_quarter),
        last=NEVER if rise.until is None else int(rise.until),
        is_extra=rise.preferences == "ignore",
    )
