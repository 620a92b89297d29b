"""Tariffs of the base year, by kind of duty, good, exporter and importer."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.csv_tables.reader import Tables
from sim.world.csv_tables.schema import ALL
from sim.world.csv_tables.world_facts import base_year, traded_goods
from sim.world.frozen_arrays import ReadOnlyMapping, frozen
from sim.world.trade.records_from_rows import agreements


@dataclass(frozen=True, eq=False)
class BaseTariffs:
    """Rates of duty in the base year; kinds of duty are charged on the same value and add."""

    mfn_rate_by_type: Mapping[str, FloatArray]
    """Kind of duty to (m, n_importer) rate without preference [1]."""
    applied_rate_by_type: Mapping[str, FloatArray]
    """Kind of duty to (m, n, n) rate under the agreements in force at the end of the year [1]."""
    applied_rate: FloatArray
    """(m, n, n) the same of all kinds together, zero at home [1]."""

    @property
    def duty_types(self) -> tuple[str, ...]:
        """Kinds of duty in the order of the tables."""
        return tuple(self.mfn_rate_by_type)


def base_tariffs(tables: Tables) -> BaseTariffs:
    """Tariffs of checked tables; arrays are read-only."""
    mfn = _mfn_rates(tables)
    applied = _applied_rates(tables, mfn)
    return BaseTariffs(
        mfn_rate_by_type=_frozen_map(mfn),
        applied_rate_by_type=_frozen_map(applied),
        applied_rate=frozen(np.sum([*applied.values()], axis=0)),
    )


def _mfn_rates(tables: Tables) -> dict[str, FloatArray]:
    """Rates without preference, each (m, n_importer)."""
    goods, regions = traded_goods(tables), tables["regions"].column("region")
    rates = {layer: np.zeros((len(goods), len(regions))) for layer in _layers(tables)}
    for row in tables["tariffs"]:
        cell = goods.index(row.text("good")), regions.index(row.text("importer"))
        rates[row.text("layer")][cell] = row.number("tariff_rate")
    return rates


def _applied_rates(tables: Tables, mfn: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Rates applied at the end of the base year, each (m, n, n).

    Where several agreements cover a pair the deepest margin counts.
    """
    goods, regions = traded_goods(tables), tables["regions"].column("region")
    date = f"{base_year(tables)}-12-31"
    live = {record.agreement for record in agreements(tables) if record.is_in_force(date)}
    margin = {
        layer: np.zeros((len(goods), len(regions), len(regions))) for layer in _layers(tables)
    }
    for row in tables["margins"]:
        if row.text("agreement") not in live:
            continue
        i, j = regions.index(row.text("exporter")), regions.index(row.text("importer"))
        whole = row.text("good") == ALL
        covered = slice(None) if whole else goods.index(row.text("good"))
        for layer in margin if row.text("layer") == ALL else (row.text("layer"),):
            cut = margin[layer][covered, i, j]
            margin[layer][covered, i, j] = np.maximum(cut, row.number("margin"))
    free = np.eye(len(regions), dtype=np.bool_)
    return {
        layer: np.where(free, 0.0, rate[:, None, :] * (1.0 - margin[layer]))
        for layer, rate in mfn.items()
    }


def _layers(tables: Tables) -> tuple[str, ...]:
    return tables["layers"].column("layer")


def _frozen_map(arrays: Mapping[str, FloatArray]) -> ReadOnlyMapping[FloatArray]:
    return ReadOnlyMapping({name: frozen(array) for name, array in arrays.items()})
