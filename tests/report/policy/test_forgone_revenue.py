"""Duty forgone on the pair's trade: it adds up over goods and is that of each run's twin."""

from dataclasses import replace

import numpy as np
import pytest

from sim.report.page.blocks import Fold, Paragraph
from sim.report.policy.revenue import FLOW_DUTY, forgone_revenue


@pytest.fixture(scope="module")
def inputs(made_up):
    return made_up.inputs(made_up.scenario(), energy=False)


def forgone_in_runs(inputs, side, quarters):
    """(n_goods + 1, 2) low end and median by good, all last, of runs as records weigh them."""
    (finding,) = inputs.findings
    pairs = finding.answer.crossing.pairs
    flow = ">".join(finding.pair if side == 0 else finding.pair[::-1])
    with_them, without = (
        data[FLOW_DUTY].sel(flow=flow, quarter=quarters).mean("quarter").to_numpy()
        for data in (inputs.asked, inputs.without)
    )
    less = without - with_them
    less = np.concatenate([less, less.sum(axis=1, keepdims=True)], axis=1)
    return np.array([pairs.quantiles([part[:, None]], (0.05, 0.5)) for part in less.T])


def test_what_is_forgone_is_the_duty_of_the_twin_less_that_with_the_agreements(inputs):
    (finding,) = inputs.findings
    assert not finding.answer.crossing.is_crossed  # a quota is filled on recorded trade
    said, fold = forgone_revenue(inputs, finding)
    assert isinstance(said, Paragraph)
    assert isinstance(fold, Fold)
    by_good, by_year = fold.blocks
    for side, importer in enumerate(("Kazakhstan", "Pakistan")):
        wanted = forgone_in_runs(inputs, side, [f"2030Q{q}" for q in (1, 2, 3, 4)])
        told = said.facts[f"duty forgone by {importer}"]
        assert (told.low, told.value) == pytest.approx(tuple(wanted[-1]))
        for g, good in enumerate(inputs.world.good_names):
            for row in (row for row in by_good.rows if row[0] == f"{importer}: {good}"):
                assert row[3].value == pytest.approx(wanted[g, 1])
    (row,) = [row for row in by_year.rows if row[0] == "2030"]
    assert row[1].value == said.facts["duty forgone by Kazakhstan"].value
    assert len(by_year.rows) == len(finding.years)


def test_every_year_has_its_row(inputs):
    (finding,) = inputs.findings
    _, fold = forgone_revenue(inputs, finding)
    for k, row in enumerate(fold.blocks[1].rows):
        quarters = [f"{finding.years[k]}Q{q}" for q in (1, 2, 3, 4)]
        for side in (0, 1):
            wanted = forgone_in_runs(inputs, side, quarters)
            assert row[1 + side].value == pytest.approx(wanted[-1, 1])


def test_without_agreements_or_the_measure_nothing_is_told(inputs, made_up):
    alone = made_up.inputs(made_up.scenario({}), energy=False)
    assert forgone_revenue(alone, alone.findings[0]) == ()
    bare = {name: data.drop_vars(FLOW_DUTY) for name, data in inputs.results.items()}
    assert forgone_revenue(replace(inputs, results=bare), inputs.findings[0]) == ()
