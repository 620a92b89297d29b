"""The page of a comparison: paired differences, by measure and year."""

from collections.abc import Sequence

import numpy as np

from sim.report.multiples import Panel, multiples
from sim.report.series import HIGH, LOW, MIDDLE
from sim.report.study_page import StudyPage, Table
from sim.report.wording import listed, per_cent, plural, spoken
from sim.store.parts import PartStore
from sim.study.compare import Difference, differences
from sim.study.findings import QUANTILES, money
from sim.study.outcome import FINISHED
from sim.study.plan import Plan, case_rows


def compare_page(plan: Plan, store: PartStore, baselines: Sequence[int], stamp: str) -> StudyPage:
    """What a comparison has to say.

    Parameters
    ----------
    plan : Plan
    store : PartStore
        With every part.
    baselines : sequence of int
        Cases the others are compared with.
    stamp : str
        Books and runs, for the foot of figures.
    """
    found = differences(plan, store, baselines)
    labels = [plan.case(case).label for case in range(plan.n_cases)]
    targets = list(plan.base.targets)
    return StudyPage(
        title=f"Comparison of {listed(labels)}",
        question=plan.base.question,
        kicker=f"Comparison · {plural(plan.n_cases, 'scenario')} × {plural(plan.n_runs, 'run')}",
        answers=tuple(_answer(plan, d, found) for d in _headline(found)),
        drawings=tuple(
            multiples(target, plan.base.targets[target].trade_musd,
                      _panels(plan, store, target, baselines), stamp)
            for target in targets
        ),
        tables=(_table(found),),
        notes=(
            "All scenarios have the seed and the runs of the first; a run of one is compared with "
            "the same run of another, so that what differs is policy and not luck.",
            "q05 to q95 are quantiles of the paired differences over the runs; the interval of the "
            "mean is for the number of runs (90 %).",
            *_books(plan),
        ),
    )  # fmt: skip


def _books(plan: Plan) -> tuple[str, ...]:
    ledgers = {
        case.scenario.baseline.ledger
        for case in map(plan.case, range(plan.n_cases))
        if case.scenario
    }
    if len(ledgers) == 1:
        return ()
    return (f"The scenarios rest on different books ({listed(sorted(ledgers))}).",)


def _headline(found: Sequence[Difference]) -> list[Difference]:
    return [d for d in found if d.measure == "trade_musd" and d.year is None]


def _answer(plan: Plan, d: Difference, found: Sequence[Difference]) -> str:
    by = plan.base.targets[d.of].by
    reached = next(
        o for o in found
        if (o.measure, o.of, o.scenario, o.baseline) == ("reached", d.of, d.scenario, d.baseline)
    )  # fmt: skip
    low, middle, high = (d.quantiles[q] for q in (0, 2, 4))
    return (
        f"{d.scenario} against {d.baseline}: {spoken(low, middle, high)} million USD in the "
        f"year to {by} ({d.of}; median {money(d.before)} to {money(d.after)}); the target is "
        f"reached in {per_cent(reached.after)} instead of {per_cent(reached.before)} of "
        f"{d.n_pairs} runs."
    )


def _panels(plan: Plan, store: PartStore, target: str, baselines: Sequence[int]) -> list[Panel]:
    made = []
    for case in range(plan.n_cases):
        rows = case_rows(plan, store, case)
        fine = np.array([status == FINISHED for status in rows["status"]])
        stem = f"{target}|trade_musd|"
        years = [name for name in rows if name.startswith(stem)]
        trade = np.stack([rows[name][fine] for name in years])
        quantiles = np.quantile(trade, QUANTILES, axis=1) if fine.any() else None
        made.append(
            Panel(
                label=plan.case(case).label,
                years=tuple(int(name.removeprefix(stem)) for name in years),
                trade_musd=quantiles,
                is_baseline=case in baselines,
            )
        )
    return made


def _table(found: Sequence[Difference]) -> Table:
    quantiles = tuple(f"difference_q{100 * q:02.0f}" for q in QUANTILES)
    return Table(
        name="differences",
        title="Every measure and year",
        caption="Medians of both sides (of reached: shares), and what differs within a run. "
        "Measures of flows and regions are of the first target's year.",
        columns=("scenario", "baseline", "measure", "of", "year", "unit", "before", "after",
                 *quantiles, "mean", "mean_low", "mean_high", "n_pairs"),
        rows=tuple(
            (d.scenario, d.baseline, d.measure, d.of, "" if d.year is None else str(d.year),
             d.unit, d.before, d.after, *d.quantiles, d.mean, *d.mean_interval, d.n_pairs)
            for d in found
        ),
        n_words=6,
        n_groups=2,
        on_page=("measure", "of", "year", "unit", "before", "after",
                 *(quantiles[q] for q in (LOW, MIDDLE, HIGH))),
    )  # fmt: skip
