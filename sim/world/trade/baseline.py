"""The baseline: trade of the base year as the tables and one ledger have it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.world.csv_tables.reader import Tables
from sim.world.csv_tables.schema import ALL
from sim.world.csv_tables.world_facts import base_year, fact, traded_goods
from sim.world.trade import records_from_rows, region_arrays
from sim.world.trade.calibration import (
    CalibrationError,
    GravityFit,
    UnmetTotalError,
    balance,
    domestic_sales,
    fit_gravity,
    split_goods,
)

SMALLEST_ADJUSTMENT_MUSD = 1.0
MAX_ADJUSTMENTS = 20
UNMET = (
    "no trade beside held_flows.csv and the zeros of trade_prior.csv meets the totals of every "
    "region; wanted other totals, or a flow above 0"
)
USUAL_SLOPES = (-1.0, 0.0)
"""Coefficients of log distance and contiguity where a world has too few records to fit its own."""


@dataclass(frozen=True)
class MissingPair:
    """A pair without a record, and what stands in its place."""

    exporter: str
    importer: str
    estimate_musd: float
    """Gravity estimate in the year of the prior matrix [musd]."""


@dataclass(frozen=True)
class CalibrationMove:
    """Change of one pair's flow by calibration."""

    exporter: str
    importer: str
    prior_musd: float
    balanced_musd: float
    held: bool

    @property
    def ratio(self) -> float:
        """Balanced over prior flow."""
        return self.balanced_musd / self.prior_musd


@dataclass(frozen=True)
class CalibrationReport:
    """Fit of the baseline to its targets, and the concessions that it needed."""

    residual: float
    """Largest relative miss of a region's exports or imports [1]."""
    n_iterations: int
    goods_residual: float
    """Largest miss of a pair's total or an exporter's sales of a good [1]."""
    goods_importer_gap: float
    """Largest miss of an importer's share of a good: shares bought give way to shares sold [1]."""
    gravity_slopes: Mapping[str, float]
    """Coefficients behind the estimates of missing pairs, empty without gaps."""
    adjustments: tuple[CalibrationMove, ...]
    """Pairs of at least a million dollars that moved most, largest first."""
    gaps: tuple[MissingPair, ...]
    floored: tuple[tuple[str, str], ...]
    """Region and good whose domestic sales are at the floor."""


class Prior(NamedTuple):
    """Trade of the base year before any ledger is heeded."""

    trade: FloatArray
    """(n, n) recorded matrix with its missing cells estimated, diagonal zero [musd/year]."""
    gaps: tuple[MissingPair, ...]
    slopes: dict[str, float]


def baseline_trade(
    tables: Tables, ledger: str, prior: Prior | None = None
) -> tuple[FloatArray, FloatArray, CalibrationReport]:
    """Calibrate the trade of the base year.

    Parameters
    ----------
    tables : mapping of str to CheckedTable
        Checked tables of a world.
    ledger : str
        Whose held flows count; those of `all` always do.
    prior : Prior, optional
        That of the tables, where it is known from another ledger.

    Returns
    -------
    trade : (m, n, n) ndarray
        Goods without energy, domestic sales on the diagonal [musd/year].
    energy_trade : (n, n) ndarray
        Energy, diagonal zero [musd/year].
    report : CalibrationReport

    Raises
    ------
    CalibrationError
        If no matrix meets the totals and held flows.
    """
    regions = tables["regions"].column("region")
    prior = prior or prior_trade(tables)
    held, is_held = _held(tables, ledger)
    start = np.where(is_held, held, prior.trade)
    exports = region_arrays.region_array(tables, "trade_totals", "exports_musd")
    imports = region_arrays.region_array(tables, "trade_totals", "imports_musd")
    try:
        pair_total = balance(start, exports, imports, held=is_held)
    except UnmetTotalError as unmet:
        raise _located(unmet, tables) from None
    except CalibrationError as problem:
        raise CalibrationError(f"trade_totals.csv: {UNMET} ({problem})") from None
    flows, energy, goods_fit = _goods(tables, pair_total.trade)
    domestic, floored = _domestic(tables, flows)
    trade = flows + domestic[:, :, None] * np.eye(len(regions))
    report = CalibrationReport(
        residual=pair_total.residual,
        n_iterations=pair_total.n_iterations,
        goods_residual=goods_fit[0],
        goods_importer_gap=goods_fit[1],
        gravity_slopes=prior.slopes,
        adjustments=_adjustments(regions, prior.trade, pair_total.trade, is_held),
        gaps=prior.gaps,
        floored=floored,
    )
    return trade, energy, report


