"""Trade against the target over the years, with what the ledgers recorded."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.number_format import money
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE, Q25, Q75, QUANTILE_NAMES
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import ledger_in_words, musd, plural, whole_per_cent, year_to
from sim.report.page.recorded_trade import DOUBTFUL, RecordedYear, Records, recorded_years
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    MARGIN_IN,
    MARKERS,
    ORANGE,
    PURPLE,
    SMALL,
    VERMILION,
    Line,
    Sheet,
    full_width_in,
    ink_of,
    is_narrow,
    label_ends,
    sheet,
    thousands,
    year_ticks,
)
from sim.report.page.time_axis import year_places
from sim.study.ensemble.findings import Finding

HISTORY_YEARS = 6
"""Recorded years shown before the base year."""
MAX_OVER_TARGET = 1.6
"""Top of the axis at most this many times the target, unless the median runs higher."""
SAMPLE = 6
"""Single runs drawn as thin lines."""
BAND_50, BAND_90 = "#7FB8D8", "#CFE3F0"
BODY_IN, LEFT_IN, KEY_ROW_IN = 3.2, 0.60, 0.19
CHARACTER_IN, LABEL_CHARACTER_IN = 0.057, 0.067
"""Width of a character of the key and of the labels, on average [in]."""

ELSEWHERE = (GREEN, ink_of(PURPLE), ink_of(ORANGE))
DASHES: tuple[Line, ...] = ((0, (5, 1.2, 1, 1.2)), (0, (1, 1)), (0, (8, 2)))
"""Colours and lines of other ledgers: lines tell them apart in grey."""

Look = dict[str, Any]
FLAG: Look = {"marker": "D", "color": VERMILION, "markersize": 6, "linestyle": "none", "zorder": 8,
              "clip_on": False}  # fmt: skip
RING: Look = {"marker": "o", "color": VERMILION, "markersize": 9, "markerfacecolor": "none",
              "markeredgewidth": 1.4, "linestyle": "none", "zorder": 7}  # fmt: skip


@reflowed
def target_fan(inputs: ReportInputs, finding: Finding) -> Drawing:
    """Median, bands, target, base year and recorded years of one target's pair."""
    base = inputs.world.base_year
    records = _shown(recorded_years(inputs.world, finding.pair), base)
    others = inputs.in_other_ledgers(finding)
    return Drawing(
        name=f"target-fan{inputs.suffix(finding)}",
        title=_title(finding),
        alt=_alt(finding) + _alt_elsewhere(others),
        caption=_caption(records),
        figure=_drawn(inputs, finding, records),
        columns=("series", "quantile", "period", "trade_musd_per_year"),
        rows=_rows(finding, records, base) + _rows_elsewhere(others),
        answer_periods=(
            str(base),
            *(f"{finding.years[k]}{finding.by[4:]}" for k in (finding.at, -1)),
            *(year.period for year in records.years),
        ),
    )


def _title(finding: Finding) -> str:
    return f"{'–'.join(finding.pair_names)} trade against the target"


