"""The page of the inverse question: whether the target can be reached, and at what cost."""

from collections.abc import Sequence

from sim.report.basis import basis_sections, kicker
from sim.report.drawing import Cell
from sim.report.frontier import frontier
from sim.report.study_page import StudyPage, Table, too_few
from sim.report.wording import listed, musd, per_cent, plural, whole_per_cent
from sim.study.findings import money
from sim.study.plan import Plan
from sim.study.reach import Mix, ReachAnswer, Rung, Search
from sim.study.sweep import shown


def reach_page(plan: Plan, search: Search, answer: ReachAnswer, stamp: str) -> StudyPage:
    """What the inverse question comes to."""
    scenario = plan.base
    return StudyPage(
        title=f"What it takes: {scenario.title}",
        question=f"Which levers take trade to {money(answer.target_musd)} a year by {answer.by} in "
        f"{per_cent(answer.probability)} of futures, at least cost?",
        kicker=kicker(
            plan,
            "Inverse question",
            plural(len(answer.levers), "lever"),
            f"{plan.n_cases} mixes × {plural(plan.n_runs, 'run')}",
        ),
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
            "In brackets: the 90 % interval that the number of runs leaves a share or a median. "
            "Costs are given and have none.",
            *too_few(plan.n_runs),
        ),
        basis=basis_sections(plan),
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
        f"{musd(answer.chosen.cost_musd)} million USD with {mix}; without any lever it is "
        f"{_share(answer.none)}."
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
        f"in {_share(answer.held_out_none)}.{doubt}"
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
    share = f"{whole_per_cent(rung.reached_share)} of {rung.n_runs} runs"
    return f"{share} ({whole_per_cent(low)} to {whole_per_cent(high)})"


def _table(search: Search, answer: ReachAnswer) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for rung in (*answer.frontier, answer.held_out_none, answer.held_out):
        put = search.changes(rung.mix)
        settings = [shown(put[path]) if path in put else "off" for path in answer.levers]
        runs = "other" if rung.mix.is_held_out else "search"
        rows.append((_in_words(answer.levers, settings, rung.mix), runs, *settings,
                     rung.cost_musd, rung.reached_share, *rung.reached_interval,
                     rung.median_musd, *rung.median_interval))  # fmt: skip
    return Table(
        name="mixes",
        title="Mixes that were simulated",
        caption="By cost; share of runs that reach the target, and median trade in its year, in "
        "brackets their 90 % intervals for the number of runs. Levers that are not named stand at "
        "the beginning of their range.",
        columns=("mix", "runs", *answer.levers, "cost_musd", "reached_share", "reached_low",
                 "reached_high", "median_trade_musd", "median_low", "median_high"),
        rows=tuple(rows),
        n_words=2 + len(answer.levers),
        on_page=("mix", "runs", "cost_musd", "reached_share", "median_trade_musd"),
        titles={"cost_musd": "cost, million USD",
                "median_trade_musd": "median trade, million USD a year"},
    )  # fmt: skip


def _in_words(levers: Sequence[str], settings: Sequence[str], mix: Mix) -> str:
    """Levers of a mix that were moved, without what all their paths begin with."""
    moved = [
        f"{path} = {setting}"
        for path, setting, part in zip(_short(levers), settings, mix.parts, strict=True)
        if part > 0.0
    ]
    return ", ".join(moved) or "no lever"


def _short(paths: Sequence[str]) -> list[str]:
    """Dotted paths without the words that all of them begin with.

    Examples
    --------
    >>> _short(["agreements.a.cut", "agreements.b"])
    ['a.cut', 'b']
    """
    words = [path.split(".") for path in paths]
    n_same = 0
    while n_same < min(map(len, words)) - 1 and len({each[n_same] for each in words}) == 1:
        n_same += 1
    return [".".join(each[n_same:]) for each in words]
