"""Map of the routes of a pair: lines as wide as their cargo, coloured by how busy the gates are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray
from sim.report.page.basemap import MapBox, box_of, draw_land
from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import listed, rounded
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import (  # fmt: skip
    GREY,
    INK,
    ORANGE,
    SMALL,
    Sheet,
    draw_key,
    full_width_in,
    is_narrow,
    sheet,
)
from sim.report.transport.pair_routes import KnownRoutes, own_labels
from sim.simulation.transport.routes import nodes_along
from sim.study.ensemble.asked_answer import year_values
from sim.study.ensemble.findings import Finding
from sim.study.route import Route
from sim.world.transport.network import Network

BUSY = (
    (0.6, "#7FC4EE", "under 60 %"), (0.8, ORANGE, "60–80 %"), (1.0, "#BF4A00", "80–100 %"),
    (np.inf, "#541A00", "over 100 %"),
)  # fmt: skip
"""Utilisation up to which a colour holds [1]: few, from light to dark, read in grey as well."""
UNKNOWN = (0, (1.0, 1.2))
"""Line where no gate of known capacity is passed."""
KEY_IN = 0.12
WIDEST_PT = 6.0
TALLEST_IN = 4.2
"""Height of a map [inches]."""
WORTH_A_LINE = 0.004
"""Part of the largest volume below which a link is left out [1]."""
WORTH_THE_MAP = 0.2
"""Part of the largest volume from which a land link is inside the map's edge [1]."""
MARGIN_DEGREES = 2.5
DOT = 0.15
"""Half the width of a gate's dot [degrees]."""
LETTER, LINE = 0.0185, 0.024
"""Width of a letter of a name and height of its line over the width of a map."""


@dataclass(frozen=True)
class _Load:
    """Cargo of the pair on the network in one year."""

    title: str
    tonnes: FloatArray
    """(n_links,) mean over the runs [t/year]."""
    busy: FloatArray
    """(n_links,) utilisation of the busier gate at the ends of the stretch, nan without one."""
    is_end: BoolArray
    """(n_nodes,) where the pair's cargo begins and ends."""


@reflowed
def route_map(inputs: ReportInputs, finding: Finding, known: KnownRoutes) -> Drawing | None:
    """Routes before and after, side by side; None if they carry nothing."""
    loads = _loads(inputs, finding, known)
    largest = max(float(load.tonnes.max()) for load in loads)
    if largest <= 0.0:
        return None
    network = inputs.world.network
    width = full_width_in() - 0.24 if is_narrow() else (full_width_in() - 0.4) / 2
    box = _box(network, [load.tonnes > WORTH_THE_MAP * largest for load in loads], width)
    a, b = finding.pair_names
    title = f"Routes of {a}–{b} cargo through ports and borders"
    height = width * (box.high - box.low) / ((box.right - box.left) * _shrink(box))
    page = sheet(
        title,
        "Width: tonnes a year of the pair's goods, mean of the runs; dashed, straight at sea. "
        "Colour: use of the busier gate at the ends of a stretch, all cargo counted.",
        inputs.stamp,
        (height + 0.25) * (2 if is_narrow() else 1) + 0.6,
    )
    for n, load in enumerate(loads):
        row, column = (n, 0) if is_narrow() else (0, n)
        left, above = 0.12 + column * (width + 0.16), 0.25 + row * (height + 0.25)
        below = 0.6 + (len(loads) - 1 - row) * (height + 0.25) if is_narrow() else 0.6
        axes = page.axes(left, full_width_in() - left - width, above, below)
        _draw(axes, inputs.land, network, load, largest, box)
    _scale(page)
    return Drawing(
        name=f"route-map{inputs.suffix(finding)}",
        title=title,
        alt=_alt(network, loads),
        caption="Map drawn at central parameter values. Borders of states are not drawn.",
        figure=page.figure,
        columns=("year", "from", "to", "mode", "tonnes_per_year", "utilisation"),
        rows=tuple(
            (load.title, network.nodes[network.tail[k]], network.nodes[network.head[k]],
             network.modes[k], float(load.tonnes[k]), float(load.busy[k]))
            for load in loads
            for k in np.flatnonzero(load.tonnes > WORTH_A_LINE * largest)
        ),
    )  # fmt: skip


def map_lines(
    inputs: ReportInputs, finding: Finding, known: KnownRoutes
) -> list[dict[str, float | str]]:
    """Stretches that carry cargo before or after, as in the figure's table, for another drawing.

    Tonnes a year of the pair's goods, mean of the runs [t/year]; utilisation of the busier gate at
    the ends, -1 where that is not known [1].
    """
    network = inputs.world.network
    before, after = _loads(inputs, finding, known)
    largest = max(float(load.tonnes.max(initial=0.0)) for load in (before, after))
    carried = np.maximum(before.tonnes, after.tonnes) > WORTH_A_LINE * largest
    return [
        {
            "tail": network.nodes[network.tail[k]], "head": network.nodes[network.head[k]],
            "mode": network.modes[k],
            "before": float(before.tonnes[k]), "after": float(after.tonnes[k]),
            "use": float(after.busy[k]) if np.isfinite(after.busy[k]) else -1.0,
        }
        for k in np.flatnonzero(carried)
    ]  # fmt: skip