def _drawn(inputs: ReportInputs, finding: Finding, records: Records) -> Figure:
    """The figure at a width; at that of a phone the key stands alone in its rows."""
    base, narrow = inputs.world.base_year, is_narrow()
    top, n_above = _top(finding, records)
    key = _key_rows(_key(finding, records, inputs))
    others = inputs.in_other_ledgers(finding)
    labels = _labels(finding, top)
    labels += _labels_elsewhere(others, top)
    page = sheet(
        _title(finding),
        "Both directions, million USD a year, current prices. Line: median; dark band: half of "
        "the futures; light band: 5–95 %."
        + ("" if narrow else " Thin lines: single simulations.")
        + (" Dashes and dots: medians from other statistics." if others else ""),
        _foot(inputs, records, top, n_above, finding.n_runs),
        BODY_IN + KEY_ROW_IN * (len(key) + 0.4),
    )
    _draw_key(page, key)
    right_in = 0.14 + LABEL_CHARACTER_IN * max(len(text) for _, text, _ in labels)
    axes = page.axes(LEFT_IN - 0.12 * narrow, right_in, above_in=KEY_ROW_IN * (len(key) + 0.4))
    first = min([float(base), *(float(np.floor(y.place)) for y in records.years)])
    axes.set_xlim(first - 0.4, float(year_places(finding)[-1]))
    axes.set_ylim(0.0, top)
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    _draw_runs(axes, finding, base, n_single=0 if narrow else SAMPLE)
    for k, elsewhere in enumerate(others.values()):
        _draw_elsewhere(axes, elsewhere, base, k)
    _draw_target(axes, finding)
    for ledgers, look in _looks(records, _own_ledgers(inputs, finding)).items():
        years = [year for year in records.years if year.ledgers == ledgers]
        axes.plot([y.place for y in years], [y.trade_musd for y in years], **look)
    axes.plot([base], [finding.baseline_musd], **RING)
    last = float(year_places(finding)[-1])
    year_ticks(axes, first, last, n_most=5 if narrow else 10)
    thousands(axes)
    label_ends(axes, labels)
    return page.figure


def _shown(records: Records, base_year: int) -> Records:
    years = tuple(year for year in records.years if year.place >= base_year - HISTORY_YEARS)
    return Records(years, records.n_partial)


def _top(finding: Finding, records: Records) -> tuple[float, int]:
    """Upper end of the axis, and how many runs pass it in some year."""
    target, bands = finding.target_musd, finding.quantiles
    recorded = max((year.trade_musd for year in records.years), default=0.0)
    top = max(
        1.22 * target,
        1.15 * float(bands[MIDDLE].max()),
        1.15 * recorded,
        1.15 * finding.baseline_musd,
        min(1.06 * float(bands[HIGH].max()), MAX_OVER_TARGET * target),
    )
    return top, int((finding.trade > top).any(axis=1).sum())


def _since_base(finding: Finding, base_year: int, values: FloatArray) -> FloatArray:
    """Values by year, begun with the base year where the years follow on it."""
    if not (finding.by.endswith("Q4") and int(finding.years[0]) == base_year + 1):
        return values
    known = np.full((*values.shape[:-1], 1), finding.baseline_musd)
    return np.concatenate([known, values], axis=-1)


def _places(finding: Finding, base_year: int, values: FloatArray) -> FloatArray:
    """Horizontal positions of values by year, with or without the base year."""
    x = year_places(finding)
    if values.shape[-1] > len(x):
        x = np.concatenate([[float(base_year)], x])
    return x


def _draw_runs(axes: Axes, finding: Finding, base_year: int, n_single: int) -> None:
    """Bands, so many single runs, and medians."""
    bands = _since_base(finding, base_year, finding.quantiles)
    runs = _since_base(finding, base_year, finding.trade)
    x = _places(finding, base_year, bands)
    axes.fill_between(x, bands[LOW], bands[HIGH], color=BAND_90, linewidth=0)
    axes.fill_between(x, bands[Q25], bands[Q75], color=BAND_50, linewidth=0)
    chosen = np.unique(np.linspace(0, len(runs) - 1, min(n_single, len(runs))).astype(int))
    for run in chosen:
        axes.plot(x, runs[run], color=GREY, linewidth=0.5, alpha=0.55)
    axes.plot(x, bands[MIDDLE], color=BLUE, linewidth=2.4)
    if finding.without is not None:
        middle = _since_base(finding, base_year, finding.without.quantiles[MIDDLE])
        axes.plot(x, middle, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))


def _draw_elsewhere(axes: Axes, elsewhere: Finding, base_year: int, k: int) -> None:
    """Median of the same question in other ledgers, each with a line of its own."""
    middle = _since_base(elsewhere, base_year, elsewhere.quantiles[MIDDLE])
    axes.plot(_places(elsewhere, base_year, middle), middle, color=ELSEWHERE[k % len(ELSEWHERE)],
              linewidth=1.6, linestyle=DASHES[k % len(DASHES)])  # fmt: skip


