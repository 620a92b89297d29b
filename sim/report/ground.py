"""The ground of a map: land as an outline, without borders."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from sim.report.series import FloatArray
from sim.report.style import PALE

LAND, WATER = "#EDEBE6", "#FAFBFC"


def draw_land(axes: Axes, land: Sequence[FloatArray]) -> None:
    """Fill land by the even-odd rule, so that lakes stay open, and take the ticks away.

    Parameters
    ----------
    axes : Axes
    land : sequence of (n_points, 2) float
        Rings of longitude and latitude, from `sim.world.land.load_land` [degrees].
    """
    axes.set_facecolor(WATER)
    if land:
        outline = Path.make_compound_path(*(Path(ring, closed=True) for ring in land))
        axes.add_patch(PathPatch(outline, facecolor=LAND, edgecolor=PALE, linewidth=0.5, zorder=0))
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=True, color=PALE)
