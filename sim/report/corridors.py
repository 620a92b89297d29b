"""Corridors of a pair: their shares in words, as a table and, without agreements, as a figure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from sim.report.drawing import Cell, Drawing
from sim.report.series import (
    MIDDLE,
    FloatArray,
    Material,
    flows_of_pair,
    over_runs,
    quarter_places,
    year_places,
    year_values,
)
from sim.report.style import LINES, SERIES, label_ends, sheet, year_ticks
from sim.report.wording import listed, per_cent, rounded
from sim.study.findings import Finding

MOST_LINES = 5
OPEN_ENOUGH = 0.97
"""A gate that is open for more of the year than this is not worth a word [1]."""


@dataclass(frozen=True)
class CorridorRow:
    """How one corridor of a pair is used; shares are means over the runs [1]."""

    corridor: str
    name: str
    status: str
    first: float
    """In the first whole year."""
    without: float | None
    """In the target year without agreements; None if there are none."""
    asked: float
    """In the target year as asked."""
    shut_by: str
    """Gates on the way that are not always open in the target year, and for how much of it."""


def corridor_rows(material: Material, finding: Finding) -> tuple[CorridorRow, ...]:
    """Corridors of the finding's pair, the most used first; empty if none is known."""
    labels, names = _own(material, finding)
    if not labels:
        return ()
    asked = _mean_shares(material.asked, labels, finding)
    without = None if material.without is None else _mean_shares(material.without, labels, finding)
    gates = _gate_opening(material, finding)
    by_id = {corridor.corridor: corridor for corridor in material.world.corridors}
    rows = [
        CorridorRow(
            corridor=label,
            name=names[k],
            status=by_id[label].status,
            first=float(asked[0, k]),
            without=None if without is None else float(without[finding.at, k]),
            asked=float(asked[finding.at, k]),
            shut_by=listed(
                [
                    f"{name} (open {per_cent(share)})"
                    for gate, (name, share) in gates.items()
                    if gate in by_id[label].gates and share < OPEN_ENOUGH
                ]
            ),
        )
        for k, label in enumerate(labels)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.asked, -row.first, row.corridor)))


def _own(material: Material, finding: Finding) -> tuple[list[str], list[str]]:
    """Labels and names of the corridors that join the pair."""
    ends = {
        c.corridor: (c.name, set(c.ends) == set(finding.pair)) for c in material.world.corridors
    }
    labels = [str(label) for label in material.asked["corridor"].to_numpy()]
    own = [label for label in labels if ends[label][1]]
    return own, [ends[label][0] for label in own]


def _mean_shares(result: xr.Dataset, labels: Sequence[str], finding: Finding) -> FloatArray:
    picked = result.sel(corridor=list(labels))
    return np.asarray(year_values(picked, "route_share", finding).mean(axis=0))


def _gate_opening(material: Material, finding: Finding) -> dict[str, tuple[str, float]]:
    """By gate: its name and the mean part of the target year in which it is open."""
    share = year_values(material.asked, "gate_open_share", finding)[:, finding.at].mean(axis=0)
    labels = [str(label) for label in material.asked["gate"].to_numpy()]
    names = {gate.gate: gate.name for gate in material.world.gates}
    return {label: (names[label], float(share[k])) for k, label in enumerate(labels)}


def duties_and_corridors(material: Material, finding: Finding) -> Drawing:
    """Average duty by direction, and shares of the most used corridors, over time."""
    labels, names = _own(material, finding)
    a, b = finding.pair_names
    title = f"Duties and corridors between {a} and {b}"
    page = sheet(
        title,
        "Left: average duty paid, % of value, median run. Right: share of the pair's cargo by "
        "corridor, %, mean of the runs over four quarters.",
        material.stamp,
        2.5,
    )
    rows = [*_draw_duties(page.axes(0.45, 4.75, above_in=0.12), material, finding)]
    if labels:
        shares = 100.0 * _mean_shares(material.asked, labels, finding)
        order = np.argsort(-shares.max(axis=0), kind="stable")[:MOST_LINES]
        axes = page.axes(3.85, 1.60, above_in=0.12)
        x = year_places(finding)
        axes.set_xlim(float(x[0]), float(x[-1]))
        axes.set_ylim(0.0, min(100.0, 1.12 * float(shares.max())))
        ends = []
        for n, k in enumerate(order):
            axes.plot(x, shares[:, k], color=SERIES[n], linestyle=LINES[n])
            ends.append((float(shares[-1, k]), f"{labels[k]} {_whole(shares[-1, k])}", SERIES[n]))
        axes.grid(axis="y")
        axes.spines["left"].set_visible(False)
        year_ticks(axes, float(np.ceil(x[0])), float(x[-1]), n_most=5)
        axes.locator_params(axis="y", nbins=5)
        label_ends(axes, ends, size=7.5)
        rows += [
            (f"corridor share: {labels[k]}", f"{year}{finding.by[4:]}", float(shares[t, k]))
            for k in range(len(labels))
            for t, year in enumerate(finding.years)
        ]
    return Drawing(
        name=f"duties-and-corridors{material.suffix(finding)}",
        title=title,
        alt=_alt(material, finding, rows, names),
        caption="Shares of corridors move as gates close and open; seasons are averaged out.",
        figure=page.figure,
        columns=("series", "period", "per_cent"),
        rows=tuple(rows),
    )


def _draw_duties(axes: Axes, material: Material, finding: Finding) -> list[tuple[Cell, ...]]:
    x = quarter_places(material.asked)
    rows: list[tuple[Cell, ...]] = []
    ends, top = [], 0.1
    for n, flow in enumerate(flows_of_pair(finding)):
        duty = 100.0 * over_runs(material.asked["tariff_rate"].sel(flow=flow).to_numpy())[MIDDLE]
        axes.plot(x, duty, color=SERIES[n], linestyle=LINES[n])
        into = finding.pair_names[1 - n]
        ends.append(
            (float(duty[-1]), f"into {into}\n{rounded(round(float(duty[-1]), 1))}", SERIES[n])
        )
        top = max(top, float(duty.max()))
        quarters = material.asked["quarter"].to_numpy()
        rows += [
            (f"duty paid: {flow}", str(quarter), float(value))
            for quarter, value in zip(quarters, duty, strict=True)
        ]
    axes.set_xlim(float(x[0]), float(x[-1]))
    axes.set_ylim(0.0, 1.15 * top)
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    year_ticks(axes, float(np.ceil(x[0])), float(x[-1]), n_most=4)
    axes.locator_params(axis="y", nbins=5)
    label_ends(axes, ends, size=7.5)
    return rows


def _whole(value: float) -> str:
    return rounded(float(round(value)), 3) if value >= 1 else rounded(float(value), 1)


def _alt(
    material: Material, finding: Finding, rows: Sequence[tuple[Cell, ...]], names: Sequence[str]
) -> str:
    duties = [row for row in rows if str(row[0]).startswith("duty paid")]
    ends = {str(row[0]): float(row[2]) for row in duties}
    text = listed([f"{name.split(': ')[1]} {rounded(round(v, 1))} %" for name, v in ends.items()])
    used = corridor_rows(material, finding)[:3] if names else ()
    routes = listed([f"{row.name} {per_cent(row.asked)}" for row in used])
    return f"Average duty at the end: {text}. " + (
        f"Corridors in the year to {finding.by}: {routes}." if routes else "No corridor is known."
    )
