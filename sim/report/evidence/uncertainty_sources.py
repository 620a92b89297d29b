"""Three sources of uncertainty in one figure: agreements, firms and closures.

What became of each agreement in the runs, which firms carried the growth, and which gates closed
when. A panel whose measure was not recorded, or in which all runs are alike, is left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import listed, per_cent
from sim.report.page.report_inputs import ReportInputs, flows_of_pair
from sim.report.page.style import (
    GREY,
    INK,
    MARGIN_IN,
    SERIES,
    SMALL,
    VERMILION,
    Sheet,
    draw_key,
    full_width_in,
    is_narrow,
    sheet,
    thousands,
    year_ticks,
)
from sim.report.page.time_axis import quarter_places
from sim.report.policy.agreement_stages import (
    IN_FORCE,
    STAGES,
    AgreementCourse,
    courses_of,
    stack_stages,
)
from sim.report.transport.pair_routes import route_rows
from sim.study.ensemble.findings import Finding

FIRMS = "exporter_trade"
"""Measure `(run, quarter, flow, status)` of what firms export [musd/year]; `status` names their
standing in the market. Nothing is drawn of results without it."""
MAX_AGREEMENTS, MAX_GATES, MAX_RUNS = 3, 5, 40
CHARACTER_IN = 0.055
"""Width of a character of the keys, on average [in]."""
WORTH_SHOWING = 0.02
"""Part of a quarter shut below which a closure is not drawn [1]."""
BODY_IN, GAP_IN, LEFT_IN, LEGEND_IN, ROW_GAP_IN = 3.0, 0.10, 0.48, 0.40, 0.26

Rows = list[tuple[Cell, ...]]


@dataclass(frozen=True)
class SourcePanel:
    """One of the sources: strips below each other, and what they say."""

    heading: str
    reading: str
    """How it is to be read."""
    key: tuple[tuple[str, str], ...]
    """Names and colours."""
    strips: tuple[Callable[[Axes], None], ...]
    said: str
    rows: Rows = field(default_factory=list)


@reflowed
def residual_shocks(inputs: ReportInputs, finding: Finding) -> Drawing | None:
    """Outcomes of chance and choice in the runs; None if there are none."""
    made = (_agreements(inputs), _firms(inputs, finding), _closures(inputs, finding))
    panels = [panel for panel in made if panel is not None]
    if not panels:
        return None
    title = "What distinguishes the simulations"
    page = sheet(
        title,
        " ".join(panel.reading for panel in panels),
        inputs.stamp,
        BODY_IN * (len(panels) if is_narrow() else 1),
    )
    across = 1 if is_narrow() else len(panels)
    width = (page.width_in - MARGIN_IN) / across - LEFT_IN - GAP_IN
    for k, panel in enumerate(panels):
        row, column = divmod(k, across)
        left = LEFT_IN + column * (width + LEFT_IN + GAP_IN)
        _draw_panel(page, panel, (left, row * BODY_IN), width, inputs)
    return Drawing(
        name=f"uncertainty-sources{inputs.suffix(finding)}",
        title=title,
        alt=" ".join(panel.said for panel in panels),
        caption="A source is left out where all runs are alike or where it was not recorded.",
        figure=page.figure,
        columns=("series", "unit", "period", "value"),
        rows=tuple(row for panel in panels for row in panel.rows),
        answer_periods=(finding.by, _periods(inputs)[-1]),
    )


def _draw_panel(
    page: Sheet,
    panel: SourcePanel,
    corner_in: tuple[float, float],
    width_in: float,
    inputs: ReportInputs,
) -> None:
    """Heading, key and strips of one source, from its upper left corner in the body."""
    left_in, above_in = corner_in
    top = page.height_in - page.top_in - above_in
    page.figure.text(left_in / page.width_in, top / page.height_in, panel.heading, size=SMALL,
                     weight="bold", color=INK, va="top")  # fmt: skip
    draw_key(page.figure, panel.key, left_in, page.top_in + above_in + 0.24, SMALL - 1)
    x = quarter_places(inputs.asked)
    bottom_in = top - BODY_IN + 0.3
    each_in = (top - LEGEND_IN - bottom_in) / len(panel.strips)
    for k, draw in enumerate(panel.strips):
        below = bottom_in + (len(panel.strips) - 1 - k) * each_in
        axes = page.figure.add_axes(
            (left_in / page.width_in, below / page.height_in, width_in / page.width_in,
             (each_in - ROW_GAP_IN) / page.height_in)
        )  # fmt: skip
        axes.set_xlim(float(x[0]), float(x[-1]))
        draw(axes)
        year_ticks(axes, float(np.ceil(x[0])), float(x[-1]), n_most=4)
        if k < len(panel.strips) - 1:
            axes.set_xticklabels([])


def _name_strip(axes: Axes, name: str) -> None:
    width_in = axes.get_position().width * full_width_in()
    most = int(width_in / CHARACTER_IN)
    short = name if len(name) <= most else f"{name[: most - 1]}…"
    axes.set_title(short, size=SMALL - 1, loc="left", color=GREY, pad=2, parse_math=False)


def _measured(result: xr.Dataset, measure: str, *axes: str) -> xr.DataArray | None:
    """A measure with the axes wanted after run and quarter; None if it was not recorded so."""
    if measure not in result or set(result[measure].dims) != {"run", "quarter", *axes}:
        return None
    return result[measure].transpose("run", "quarter", *axes)


# --- agreements -----------------------------------------------------------------------------------


def _agreements(inputs: ReportInputs) -> SourcePanel | None:
    """Share of the runs in which each agreement stands at each stage; None where all agree."""
    courses = [course for course in courses_of(inputs) if not course.is_certain]
    if not courses:
        return None
    x, periods = quarter_places(inputs.asked), _periods(inputs)

    def strip(course: AgreementCourse) -> Callable[[Axes], None]:
        def draw(axes: Axes) -> None:
            stack_stages(axes, x, course)
            _name_strip(axes, course.title)

        return draw

    ends = [f"{c.title} in {per_cent(float(c.shares[IN_FORCE:, -1].sum()))}" for c in courses]
    return SourcePanel(
        "Agreements",
        "Agreements: share of the runs at each stage.",
        STAGES,
        tuple(strip(course) for course in courses[:MAX_AGREEMENTS]),
        f"Share of the runs in which an agreement is in force at the end: {listed(ends)}.",
        [
            (f"{course.name}: {label}", "share of runs", period, float(course.shares[s, t]))
            for course in courses
            for s, (label, _) in enumerate(STAGES)
            for t, period in enumerate(periods)
        ],
    )


# --- firms ----------------------------------------------------------------------------------------


def _firms(inputs: ReportInputs, finding: Finding) -> SourcePanel | None:
    """Trade of the pair by the standing of the firms that carry it, a strip a direction."""
    found = _measured(inputs.asked, FIRMS, "flow", "status")
    if found is None:
        return None
    directions = dict(zip(flows_of_pair(finding), finding.directions, strict=True))
    flows = [flow for flow in directions if flow in found["flow"].to_numpy()]
    statuses = [str(status) for status in found["status"].to_numpy()]
    if not flows or not statuses:
        return None
    mean = found.sel(flow=flows).mean("run").transpose("flow", "status", "quarter").to_numpy()
    colours = [SERIES[k % len(SERIES)] for k in range(len(statuses))]
    x, periods = quarter_places(inputs.asked), _periods(inputs)

    def strip(k: int) -> Callable[[Axes], None]:
        def draw(axes: Axes) -> None:
            axes.stackplot(x, mean[k], colors=colours, linewidth=0.7, edgecolor="white")
            axes.set_ylim(0.0, 1.05 * float(mean[k].sum(axis=0).max()) or 1.0)
            axes.locator_params(axis="y", nbins=4)
            thousands(axes)
            _name_strip(axes, directions[flows[k]])

        return draw

    grown = (mean[..., -1] - mean[..., 0]).sum(axis=0)
    parts = [f"{status} {value:+,.3g}" for status, value in zip(statuses, grown, strict=True)]
    return SourcePanel(
        "Firms, million USD a year",
        "Firms: trade they carry, mean of the runs.",
        tuple(zip(statuses, colours, strict=True)),
        tuple(strip(k) for k in range(len(flows))),
        f"Growth of the pair's trade by firms, mean of the runs, million USD: {listed(parts)}.",
        [
            (f"{flow}: {status}", "million USD/yr", period, float(mean[f, s, t]))
            for f, flow in enumerate(flows)
            for s, status in enumerate(statuses)
            for t, period in enumerate(periods)
        ],
    )


# --- closures -------------------------------------------------------------------------------------


def _closures(inputs: ReportInputs, finding: Finding) -> SourcePanel | None:
    """Quarters in which gates of the pair's routes were shut, beyond those of every run."""
    opened = _measured(inputs.asked, "gate_open_share", "gate")
    if opened is None or not opened.sizes["gate"]:
        return None
    shut = (1.0 - opened.to_numpy()) * _is_there(inputs, opened)
    always = shut.min(axis=0)
    chance = shut - always
    gates = [str(gate) for gate in opened["gate"].to_numpy()]
    hit = np.where(chance > WORTH_SHOWING, chance, 0.0).mean(axis=(0, 1))
    by_chance = [int(k) for k in np.argsort(-hit, kind="stable") if hit[k] > 0.0]
    if not by_chance:
        return None
    on_the_way = _gates_of_pair(inputs, finding)
    # The scenario's own closures first; gates elsewhere only where none of the pair's was hit.
    own = [k for k, gate in enumerate(gates)
           if gate in inputs.scenario.closures and always[:, k].max() > WORTH_SHOWING]  # fmt: skip
    own.sort(key=lambda k: gates[k] not in on_the_way)
    near = [k for k in by_chance if gates[k] in on_the_way]
    chosen = list(dict.fromkeys([*own, *near]))[:MAX_GATES] or by_chance[:MAX_GATES]
    names = {gate.gate: gate.name for gate in inputs.world.gates}
    n_runs = len(shut)
    shown = np.unique(np.linspace(0, n_runs - 1, min(MAX_RUNS, n_runs)).astype(int))
    x = quarter_places(inputs.asked)

    def strip(k: int) -> Callable[[Axes], None]:
        def draw(axes: Axes) -> None:
            axes.set_ylim(len(shown), 0.0)
            axes.add_collection(_boxes(x, always[None, :, k], GREY, len(shown)))
            axes.add_collection(_boxes(x, chance[shown, :, k], VERMILION, 1))
            axes.set_yticks([])
            _name_strip(axes, names.get(gates[k], gates[k]))

        return draw

    ever = (chance > WORTH_SHOWING).any(axis=1).mean(axis=0)
    said = [f"{names.get(gates[k], gates[k])} in {per_cent(float(ever[k]))}"
            for k in chosen if hit[k] > 0.0] or ["none of those shown"]  # fmt: skip
    return SourcePanel(
        f"Closures, {len(shown)} of {n_runs} runs",
        "Closures: a line a run, the same at every gate; the darker, the longer in the quarter; "
        "grey: shut in all runs, by season or as the scenario has it.",
        (("in that run", VERMILION), ("in all runs", GREY)),
        tuple(strip(k) for k in chosen),
        f"Share of the runs in which a gate was shut by chance at some time: {listed(said)}.",
        [
            (f"{gates[k]}: shut", "mean part of the quarter", period, float(shut[:, t, k].mean()))
            for k in chosen
            for t, period in enumerate(_periods(inputs))
        ],
    )


