"""Ranking of assumptions by what the projection rests on, and energy deals that are forced."""

from textwrap import wrap
from typing import TYPE_CHECKING

from sim.report.page.amounts import Amount
from sim.report.page.assumption_words import label_of
from sim.report.page.blocks import (
    Block,
    Note,
    Paragraph,
    Section,
    Subheading,
    TableBlock,
    numbers,
    words,
)
from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import NARROW, listed, musd, plural, rounded, signed, year_to
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import BLUE, GREY, INK, PALE, SMALL, VERMILION, is_narrow, sheet
from sim.study.ensemble.findings import Finding
from sim.study.one_at_a_time.ranking import EDGES, AssumptionMove, ForcedDeal, Ranking

if TYPE_CHECKING:
    pass

SHOWN = 12
"""Assumptions that have a bar; the others are told together."""
WORTH_A_BAR = 0.002
"""Move of the projection below which an assumption has none [1]."""
FORCED = 0.9
"""Part of what ships that would have to ship freely for a deal to stand on its own feet [1]."""
ROW_IN, LEFT_IN, RIGHT_IN = 0.31, 2.9, 0.35
NARROW_LEFT_IN = 1.9
LINE, NARROW_LINE = 44, 27
"""Letters of a label that stand on one line."""


def ranking_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """Assumptions by how far they move a target's trade, and deals that a clause forces."""
    ranking = inputs.ranking
    if ranking is None:
        return None
    target = [found.name for found in inputs.findings].index(finding.name)
    middle = float(ranking.middle[target])
    moves = [m for m in ranking.ranked(target) if m.span(target, middle) >= WORTH_A_BAR]
    blocks: list[Block] = [_summary(inputs, finding, moves, target, middle)]
    if moves:
        blocks.append(_figure(inputs, finding, moves[:SHOWN], target, middle))
    n_rest = len(ranking.moves) - len(moves[:SHOWN])
    if n_rest:
        blocks.append(
            Note(
                f"{plural(n_rest, 'further assumption')} moved in the same way "
                f"{'changes' if n_rest == 1 else 'change'} the projection by less."
            )
        )
    blocks += _deals(ranking, target)
    return Section("ranking", "Ranking of assumptions", tuple(blocks))


def _summary(
    inputs: ReportInputs, finding: Finding, moves: list[AssumptionMove], target: int, middle: float
) -> Paragraph:
    year = year_to(finding.by)
    facts = {"central projection": Amount(middle, "million USD/yr")}
    text = (
        f"With every parameter at its median and without random events, trade in {year} comes to "
        f"{musd(middle)} million USD. Each assumption was then moved by itself"
    )
    if not moves:
        return Paragraph(f"{text}; none changes the projection by more than 0.2{NARROW}%.", facts)
    first = moves[0]
    low, high = (_share(edge[target], middle) for edge in (first.low, first.high))
    label = label_of(first, inputs.world)
    moved = f"leaving it out changes trade by {low}" if first.values is None else f"{low} to {high}"
    return Paragraph(f"{text}. The largest is “{label}”: {moved}.", facts)


