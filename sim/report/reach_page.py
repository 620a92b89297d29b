"""The page of the inverse question: whether the target can be reached, and at what cost."""

from sim.report.drawing import Cell
from sim.report.frontier import frontier
from sim.report.study_page import StudyPage, Table
from sim.report.wording import listed, musd, per_cent, plural
from sim.study.findings import money
from sim.study.plan import Plan
from sim.study.reach import ReachAnswer, Rung, Search
from sim.study.sweep import shown


def reach_page(plan: Plan, search: Search, answer: ReachAnswer, stamp: str) -> StudyPage:
    """What the inverse question comes to."""
    scenario = plan.base
    return StudyPage(
        title=f"What it takes: {scenario.title}",
        question=f"Which levers take trade to {money(answer.target_musd)} a year by {answer.by} in "
        f"{per_cent(answer.probability)} of futures, at least cost?",
        kicker=f"Inverse question · {plural(len(answer.levers), 'lever')} · "
        f"{plural(plan.n_cases, 'mix')[:-1] + 'es'} × {plural(plan.n_runs, 'run')}",
        answers=(
            _verdict(search, answer),
            _held_out(answer),
            _beforehand(answer),
            *((_start(answer, answer.start),) if answer.start else ()),
        ),
        drawings=(frontier(answer, stamp),),
        tables=(_table(search, answer),),
        notes=(
            "Mixes to be simulated are chosen by adding up what levers gain alone; every number "
            "shown is simulated, and the mix told again with runs that had no part in the search.",
            "Least cost is among the mixes that were looked at; a lever's steps are a twentieth of "
            "its range.",
            "Costs are the scenario's own. All mixes have the same runs.",
        ),
    )


def _verdict(search: Search, answer: ReachAnswer) -> str:
    asked = f"{money(answer.target_musd)} a year by {answer.by}"
    mix = listed([f"{p} = {shown(v)}" for p, v in search.changes(answer.chosen.mix).items()])
    if answer.is_reachable:
        return (
            f"{asked} is reached in {_share(answer.chosen)}, which meets the "
            f"{per_cent(answer.probability)} asked for, at a cost of "
            f"{musd(answer.chosen.cost_musd)} million USD with {mix}."
        )
    return (
        f"{asked} with a probability of {per_cent(answer.probability)} is not reachable within "
        f"these ranges; the most is {_share(answer.chosen)}, at a cost of "
        f"{musd(answer.chosen.cost_musd)} million USD with {mix} (without any lever: "
        f"{per_cent(answer.none.reached_share)})."
    )


def _held_out(answer: ReachAnswer) -> str:
    fits = answer.held_out.reached_interval[1] >= answer.probability
    doubt = (
        " This is below what was asked for: the search was lucky, take more runs."
        if answer.is_reachable and not fits
        else ""
    )
    return (
        f"With other runs the same mix reaches it in {_share(answer.held_out)}; without any lever "
        f"{per_cent(answer.held_out_none.reached_share)} do.{doubt}"
    )


def _beforehand(answer: ReachAnswer) -> str:
    if answer.cost_cut == 0.0:
        return "Without any lever the target is met already, as the gravity law has it."
    return (
        f"The gravity law alone says that trade costs of the pair would have to fall by at least "
        f"{per_cent(answer.cost_cut)} for it."
    )


def _start(answer: ReachAnswer, start: Rung) -> str:
    how = "is worth as much" if answer.levers_cut >= answer.cost_cut else "comes nearest"
    return (
        f"By the same law the levers together are worth a fall by {per_cent(answer.levers_cut)}; "
        f"the search began at the cheapest mix that {how}, which costs {musd(start.cost_musd)} "
        f"million USD and reaches it in {_share(start)}."
    )


def _share(rung: Rung) -> str:
    low, high = rung.reached_interval
    share = f"{per_cent(rung.reached_share)} of {rung.n_runs} runs"
    return f"{share} ({per_cent(low)} to {per_cent(high)})"


def _table(search: Search, answer: ReachAnswer) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for rung in (*answer.frontier, answer.held_out_none, answer.held_out):
        put = search.changes(rung.mix)
        settings = [shown(put[path]) if path in put else "off" for path in answer.levers]
        runs = "others" if rung.mix.is_held_out else "of the search"
        rows.append((runs, *settings, rung.cost_musd, rung.reached_share, *rung.reached_interval,
                     rung.median_musd))  # fmt: skip
    return Table(
        name="mixes",
        title="Mixes that were simulated",
        caption="By cost, million USD; share of runs that reach the target, with its interval; "
        "median trade in its year, million USD.",
        columns=("runs", *answer.levers, "cost_musd", "reached_share", "low", "high",
                 "median_trade_musd"),
        rows=tuple(rows),
        n_words=1 + len(answer.levers),
    )  # fmt: skip
