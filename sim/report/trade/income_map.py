"""Map of winners and losers: a disc at every region's gateways, its area the change of real income.

There are no borders on it: land is an outline, and a region stands where its cargo starts and ends.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from math import cos, radians
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts_over_runs import MIDDLE
from sim.report.page.basemap import MapBox, box_of, draw_land
from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import listed, per_cent, signed_musd, year_to
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import BLUE, GREY, INK, SMALL, VERMILION, full_width_in, is_narrow, sheet
from sim.report.trade.incomes import Incomes
from sim.study.ensemble.findings import Finding

if TYPE_CHECKING:
    from sim.world.world import World

MARGIN = 5.0
"""Room around the outermost regions, as far as the outline reaches [degrees]."""
TALLEST_IN = 4.6
WIDEST = 30.0
"""Farthest that a gateway may lie from the middle of its region's for the region to be a place: one
that has them on several continents is beyond any map [degrees]."""
LARGEST_PT, SMALLEST_PT = 17.0, 2.0
"""Radius of the largest disc, and of one that stands for next to nothing [pt]."""
MIN_NAMED = 0.004
"""Regions that change by less than this part of the largest change have no name on the map [1]."""
CHARACTER_PT, LINE_PT = 4.5, 9.5
SIZE, NARROW_SIZE = SMALL - 0.5, 5.5
BESIDE_PT = 3.0
"""A name farther than this from its disc is tied to it by a line."""


def places_of(world: "World") -> dict[str, tuple[float, float]]:
    """Longitude and latitude of the regions that are places: the mean of their gateways, by cargo.

    In degrees. A region without gateways has no place, nor one whose gateways lie far apart.
    """
    network = world.network
    if not network.nodes:
        return {}
    weight = network.gateways / np.maximum(network.gateways.sum(axis=1, keepdims=True), 1e-300)
    nodes = np.stack([network.longitude, network.latitude], axis=1)
    spots = weight @ nodes
    apart = np.abs(nodes - spots[:, None]).max(axis=2)
    return {
        region: (float(spots[k, 0]), float(spots[k, 1]))
        for k, region in enumerate(world.regions)
        if weight[k].any() and apart[k, weight[k] > 0].max() <= WIDEST
    }


@reflowed
def map_of_incomes(inputs: ReportInputs, finding: Finding, incomes: Incomes) -> Drawing | None:
    """Discs on a map; None where no outline or no gateway is known."""
    places = places_of(inputs.world)
    if not inputs.land or not places:
        return None
    outline = box_of(np.concatenate(inputs.land))
    shown = [
        k
        for k, region in enumerate(incomes.regions)
        if region in places and outline.holds(*places[region])
    ]
    if not shown:
        return None
    spots = np.array([places[incomes.regions[k]] for k in shown])
    bounds = box_of(spots, MARGIN).within(outline)
    title = "Gains and losses of real income, on the map"
    width, height = _size(bounds)
    page = sheet(
        title,
        f"Change of real income in {year_to(finding.by)} against no agreement, million "
        "USD a year, median run. Area of a disc: size of the change; filled: gain, open: loss.",
        inputs.stamp + _beyond(incomes, shown),
        height + 0.1,
    )
    side = (full_width_in() - width) / 2
    axes = page.axes(side, side, above_in=0.05, below_in=0.05)
    draw_land(axes, inputs.land)
    axes.set_xlim(bounds.left, bounds.right)
    axes.set_ylim(bounds.low, bounds.high)
    _draw_discs(axes, incomes, shown, spots, width * 72 / (bounds.right - bounds.left))
    return Drawing(
        name=f"map-of-incomes{inputs.suffix(finding)}",
        title=title,
        alt="Map. " + _ends_in_words(incomes),
        caption="A region stands where its cargo starts and ends; the map shows no borders and "
        f"takes no position on any. Grey: a change of less than {per_cent(MIN_NAMED)} of the "
        "largest. Intervals stand in the table.",
        figure=page.figure,
        columns=("region", "longitude", "latitude", "median_musd", "median_share"),
        rows=tuple(
            (
                incomes.regions[k],
                *places[incomes.regions[k]],
                float(incomes.musd[k]),
                float(incomes.share[MIDDLE, k]),
            )
            for k in shown
        ),
    )


def _ends_in_words(incomes: Incomes) -> str:
    order = np.argsort(-incomes.musd, kind="stable")
    ends = [f"{incomes.names[k]} {signed_musd(incomes.musd[k])}" for k in (*order[:3], *order[-2:])]
    return f"Largest gains and losses of real income, million USD a year: {listed(ends)}."


def _beyond(incomes: Incomes, shown: Sequence[int]) -> str:
    """Changes in the regions that the map does not cover."""
    rest = [k for k in range(len(incomes.regions)) if k not in shown]
    changes = [f"{incomes.names[k]} {signed_musd(float(incomes.musd[k]))}" for k in rest]
    return f" Beyond the map: {listed(changes)}." if changes else ""


def _size(bounds: MapBox) -> tuple[float, float]:
    """Width and height of the map at which a degree keeps its shape in the middle [in]."""
    stretch = 1.0 / cos(radians((bounds.low + bounds.high) / 2))
    ratio = stretch * (bounds.high - bounds.low) / (bounds.right - bounds.left)
    width = min(full_width_in() - 0.2, TALLEST_IN / ratio)
    return width, width * ratio


def _draw_discs(
    axes: Axes, incomes: Incomes, shown: Sequence[int], spots: FloatArray, pt_per_degree: float
) -> None:
    """A disc for every region shown, and names where there is room, the largest first."""
    size = np.abs(incomes.musd[list(shown)])
    largest = float(size.max()) or 1.0
    radius = np.maximum(LARGEST_PT * np.sqrt(size / largest), SMALLEST_PT)
    low, high = axes.get_ylim()
    west, east = axes.get_xlim()
    stretch = 1.0 / cos(radians((low + high) / 2))
    centres = (spots - [west, low]) * [pt_per_degree, pt_per_degree * stretch]
    page = MapBox(
        0.0, 0.0, *(pt_per_degree * np.array([east - west, stretch * (high - low)])).tolist()
    )
    taken = [
        MapBox(x - r, y - r, x + r, y + r)
        for (x, y), r in zip(centres.tolist(), radius, strict=True)
    ]
    for n in np.argsort(-size, kind="stable").tolist():
        change = float(incomes.musd[shown[n]])
        if size[n] < MIN_NAMED * largest:
            axes.plot(*spots[n], marker="o", markersize=2 * SMALLEST_PT, color=GREY)
            continue
        colour = BLUE if change >= 0 else VERMILION
        axes.plot(
            *spots[n], marker="o", markersize=2 * radius[n], color=colour, markeredgewidth=1.4,
            markerfacecolor=to_rgba(colour, 0.55) if change >= 0 else (1, 1, 1, 0.6),
        )  # fmt: skip
        text = f"{incomes.names[shown[n]]}\n{signed_musd(change)}"
        box = _free_box(text, centres[n], radius[n], taken, page)
        if box is None:
            continue
        taken.append(box)
        _draw_leader(axes, box, spots[n], centres[n], radius[n])
        middle = np.array([box.left + box.right, box.low + box.high]) / 2 - centres[n]
        axes.annotate(
            text, tuple(spots[n]), xytext=tuple(middle), textcoords="offset points", ha="center",
            va="center", size=_letters_pt(), color=INK, linespacing=1.05, parse_math=False,
        )  # fmt: skip


def _letters_pt() -> float:
    """Size of the names [pt]."""
    return NARROW_SIZE if is_narrow() else SIZE


def _draw_leader(
    axes: Axes, box: MapBox, spot: FloatArray, centre: FloatArray, radius: float
) -> None:
    """A thin line from a disc to its name where that does not stand right beside it."""
    near = np.clip(centre, [box.left, box.low], [box.right, box.high]) - centre
    if np.hypot(*near) > radius + BESIDE_PT:
        axes.annotate(
            "", tuple(spot), xytext=tuple(near), textcoords="offset points",
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkA": 0,
                        "shrinkB": radius},
        )  # fmt: skip


def _free_box(
    text: str, centre: FloatArray, radius: float, taken: Sequence[MapBox], page: MapBox
) -> MapBox | None:
    """The best place for a text that meets nothing and stays on the map; None if there is none."""
    for box in _boxes_around(text, centre, radius):
        if box.within(page) == box and not any(map(box.meets, taken)):
            return box
    return None


def _boxes_around(text: str, centre: FloatArray, radius: float) -> Iterator[MapBox]:
    """Places for a text around a disc, the best first."""
    lines = text.split("\n")
    scale = _letters_pt() / SIZE
    width, height = scale * CHARACTER_PT * max(map(len, lines)), scale * LINE_PT * len(lines)
    sides = [(1, 0), (-1, 0), (0, 1), (0, -1), *product((1, -1), (1, -1))]
    for gap in (2.0, 7.0):
        for dx, dy in sides:
            x = centre[0] + dx * (radius + gap + width / 2)
            y = centre[1] + dy * (radius + gap + height / 2)
            yield MapBox(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
