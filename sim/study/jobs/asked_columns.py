"""Measures of a study whose question is not about trade, read from the columns of its rows.

A question about energy is answered with the shortage of one carrier in one State of the targets:
the part of demand that goes unserved in the worst year, its volume, and the rise of the price. One
about income or revenue is answered with that of the first target's first State in its year. Rows of
the same runs have the same draws, so that what differs between two cases is policy alone.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.crossing import Estimate
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.ensemble.asked_answer import income_of_goods, measure_asked
from sim.study.ensemble.findings import mean_interval, median_interval

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

ENERGY_STEMS = {
    "unserved_share": "unserved_share",
    "unserved": "unserved_volume",
    "price_rise": "price_rise_share",
}
"""Names of the energy measures in files, by what rows call them."""
SAME = 1e-9
"""Relative difference below which two numbers differ by rounding alone [1]."""


class AskedMeasure(NamedTuple):
    """One measure in which a question that is not about trade is answered."""

    kind: str
    """`energy`, `income` or `revenue`."""
    stem: str
    """Its name in files; how it ends says the unit."""
    column: str
    """Column of the rows that it is read from."""
    place: str
    """State, or carrier and State, in words."""
    unit: str
    """Unit of the values; `1` for a share."""
    times: float = 1.0
    base: float = 0.0
    """Values are `times` the column less `base`."""

    @property
    def wants(self) -> int:
        """1 if more of it is better, −1 if less is."""
        return -1 if self.kind == "energy" else 1

    def values(self, rows: Mapping[str, Any], fine: NDArray[np.bool_]) -> FloatArray:
        """(n_runs,) values of the wanted rows, in the measure's unit."""
        return np.asarray(self.times * np.asarray(rows[self.column])[fine] - self.base)


class Spread(NamedTuple):
    """Spread of a measure over the runs of a case."""

    quantiles: tuple[float, ...]
    """`QUANTILES` says which."""
    median: Estimate
    """With its 90 % interval for the number of runs."""


class PairedDifference(NamedTuple):
    """Difference of a measure between two cases, run by run."""

    quantiles: tuple[float, ...]
    """`QUANTILES` says which."""
    mean: Estimate
    """With its 90 % interval for the number of runs."""

    @property
    def is_none(self) -> bool:
        """True if no run differs."""
        return max(map(abs, (*self.quantiles, self.mean.value))) == 0.0

    @property
    def is_measurable(self) -> bool:
        """True if the error of the simulation does not hold a mean difference of 0."""
        return not self.mean.low <= 0.0 <= self.mean.high


Groups = tuple[tuple[AskedMeasure, ...], ...]
"""Measures by place; the first of each place leads."""


def candidate_measures(scenario: "Scenario", world: "World") -> Groups:
    """Measures that may answer what a scenario asks, by place; none for a question about trade.

    Parameters
    ----------
    scenario, world
        What is asked, and what is.
    """
    kind = measure_asked(scenario)
    home = next(iter(scenario.targets.values())).pair[0]
    if kind == "energy":
        ends = dict.fromkeys(code for target in scenario.targets.values() for code in target.pair)
        return tuple(
            _of_energy(world, c, code) for c in range(len(world.energy.carriers)) for code in ends
        )
    name = world.region_names[world.region_index(home)]
    if kind == "income":
        income = float(income_of_goods(scenario, world)[world.region_index(home)])
        column = f"welfare_change|{home}"
        measure = AskedMeasure(
            kind, "income_change_musd", column, name, "million USD/yr", income, income
        )
        return ((measure,),)
    if kind == "revenue":
        column = f"tariff_revenue|{home}"
        return ((AskedMeasure(kind, "revenue_musd", column, name, "million USD/yr"),),)
    return ()


def _of_energy(world: "World", carrier: int, code: str) -> tuple[AskedMeasure, ...]:
    """Shortage of one carrier in one State: part, volume, price."""
    of = f"{world.energy.carriers[carrier]}@{code}"
    name = world.region_names[world.region_index(code)]
    place = f"{name}'s {world.energy.carrier_names[carrier].lower()}"
    units = {"unserved": f"{world.energy.units[carrier]}/yr"}
    return tuple(
        AskedMeasure("energy", stem, f"{measure}|{of}", place, units.get(measure, "1"))
        for measure, stem in ENERGY_STEMS.items()
    )


def spreads_of(
    groups: Groups, rows: Mapping[str, Any], fine: NDArray[np.bool_]
) -> dict[str, Spread]:
    """Spread of every candidate over the runs of a case that finished, by column.

    What is not known of every run is left out.
    """
    found = {}
    for measure in (each for group in groups for each in group):
        values = measure.values(rows, fine)
        if values.size and np.isfinite(values).all():
            found[measure.column] = spread_of_values(values)
    return found


def spread_of_values(values: FloatArray) -> Spread:
    """Quantiles and median of the values of the runs."""
    quantiles = tuple(float(q) for q in np.quantile(values, QUANTILES))
    median = Estimate(float(np.median(values)), *median_interval(values))
    return Spread(quantiles, median)


def leading_measures(
    groups: Groups, cases: Sequence[Mapping[str, Spread]]
) -> tuple[AskedMeasure, ...]:
    """Measures of the place that is told: where the largest part of demand is missing in any case.

    Of equal medians the larger 95 % point decides. Empty if there is nothing that may answer.
    """
    columns: set[str] = set().union(*cases)
    known = [group for group in groups if group[0].column in columns]
    if not known:
        return ()

    def worst(group: tuple[AskedMeasure, ...]) -> tuple[float, float]:
        found = [case[group[0].column] for case in cases if group[0].column in case]
        return (
            max(spread.median.value for spread in found),
            max(spread.quantiles[-1] for spread in found),
        )

    return max(known, key=worst)


def paired_difference(after: FloatArray, before: FloatArray) -> PairedDifference:
    """Difference of the values of two cases in the same runs.

    Parameters
    ----------
    after, before : (n_runs,) ndarray
        Run by run, in one order.

    Examples
    --------
    >>> found = paired_difference(np.array([2.0, 3.0, 4.0]), np.array([1.0, 1.0, 1.0]))
    >>> found.mean.value, found.is_none, found.is_measurable
    (2.0, False, True)
    """
    scale = SAME * np.maximum(np.abs(after), np.abs(before))
    difference = np.where(np.abs(after - before) <= scale, 0.0, after - before)
    quantiles = tuple(float(q) for q in np.quantile(difference, QUANTILES))
    return PairedDifference(
        quantiles, Estimate(float(difference.mean()), *mean_interval(difference))
    )
