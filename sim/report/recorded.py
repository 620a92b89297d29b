"""What the books have recorded since the runs begin, inside the bands of the runs.

No trade recorded after the base year goes into a run, so these years judge the forecast. The books
end their years in different months; a record is held against the twelve months it covers.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from sim.laws.calendar import QUARTERS_PER_YEAR, format_quarter, parse_quarter
from sim.report.books import RecordedYear, recorded_years
from sim.report.drawing import Cell, Drawing
from sim.report.series import FloatArray, Material, flows_of_pair
from sim.report.style import (
    BLUE,
    GREY,
    INK,
    SMALL,
    VERMILION,
    label_ends,
    sheet,
    thousands,
    year_ticks,
)
from sim.report.wording import books_name, listed, musd, per_cent, plural
from sim.study.findings import Finding

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
SHARE_NAMES = tuple(f"q{100 * share:02.0f}" for share in SHARES)
BAND_80, BAND_50 = "#CFE3F0", "#7FB8D8"
BODY_IN = 2.8


@dataclass(frozen=True)
class Judged:
    """A recorded year and where it falls among the runs."""

    record: RecordedYear
    quarter: int
    """With which its twelve months end."""
    below: float
    """Share of runs that trade less in the same months [1]."""

    @property
    def is_inside(self) -> bool:
        """Whether it lies inside the 80 % band."""
        return SHARES[0] <= self.below <= SHARES[-1]


@dataclass(frozen=True)
class Since:
    """Trade of a pair over the twelve months to each quarter, and what was recorded of it."""

    quarters: tuple[int, ...]
    quantiles: FloatArray
    """(n_shares, n_quarters) over the runs [musd]."""
    judged: tuple[Judged, ...]

    @property
    def places(self) -> FloatArray:
        """Where the quarters stand on an axis on which a calendar year stands at its number."""
        return (np.array(self.quarters) + 1) / QUARTERS_PER_YEAR - 1.0


def since_base(material: Material, finding: Finding) -> Since:
    """Hold what the run's own books recorded after the base year against the runs.

    Records that are doubtful, or whose year does not end with a quarter within the horizon, are
    passed over; all of them where the runs start from something else than these books.
    """
    result, flows = material.asked, list(flows_of_pair(finding))
    trade = (
        result["goods_trade"].sel(flow=flows).sum(["flow", "good"])
        + result["energy_trade"].sel(flow=flows).sum("flow")
    ).to_numpy()
    first = parse_quarter(str(result["quarter"].to_numpy()[0]))
    base_end = QUARTERS_PER_YEAR * material.world.base_year + QUARTERS_PER_YEAR - 1
    if first == base_end:
        # The base year is known as a whole: the quarters before the first stand where it does.
        trade = np.concatenate(
            [np.repeat(trade[:, :1], QUARTERS_PER_YEAR - 1, axis=1), trade], axis=1
        )
        first -= QUARTERS_PER_YEAR - 1
    windows = np.lib.stride_tricks.sliding_window_view(trade, QUARTERS_PER_YEAR, axis=1).mean(
        axis=-1
    )
    quarters = tuple(first + QUARTERS_PER_YEAR - 1 + k for k in range(windows.shape[1]))
    judged = [
        Judged(year, quarter, float((windows[:, quarters.index(quarter)] < year.trade_musd).mean()))
        for year in recorded_years(material.world, finding.pair).years
        if finding.is_held
        and year.ledger == material.world.ledger
        and not year.doubtful
        and (quarter := _last_quarter(year)) in quarters
        and quarter > base_end
    ]
    return Since(quarters, np.quantile(windows, SHARES, axis=0), tuple(judged))


def _last_quarter(year: RecordedYear) -> int | None:
    """Quarter with which a recorded year ends; None if it ends inside one."""
    ends_in, month = (int(part) for part in year.end.split("-")[:2])
    return QUARTERS_PER_YEAR * ends_in + month // 3 - 1 if month % 3 == 0 else None


def recorded_since(material: Material, finding: Finding) -> Drawing | None:
    """Bands of the runs up to the last recorded year; None where nothing has been recorded."""
    since = since_base(material, finding)
    if not since.judged:
        return None
    last = max(judged.quarter for judged in since.judged)
    n_shown = sum(quarter <= last + 2 for quarter in since.quarters)
    books = books_name(material.world.ledger)
    title = f"What has been recorded since {material.world.base_year}"
    page = sheet(
        title,
        f"{'–'.join(finding.pair_names)} trade in both directions over twelve months, million USD, "
        "current prices. Line: median run; dark band: half of the runs; light band: 80 %. "
        f"Diamonds: {books}.",
        f"{material.stamp} The pair's trade after the base year did not go into the runs; growth "
        "and world prices of the years since did.",
        BODY_IN,
    )
    axes = page.axes(0.60, 1.35, above_in=0.1)
    _draw(axes, since, n_shown)
    return Drawing(
        name=f"recorded-since{material.suffix(finding)}",
        title=title,
        alt=_in_words(since),
        caption="A fan is honest if four of five recorded years lie inside the 80 % band. The "
        "books of the run alone are shown: those of the partner record another trade.",
        figure=page.figure,
        columns=("series", "twelve_months_to", "trade_musd", "share_of_runs_below"),
        rows=_rows(since),
        told=tuple(format_quarter(judged.quarter) for judged in since.judged),
    )


def _draw(axes: Axes, since: Since, n_shown: int) -> None:
    x, bands = since.places[:n_shown], since.quantiles[:, :n_shown]
    axes.fill_between(x, bands[0], bands[4], color=BAND_80, linewidth=0)
    axes.fill_between(x, bands[1], bands[3], color=BAND_50, linewidth=0)
    axes.plot(x, bands[2], color=BLUE, linewidth=2.2)
    for judged in since.judged:
        place = (judged.quarter + 1) / QUARTERS_PER_YEAR - 1.0
        axes.plot([place], [judged.record.trade_musd], marker="D", color=VERMILION, markersize=6,
                  markerfacecolor=VERMILION if judged.is_inside else "white", zorder=5)  # fmt: skip
        # The words stand on the side of the marker where the median's line is not.
        below = judged.record.trade_musd < np.interp(place, x, bands[2])
        axes.annotate(
            f"{judged.record.trade_musd:,.1f}\n{judged.record.period}",
            (place, judged.record.trade_musd), xytext=(0, -8 if below else 8),
            textcoords="offset points", ha="center", va="top" if below else "bottom",
            size=SMALL, color=INK, parse_math=False,
            path_effects=[withStroke(linewidth=2.0, foreground="white")],
        )  # fmt: skip
    axes.set_xlim(float(x[0]), float(x[-1]))
    highest = max(judged.record.trade_musd for judged in since.judged)
    axes.set_ylim(0.0, max(1.08 * float(bands[4].max()), 1.35 * highest))
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    year_ticks(axes, float(np.ceil(x[0])), float(x[-1]))
    thousands(axes)
    names = ("10 % below", "", "median", "", "90 % below")
    ends = zip(bands[:, -1], names, (GREY, GREY, BLUE, GREY, GREY), strict=True)
    label_ends(axes, [(float(v), f"{name} {musd(float(v))}", c) for v, name, c in ends if name])


def _in_words(since: Since) -> str:
    inside = sum(judged.is_inside for judged in since.judged)
    each = listed(
        [
            f"{musd(judged.record.trade_musd)} million USD in the {judged.record.period} "
            f"({per_cent(judged.below)} of the runs trade less)"
            for judged in since.judged
        ]
    )
    return (
        f"Fan of the twelve-month trade of the runs with recorded years: {each}. {inside} of "
        f"{plural(len(since.judged), 'recorded year')} inside the 80 % band."
    )


def _rows(since: Since) -> tuple[tuple[Cell, ...], ...]:
    runs: list[tuple[Cell, ...]] = [
        (name, format_quarter(quarter), float(value), share)
        for name, share, values in zip(SHARE_NAMES, SHARES, since.quantiles, strict=True)
        for quarter, value in zip(since.quarters, values, strict=True)
    ]
    recorded: list[tuple[Cell, ...]] = [
        ("recorded", format_quarter(j.quarter), j.record.trade_musd, j.below) for j in since.judged
    ]
    return (*runs, *recorded)
