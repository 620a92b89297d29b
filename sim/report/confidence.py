"""How sure the answer is: what was uncertain in the runs, and how wrong past forecasts were."""

from dataclasses import dataclass

import numpy as np

from sim.actors.surprises import RESIDUAL_PREDICTOR
from sim.report.assumptions import any_varies
from sim.report.series import Material
from sim.report.wording import listed, musd, per_cent, plural, rounded
from sim.study.findings import INTERVAL, Finding

HORIZONS = (1, 3, 5, 10)


@dataclass(frozen=True)
class Layer:
    """One layer of uncertainty."""

    name: str
    is_on: bool
    meaning: str


def layers_of(material: Material) -> tuple[Layer, ...]:
    """The three layers and whether the scenario has them on."""
    layers = material.scenario.layers_of_uncertainty
    drawn = "drawn for every run from the distributions listed under the assumptions"
    if layers.parameters and not any_varies(material):
        drawn = "no parameter has a distribution in this scenario, so none differs between runs"
    return (
        Layer("Uncertain parameters", layers.parameters, drawn),
        Layer("Chance", layers.chance, "closures, political breaks, world prices of energy and "
              "misses of the growth outlook"),
        Layer("Surprises of each pair", layers.residual, "as large as errors of past forecasts of "
              "such flows"),
    )  # fmt: skip


def certainty_of(finding: Finding) -> str:
    """How the share of runs is to be read."""
    low, high = finding.reached_interval
    text = (
        f"{finding.n_reached} of {plural(finding.n_runs, 'run')} reach the target: "
        f"{per_cent(finding.reached_share)}, with a {per_cent(INTERVAL)} interval of "
        f"{per_cent(low)} to {per_cent(high)} that says only how well so many runs fix the share."
    )
    if finding.is_probability:
        return text + " With all three layers on, the share may be read as a probability."
    return text + " A layer is off, so the share is not a probability."


def forecast_basis(material: Material, finding: Finding) -> tuple[str, ...]:
    """How wrong past forecasts of flows of this size were, one sentence a direction."""
    errors = material.world.forecast_errors
    if RESIDUAL_PREDICTOR not in errors.predictors:
        return ()
    row = errors.predictors.index(RESIDUAL_PREDICTOR)
    sentences = []
    for k, (exporter, importer) in enumerate((finding.pair, finding.pair[::-1])):
        flow = material.world.pair_musd(exporter, importer)
        size = max(int(np.searchsorted(errors.size_low_musd, flow, side="right")) - 1, 0)
        parts = [
            f"{rounded(float(errors.rmsle[row, h, size]), 2)} after {plural(years, 'year')}"
            for h, years in enumerate(errors.horizon_years)
            if years in HORIZONS and np.isfinite(errors.rmsle[row, h, size])
        ]
        high = float(errors.size_high_musd[size])
        most = f" to {musd(high)}" if np.isfinite(high) else " and more"
        sentences.append(
            f"{finding.pair_names[k]} to {finding.pair_names[1 - k]} ({musd(flow)} million USD): "
            f"past forecasts of flows of {musd(float(errors.size_low_musd[size]))}{most} million "
            f"USD missed by a root-mean-square log error of {listed(parts)}."
        )
    return tuple(sentences)
