"""From partial and disagreeing records to one consistent matrix of trade.

1. Missing cells are estimated by gravity: flow = exporter term x importer term x distance and
   contiguity, fitted by Poisson likelihood to the recorded trade intensities (flow over the product
   of the two sides' totals, so that small neighbours count like large ones). Missing is not zero.
2. The whole matrix is scaled by rows and columns until it meets the totals of the base year, with
   known cells held (biproportional fitting, RAS; Newton's method where turns of it creep).
3. Every pair's total is split over goods so that the goods of a pair sum to its total and every
   exporter sells the goods it is known for; the importers' mix is met as nearly as that allows.
4. Domestic sales are what is left of gross output after exports, and never less than a floor.

Everything is a pure function of arrays and uses sums and products only, so that the result has the
same bits whatever linear algebra library is installed. Axes: `[good, exporter, importer]`.
Deming and Stephan (1940); Bacharach (1970); Santos Silva and Tenreyro (2006).
"""

from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.world.csv_tables.table_errors import CalibrationError as CalibrationError
from sim.world.trade.scaling import factors, newton_scaled

MAX_TASTE = 5.0
"""Most by which an importer's taste for a good may lean on a flow: without a bound, tastes that no
flows can meet would drive some of them to nothing."""


class GravityFit(NamedTuple):
    """Gravity estimate of every cell."""

    trade: FloatArray
    """(n, n) fitted flows, zero on the diagonal."""
    slopes: FloatArray
    """(n_covariates,) coefficients of the covariates."""
    n_iterations: int


class BalancedMatrix(NamedTuple):
    """A matrix that meets its totals."""

    trade: FloatArray
    residual: float
    """Largest relative miss of a row or column total [1]."""
    n_iterations: int


class GoodsSplit(NamedTuple):
    """Flows by good whose sum over goods is the pair's total."""

    trade: FloatArray
    """(g, n, n) flows."""
    residual: float
    """Largest relative miss of a pair's or an exporter's total by good [1]."""
    importer_gap: float
    """Largest miss of an importer's share of a good, of its imports [1]."""
    n_iterations: int


class UnmetTotalError(CalibrationError):
    """A total that no scaling meets.

    Attributes
    ----------
    axis : int
        0 for that of a row, 1 for that of a column.
    place : int
        Of the row or column that is missed most.
    made : float
        What its cells come to [musd].
    """

    def __init__(self, message: str, axis: int, place: int, made: float) -> None:
        super().__init__(message)
        self.axis, self.place, self.made = axis, place, made


def fit_gravity(
    trade: FloatArray,
    recorded: BoolArray,
    covariates: FloatArray,
    *,
    slopes: tuple[float, ...] | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 5000,
) -> GravityFit:
    """Fit exporter and importer terms and slopes to the recorded cells.

    Parameters
    ----------
    trade : (n, n) ndarray
        Flows, anything where not recorded [musd].
    recorded : (n, n) bool ndarray
        Cells to fit; the diagonal is left out.
    covariates : (c, n, n) ndarray
        What flows depend on besides the two terms, such as log distance.
    slopes : tuple of float, optional
        Coefficients to take as given, fitted if left out.
    tolerance : float
        Largest step of a slope and relative miss of a total at which to stop.
    max_iterations : int
        Rounds before giving up.

    Returns
    -------
    GravityFit
        Fitted intensities sum over the recorded cells to the recorded ones, by exporter and by
        importer.

    Raises
    ------
    CalibrationError
        If the rounds are used up.
    """
    weight = recorded & ~np.eye(len(trade), dtype=np.bool_)
    flows = np.where(weight, trade, 0.0)
    size = flows.sum(axis=1)[:, None] * flows.sum(axis=0) / max(float(flows.sum()), 1e-300)
    seen = factors(flows, size)
    centred = covariates - _mean(covariates, seen)
    slope = np.zeros(len(covariates)) if slopes is None else np.array(slopes)
    sells, buys = np.ones(len(trade)), np.ones(len(trade))
    step = miss = np.inf
    for iteration in range(1, max_iterations + 1):
        pull = np.exp(np.tensordot(slope, centred, axes=1)) * weight
        before = sells
        sells = factors(seen.sum(axis=1), (pull * buys).sum(axis=1))
        buys = factors(seen.sum(axis=0), (pull * sells[:, None]).sum(axis=0))
        fit = pull * sells[:, None] * buys
        miss = float(np.max(np.abs(factors(before, sells) - 1.0) * (sells > 0)))
        spread = centred - _mean(centred, fit)
        score = (centred * (seen - fit)).sum(axis=(1, 2))
        move = np.clip(score / np.maximum((spread**2 * fit).sum(axis=(1, 2)), 1e-300), -0.5, 0.5)
        move = move if slopes is None else np.zeros(len(slope))
        slope = slope + move
        step = float(np.max(np.abs(move), initial=0.0))
        if max(step, miss) < tolerance:
            everywhere = np.exp(np.tensordot(slope, centred, axes=1))
            np.fill_diagonal(everywhere, 0.0)
            return GravityFit(everywhere * sells[:, None] * buys * size, slope, iteration)
    raise CalibrationError(
        f"gravity estimate of missing trade: after {max_iterations} rounds slopes still move by "
        f"{step:.2g} and totals by {miss:.2g}; wanted below {tolerance:g}"
    )


