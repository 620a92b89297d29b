"""Preferences and quotas of a quarter on the flows whose duties can change."""

from typing import NamedTuple

from sim.laws.numerics.arrays import FloatArray, IndexArray


class TariffOutcome(NamedTuple):
    """Use of preferences and quotas, by cell: one good from one exporter to one importer."""

    place: IndexArray
    """(n_cells,) place of each cell in the flattened (n_goods, n, n) matrix, rising."""
    used_share: FloatArray
    """(n_runs, n_cells) share of a cell's trade that claims a new preference [1]."""
    quota_fill_share: FloatArray
    """(n_runs, n_cells) part of the quota that is filled, 0 where there is none [1]."""
    log_duty: FloatArray
    """(n_runs, n_cells) log of the duty factor that governs a cell's trade, over its baseline."""