def _labels_elsewhere(others: Mapping[str, Finding], top: float) -> list[tuple[float, str, str]]:
    labels = []
    for k, (ledger, found) in enumerate(others.items()):
        value = float(found.quantiles[MIDDLE, -1])
        name = ledger_in_words(ledger)
        shown = name.partition(" ")[0] if is_narrow() else name
        labels.append((value, _end_label(shown, value, top), ELSEWHERE[k % len(ELSEWHERE)]))
    return labels


def _end_label(name: str, value: float, top: float) -> str:
    return f"{name} {musd(value)}{' ↑' if value > top else ''}"


def _alt_elsewhere(others: Mapping[str, Finding]) -> str:
    return "".join(
        f" From {ledger_in_words(ledgers)}: median {musd(found.quantiles[MIDDLE, found.at])}, "
        f"chance {whole_per_cent(found.chance.value)}."
        for ledgers, found in others.items()
    )


def _rows_elsewhere(others: Mapping[str, Finding]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (f"{ledger_in_words(ledgers)}: as asked", name, f"{year}{found.by[4:]}", float(value))
        for ledgers, found in others.items()
        for name, values in zip(QUANTILE_NAMES, found.quantiles, strict=True)
        for year, value in zip(found.years, values, strict=True)
    )


def _labels(finding: Finding, top: float) -> list[tuple[float, str, str]]:
    """Labels of the last year's quantiles: height, text, colour."""
    last = finding.quantiles[:, -1]
    below = "" if is_narrow() else " below"
    ends = [
        (f"95 %{below}", float(last[HIGH]), GREY),
        ("median", float(last[MIDDLE]), BLUE),
        (f"5 %{below}", float(last[LOW]), GREY),
    ]
    if finding.without is not None:
        name = "without" if is_narrow() else "no agreement"
        ends.append((name, float(finding.without.quantiles[MIDDLE, -1]), INK))
    return [(value, _end_label(name, value, top), colour) for name, value, colour in ends]


def _draw_target(axes: Axes, finding: Finding) -> None:
    place, target = float(year_places(finding)[finding.at]), finding.target_musd
    left = axes.get_xlim()[0]
    axes.plot([left, place], [target, target], color=VERMILION, linewidth=1.8)
    axes.plot([place, place], [0.0, target], color=VERMILION, linewidth=0.9, linestyle=":")
    axes.plot([place], [target], **FLAG)
    text = axes.annotate(
        f"target {money(target)} a year", (left, target), xytext=(2, 4),
        textcoords="offset points", color=VERMILION, weight="bold", size=SMALL, va="bottom",
        parse_math=False,
    )  # fmt: skip
    text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def _own_ledgers(inputs: ReportInputs, finding: Finding) -> str:
    """Ledgers that the runs of a pair start from; none where they do not hold it."""
    return ledger_in_words(inputs.world.ledger) if finding.is_held else ""


def _looks(records: Records, run_ledgers: str) -> dict[str, Look]:
    """Marker style of each ledger's records: filled for the run's own, crosses if doubtful."""
    looks: dict[str, Look] = {}
    for ledgers, marker in zip(records.ledgers, MARKERS, strict=False):
        doubtful = ledgers == DOUBTFUL
        looks[ledgers] = {
            "marker": "x" if doubtful else marker,
            "markersize": 5.0,
            "color": GREY if doubtful else INK,
            "markerfacecolor": INK if ledgers == run_ledgers else "white",
            "linestyle": "none",
            "zorder": 6,
        }
    return looks