def _loads(inputs: ReportInputs, finding: Finding, known: KnownRoutes) -> list[_Load]:
    """The target year without agreements and as asked, or the first year and the target year."""
    first, year = finding.years[0], finding.years[finding.at]
    before = (inputs.asked, 0, f"{first}", known.asked)
    after = (inputs.asked, finding.at, f"{year}", known.asked)
    if inputs.without is not None:
        before = (inputs.without, finding.at, f"{year}, no agreement", known.without)
        after = (inputs.asked, finding.at, f"{year}, with the agreements", known.asked)
    return [_load(inputs, finding, *each) for each in (before, after)]


def _load(
    inputs: ReportInputs,
    finding: Finding,
    result: xr.Dataset,
    at: int,
    title: str,
    routes: Mapping[str, Route],
) -> _Load:
    world, labels = inputs.world, own_labels(inputs, finding)
    tonnes = year_values(result.sel(route=labels), "route_tonnes", finding)[:, at].mean(axis=0)
    used = year_values(result, "gate_utilisation", finding)[:, at].mean(axis=0)
    network = world.network
    ends = [world.region_index(code) for code in finding.pair]
    load = _Load(
        title,
        np.zeros(len(network.links)),
        np.full(len(network.links), np.nan),
        network.gateways[ends].sum(axis=0) > 0,
    )
    for label, of_route in zip(labels, tonnes.tolist(), strict=True):
        _add(network, routes[label.partition(": ")[2]], of_route, used, load)
    return load


def _add(network: Network, route: Route, tonnes: float, used: FloatArray, load: _Load) -> None:
    """Add the cargo of one route to its links, and mark each by the gates it runs between."""
    for part, links in route.paths:
        own = list(links)
        load.tonnes[own] += part * tonnes
        if part * tonnes > 0:
            gates = network.gate[nodes_along(network, links)]
            load.busy[own] = np.fmax(load.busy[own], busier_ends(gates, used))


def busier_ends(gates: IndexArray, used: FloatArray) -> FloatArray:
    """Utilisation of the busier of the gates between which each link of a path runs.

    Parameters
    ----------
    gates : (n_links + 1,) ndarray of int
        Gate at each node of the path, -1 for none.
    used : (n_gates,) ndarray
        Utilisation of each gate; zero where it is not known [1].

    Returns
    -------
    (n_links,) ndarray
        Nan where no gate on either side is known [1].

    Examples
    --------
    >>> busier_ends(np.array([-1, 1, -1, 0, -1]), np.array([0.7, 0.4])).tolist()
    [0.4, 0.7, 0.7, 0.7]
    """
    n, place = len(gates), np.arange(len(gates))
    use = np.full(n + 1, np.nan)  # the last one stands for no gate at all
    use[:n] = np.where((gates >= 0) & (used[gates] > 0), used[gates], np.nan)
    last = np.maximum.accumulate(np.where(gates >= 0, place, -1))[:-1]
    coming = np.minimum.accumulate(np.where(gates >= 0, place, n)[::-1])[::-1][1:]
    return np.asarray(np.fmax(use[last], use[coming]))


def _box(network: Network, shown: list[BoolArray], width_in: float) -> MapBox:
    """Rectangle around the land links that are shown, no taller than fits [degrees]."""
    afloat = np.array([mode in ("sea", "ferry") for mode in network.modes])
    links = np.flatnonzero(np.any(shown, axis=0) & ~afloat)
    nodes = np.concatenate([network.tail[links], network.head[links]])
    if not len(nodes):
        nodes = np.arange(len(network.nodes))
    spots = np.stack([network.longitude[nodes], network.latitude[nodes]], axis=1)
    box = box_of(spots, MARGIN_DEGREES)
    # A tall one gets more ground at both sides, so that it fills the width all the same.
    across = width_in * (box.high - box.low) / (TALLEST_IN * _shrink(box))
    more = max(across - (box.right - box.left), 0.0) / 2
    return box._replace(left=box.left - more, right=box.right + more)


def _shrink(box: MapBox) -> float:
    """Length on the page of a degree of longitude over that of one of latitude [1]."""
    return float(np.cos(np.radians((box.low + box.high) / 2)))


