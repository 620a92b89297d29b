"""Records since the base year beside what the runs would have the ledger show, by direction.

No record weighs the runs here, so these years judge the forecast. A record is held against the
months it covers, whole years and parts alike; the ledger's own error is part of the band.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, NullLocator
from scipy.special import bdtr

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import parse_quarter, quarter_bounds
from sim.laws.uncertainty.conditioning import record_quantiles, share_below, simulated_records
from sim.report.page.amounts import Amount
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import ledger_in_words, musd, plural, whole_per_cent
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import (
    BLUE,
    INK,
    PLAIN,
    SMALL,
    VERMILION,
    Sheet,
    is_narrow,
    sheet,
    year_ticks,
)
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.conditioning.ledger_records import (
    Direction,
    Record,
    entries_of,
    parts_of,
    records_for,
)
from sim.study.ensemble.findings import Finding

SHARE_NAMES = tuple(f"q{100 * share:02.0f}" for share in QUANTILES)
BAND_90, BAND_50 = "#CFE3F0", "#7FB8D8"
PANEL_IN, GAP_IN = 1.75, 0.55
DAYS_A_YEAR, MONTHS_A_YEAR = 365.25, 12
LUMPY = 20.0
"""Ratio of the yearly rates of the parts of records from which on they are called lumps."""


@dataclass(frozen=True)
class RecordComparison:
    """A record and where it falls among what the runs would have the ledger show."""

    record: Record
    quantiles: FloatArray
    """(n_quantiles,) of the trade that would be recorded in the same months [musd]."""
    below: float
    """Probability that less would be recorded [1]."""
    rates: tuple[float, float]
    """Lowest and highest yearly rate of the record's own parts [musd/year]."""

    @property
    def is_inside(self) -> bool:
        """True if it lies inside the 90 % band."""
        return QUANTILES[0] <= self.below <= QUANTILES[-1]

    @property
    def years(self) -> float:
        """Length of its period [years]."""
        return years_of(self.record.span.start, self.record.span.end)

    @property
    def period(self) -> str:
        """Months it covers, in words."""
        return period_of(self.record.span.start, self.record.span.end)


def years_of(start: date, end: date) -> float:
    """Length of a period, whole months as twelfths of a year [years]."""
    after = date.fromordinal(end.toordinal() + 1)
    if start.day == after.day:
        months = MONTHS_A_YEAR * (after.year - start.year) + after.month - start.month
        return months / MONTHS_A_YEAR
    return (after - start).days / DAYS_A_YEAR


def period_of(start: date, end: date) -> str:
    """Months of a period in words.

    Examples
    --------
    >>> period_of(date(2023, 1, 1), date(2023, 12, 31))
    '2023'
    >>> period_of(date(2023, 7, 1), date(2024, 6, 30))
    'year to 2024-06'
    >>> period_of(date(2025, 7, 1), date(2025, 10, 31))
    '4 months to 2025-10'
    """
    years = years_of(start, end)
    if years == 1.0:
        return str(start.year) if start.month == 1 else f"year to {end.isoformat()[:7]}"
    return f"{plural(max(round(MONTHS_A_YEAR * years), 1), 'month')} to {end.isoformat()[:7]}"


def since_base(inputs: ReportInputs, finding: Finding) -> tuple[RecordComparison, ...]:
    """Hold what the run's own ledger recorded after the base year against the runs.

    Directions whose base year is not held to this ledger are passed over, and so is what does not
    lie within the quarters that are simulated.

    Returns
    -------
    tuple of RecordComparison
        By direction, then in order of time.
    """
    result, world = inputs.asked, inputs.world
    labels = [str(quarter) for quarter in result["quarter"].to_numpy()]
    quarters = range(parse_quarter(labels[0]), parse_quarter(labels[-1]) + 1)
    directions: list[Direction] = [finding.pair, (finding.pair[1], finding.pair[0])]
    first_day = quarter_bounds(quarters[0])[0]
    records = [
        record
        for record in records_for(world, directions, quarters[-1])
        if record.span.start >= first_day
    ]
    entries = entries_of(records, directions, quarters)
    flows = [f"{a}>{b}" for a, b in directions]
    trade = result["goods_trade"].sum("good") + result["energy_trade"]
    paths = trade.sel(flow=flows).transpose("run", "flow", "quarter").to_numpy()
    simulated = simulated_records(paths, entries)
    weight = np.full(len(paths), 1.0 / len(paths))
    quantiles = record_quantiles(simulated, entries, weight, np.array(QUANTILES))
    below = share_below(simulated, entries, weight)
    return tuple(
        RecordComparison(record, quantiles[:, k], float(below[k]), _rates(inputs, record))
        for k, record in enumerate(records)
    )