def _key(finding: Finding, records: Records, inputs: ReportInputs) -> list[tuple[str, Look]]:
    """Legend of the markers, with the figures that they show."""
    chance = f", chance {whole_per_cent(finding.chance.value)}" if finding.is_probability else ""
    base, run_ledgers = inputs.world.base_year, _own_ledgers(inputs, finding)
    entries: list[tuple[str, Look]] = [
        (
            f"Target: {money(finding.target_musd)} in {year_to(finding.by)}{chance}",
            FLAG,
        ),
        (f"Base year {base}: {musd(finding.baseline_musd)}", RING),
    ]
    for ledgers, look in _looks(records, run_ledgers).items():
        last = max((y for y in records.years if y.ledgers == ledgers), key=_end)
        own = ", this run" if ledgers == run_ledgers else ""
        entries.append((f"{ledgers}{own}: {musd(last.trade_musd)} in {last.period}", look))
    return entries


def _end(year: RecordedYear) -> str:
    return year.end


def _key_rows(entries: list[tuple[str, Look]]) -> list[list[tuple[float, str, Look]]]:
    """Entries with their places from the left [in], broken into rows; the target has the first."""
    width_in, left_in = full_width_in(), 2 * MARGIN_IN if is_narrow() else LEFT_IN
    rows: list[list[tuple[float, str, Look]]] = [[(left_in, *entries[0])]]
    room = 0.0
    for text, look in entries[1:]:
        needed = 0.30 + CHARACTER_IN * len(text)
        if needed > room:
            rows.append([])
            room = width_in - left_in
        rows[-1].append((width_in - room, text, look))
        room -= needed
    return rows


def _draw_key(page: Sheet, rows: list[list[tuple[float, str, Look]]]) -> None:
    width_in = page.width_in
    for k, row in enumerate(rows):
        y = (page.height_in - page.top_in - KEY_ROW_IN * (k + 0.3)) / page.height_in
        for left_in, text, look in row:
            page.figure.add_artist(Line2D([left_in / width_in], [y], **look))
            page.figure.text(
                (left_in + 0.10) / width_in, y, text, size=SMALL, va="center", parse_math=False,
                color=VERMILION if look is FLAG else INK,
                weight="bold" if look is FLAG else "normal",
            )  # fmt: skip


def _foot(inputs: ReportInputs, records: Records, top: float, n_above: int, n_runs: int) -> str:
    foot = inputs.stamp
    if n_above:
        foot += (
            f" The axis ends at {musd(top)}: {n_above} of {plural(n_runs, 'simulation')} pass it "
            "in some year."
        )
    if records.n_partial:
        foot += f" {records.n_partial} records of part of a year or one direction are not shown."
    return foot


def _caption(records: Records) -> str:
    if not records.years:
        return "Besides the base year's, no ledger of this world has a record of a whole year."
    text = "Partners record the same trade differently, which moves every figure here."
    if any(year.doubtful for year in records.years):
        text += " Crosses: official statements that fit no record."
    return text


def _alt(finding: Finding) -> str:
    q = finding.quantiles[:, finding.at]
    a, b = finding.pair_names
    return (
        f"Fan chart of {a}–{b} trade. In {year_to(finding.by)}: median {musd(q[MIDDLE])} million "
        f"USD, 5–95 % {musd(q[LOW])} to {musd(q[HIGH])}; the target of {musd(finding.target_musd)} "
        f"has a chance of {whole_per_cent(finding.chance.value)}."
    )


def _rows(finding: Finding, records: Records, base_year: int) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = [
        ("target", "", finding.by, finding.target_musd),
        ("base year", "", str(base_year), finding.baseline_musd),
    ]
    for variant, course in finding.answer.courses.items():
        rows += [
            (variant, name, f"{year}{finding.by[4:]}", float(value))
            for name, values in zip(QUANTILE_NAMES, course.quantiles, strict=True)
            for year, value in zip(finding.years, values, strict=True)
        ]
    rows += [(f"recorded: {y.ledgers}", "", y.period, y.trade_musd) for y in records.years]
    return tuple(rows)
