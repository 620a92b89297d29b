"""Figure of the energy to and from the States of a pair: ribbons as wide as what they carry."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.report.energy.flows import NEGLIGIBLE, EnergyFlow, short_name
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE, over_runs
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import listed, musd, plural, rounded, year_to
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import GREY, INK, SERIES, SMALL, full_width_in, ink_of, is_narrow, sheet
from sim.report.page.time_axis import year_of
from sim.study.ensemble.findings import Finding

NAMED, SHOWN = 0.07, 0.02
"""Part of a State's energy trade from which a flow is named, and from which what is left of a
carrier has a ribbon of its own [1]."""
RIBBONS_IN, TITLE_IN = 0.5, 0.34
"""Height left for the width of ribbons, and for the title of a panel [in]."""
LABEL_IN, BAR_IN = 2.42, 0.16
"""Room for names beside the ribbons, and width of the bar that stands for the State [in]."""
NARROW_LABEL_IN, NARROW_SIZE, NARROW_ROW_IN = 1.3, 6.0, 0.21
"""The same on a phone, where who and what stand below each other [in, pt, in]."""
ROW_IN, GAP_IN = 0.135, 0.03
"""Height of a line of text, and what lies between two ribbons [in]."""


@dataclass(frozen=True)
class Ribbon:
    """Drawn properties of one flow, or of all small ones together."""

    label: str
    value: float
    """Width [musd/year at prices of the base year]."""
    colour: str
    is_own: bool
    """Whether it joins the pair's two States."""


Side = tuple[Ribbon, ...]


@dataclass(frozen=True)
class RibbonPanel:
    """One State in one year."""

    party: str
    title: str
    bought: Side
    sold: Side

    @property
    def total(self) -> float:
        """The larger of what is bought and sold [musd/year]."""
        return max(_worth(self.bought), _worth(self.sold))


def _worth(side: Side) -> float:
    return sum(ribbon.value for ribbon in side)


@reflowed
def energy_diagram(
    inputs: ReportInputs, finding: Finding, flows: dict[str, tuple[EnergyFlow, ...]]
) -> Drawing:
    """Ribbons of both States before and after.

    Parameters
    ----------
    inputs, finding
        Whose years and names are used.
    flows : dict of str to tuple of EnergyFlow
        From `sim.report.energy.flows.flows_of`, by State of the pair.
    """
    base, last = inputs.world.base_year, year_of(finding, finding.at)
    pairs = [_panels(inputs, finding, party, flows[party]) for party in finding.pair]
    scales = [scale for pair in pairs for scale in [_scale(pair)] * 2]
    panels = [panel for pair in pairs for panel in pair]
    heights = [_height(panel, scale) for panel, scale in zip(panels, scales, strict=True)]
    a, b = finding.pair_names
    title = f"Energy to and from {a} and {b}, {base} and {last}"
    page = sheet(
        title,
        f"Left: who supplies the State. Right: who buys from it. Width: volume at the State's "
        f"prices of {base}, so that wider is more and not dearer; one scale a State. Numbers: "
        f"volume a year, {base} as recorded and balanced, {last} the mean of the runs. Outlined "
        "and bold: between the two.",
        inputs.stamp,
        sum(heights) + TITLE_IN * len(heights),
    )
    for k, panel in enumerate(panels):
        above = sum(heights[:k]) + TITLE_IN * (k + 1)
        below = sum(heights[k + 1 :]) + TITLE_IN * (len(heights) - 1 - k)
        axes = page.axes(0.0, 0.0, above_in=above, below_in=below)
        _draw(axes, panel, heights[k], scales[k])
    return Drawing(
        name=f"energy-flows{inputs.suffix(finding)}",
        title=title,
        alt=_alt(inputs, finding, flows),
        caption=f"After is the mean of {plural(finding.n_runs, 'run')}, so that flows "
        "add up. Flows that occur in some simulations only are shown as averages.",
        figure=page.figure,
        columns=(
            "state", "direction", "carrier", "partner", "unit", f"volume_{base}_per_year",
            "mean_per_year", "q05_per_year", "q50_per_year", "q95_per_year",
            f"price_{base}_usd_per_unit",
        ),
        rows=_rows(inputs, flows),
    )  # fmt: skip