def balance(
    prior: FloatArray,
    row_totals: FloatArray,
    column_totals: FloatArray,
    *,
    held: BoolArray | None = None,
    tolerance: float = 1e-12,
    max_iterations: int = 5000,
) -> BalancedMatrix:
    """Scale rows and columns of a matrix until it meets its totals.

    By turns first; where rounds are used up, by Newton's method (`sim.world.trade.scaling`), which
    finds every matrix that there is, also where totals leave some cells no room.

    Parameters
    ----------
    prior : (n, m) ndarray
        Start, >= 0; held cells have their values here.
    row_totals, column_totals : (n,), (m,) ndarray
        Totals to meet, held cells included; their sums must agree.
    held : (n, m) bool ndarray, optional
        Cells that do not move.
    tolerance : float
        Relative miss of the totals at which to stop.
    max_iterations : int
        Rounds by turns.

    Returns
    -------
    BalancedMatrix

    Raises
    ------
    CalibrationError
        If sums disagree, held cells exceed a total, or no scaling meets the totals.

    Examples
    --------
    >>> balance(np.ones((2, 2)), np.array([1.0, 3.0]), np.array([2.0, 2.0])).trade.tolist()
    [[0.5, 0.5], [1.5, 1.5]]
    """
    fixed = np.zeros(prior.shape, dtype=np.bool_) if held is None else held
    kept = np.where(fixed, prior, 0.0)
    rows, columns = row_totals - kept.sum(axis=1), column_totals - kept.sum(axis=0)
    _require_meetable(rows, columns, row_totals, column_totals)
    cells = np.where(fixed, 0.0, prior)
    residual = np.inf
    for iteration in range(1, max_iterations + 1):
        # Cells that are all but nothing can need a factor that no number holds.
        with np.errstate(over="ignore", invalid="ignore"):
            cells = cells * factors(columns, cells.sum(axis=0))
            cells = cells * factors(rows, cells.sum(axis=1))[:, None]
        miss_rows = _misses(cells.sum(axis=1), rows, row_totals)
        miss_columns = _misses(cells.sum(axis=0), columns, column_totals)
        # Rows were scaled last, so that what cannot be met shows in a column if in any.
        residual = float(max(miss_rows.max(), miss_columns.max()))
        if residual <= tolerance:
            return BalancedMatrix(np.where(fixed, kept, cells), residual, iteration)
        if np.isnan(residual):
            break
    scaled = newton_scaled(np.where(fixed, 0.0, prior), rows, columns)
    # Sums that agree but for their last digits: the columns are met in proportion.
    met = columns * (rows.sum() / max(float(columns.sum()), 1e-300))
    miss = float(max(_misses(scaled.sum(axis=1), rows, row_totals).max(),
                     _misses(scaled.sum(axis=0), met, column_totals).max()))  # fmt: skip
    if miss <= tolerance:
        return BalancedMatrix(np.where(fixed, kept, scaled), miss, iteration)
    axis = int(not np.nanmax(miss_rows) > np.nanmax(miss_columns))
    worst = int(np.nanargmax((miss_rows, miss_columns)[axis]))
    raise UnmetTotalError(
        f"balancing of trade: after {iteration} rounds a total is missed by {residual:.2g} of "
        f"itself; wanted at most {tolerance:g} (a row or column may have no cell left to scale)",
        axis,
        worst,
        float(np.where(fixed, kept, cells).sum(axis=1 - axis)[worst]),
    )


