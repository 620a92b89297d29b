"""Figure of the inverse question: what each mix of levers costs and how likely it reaches."""

from matplotlib.axes import Axes

from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import musd, per_cent, whole_per_cent
from sim.report.page.style import BLUE, GREY, INK, PALE, SMALL, VERMILION, sheet
from sim.study.mix_futures import MixResult, ReachAnswer

BODY_IN, LEFT_IN = 3.0, 0.75


@reflowed
def frontier(answer: ReachAnswer, target: str, stamp: str) -> Drawing:
    """Mixes by cost and share of runs; the line joins those that none beats."""
    title = f"What it costs to reach {'the goal' if answer.goal else target}"
    median = f"median_{answer.goal.measure.stem}" if answer.goal else "median_trade_musd"
    page = sheet(
        title,
        "Dot: a mix of levers that was simulated, with the error of the simulation (90 %); "
        "line: the best for the money; orange: the probability asked for; diamond: the mix told, "
        "simulated again with fresh random numbers.",
        stamp,
        BODY_IN,
    )
    _draw(page.axes(LEFT_IN, 0.25, above_in=0.1, below_in=0.45), answer)
    return Drawing(
        name=f"frontier-{answer.target}",
        title=title,
        alt=(
            f"From {whole_per_cent(answer.none.reached_share)} without any lever to "
            f"{whole_per_cent(max(r.reached_share for r in answer.frontier))} at most; asked "
            f"{per_cent(answer.probability)}; the mix told costs {musd(answer.chosen.cost_musd)} "
            "million USD."
        ),
        caption="Costs are those of the scenario; they add, and what an agreement brings is not "
        "taken off.",
        figure=page.figure,
        columns=("case", "cost_musd", "reached_share", "reached_low", "reached_high",
                 median, "median_low", "median_high"),
        unit=answer.goal.measure.unit if answer.goal else "",
        rows=tuple(
            (r.case, r.cost_musd, r.reached_share, *r.reached_interval, r.median,
             *r.median_interval)
            for r in answer.frontier
        ),
    )  # fmt: skip


def _draw(axes: Axes, answer: ReachAnswer) -> None:
    """Every mix, the best for the money, the probability asked for and the mix told."""
    for one in answer.frontier:
        low, high = (100 * edge for edge in one.reached_interval)
        axes.vlines(one.cost_musd, low, high, color=BLUE, alpha=0.3, linewidth=3)
        axes.plot(one.cost_musd, 100 * one.reached_share, "o", color=BLUE, markersize=4)
    best = unbeaten(answer.frontier)
    axes.step(
        [r.cost_musd for r in best], [100 * r.reached_share for r in best], where="post",
        color=BLUE, linewidth=1.2,
    )  # fmt: skip
    axes.axhline(100 * answer.probability, color=VERMILION, linewidth=1.2)
    axes.plot(
        answer.held_out.cost_musd, 100 * answer.held_out.reached_share, "D", color=VERMILION,
        markersize=7, zorder=5,
    )  # fmt: skip
    axes.set_xlabel("cost, million USD", size=SMALL, color=GREY)
    axes.set_ylabel("runs that reach it, per cent", size=SMALL, color=INK)
    highest = max(r.reached_interval[1] for r in (*answer.frontier, answer.held_out))
    axes.set_ylim(0.0, min(102.0, 110 * max(highest, answer.probability)))
    axes.grid(axis="y", color=PALE)
    axes.tick_params(length=0)


def unbeaten(evaluated: "tuple[MixResult, ...]") -> list[MixResult]:
    """Mixes that no cheaper one beats, by rising cost."""
    best: list[MixResult] = []
    for one in sorted(evaluated, key=lambda r: (r.cost_musd, -r.reached_share)):
        if not best or one.reached_share > best[-1].reached_share:
            best.append(one)
    return best
