"""What sets runs apart that reach the target, and not what luck sets apart."""

from dataclasses import replace

import numpy as np
import pytest

from sim.report.page.report_inputs import ReportInputs
from sim.report.trade.requirements import (
    FALSE_ALARM,
    FEWEST,
    contrasts_of,
    distance_by_chance,
    needs_section,
)

N_RUNS, N_HITS = 40, 12


@pytest.fixture(scope="module")
def drawn(made_up):
    """Results in which nothing but luck tells runs apart, by a seed; `told` is made telling."""
    inputs = made_up.inputs(made_up.scenario({}), energy=False)
    (finding,) = inputs.findings
    trade = np.full_like(finding.trade, 1.0)
    trade[:N_HITS, finding.at] = 2.0 * finding.target_musd
    lucky = replace(finding, trade=trade)

    def made(seed: int, told: str = "") -> tuple[ReportInputs, object]:
        generator = np.random.default_rng(seed)
        changed = {
            name: (one.dims, generator.normal(size=N_RUNS), one.attrs)
            for name, one in inputs.asked.items()
            if str(name).startswith("parameter_")
        }
        if told:
            changed[told][1][:N_HITS] += 3.0
        data = inputs.asked.assign(changed)
        results = {**inputs.results, "as asked": data}
        return replace(inputs, results=results, findings=(lucky,)), lucky

    return made


def titles(inputs, finding) -> list[str]:
    return [contrast.trait.title for contrast in contrasts_of(inputs, finding)]


def test_luck_is_seldom_told(drawn):
    def of_parameters(seed: int) -> list[str]:
        inputs, finding = drawn(seed)
        known = [p.title for p in inputs.world.parameters.values()]
        return [t for t in titles(inputs, finding) if t.split(",")[0] in known or t in known]

    n_told = sum(bool(of_parameters(seed)) for seed in range(60))
    assert n_told <= 9  # one study in twenty, 3 of 60, and what luck adds to that


@pytest.mark.parametrize(("n_hits", "n_others"), [(8, 120), (40, 60)])
def test_luck_alone_seldom_sets_runs_apart(n_hits, n_others):
    """The share of studies with any false trait is what it is said to be."""
    n_traits, n_studies = 30, 4000
    values = np.random.default_rng(3).normal(size=(n_studies, n_traits, n_hits + n_others))
    spread = values.std(axis=-1)
    apart = (values[..., :n_hits].mean(axis=-1) - values[..., n_hits:].mean(axis=-1)) / spread
    is_told = np.abs(apart) >= distance_by_chance(n_hits, n_others, n_traits)
    share = is_told.any(axis=1).mean()
    assert share == pytest.approx(FALSE_ALARM, abs=0.02)


def test_what_truly_sets_runs_apart_is_told_first(drawn):
    inputs, finding = drawn(1)
    name = next(iter(inputs.world.parameters))
    inputs, finding = drawn(1, told=f"parameter_{name}")
    first = contrasts_of(inputs, finding)[0]
    assert first.trait.title.startswith(inputs.world.parameters[name].title)
    (table,) = (b for b in needs_section(inputs, finding).blocks if hasattr(b, "rows"))
    reached, others = table.rows[0][1:3]
    assert reached.low <= reached.value <= reached.high
    assert others.high < reached.low


def test_one_run_reaches_and_several_reach(drawn):
    inputs, finding = drawn(1)
    for n, words in (
        (1, "1 of the {}, each with one path of unexplained variation, reaches"),
        (2, "2 of the {}, each with one path of unexplained variation, reach the"),
        (0, "None of the {}, each with one path of unexplained variation, reaches"),
    ):
        trade = finding.trade.copy()
        trade[n:] = 1.0
        few = replace(finding, trade=trade)
        assert n < FEWEST
        said = [b.text for b in needs_section(inputs, few).blocks if hasattr(b, "text")]
        assert said[-1].startswith(words.format(f"{few.n_runs} simulations"))
