"""The ground of a map: land as an outline, without borders, and rectangles on it."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.style import PALE

LAND, WATER = "#EDEBE6", "#FAFBFC"


class MapBox(NamedTuple):
    """Rectangle, on the page [pt] or on the ground [degrees]."""

    left: float
    low: float
    right: float
    high: float

    def meets(self, other: "MapBox") -> bool:
        """Return True if two rectangles overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.low < other.high
            and other.low < self.high
        )

    def holds(self, x: float, y: float) -> bool:
        """Return True if a spot lies inside."""
        return self.left < x < self.right and self.low < y < self.high

    def within(self, other: "MapBox") -> "MapBox":
        """Intersection of two rectangles."""
        return MapBox(
            max(self.left, other.left),
            max(self.low, other.low),
            min(self.right, other.right),
            min(self.high, other.high),
        )


def box_of(spots: FloatArray, margin: float = 0.0) -> MapBox:
    """Rectangle around spots [degrees]."""
    (left, low), (right, high) = spots.min(axis=0) - margin, spots.max(axis=0) + margin
    return MapBox(float(left), float(low), float(right), float(high))


def draw_land(axes: Axes, land: Sequence[FloatArray]) -> None:
    """Fill land by the even-odd rule, so that lakes stay open, and take the ticks away.

    Parameters
    ----------
    axes : Axes
    land : sequence of (n_points, 2) float
        Rings of longitude and latitude, from `sim.world.coastlines.load_land` [degrees].
    """
    axes.set_facecolor(WATER)
    if land:
        outline = Path.make_compound_path(*(Path(ring, closed=True) for ring in land))
        axes.add_patch(PathPatch(outline, facecolor=LAND, edgecolor=PALE, linewidth=0.5, zorder=0))
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=True, color=PALE)