def _rates(inputs: ReportInputs, record: Record) -> tuple[float, float]:
    parts = parts_of(inputs.world, record)
    rates = [part.trade_musd / years_of(part.start, part.end) for part in parts]
    return min(rates), max(rates)


@reflowed
def recorded_since(inputs: ReportInputs, finding: Finding) -> Drawing | None:
    """Records and bands by direction; None where nothing has been recorded."""
    judged = since_base(inputs, finding)
    if not judged:
        return None
    panels = _by_direction(judged)
    ledgers = ledger_in_words(inputs.world.ledger)
    title = f"Recorded trade since {inputs.world.base_year}, by direction"
    page = sheet(
        title,
        f"{'–'.join(finding.pair_names)} trade, million USD at a year's rate, current prices, "
        "logarithmic scale. Boxes: what the runs would have the ledger show in the same months "
        "(90 and 50 % of it, and the median). Diamonds: what it shows; hollow ones lie outside.",
        f"{inputs.stamp} Records: {ledgers}. No record after the base year weighs these runs; "
        "growth, world prices and dated closures of the years since are in them.",
        len(panels) * (PANEL_IN + GAP_IN),
    )
    for k, (directions, own) in enumerate(panels.items()):
        axes = _axes(page, k, len(panels))
        _draw(axes, own, _heading(directions, finding))
    return Drawing(
        name=f"recorded-since{inputs.suffix(finding)}",
        title=title,
        alt=in_words(judged, finding),
        caption="Of bands that are right, nine in ten records lie inside. The ledger of the run "
        "alone is shown: that of the partner records another trade.",
        figure=page.figure,
        columns=("series", "direction", "start", "end", "trade_musd", "below_share"),
        rows=_rows(judged),
    )


def _by_direction(
    judged: tuple[RecordComparison, ...],
) -> dict[tuple[Direction, ...], list[RecordComparison]]:
    panels: dict[tuple[Direction, ...], list[RecordComparison]] = {}
    for one in judged:
        panels.setdefault(one.record.directions, []).append(one)
    return panels


def _heading(directions: tuple[Direction, ...], finding: Finding) -> str:
    names = dict(zip(finding.pair, finding.pair_names, strict=True))
    if len(directions) == 2:
        return "Both directions"
    exporter, importer = directions[0]
    return f"{names[exporter]} to {names[importer]}"


def _axes(page: Sheet, k: int, n: int) -> Axes:
    return page.axes(
        0.60,
        0.25,
        above_in=k * (PANEL_IN + GAP_IN) + 0.25,
        below_in=(n - 1 - k) * (PANEL_IN + GAP_IN) + 0.3,
    )


