"""What past trade says: the tables, and the fit that made them."""

import shutil

import numpy as np
import pytest
from numpy.testing import assert_allclose

from bench.growth_fit import expected, fit_growth, measured_points
from bench.growth_panel import past_growth
from sim.laws.uncertainty.residuals import points_at
from sim.world.csv_tables.reader import PACKAGED, read_tables
from sim.world.csv_tables.shocks_schema import ERROR_COLUMNS
from sim.world.csv_tables.table_errors import WorldError
from sim.world.load import load_world


@pytest.fixture(scope="module")
def facts(project_root):
    folder = project_root.parent / "shared" / "facts"
    if not (folder / "panel").is_dir():
        pytest.skip("the panel of past trade is not at ../shared/facts/panel")
    return folder


@pytest.fixture(scope="module")
def panel(facts):
    past, flows = past_growth(facts / "panel")
    # Pairs, not rows, are parted: what one direction or year knows of another is not unseen.
    names = ["".join(sorted(flow[:2])) for flow in flows]
    half = np.array([sum(map(ord, name)) % 2 for name in names])[past.flow]
    return past, half


def test_the_fit_gives_the_numbers_of_the_tables(facts):
    from bench.growth_law import tables

    kept = read_tables(PACKAGED, ("growth_law", "error_points", "world_gdp"))
    for name, (headings, *rows) in tables(facts).items():
        assert len(rows) == len(kept[name].rows), name
        for made, row in zip(rows, kept[name], strict=True):
            for heading, cell in zip(headings, made, strict=True):
                if heading in ("value", "gdp_musd", "size_musd", "passing_years", *ERROR_COLUMNS):
                    assert float(cell) == pytest.approx(row.number(heading), rel=2e-3, abs=2e-3)
                else:
                    assert str(cell) == row.text(heading)


@pytest.mark.parametrize("fitted_on", [0, 1])
def test_on_pairs_it_has_not_seen_the_law_beats_half_of_both_growths(panel, fitted_on):
    past, half = panel
    law = fit_growth(past.where(half == fitted_on))
    unseen = past.where(half != fitted_on)
    error = unseen.log_growth - expected(law, unseen)
    rule = unseen.log_growth - 0.5 * (
        unseen.log_gdp_growth.exporter + unseen.log_gdp_growth.importer
    )
    for low, high in ((1.0, 10.0), (10.0, 100.0), (100.0, np.inf)):
        keep = (unseen.trade_musd >= low) & (unseen.trade_musd < high) & (unseen.horizon_years == 8)
        ratio = np.sqrt((error[keep] ** 2).mean() / (rule[keep] ** 2).mean())
        assert ratio <= 0.975, (low, ratio)


@pytest.mark.parametrize("fitted_on", [0, 1])
def test_on_pairs_it_has_not_seen_the_fan_covers_at_both_ends(panel, fitted_on):
    past, half = panel
    law = fit_growth(past.where(half == fitted_on))
    points, _ = measured_points(law, past.where(half == fitted_on), {})
    unseen = past.where((half != fitted_on) & (past.trade_musd >= 1.0))
    error = unseen.log_growth - expected(law, unseen)
    at = points_at(points, unseen.trade_musd, unseen.horizon_years[:, None])[:, 0]
    for low, high in ((1.0, 10.0), (10.0, 100.0), (100.0, np.inf)):
        for years in (4, 8, 12):
            keep = (unseen.trade_musd >= low) & (unseen.trade_musd < high)
            keep &= unseen.horizon_years == years
            below = (error[keep] < at[keep, 1]).mean()
            above = (error[keep] > at[keep, 5]).mean()
            assert 0.03 <= below <= 0.07, (low, years, below)
            assert 0.03 <= above <= 0.07, (low, years, above)


def test_a_world_without_the_tables_has_the_errors_of_the_plain_rule_and_no_law(project_root):
    world = load_world(project_root / "tests" / "worlds" / "tiny")
    errors = world.forecast_errors
    assert world.growth_law is None
    assert world.error_points.shares.tolist() == [0.05, 0.5, 0.95]
    assert_allclose(world.error_points.log_error, np.moveaxis(errors.quantiles[0], 0, 1))


@pytest.fixture
def broken(tmp_path):
    def load(name, change):
        folder = tmp_path / "world"
        shutil.copytree(PACKAGED, folder)
        path = folder / f"{name}.csv"
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
        with pytest.raises(WorldError) as problem:
            load_world(folder)
        return str(problem.value)

    return load


def test_a_missing_term_is_told(broken):
    without = lambda text: "\n".join(l for l in text.splitlines() if "new_union" not in l)  # noqa: E731, E741
    assert "no row for 'new_union'" in broken("growth_law", without)


def test_a_missing_horizon_and_points_that_fall_are_told(broken):
    def change(text):
        lines = text.splitlines()
        cells = lines[2].split(",")
        cells[5] = "9.0"
        return "\n".join([*lines[:2], ",".join(cells), *lines[4:]])

    said = broken("error_points", change)
    assert "no row for '0.1 3'" in said
    assert "wanted points that rise" in said