@reflowed
def _figure(
    inputs: ReportInputs, finding: Finding, moves: list[AssumptionMove], target: int, middle: float
) -> Drawing:
    year = year_to(finding.by)
    title = f"What the projection for {year} rests on"
    page = sheet(
        title,
        "Change in trade when one assumption is moved alone, per cent. Blue: to the low end of "
        "its 90 % range; orange: to the high end; grey: left out of the scenario.",
        inputs.stamp,
        ROW_IN * len(moves) + 0.55,
    )
    axes = page.axes(NARROW_LEFT_IN if is_narrow() else LEFT_IN, RIGHT_IN, 0.05, 0.35)
    rows: list[tuple[str | float, ...]] = []
    said: list[str] = []
    for row, move in enumerate(moves):
        ends = [100 * (float(edge[target]) / middle - 1.0) for edge in (move.low, move.high)]
        if move.values is None:
            axes.barh(row, ends[0], color=GREY, height=0.5)
        else:
            axes.barh(row - 0.17, ends[0], color=BLUE, height=0.3)
            axes.barh(row + 0.17, ends[1], color=VERMILION, height=0.3, hatch="///")
        low, high = move.values or ("", "")
        label = label_of(move, inputs.world)
        rows.append((label, move.origin, low, high, *ends))
        said.append(f"{label} {_ends(*ends)}")
    axes.set_yticks(range(len(moves)), [_in_lines(str(row[0])) for row in rows])
    axes.set_ylim(len(moves) - 0.4, -0.6)
    axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.grid(axis="x", color=PALE)
    axes.tick_params(length=0, labelsize=SMALL)
    return Drawing(
        name=f"assumption-ranking{inputs.suffix(finding)}",
        title=title,
        alt="; ".join(said[:6]),
        caption="One assumption at a time: two that work together can do more or less than both. "
        f"Ranges run from the {100 * EDGES[0]:.0f} % to the {100 * EDGES[1]:.0f} % point.",
        figure=page.figure,
        columns=(
            "assumption",
            "origin",
            "moved_to_low",
            "moved_to_high",
            "at_low_per_cent",
            "at_high_per_cent",
        ),
        rows=tuple(rows),
    )


def _in_lines(label: str) -> str:
    """A label on two lines at the most."""
    letters = NARROW_LINE if is_narrow() else LINE
    return "\n".join(wrap(label, letters, max_lines=2, placeholder="…"))


def _ends(low: float, high: float) -> str:
    one = f"{signed(low)} %"
    return one if low == high else f"{one} to {signed(high)} %"


def _share(value: float, middle: float) -> str:
    return f"{signed(100 * (float(value) / middle - 1.0))}{NARROW}%"


def _deals(ranking: Ranking, target: int) -> list[Block]:
    """Deals of which less would ship without take-or-pay and discount."""
    forced = [deal for deal in ranking.deals if is_forced(deal)]
    if not forced:
        return []
    middle = float(ranking.middle[target])
    rows = tuple(
        (
            deal.name.replace("-", " "),
            Amount(deal.shipped, f"{deal.unit}/yr", text=f"{rounded(deal.shipped, 2)} {deal.unit}"),
            Amount(
                deal.shipped_freely,
                f"{deal.unit}/yr",
                text=f"{rounded(deal.shipped_freely, 2)} {deal.unit}",
            ),
            Amount(deal.buyer_pays_musd, "million USD/yr", text=musd(deal.buyer_pays_musd)),
            Amount(deal.seller_pays_musd, "million USD/yr", text=musd(deal.seller_pays_musd)),
            Amount(
                float(deal.trade_musd[target]) - middle,
                "million USD/yr",
                text=signed(float(deal.trade_musd[target]) - middle),
            ),
        )
        for deal in forced
    )
    names = listed([str(row[0]) for row in rows])
    return [
        Subheading("Energy deals that ship because a clause forces them"),
        Paragraph(
            f"Without take-or-pay and discount, {names} would ship less: at these prices buyer and "
            "seller do not gain from it. The clauses make one of them pay for it every year."
        ),
        TableBlock(
            columns=(
                *words("Deal"),
                *numbers(
                    "Ships",
                    "Would ship freely",
                    "Buyer pays, million USD",
                    "Seller forgoes, million USD",
                    "Change in trade without the clauses, million USD",
                ),
            ),
            rows=rows,
            caption="In the target's year, at medians. The buyer pays for what it must take and "
            "does not; the seller forgoes what it would earn by selling at home, carriage saved",
        ),
    ]


def is_forced(deal: ForcedDeal) -> bool:
    """True if a deal ships because of its clauses and not by itself."""
    return deal.shipped > 0.0 and deal.shipped_freely < FORCED * deal.shipped