def _located(unmet: UnmetTotalError, tables: Tables) -> CalibrationError:
    """Error that names the total that no matrix meets, its row and the sum of its flows."""
    region = tables["regions"].column("region")[unmet.place]
    row = next(row for row in tables["trade_totals"] if row.text("region") == region)
    side = ("exports", "imports")[unmet.axis]
    return CalibrationError(
        f"trade_totals.csv:{row.line}:{side}_musd: {side} of {region} are "
        f"{row.number(f'{side}_musd'):g}, but flows that meet the other totals sum to "
        f"{unmet.made:.4g}: {UNMET} ({unmet})"
    )


def prior_trade(tables: Tables) -> Prior:
    """Recorded matrix with its missing cells estimated, the same for every ledger."""
    regions = tables["regions"].column("region")
    place = {code: k for k, code in enumerate(regions)}
    trade = np.zeros((len(regions), len(regions)))
    recorded = np.eye(len(regions), dtype=np.bool_)
    for row in tables["trade_prior"]:
        value = row.number_or_none("trade_musd")
        if value is not None:
            cell = place[row.text("exporter")], place[row.text("importer")]
            trade[cell], recorded[cell] = value, True
    if recorded.all():
        return Prior(trade, (), {})
    covariates = np.zeros((2, len(regions), len(regions)))
    for row in tables["distances"]:
        i, j = place[row.text("region")], place[row.text("partner")]
        covariates[:, i, j] = np.log(row.number("distance_km")), row.yes("contiguous")
        covariates[:, j, i] = covariates[:, i, j]
    _require_records(tables, np.where(recorded, trade, 0.0), recorded)
    n_terms = 2 * len(regions) + len(covariates)
    enough = int(recorded.sum()) - len(regions) > n_terms
    try:
        fit = fit_gravity(trade, recorded, covariates, slopes=None if enough else USUAL_SLOPES)
    except CalibrationError:
        fit = _fit_beside_zeros(tables, trade, recorded, covariates)
    gaps = tuple(
        MissingPair(regions[i], regions[j], float(fit.trade[i, j]))
        for i, j in np.argwhere(~recorded)
    )
    names = ("log_distance", "contiguous")
    slopes = dict(zip(names, map(float, fit.slopes), strict=True))
    return Prior(np.where(recorded, trade, fit.trade), gaps, slopes)


def _fit_beside_zeros(
    tables: Tables, trade: FloatArray, recorded: BoolArray, covariates: FloatArray
) -> GravityFit:
    """Estimate missing cells from the flows that are not zero.

    A recorded zero can leave a side no likely size above zero, which the fit then runs after for
    ever. The totals of the year correct the estimate of a cell that they determine.

    Raises
    ------
    CalibrationError
        If that cannot be had either, at the first missing cell.
    """
    try:
        return fit_gravity(trade, recorded & (trade > 0.0), covariates, slopes=USUAL_SLOPES)
    except CalibrationError as problem:
        row = next(row for row in tables["trade_prior"] if not row.text("trade_musd"))
        flow = f"{row.text('exporter')} to {row.text('importer')}"
        raise CalibrationError(
            f"trade_prior.csv:{row.line}:trade_musd: the missing flow {flow} cannot be estimated "
            f"from those on record; wanted a figure ({problem})"
        ) from None


def _require_records(tables: Tables, recorded_trade: FloatArray, recorded: BoolArray) -> None:
    """Refuse to estimate the trade of a region nothing is known of, at its first missing cell."""
    regions = tables["regions"].column("region")
    for axis, side, what in ((1, "exporter", "exports"), (0, "importer", "imports")):
        blank = (recorded_trade.sum(axis=axis) == 0) & ~recorded.all(axis=axis)
        if blank.any():
            region = regions[int(np.argmax(blank))]
            line = next((row.line for row in tables["trade_prior"] if row.text(side) == region
                         and row.number_or_none("trade_musd") is None), 1)  # fmt: skip
            raise CalibrationError(
                f"trade_prior.csv:{line}:trade_musd: '{region}' has missing {what} and none "
                "on record to estimate them from; wanted at least one positive flow"
            )


