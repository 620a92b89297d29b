"""What energy does in one year, as the rest of the model sees it."""

from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray


class EnergyTerms(NamedTuple):
    """Outcome of a year's energy market; runs first, then carriers `c` and regions `n`."""

    year: int
    energy_trade: FloatArray
    """(n_runs, n, n) value by exporter and importer [musd/year]."""
    carrier_trade: FloatArray
    """(n_runs, c, n, n) the part of it that the market explains, by carrier [musd/year]."""
    new_trade: FloatArray
    """(n_runs, c, n, n) the part of that on routes that carried nothing in the base year: their
    volume is stated, so no surprise of the pair's recorded trade is theirs [musd/year]."""
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


def no_energy(n_runs: int, energy_trade: FloatArray, n_gates: int) -> EnergyTerms:
    """Terms of a world without an energy market, whose energy trade is given."""
    n = energy_trade.shape[-1]
    nothing = np.zeros((n_runs, 0, n))
    return EnergyTerms(
        year=0,
        energy_trade=energy_trade,
        carrier_trade=np.zeros((n_runs, 0, n, n)),
        new_trade=np.zeros((n_runs, 0, n, n)),
        flow=np.zeros((n_runs, 0)),
        price=nothing,
        reference_price=nothing,
        consumed=nothing,
        shortfall=nothing,
        concentration=nothing,
        import_share=nothing,
        gate_load_mt=np.zeros((n_runs, n_gates)),
    )
