"""Costs that trade has not yet adjusted to in full, and the firms that adjust on their own."""

from typing import NamedTuple

from sim.laws.firms import Population, SalesFactors
from sim.laws.numerics.arrays import FloatArray, IndexArray


class PastCosts(NamedTuple):
    """Costs of the quarters so far, each (n_runs, n_moving) [1], the latest last.

    They are kept as sums over a year and over a span of the phase-in, each made again from shorter
    ones, so that nothing builds up and what is forgotten leaves no trace.
    """

    quarters: tuple[FloatArray, ...] = ()
    years: tuple[FloatArray, ...] = ()
    spans: tuple[FloatArray, ...] = ()


class Firms(NamedTuple):
    """State of the firms of all markets."""

    population: Population
    standing: SalesFactors
    census: tuple[FloatArray, ...]
    """Firms by standing, each (n_runs, n_markets)."""


class AdjustmentState(NamedTuple):
    """Costs that trade still adjusts to, and the firms that do so on their own."""

    past: PastCosts
    """Costs of the quarters so far."""
    columns: IndexArray
    """(n_moving,) kind of cost and flow of each column of the past, as one number."""
    firms: Firms | None
    """Firms of the targets' markets; None where they are switched off."""