def _panels(
    inputs: ReportInputs, finding: Finding, party: str, flows: tuple[EnergyFlow, ...]
) -> tuple[RibbonPanel, RibbonPanel]:
    base, last = inputs.world.base_year, year_of(finding, finding.at)
    name = finding.pair_names[finding.pair.index(party)]
    other = inputs.world.region_index(next(code for code in finding.pair if code != party))
    sides = [f for f in flows if f.is_import], [f for f in flows if not f.is_import]
    whole = max(sum(f.size for f in sides[0]), sum(f.size for f in sides[1]))
    panels = []
    for year, is_after in ((str(base), False), (last, True)):
        bought, sold = (_ribbons(inputs, side, other, whole, is_after=is_after) for side in sides)
        amounts = f"buys {musd(_worth(bought))}, sells {musd(_worth(sold))} million USD"
        title = f"{name} {year}: {amounts} at {base} prices"
        panels.append(RibbonPanel(party, title, bought, sold))
    return panels[0], panels[1]


def _ribbons(
    inputs: ReportInputs, side: Sequence[EnergyFlow], other: int, whole: float, *, is_after: bool
) -> Side:
    """Ribbons of a side by carrier, the same ones before and after.

    Small flows are one ribbon a carrier, and carriers of which little is left one together.
    """
    energy, names = inputs.world.energy, inputs.world.region_names

    def amount(flow: EnergyFlow) -> float:
        return flow.mean if is_after else flow.before

    def ribbon(flows: Sequence[EnergyFlow], who: str, c: int) -> Ribbon:
        quantity = f"{rounded(sum(map(amount, flows)), 2)} {energy.units[c]}"
        width = sum(amount(flow) * flow.price for flow in flows)
        label = f"{who}, {short_name(energy, c)} {quantity}"
        return Ribbon(label, width, SERIES[c % len(SERIES)], flows[0].partner == other)

    def together(flows: Sequence[EnergyFlow]) -> str:
        one = len(flows) == 1
        return names[flows[0].partner] if one else f"{len(flows)} others"

    named = [flow for flow in side if flow.partner == other or flow.size >= NAMED * whole]
    ribbons, rest = [], [flow for flow in side if flow not in named]
    for c in sorted({flow.carrier for flow in side}):
        own = [flow for flow in named if flow.carrier == c]
        ribbons += [
            ribbon([flow], names[flow.partner], c) for flow in own if amount(flow) > NEGLIGIBLE
        ]
        small = [flow for flow in rest if flow.carrier == c]
        if sum(flow.size for flow in small) >= SHOWN * whole:
            rest = [flow for flow in rest if flow not in small]
            ribbons.append(ribbon(small, together(small), c))
    if len({flow.carrier for flow in rest}) == 1:
        ribbons.append(ribbon(rest, together(rest), rest[0].carrier))
    elif rest:
        width = sum(amount(flow) * flow.price for flow in rest)
        label = f"{plural(len(rest), 'small flow')}, {musd(width)} million USD"
        ribbons.append(Ribbon(label, width, GREY, False))
    return tuple(ribbons)


def _scale(panels: Sequence[RibbonPanel]) -> float:
    """Most inches a million USD at which the fuller panel of a State keeps to its height."""
    n_most = max(len(side) for panel in panels for side in (panel.bought, panel.sold))
    most = RIBBONS_IN + (_row_in() + GAP_IN) * n_most
    low, high = 0.0, most / max(*(panel.total for panel in panels), 1e-9)
    for _ in range(50):
        middle = (low + high) / 2
        fits = all(_height(panel, middle) <= most for panel in panels)
        low, high = (middle, high) if fits else (low, middle)
    return low


def _row_in() -> float:
    """Height of a name [in]."""
    return NARROW_ROW_IN if is_narrow() else ROW_IN


def _height(panel: RibbonPanel, scale: float) -> float:
    """Height of the fuller side, where every name has a line [in]."""
    least = _row_in()

    def height_of(side: Side) -> float:
        return sum(max(scale * ribbon.value, least) + GAP_IN for ribbon in side)

    return max(least, height_of(panel.bought), height_of(panel.sold))