def _is_there(inputs: ReportInputs, opened: xr.DataArray) -> BoolArray:
    """True where a gate exists: one that is only planned does from its first cargo on."""
    world = inputs.world
    planned = {world.gates[k].gate for k in np.flatnonzero(world.network.planned_gates)}
    there = np.ones(opened.shape, dtype=np.bool_)
    tonnes = _measured(inputs.asked, "gate_tonnes", "gate")
    for k, gate in enumerate(opened["gate"].to_numpy()):
        if str(gate) in planned:
            used = tonnes is not None and tonnes.sel(gate=gate).to_numpy() > 0.0
            there[..., k] = np.maximum.accumulate(np.broadcast_to(used, there.shape[:2]), axis=1)
    return there


def _gates_of_pair(inputs: ReportInputs, finding: Finding) -> set[str]:
    """Gates on the routes that the pair's cargo takes in the runs."""
    if not inputs.has("route_tonnes"):
        return set()
    return {gate for row in route_rows(inputs, finding) for gate in row.gates.split(" > ")}


def _boxes(x: FloatArray, part_shut: FloatArray, colour: str, height: int) -> PolyCollection:
    """A box for every quarter shut, the darker the longer; `part_shut` is (n_lines, n_quarters)."""
    lines, quarters = np.nonzero(part_shut > WORTH_SHOWING)
    left, right = x[quarters] - 0.125, x[quarters] + 0.125
    above, below = lines * height, (lines + 1) * height
    corners = np.stack(
        [
            np.stack([left, above], axis=-1),
            np.stack([right, above], axis=-1),
            np.stack([right, below], axis=-1),
            np.stack([left, below], axis=-1),
        ],
        axis=1,
    )
    shades = [to_rgba(colour, 0.25 + 0.75 * min(float(p), 1.0)) for p in part_shut[lines, quarters]]
    return PolyCollection(list(corners), facecolors=shades, linewidths=0)


def _periods(inputs: ReportInputs) -> list[str]:
    return [str(quarter) for quarter in inputs.asked["quarter"].to_numpy()]