def _draw(axes: Axes, judged: list[RecordComparison], heading: str) -> None:
    values = []
    for one in judged:
        start, end = (_place(day) for day in (one.record.span.start, one.record.span.end))
        middle, rate = (start + end) / 2, one.quantiles / one.years
        recorded = one.record.span.trade_musd / one.years
        floor = one.record.floor_musd / one.years
        for low, high, colour in ((0, 4, BAND_90), (1, 3, BAND_50)):
            bottom = max(rate[low], floor)
            axes.bar(middle, max(rate[high], floor) - bottom, end - start - 0.04, bottom,
                     color=colour)  # fmt: skip
        axes.plot([start + 0.02, end - 0.02], [rate[2]] * 2, color=BLUE, linewidth=2.0)
        shown = max(recorded, floor)
        axes.plot([middle], [shown], marker="D", color=VERMILION, markersize=6, zorder=5,
                  markerfacecolor=VERMILION if one.is_inside else "white")  # fmt: skip
        axes.annotate(
            musd(one.record.span.trade_musd) + ("" if is_narrow() else f", {one.period}"),
            (middle, shown),
            xytext=(0, 9 if recorded >= rate[2] else -9), textcoords="offset points", ha="center",
            va="bottom" if recorded >= rate[2] else "top", size=SMALL, color=INK,
            path_effects=[withStroke(linewidth=2.0, foreground="white")], parse_math=False,
        )  # fmt: skip
        values += [max(rate[0], floor), rate[4], shown]
    axes.set_yscale("log")
    axes.set_ylim(0.4 * min(values), 2.5 * max(values))
    axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    first, last = judged[0].record.span.start.year, judged[-1].record.span.end.year
    axes.set_xlim(first - 0.5, last + 0.5)
    year_ticks(axes, first, last)
    axes.set_title(heading, size=PLAIN, color=INK, loc="left", parse_math=False)


def _tick(value: float, _: int) -> str:
    """A tick in words; a function of its own, since figures go to other processes."""
    return musd(value)


def _place(day: date) -> float:
    """Position of a day on an axis on which the middle of a year stands at its number."""
    return day.year + (day.timetuple().tm_yday - 0.5) / DAYS_A_YEAR - 0.5


def in_words(judged: tuple[RecordComparison, ...], finding: Finding) -> str:
    """Records inside the band, by direction, and what is known of those outside it."""
    sentences = []
    for directions, own in _by_direction(judged).items():
        inside = sum(one.is_inside for one in own)
        sentences.append(
            f"{_heading(directions, finding)}: {inside} of {plural(len(own), 'record')} inside the "
            "90 % band."
        )
        sentences += [
            f"Outside it: {musd(one.record.span.trade_musd)} million USD in {_the(one.period)} "
            f"(band {musd(float(one.quantiles[0]))} to {musd(float(one.quantiles[4]))})."
            for one in own
            if not one.is_inside
        ]
        low, high = min(one.rates[0] for one in own), max(one.rates[1] for one in own)
        if inside < len(own) and high > LUMPY * low:
            sentences.append(
                f"Parts of these periods ran at yearly rates from {musd(low)} to {musd(high)} "
                "million USD: lumps, which no simulation foresees."
            )
    return " ".join([*sentences, together_in_words(judged)])


def together_in_words(judged: Sequence[RecordComparison]) -> str:
    """Sentence on how often bands that are right would hold as few records; empty without any."""
    if not judged:
        return ""
    inside, n = sum(one.is_inside for one in judged), len(judged)
    right = float(bdtr(inside, n, QUANTILES[-1] - QUANTILES[0]))
    return (
        f"Together {inside} of {n}: bands that are right hold no more than that in "
        f"{whole_per_cent(right)} of cases."
    )


def recorded_amounts(judged: tuple[RecordComparison, ...]) -> dict[str, Amount]:
    """Records as numbers, with the band that the runs give each."""
    amounts: dict[str, Amount] = {}
    for one in judged:
        directions = " and ".join(f"{a}>{b}" for a, b in one.record.directions)
        low, high = float(one.quantiles[0]), float(one.quantiles[-1])
        recorded = Amount(one.record.span.trade_musd, "million USD", low, high)
        amounts[f"{directions}, {one.period}, recorded"] = recorded
    return amounts


def _the(period: str) -> str:
    return period if period.isdigit() else f"the {period}"


def _rows(judged: tuple[RecordComparison, ...]) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = []
    for one in judged:
        span = one.record.span
        who = " and ".join(f"{a}>{b}" for a, b in one.record.directions)
        own = (who, span.start.isoformat(), span.end.isoformat())
        rows.append(("recorded", *own, span.trade_musd, one.below))
        rows += [
            (name, *own, float(value), share)
            for name, value, share in zip(SHARE_NAMES, one.quantiles, QUANTILES, strict=True)
        ]
    return tuple(rows)