def _draw(
    axes: Axes,
    land: Sequence[FloatArray],
    network: Network,
    load: _Load,
    largest: float,
    box: MapBox,
) -> None:
    draw_land(axes, land)
    shown = np.flatnonzero(load.tonnes > WORTH_A_LINE * largest)
    shown = shown[np.argsort(load.tonnes[shown], kind="stable")]
    at = np.stack([network.longitude, network.latitude], axis=1)
    for afloat, style in ((False, "-"), (True, (0, (2.0, 1.0)))):
        own = [k for k in shown if (network.modes[k] in ("sea", "ferry")) == afloat]
        colours = [_colour(float(load.busy[k])) for k in own]
        styles = [style if np.isfinite(load.busy[k]) else UNKNOWN for k in own]
        lines = [at[[network.tail[k], network.head[k]]] for k in own]
        widths = [max(0.8, WIDEST_PT * load.tonnes[k] / largest) for k in own]
        axes.add_collection(
            LineCollection(
                lines, colors=colours, linewidths=widths, linestyles=styles or [style],
                capstyle="butt" if afloat else "round", zorder=2,
            )
        )  # fmt: skip
    _names(axes, network, load, shown, box)
    axes.set_xlim(box.left, box.right)
    axes.set_ylim(box.low, box.high)
    axes.set_aspect(1.0 / _shrink(box), adjustable="box")
    axes.set_title(load.title, size=SMALL, color=INK, loc="left", pad=4)


def _names(
    axes: Axes,
    network: Network,
    load: _Load,
    shown: IndexArray,
    box: MapBox,
) -> None:
    """A dot for every gate; names of the ends and of the gates that carry most, where they fit."""
    through = _through(network, load.tonnes, shown)
    spots = list(zip(network.longitude.tolist(), network.latitude.tolist(), strict=True))
    inside = np.array([n for n in np.flatnonzero(through > 0) if box.holds(*spots[n])], np.intp)
    gates = inside[network.gate[inside] >= 0]
    ends = inside[(network.gate[inside] < 0) & load.is_end[inside]]
    axes.plot(
        network.longitude[gates], network.latitude[gates], "o", color="white",
        markeredgecolor=INK, markeredgewidth=0.8, markersize=3.2, linestyle="", zorder=3,
    )  # fmt: skip
    dots = [spots[n] for n in gates]
    taken = [MapBox(x - DOT, y - DOT, x + DOT, y + DOT) for x, y in dots]
    named = np.concatenate([ends, gates])
    across, aspect = box.right - box.left, _shrink(box)
    for n in named[np.argsort(-through[named], kind="stable")]:
        name, is_end = network.node_names[n], n in ends
        x, y = spots[n]
        wide, high = len(name) * LETTER * across, LINE * across * aspect
        for side, lift in ((1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            west = x + 3 * DOT if side > 0 else x - 3 * DOT - wide
            middle = y + 0.75 * lift * high
            own = MapBox(west, middle - high / 2, west + wide, middle + high / 2)
            fits = box.left < own.left and own.right < box.right
            if fits and not any(map(own.meets, taken)):
                taken.append(own)
                axes.text(
                    west if side > 0 else west + wide, middle, name,
                    ha="left" if side > 0 else "right", va="center", size=6.0, zorder=4,
                    color=INK, weight="bold" if is_end else "normal", parse_math=False,
                    bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.65, "pad": 0.4},
                )  # fmt: skip
                break


def _through(network: Network, tonnes: FloatArray, shown: IndexArray) -> FloatArray:
    """Cargo at every node, half of that on the links that meet there, (n_nodes,)."""
    through = np.zeros(len(network.nodes))
    for end in (network.tail, network.head):
        np.add.at(through, end[shown], tonnes[shown] / 2)
    return through


def _colour(busy: float) -> str:
    """Colour of a stretch by how busy its gates are; grey where that is not known."""
    if not np.isfinite(busy):
        return GREY
    return next(colour for most, colour, _ in BUSY if busy <= most)


def _scale(page: Sheet) -> None:
    """The key of the colours at the foot."""
    top = page.height_in - page.bottom_in - 0.42
    draw_key(page.figure, [(name, colour) for _, colour, name in BUSY], KEY_IN, top)
    page.figure.text(
        KEY_IN / page.width_in, (page.bottom_in + 0.1) / page.height_in,
        "of the capacity while open; dotted: no gate of known capacity", size=SMALL, color=GREY,
        va="center",
    )  # fmt: skip


def _alt(network: Network, loads: list[_Load]) -> str:
    texts = []
    for load in loads:
        through = _through(network, load.tonnes, np.arange(len(network.links)))
        gates = [n for n in np.argsort(-through) if network.gate[n] >= 0 and through[n] > 0][:4]
        names = [f"{network.node_names[n]} {rounded(through[n])} t" for n in gates]
        texts.append(f"{load.title}: {listed(names)}")
    return f"Most of the pair's cargo passes, {'; '.join(texts)}."