def _held(tables: Tables, ledger: str) -> tuple[FloatArray, BoolArray]:
    regions = tables["regions"].column("region")
    held = np.zeros((len(regions), len(regions)))
    is_held = np.zeros(held.shape, dtype=np.bool_)
    for whose in (ALL, ledger):  # a ledger's own figure goes before one that holds for all
        for row in tables["held_flows"]:
            if row.text("ledger") == whose:
                cell = regions.index(row.text("exporter")), regions.index(row.text("importer"))
                held[cell], is_held[cell] = row.number("trade_musd"), True
    return held, is_held


def held_log_sd(tables: Tables, ledger: str) -> FloatArray:
    """Standard deviation of the log of each held flow, exporter by importer; 0 where none is given.

    Parameters
    ----------
    tables : mapping of str to CheckedTable
        Checked tables of a world.
    ledger : str
        Whose held flows count; those of `all` always do.
    """
    regions = tables["regions"].column("region")
    log_sd = np.zeros((len(regions), len(regions)))
    for whose in (ALL, ledger):
        for row in tables["held_flows"]:
            if row.text("ledger") == whose:
                cell = regions.index(row.text("exporter")), regions.index(row.text("importer"))
                log_sd[cell] = row.number_or_none("log_sd") or 0.0
    return log_sd


def _goods(
    tables: Tables, pair_total: FloatArray
) -> tuple[FloatArray, FloatArray, tuple[float, float]]:
    """Flows by good and of energy, with residual and importers' gap of the split."""
    regions = tables["regions"].column("region")
    goods = traded_goods(tables)
    parts = (*goods, fact(tables, "energy_good"))
    shares = [
        region_arrays.good_region_array(tables, name, "share", parts)
        for name in ("export_composition", "import_composition")
    ]
    pair_share = np.zeros((len(parts), len(regions), len(regions)))
    for row in tables["pair_composition"]:
        i, j = regions.index(row.text("exporter")), regions.index(row.text("importer"))
        pair_share[parts.index(row.text("good")), i, j] = row.number("share")
    total = pair_share.sum(axis=0)
    known = total > 0
    pair_share = np.where(known, pair_share / np.where(known, total, 1.0), 0.0)
    try:
        split = split_goods(pair_total, *shares, pair_share=pair_share, held=known)
    except CalibrationError as problem:
        raise CalibrationError(
            "pair_composition.csv: no trade by good meets these shares and those of "
            f"export_composition.csv; wanted other shares ({problem})"
        ) from None
    return split.trade[:-1].copy(), split.trade[-1].copy(), (split.residual, split.importer_gap)


def _domestic(tables: Tables, flows: FloatArray) -> tuple[FloatArray, tuple[tuple[str, str], ...]]:
    """Domestic sales by good and region, and where they are at the floor."""
    goods, regions = traded_goods(tables), tables["regions"].column("region")
    gdp = region_arrays.region_array(tables, "gdp", "gdp_musd", year=str(base_year(tables)))
    output = region_arrays.good_region_array(tables, "output", "output_to_gdp", goods) * gdp
    exports = flows.sum(axis=2)
    floor = records_from_rows.parameters(tables)["domestic_sales_floor"].value
    sales = domestic_sales(output, exports, floor)
    if np.any(sales <= 0):
        k, i = np.argwhere(sales <= 0)[0]
        raise CalibrationError(
            f"domestic sales: '{regions[i]}' has neither output nor exports of '{goods[k]}'; "
            "wanted a positive output_to_gdp in output.csv"
        )
    low = np.argwhere(output - exports < floor * exports)
    return sales, tuple((regions[i], goods[k]) for k, i in low)


def _adjustments(
    regions: tuple[str, ...], prior: FloatArray, balanced: FloatArray, held: BoolArray
) -> tuple[CalibrationMove, ...]:
    """Pairs that moved most in proportion, among those worth naming."""
    large = np.maximum(prior, balanced) >= SMALLEST_ADJUSTMENT_MUSD
    found = [
        CalibrationMove(
            regions[i], regions[j], float(prior[i, j]), float(balanced[i, j]), bool(held[i, j])
        )
        for i, j in np.argwhere(large & (prior > 0) & (balanced > 0))
    ]
    found.sort(key=lambda item: -abs(float(np.log(item.ratio))))
    return tuple(found[:MAX_ADJUSTMENTS])
