"""Duty forgone on the pair's trade: it adds up over goods and is that of each run's twin."""

from dataclasses import replace

import numpy as np
import pytest

from sim.report.page.blocks import Fold, Paragraph
from sim.report.policy.forgone_revenue import MEASURE, forgone_revenue


@pytest.fixture(scope="module")
def material(made_up):
    return made_up.material(made_up.scenario(), energy=False)


def test_what_is_forgone_is_the_duty_of_the_twin_less_that_with_the_agreements(material):
    (finding,) = material.findings
    said, fold = forgone_revenue(material, finding)
    assert isinstance(said, Paragraph)
    assert isinstance(fold, Fold)
    by_good, by_year = fold.blocks
    year = [f"2030Q{q}" for q in (1, 2, 3, 4)]
    for importer, flow in (("Kazakhstan", "PAK>KAZ"), ("Pakistan", "KAZ>PAK")):
        with_them, without = (
            data[MEASURE].sel(flow=flow, quarter=year).mean("quarter").to_numpy()
            for data in (material.asked, material.without)
        )
        forgone = (without - with_them).sum(axis=1)
        told = said.facts[f"duty forgone by {importer}"]
        assert told.value == pytest.approx(np.median(forgone))
        assert told.low == pytest.approx(np.quantile(forgone, 0.05))
        for g, good in enumerate(material.world.good_names):
            rows = [row for row in by_good.rows if row[0] == f"{importer}: {good}"]
            for row in rows:
                assert row[3].value == pytest.approx(np.median(without[:, g] - with_them[:, g]))
    (row,) = [row for row in by_year.rows if row[0] == "2030"]
    assert row[1].value == said.facts["duty forgone by Kazakhstan"].value
    assert len(by_year.rows) == len(finding.years)


def test_every_year_has_its_row(material):
    (finding,) = material.findings
    _, fold = forgone_revenue(material, finding)
    for k, row in enumerate(fold.blocks[1].rows):
        quarters = [f"{finding.years[k]}Q{q}" for q in (1, 2, 3, 4)]
        for c, flow in enumerate(("PAK>KAZ", "KAZ>PAK")):
            with_them, without = (
                data[MEASURE].sel(flow=flow, quarter=quarters).mean("quarter").sum("good")
                for data in (material.asked, material.without)
            )
            assert row[1 + c].value == pytest.approx(float((without - with_them).median()))


def test_without_agreements_or_the_measure_nothing_is_told(material, made_up):
    alone = made_up.material(made_up.scenario({}), energy=False)
    assert forgone_revenue(alone, alone.findings[0]) == ()
    bare = {name: data.drop_vars(MEASURE) for name, data in material.results.items()}
    assert forgone_revenue(replace(material, results=bare), material.findings[0]) == ()
