"""Turn checked tables into the arrays of a world."""

from collections.abc import Mapping

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.csv_tables.checks import base_year, traded_goods
from sim.world.csv_tables.reader import CheckedTable, Row
from sim.world.csv_tables.schema import ALL
from sim.world.trade.records_from_rows import agreements
from sim.world.world import ForecastErrors

Tables = Mapping[str, CheckedTable]


def region_array(tables: Tables, table: str, column: str, **where: str) -> FloatArray:
    """Read a column along the region axis, from the rows whose cells are as in `where`."""
    regions = tables["regions"].column("region")
    values = {
        row.text("region"): row.number(column)
        for row in tables[table]
        if all(row.text(name) == cell for name, cell in where.items())
    }
    return np.array([values[code] for code in regions])


def good_region_array(
    tables: Tables, table: str, column: str, goods: tuple[str, ...]
) -> FloatArray:
    """Read a column along the good and region axes."""
    regions = tables["regions"].column("region")
    values = {(row.text("good"), row.text("region")): row.number(column) for row in tables[table]}
    return np.array([[values[good, code] for code in regions] for good in goods])


def growth(tables: Tables) -> tuple[FloatArray, tuple[int, ...]]:
    """Real growth by region and calendar year, and the years."""
    years = tuple(sorted({int(row.text("year")) for row in tables["growth"]}))
    rates = [region_array(tables, "growth", "real_growth", year=str(year)) for year in years]
    return np.stack(rates, axis=1), years


def mfn_tariff_by_type(tables: Tables) -> dict[str, FloatArray]:
    """Layer to (m, n_importer) rate without preference."""
    goods, regions = traded_goods(tables), tables["regions"].column("region")
    rates = {layer: np.zeros((len(goods), len(regions))) for layer in _layers(tables)}
    for row in tables["tariffs"]:
        cell = goods.index(row.text("good")), regions.index(row.text("importer"))
        rates[row.text("layer")][cell] = row.number("tariff_rate")
    return rates


def applied_tariff_by_type(tables: Tables) -> dict[str, FloatArray]:
    """Layer to (m, n, n) rate applied at the end of the base year.

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
    rates = mfn_tariff_by_type(tables)
    return {
        layer: np.where(free, 0.0, rate[:, None, :] * (1.0 - margin[layer]))
        for layer, rate in rates.items()
    }


def forecast_errors(tables: Tables) -> ForecastErrors:
    """Past forecast errors by predictor, horizon and size class."""
    table = tables["forecast_errors"]
    predictors = tuple(dict.fromkeys(table.column("predictor")))
    horizons = tuple(sorted({int(cell) for cell in table.column("horizon_years")}))
    bounds = {
        (r.number_or_none("size_low_musd"), r.number_or_none("size_high_musd")) for r in table
    }
    classes = sorted(
        ((low or 0.0, np.inf if high is None else high) for low, high in bounds - {(None, None)})
    )
    cells = {_error_key(row): row for row in table}

    def grid(column: str) -> FloatArray:
        return np.array(
            [
                [[cells[p, h, *size].number(column) for size in classes] for h in horizons]
                for p in predictors
            ]
        )

    return ForecastErrors(
        predictors=predictors,
        horizon_years=horizons,
        size_low_musd=np.array([low for low, _ in classes]),
        size_high_musd=np.array([high for _, high in classes]),
        rmsle=grid("rmsle"),
        bias=grid("bias"),
        quantiles=np.stack([grid(column) for column in ("q05", "q50", "q95")], axis=-1),
        n=grid("n"),
        source=table.rows[0].text("source"),
        flag=table.rows[0].text("flag"),
    )


def _error_key(row: Row) -> tuple[str, int, float, float]:
    """Predictor, horizon and bounds; both bounds 0 stand for all sizes."""
    low, high = row.number_or_none("size_low_musd"), row.number_or_none("size_high_musd")
    bounds = (0.0, 0.0) if low is None and high is None else (low or 0.0, high or np.inf)
    return row.text("predictor"), int(row.text("horizon_years")), *bounds


def _layers(tables: Tables) -> tuple[str, ...]:
    return tables["layers"].column("layer")
