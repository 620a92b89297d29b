"""Energy in one year: the terms that the rest of the model sees, and what the next year needs."""

from typing import NamedTuple

import numpy as np

from sim.laws.energy import EnergyEquilibrium
from sim.laws.numerics.arrays import BoolArray, FloatArray


class Expansion(NamedTuple):
    """Decision of a producer to add capacity in a year."""

    region: int
    rate: FloatArray
    """(n_runs, c) growth beyond the world's [1/year]."""


class ExpansionOrder(NamedTuple):
    """Capacity that a producer has begun to build."""

    due: int
    """Year in which it produces."""
    carrier: int
    region: int
    rate: FloatArray
    """(n_runs,) growth beyond the world's [1]."""


class EnergyState(NamedTuple):
    """Condition of the energy market that is carried from year to year; runs first."""

    year: int
    """Year that is settled."""
    market: EnergyEquilibrium
    """Its equilibrium; the next one starts from it."""
    base_value: FloatArray
    """(n_runs, n, n) value of what arcs in use took from one region to another in the base year
    [musd]."""
    base_load_mt: FloatArray
    """(n_runs, n_gates) tonnes that gates and ports handled in the base year [Mt/year]."""
    expanded: FloatArray
    """(n_runs, c, n) capacity over that of a producer that keeps pace with the world [1]."""
    orders: tuple[ExpansionOrder, ...]
    """Capacity begun in earlier years that is not there yet."""
    signed: BoolArray
    """(n_runs, p) contracts and deals that oblige in this year."""


class EnergyTerms(NamedTuple):
    """Outcome of a year's energy market; runs first, then carriers `c` and regions `n`."""

    year: int
    energy_trade: FloatArray
    """(n_runs, n, n) value by exporter and importer [musd/year]."""
    carrier_trade: FloatArray
    """(n_runs, c, n, n) the part of it that the market explains, by carrier [musd/year]."""
    new_trade: FloatArray
    """(n_runs, c, n, n) the part of that on routes that carried nothing in the base year: their
    volume is stated, so no residual shock of the pair's recorded trade is theirs [musd/year]."""
    new_total: FloatArray
    """(n_runs, n, n) its sum over carriers [musd/year]."""
    flow: FloatArray
    """(n_runs, w) what enters each way [unit/year]."""
    price: FloatArray
    """(n_runs, c, n) price, nan where a region has no market [USD/unit]."""
    reference_price: FloatArray
    """(n_runs, c, n) price on the scenario's price path [USD/unit]."""
    consumed: FloatArray
    """(n_runs, c, n) [unit/year]."""
    shortfall: FloatArray
    """(n_runs, c, n) demand at the price of the path that goes unserved [unit/year]."""
    concentration: FloatArray
    """(n_runs, c, n) Herfindahl-Hirschman index of suppliers abroad, 0 without imports [1]."""
    import_share: FloatArray
    """(n_runs, c, n) part of what is used that is imported [1]."""
    gate_load_mt: FloatArray
    """(n_runs, n_gates) tonnes that gates and ports handle [Mt/year]."""
    state: EnergyState | None
    """What the market carries on; None in a world without one."""

    @property
    def added_load_mt(self) -> FloatArray:
        """(n_runs, n_gates) tonnes at gates and ports beyond those of the base year [Mt/year]."""
        return self.gate_load_mt - (0.0 if self.state is None else self.state.base_load_mt)


def no_energy(n_runs: int, energy_trade: FloatArray, n_gates: int) -> EnergyTerms:
    """Terms of a world without an energy market, whose energy trade is given."""
    n = energy_trade.shape[-1]
    nothing = np.zeros((n_runs, 0, n))
    return EnergyTerms(
        year=0,
        energy_trade=energy_trade,
        carrier_trade=np.zeros((n_runs, 0, n, n)),
        new_trade=np.zeros((n_runs, 0, n, n)),
        new_total=np.zeros((n_runs, n, n)),
        flow=np.zeros((n_runs, 0)),
        price=nothing,
        reference_price=nothing,
        consumed=nothing,
        shortfall=nothing,
        concentration=nothing,
        import_share=nothing,
        gate_load_mt=np.zeros((n_runs, n_gates)),
        state=None,
    )