def _draw(axes: Axes, panel: RibbonPanel, height: float, scale: float) -> None:
    """The State in the middle, ribbons from the left, ribbons to the right; units are inches."""
    whole = full_width_in()
    axes.set_xlim(0.0, whole)
    axes.set_ylim(height, 0.0)
    axes.axis("off")
    title_size = NARROW_SIZE + 1 if is_narrow() else SMALL + 0.5
    axes.text(
        0.12, -0.12, panel.title, size=title_size, weight="bold", color=INK, va="center",
        parse_math=False,
    )  # fmt: skip
    middle = whole / 2
    label_in, size = (NARROW_LABEL_IN, NARROW_SIZE) if is_narrow() else (LABEL_IN, SMALL)
    axes.add_patch(
        Rectangle(
            (middle - BAR_IN / 2, 0.0), BAR_IN, max(scale * panel.total, 0.02), color=INK, zorder=3
        )
    )
    for side, sign in ((panel.bought, -1.0), (panel.sold, 1.0)):
        outer, inner = middle + sign * (middle - label_in), middle + sign * BAR_IN / 2
        align = "right" if sign < 0 else "left"
        if not side:
            words = "buys none abroad" if sign < 0 else "sells none abroad"
            axes.text(outer, _row_in() / 2, words, size=size, color=GREY, ha=align, va="center")
        at, end = 0.0, 0.0
        for ribbon in side:
            width = scale * ribbon.value
            slot = max(width, _row_in())
            label = ribbon.label.replace(", ", ",\n", 1) if is_narrow() else ribbon.label
            start = at + (slot - width) / 2
            axes.add_patch(_band(ribbon, (outer, start), (inner, end), width))
            axes.text(
                outer + sign * 0.05, at + slot / 2, label, size=size, ha=align, va="center",
                color=ink_of(ribbon.colour), weight="bold" if ribbon.is_own else "normal",
                parse_math=False,
            )  # fmt: skip
            at += slot + GAP_IN
            end += width


def _band(
    ribbon: Ribbon, outer: tuple[float, float], inner: tuple[float, float], width: float
) -> PathPatch:
    """A ribbon of even height between two places, bent so that it leaves both level."""
    (x0, y0), (x1, y1) = outer, inner
    bend = (x0 + x1) / 2
    points = [
        (x0, y0), (bend, y0), (bend, y1), (x1, y1),
        (x1, y1 + width), (bend, y1 + width), (bend, y0 + width), (x0, y0 + width), (x0, y0),
    ]  # fmt: skip
    curve, line = Path.CURVE4, Path.LINETO
    codes = [Path.MOVETO, curve, curve, curve, line, curve, curve, curve, Path.CLOSEPOLY]
    return PathPatch(
        Path(points, codes), facecolor=ribbon.colour, alpha=0.9 if ribbon.is_own else 0.5,
        edgecolor=INK if ribbon.is_own else ribbon.colour, linewidth=0.8 if ribbon.is_own else 0.5,
    )  # fmt: skip


def _alt(inputs: ReportInputs, finding: Finding, flows: dict[str, tuple[EnergyFlow, ...]]) -> str:
    energy, names = inputs.world.energy, inputs.world.region_names
    parts = []
    for party, name in zip(finding.pair, finding.pair_names, strict=True):
        for is_import, verb in ((True, "from"), (False, "to")):
            side = sorted(
                (f for f in flows[party] if f.is_import is is_import), key=lambda f: -f.size
            )
            largest = [
                f"{energy.carrier_names[f.carrier].lower()} {verb} {names[f.partner]} "
                f"{rounded(f.before)} then {rounded(f.mean)} {energy.units[f.carrier]}"
                for f in side[:3]
            ]
            if largest:
                parts.append(f"{name}: {listed(largest)}")
    years = f"{inputs.world.base_year} and {year_to(finding.by)}"
    return f"Largest flows of energy, {years}. {'; '.join(parts) or 'None'}."


def _rows(
    inputs: ReportInputs, flows: dict[str, tuple[EnergyFlow, ...]]
) -> tuple[tuple[Cell, ...], ...]:
    energy, codes = inputs.world.energy, inputs.world.regions
    rows: list[tuple[Cell, ...]] = []
    for party, own in flows.items():
        for flow in own:
            spread = over_runs(flow.after)
            rows.append(
                (
                    party,
                    "import" if flow.is_import else "export",
                    energy.carriers[flow.carrier],
                    codes[flow.partner],
                    energy.units[flow.carrier],
                    flow.before,
                    flow.mean,
                    *(float(spread[q]) for q in (LOW, MIDDLE, HIGH)),
                    flow.price,
                )
            )
    return tuple(rows)
