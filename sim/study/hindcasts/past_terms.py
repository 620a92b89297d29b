"""Terms of past agreements by run: their own where known, else drawn from the usual ones."""

from collections.abc import Mapping, Sequence

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.scenario.sampling.quantiles import draw_parameters, quantiles
from sim.scenario.sampling.random_streams import Streams
from sim.study.hindcasts.past_effects import AgreedTerms, agreement_effect, yearly_means
from sim.world.history.terms import NONE
from sim.world.history.trade import PastFlow
from sim.world.history.usual_terms import Scope
from sim.world.world import World

SPARED = ("covered_share", "cut", "border_time_cut")
LONGEST_ADJUSTMENT = 13
"""Years after its last step in which trade has followed an agreement in full."""
CHUNK = 50
"""Flows whose agreements are followed together."""


def agreed_effects(
    flows: Sequence[PastFlow],
    world: World,
    scopes: Mapping[str, Scope],
    streams: Streams,
) -> dict[int, FloatArray]:
    """Log effect of agreements over that in the base year, of flows that have known terms.

    Draws are keyed, so that none are made where no flow has an agreement.

    Returns
    -------
    dict of int to (n_runs, n_years) ndarray
        By place of the flow; the first year is that after the base year [1].

    Raises
    ------
    ValueError
        If a kind of agreement has neither terms of its own nor usual ones.
    """
    agreed = [
        k for k, flow in enumerate(flows)
        if flow.terms.kind != NONE and not flow.is_new_without_terms
    ]  # fmt: skip
    if not agreed:
        return {}
    uniform = streams.uniform("past terms", list(SPARED), 1)[..., 0]
    own = streams.uniform("parameters", list(world.parameters), 1)[..., 0]
    parameters = draw_parameters({}, world.parameters, own)
    leads = {k: _lead_years(flows[k], scopes) for k in agreed}
    agreed.sort(key=lambda k: leads[k] + max(flows[k].horizon_years))
    found: dict[int, FloatArray] = {}
    for start in range(0, len(agreed), CHUNK):
        chunk = agreed[start : start + CHUNK]
        lead = max(leads[k] for k in chunk)
        n_years = lead + 1 + max(max(flows[k].horizon_years) for k in chunk)
        quarters = np.arange(QUARTERS_PER_YEAR * n_years) / QUARTERS_PER_YEAR - lead
        of_chunk = [_terms(flows[k], world, scopes, uniform) for k in chunk]
        starts = np.array([flows[k].in_force_year - flows[k].base_year for k in chunk])
        rate, covered, cut, steps, spared = zip(*of_chunk, strict=True)
        terms = AgreedTerms(
            np.array(rate), np.stack(covered, axis=1), np.stack(cut, axis=1), np.array(steps),
            np.stack(spared, axis=1),
        )  # fmt: skip
        yearly = yearly_means(agreement_effect(terms, parameters, quarters - starts[:, None]))
        for place, k in enumerate(chunk):
            found[k] = yearly[:, place, lead + 1 :] - yearly[:, place, lead, None]
    return found


def _lead_years(flow: PastFlow, scopes: Mapping[str, Scope]) -> int:
    """Years before the base year with which the history of an agreement begins."""
    before = flow.base_year - int(np.floor(flow.in_force_year))
    longest = LONGEST_ADJUSTMENT + int(np.ceil(_steps(flow, scopes)))
    return min(max(before, 0), longest)


def _steps(flow: PastFlow, scopes: Mapping[str, Scope]) -> float:
    if flow.terms.phase_in_years is not None:
        return flow.terms.phase_in_years
    scope = scopes.get(flow.terms.kind)
    return 0.0 if scope is None else scope.phase_in_years


def _terms(
    flow: PastFlow, world: World, scopes: Mapping[str, Scope], uniform: FloatArray
) -> tuple[float, FloatArray, FloatArray, float, FloatArray]:
    """Duty, share covered, cut, steps and hours spared of one flow."""
    terms = flow.terms
    rate = _usual_duty(world, flow) if terms.tariff_rate is None else terms.tariff_rate
    scope, known_cut = scopes.get(terms.kind), _cut(flow, rate)
    if scope is None and (terms.covered_share is None or known_cut is None):
        raise ValueError(
            f"row {flow.row}: {terms.kind}: this world has no usual terms of it "
            "(agreement_scopes.csv); wanted covered_share and cut"
        )
    known = (terms.covered_share, known_cut, terms.border_time_cut)
    usual = (None,) * 3 if scope is None else tuple(getattr(scope, name) for name in SPARED)
    covered, cut, spared = (
        _values(value, three, uniform[:, k])
        for k, (value, three) in enumerate(zip(known, usual, strict=True))
    )
    return rate, covered, cut, _steps(flow, scopes), spared


def _values(
    known: float | None, usual: tuple[float, float, float] | None, uniform: FloatArray
) -> FloatArray:
    if known is not None or usual is None:
        return np.full(len(uniform), known or 0.0)
    low, _, high = usual
    if low == high:
        return np.full(len(uniform), low)
    return quantiles("triangular", usual, uniform)


def _cut(flow: PastFlow, rate: float) -> float | None:
    """Share of the duty taken off, where it or the points taken off are known."""
    if flow.terms.margin_rate is None:
        return flow.terms.cut
    return min(flow.terms.margin_rate / rate, 1.0) if rate > 0.0 else 0.0


def _usual_duty(world: World, flow: PastFlow) -> float:
    """Mean duty of the importer, of both partners, or of all regions, as far as they are known."""
    rates = np.sum(list(world.tariffs.mfn_rate_by_type.values()), axis=0).mean(axis=0)
    asked = (flow.exporter, flow.importer) if flow.both_directions else (flow.importer,)
    known = [rates[world.region_index(code)] for code in asked if code in world.regions]
    return float(np.mean(known or rates))
