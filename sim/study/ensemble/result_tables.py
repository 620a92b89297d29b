"""Tables that a result leaves behind: yearly series in long form, and a row for every run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sim.store.results import by_column
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.ensemble.counterfactuals import AS_ASKED
from sim.study.ensemble.findings import Finding
from sim.study.ensemble.measures import REGION_MEASURES

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

Columns = dict[str, list[Any]]

SERIES_COLUMNS = (
    "model",
    "scenario",
    "region",
    "variable",
    "unit",
    "year",
    "quantile",
    "value",
)


def series_table(
    model: str, scenario: "Scenario", results: Mapping[str, xr.Dataset], found: Sequence[Finding]
) -> Columns:
    """Yearly quantiles in the long form of the integrated-assessment community (IAMC).

    Variants of the scenario appear as `<title>|<variant>`; a pair as `A-B` under `region`, once
    where several targets are set for its trade in the same years. A year that does not end with
    December is named in the variable.
    """
    rows: list[tuple[Any, ...]] = []
    of_pairs = {("-".join(finding.pair), finding.by[4:]): finding for finding in found}
    for (pair, ends), finding in of_pairs.items():
        variable = "Trade|Both Directions"
        variable = variable if ends == "Q4" else f"{variable}|Year to {ends}"
        for variant, course in finding.answer.courses.items():
            name = scenario.title if variant == AS_ASKED else f"{scenario.title}|{variant}"
            for q, values in zip(QUANTILES, course.quantiles, strict=True):
                rows += [
                    (model, name, pair, variable, "million USD/yr", int(y), q, v)
                    for y, v in zip(finding.years, values.tolist(), strict=True)
                ]
    rows += _regional_rows(model, scenario, results[AS_ASKED])
    return by_column(SERIES_COLUMNS, rows)


def _regional_rows(model: str, scenario: "Scenario", result: xr.Dataset) -> list[tuple[Any, ...]]:
    years = np.array([int(quarter[:4]) for quarter in result["quarter"].to_numpy()])
    whole = [int(year) for year in np.unique(years) if (years == year).sum() == 4]
    rows: list[tuple[Any, ...]] = []
    for measure, (variable, unit) in REGION_MEASURES.items():
        values = result[measure].to_numpy()
        if np.isnan(values).any():
            continue  # the direct closure knows no incomes
        for year in whole:
            mean = values[:, years == year].mean(axis=1)
            for q, row in zip(QUANTILES, np.quantile(mean, QUANTILES, axis=0), strict=True):
                rows += [
                    (model, scenario.title, region, variable, unit, year, q, value)
                    for region, value in zip(
                        result["region"].to_numpy().tolist(), row.tolist(), strict=True
                    )
                ]
    return rows


def outcomes_table(
    world: "World", results: Mapping[str, xr.Dataset], found: Sequence[Finding]
) -> Columns:
    """A row for every run: what was drawn and what came of it."""
    result = results[AS_ASKED]
    columns: Columns = {"run": result["run"].to_numpy().tolist()}
    for name in world.parameters:
        columns[name] = result[f"parameter_{name}"].to_numpy().tolist()
    for finding in found:
        for variant, trade in finding.variant_trade.items():
            label = finding.name if variant == AS_ASKED else f"{finding.name}|{variant}"
            columns[f"{label}|trade_musd"] = trade[:, finding.at].tolist()
        columns[f"{finding.name}|first_year"] = finding.first_year.tolist()
    columns["largest_residual"] = result["residual"].max("quarter").to_numpy().tolist()
    columns["status"] = ["finished"] * len(columns["run"])
    return columns
