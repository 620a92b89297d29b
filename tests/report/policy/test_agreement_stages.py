"""How far agreements come: dates that are certain, and those that differ between the runs."""

from dataclasses import replace

import numpy as np
import pytest

from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import house_style
from sim.report.policy.agreement_stages import courses_of, stages_over_time, stages_section
from sim.study.ensemble.counterfactuals import AS_ASKED


@pytest.fixture(scope="module")
def inputs(made_up):
    """The dates of the scenario in every run."""
    asked = made_up.scenario()
    datasets = made_up.results(asked)
    made = ReportInputs(asked, made_up.world(), datasets, made_up.found(asked, datasets))
    stage = made.asked["stage"].copy(deep=True) * 0.0
    for name, signed, entry, phased in (
        ("pta", "2026Q4", "2027Q3", "2032Q3"),
        ("transit", "2026Q1", "2027Q1", "2027Q1"),
    ):
        for level, start in ((1.0, signed), (2.0, entry), (3.0, phased)):
            late = stage["quarter"].to_numpy() >= start
            stage.loc[{"agreement": name, "quarter": late}] = level
    return with_stage(made, stage)


def with_stage(inputs, stage):
    asked = inputs.asked.assign(stage=stage)
    return replace(inputs, results={**inputs.results, AS_ASKED: asked})


def parted(inputs):
    """One agreement comes about in ten runs of forty alone, at two dates."""
    stage = inputs.asked["stage"].copy(deep=True)
    stage.loc[{"agreement": "pta"}] = 0.0
    for runs, start in ((range(6), "2027Q1"), (range(6, 10), "2029Q1")):
        late = stage["quarter"].to_numpy() >= start
        stage.loc[{"agreement": "pta", "run": list(runs), "quarter": late}] = 2.0
    return with_stage(inputs, stage)


def words(inputs):
    with house_style():
        section = stages_section(inputs)
    return section, [block.text for block in section.blocks[:-1]]


def test_dates_that_are_the_same_in_every_run_are_told_as_certain(inputs):
    section, (first, second) = words(inputs)
    assert first == "pta is in force from 2027Q3 on in every run, fully phased in by 2032Q3."
    assert second == "transit is in force from 2027Q1 on in every run."
    titles = [axes.get_title(loc="left") for axes in section.drawings[0].figure.axes]
    assert titles == ["pta: the same in every run", "transit: the same in every run"]
    facts = section.blocks[0].facts
    assert facts["pta: entry into force"].value == 2027.5
    share = facts["pta: runs in which it enters into force"]
    assert (share.low, share.value, share.high) == (1.0, 1.0, 1.0)


def test_where_runs_differ_it_is_told_in_how_many_and_when(inputs):
    section, (first, _) = words(parted(inputs))
    assert first.startswith("pta enters into force in 10 of 40 runs (25\u00a0%, ")
    assert first.endswith("in 2027Q1 in the median run (5–95 %: 2027Q1 to 2029Q1).")
    share = section.blocks[0].facts["pta: runs in which it enters into force"]
    assert (share.value, share.low < 0.25 < share.high) == (0.25, True)
    assert "pta in 25" not in section.drawings[0].alt
    assert "pta 25\u00a0%" in section.drawings[0].alt


def test_one_that_never_comes_is_told_so(inputs):
    stage = inputs.asked["stage"].copy(deep=True)
    stage.loc[{"agreement": "pta"}] = 0.0
    _, texts = words(with_stage(inputs, stage))
    assert "pta enters into force in no simulation." in texts


def test_shares_of_the_stages_add_up(inputs):
    changed = parted(inputs)
    with house_style():
        drawing = stages_over_time(changed, courses_of(changed))
    shares: dict[tuple[str, str], float] = {}
    for agreement, _, quarter, share in drawing.rows:
        shares[agreement, quarter] = shares.get((agreement, quarter), 0.0) + share
    assert np.allclose(list(shares.values()), 1.0)


def test_without_agreements_or_their_stages_there_is_no_section(made_up, inputs):
    assert stages_section(made_up.inputs(made_up.scenario({}), energy=False)) is None
    bare = {name: data.drop_vars("stage") for name, data in inputs.results.items()}
    assert stages_section(replace(inputs, results=bare)) is None


def test_a_protocol_of_accession_is_told_in_words(made_up):
    asked = made_up.scenario()
    datasets = made_up.results(asked)
    made = ReportInputs(asked, made_up.world(), datasets, made_up.found(asked, datasets))
    joined = made.asked.assign_coords(agreement=["pta", "pta+UZB"])
    section, texts = words(replace(made, results={**made.results, AS_ASKED: joined}))
    assert "Accession of Uzbekistan to pta is in force throughout in every run." in texts
    assert "Accession of Uzbekistan to pta 100" in section.drawings[0].alt
    assert not [text for text in (*texts, section.drawings[0].alt) if "+" in text]