def split_goods(
    pair_total: FloatArray,
    export_share: FloatArray,
    import_share: FloatArray,
    *,
    pair_share: FloatArray,
    held: BoolArray,
    importer_rounds: int = 200,
    tolerance: float = 1e-12,
    max_iterations: int = 5000,
) -> GoodsSplit:
    """Split every pair's total over goods.

    Parameters
    ----------
    pair_total : (n, n) ndarray
        Totals to split, diagonal zero [musd].
    export_share, import_share : (g, n) ndarray
        Shares of the goods in a region's exports and imports, summing to one over goods.
    pair_share : (g, n, n) ndarray
        Shares of the goods in pairs that are known; read only where `held`.
    held : (n, n) bool ndarray
        Pairs with known shares. A region's shares apply to its other flows.
    importer_rounds : int
        Rounds in which importers' shares are fitted too, before pairs and exporters are met.
    tolerance : float
        Relative miss at which to stop.
    max_iterations : int
        Rounds before giving up.

    Returns
    -------
    GoodsSplit

    Raises
    ------
    CalibrationError
        If the rounds are used up.
    """
    free = np.where(held, 0.0, pair_total)
    sold = export_share * free.sum(axis=1)
    bought = balance(import_share * free.sum(axis=0), sold.sum(axis=1), free.sum(axis=0)).trade
    flows = (
        sold[:, :, None]
        * (bought * factors(np.ones(len(sold)), sold.sum(axis=1))[:, None])[:, None, :]
    )
    flows = flows * (free > 0)
    taste = np.ones(bought.shape)
    for _ in range(importer_rounds):
        flows = flows * factors(free, flows.sum(axis=0))
        wanted = np.clip(taste * factors(bought, flows.sum(axis=1)), 1 / MAX_TASTE, MAX_TASTE)
        flows = flows * (wanted / taste)[:, None, :]
        taste = wanted
        flows = flows * factors(sold, flows.sum(axis=2))[:, :, None]
    exports = np.maximum(free.sum(axis=1), 1e-300)

    def miss_of(flows: FloatArray) -> float:
        residual = float(np.max(np.abs(flows.sum(axis=2) - sold) / exports))
        return max(residual, _largest_miss(flows.sum(axis=0), free))

    residual, iteration = np.inf, 0
    while residual > tolerance and iteration < max_iterations:
        flows = flows * factors(sold, flows.sum(axis=2))[:, :, None]
        flows = flows * factors(free, flows.sum(axis=0))
        residual, iteration = miss_of(flows), iteration + 1
    if not residual <= tolerance:
        each = [newton_scaled(flows[:, i], sold[:, i], free[i]) for i in range(len(free))]
        flows = np.stack(each, axis=1)
    if not (found := miss_of(flows)) <= tolerance:
        raise CalibrationError(
            f"split of trade over goods: after {max_iterations} rounds an exporter's sales of a "
            f"good miss by {found:.2g} of its exports; wanted at most {tolerance:g}"
        )
    imports = np.maximum(free.sum(axis=0), 1e-300)
    gap = float(np.max(np.abs(flows.sum(axis=1) - bought) / imports))
    known = np.where(held, pair_share * pair_total, flows)
    return GoodsSplit(known, found, gap, iteration + importer_rounds)


def domestic_sales(output: FloatArray, exports: FloatArray, floor: float) -> FloatArray:
    """Sales at home: output less exports, at least a share of exports.

    Parameters
    ----------
    output, exports : (m, n) ndarray
        Gross output and exports by good and region [musd].
    floor : float
        Least sales at home as a share of exports, where goods are re-exported [1].

    Returns
    -------
    (m, n) ndarray

    Examples
    --------
    >>> domestic_sales(np.array([[10.0, 4.0]]), np.array([[4.0, 8.0]]), 0.25).tolist()
    [[6.0, 2.0]]
    """
    return np.maximum(output - exports, floor * exports)


def _mean(covariates: FloatArray, weight: FloatArray) -> FloatArray:
    total = max(float(weight.sum()), 1e-300)
    mean: FloatArray = (covariates * weight).sum(axis=(1, 2), keepdims=True) / total
    return mean


def _misses(found: FloatArray, wanted: FloatArray, totals: FloatArray) -> FloatArray:
    """Miss of each total, relative to it with what is held of it."""
    return np.asarray(np.abs(found - wanted) / np.maximum(totals, 1e-300))


def _largest_miss(found: FloatArray, wanted: FloatArray) -> float:
    return float(np.max(np.abs(found - wanted) / np.maximum(wanted, 1e-300) * (wanted > 0)))


def _require_meetable(
    rows: FloatArray, columns: FloatArray, row_totals: FloatArray, column_totals: FloatArray
) -> None:
    """Refuse totals that disagree with each other or with the cells held."""
    for what, left, total in (("row", rows, row_totals), ("column", columns, column_totals)):
        worst = int(np.argmin(left))
        if left[worst] < -1e-12 * total[worst]:
            raise CalibrationError(
                f"balancing of trade: held cells of {what} {worst} exceed its total "
                f"{total[worst]:g} by {-left[worst]:g}"
            )
    sums = float(row_totals.sum()), float(column_totals.sum())
    if abs(sums[0] - sums[1]) > 1e-9 * max(sums):
        raise CalibrationError(
            f"balancing of trade: rows sum to {sums[0]:.10g} and columns to {sums[1]:.10g}; "
            "wanted equal sums"
        )
