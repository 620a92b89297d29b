"""Tariffs: the flows whose terms can change, what exporters meet on them, and what is paid."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.policy.tariffs import quota_fill, quota_parts
from sim.simulation.snapshot.snapshot import Snapshot, TariffOutcome
from sim.simulation.tariffs.concessions import NO_QUOTA, TariffOffer, concession_table
from sim.simulation.tariffs.duties import DutiesMet, DutyTerms, duties, duty_terms
from sim.simulation.tariffs.duty_schedule import duty_schedule

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.world import World


class AdjustedDuties(NamedTuple):
    """Log factors over the baseline that trade has adjusted to, each (n_runs, n_cells)."""

    log_duty: FloatArray
    log_origin_cost: FloatArray
    outside_log_duty: FloatArray
    outside_log_origin_cost: FloatArray


class DutiesPaid(NamedTuple):
    """Duties paid once quotas are filled, each (n_runs, n_cells)."""

    applied_rate: FloatArray
    """Average duty paid [1]."""
    used_share: FloatArray
    """Share of the trade that enters at the preferential rate [1]."""
    fill_share: FloatArray
    """Part of the quota that is filled, 0 where there is none [1]."""
    log_duty: FloatArray
    """Log of the duty factor that governs the trade, over its baseline."""
    log_origin_cost: FloatArray
    """Log of the factor that proving origin puts on the cost of the last unit."""


class Tariffs:
    """Duties of a block of runs; nothing of it changes during a run.

    Parameters
    ----------
    scenario, world
        What is asked, accessions included, and what is.
    draws : Draws
        Parameters and stops of the runs.
    routed_pairs : (n_pairs, 2) ndarray
        Pairs of regions whose cargo is followed through the network.

    Attributes
    ----------
    concessions : ConcessionTable
    cells : AffectedFlows
    """

    def __init__(
        self, scenario: "Scenario", world: "World", draws: "Draws", routed_pairs: IndexArray
    ) -> None:
        self.concessions = concession_table(scenario, world)
        schedule = duty_schedule(scenario, world)
        # Firms sell in the same markets in every variant, in a world without a network too.
        others = np.concatenate([draws.pair_stops.ends, target_pairs(scenario, world)])
        self._terms = duty_terms(
            self.concessions, schedule, world.tariffs.applied_rate, routed_pairs, others
        )
        self.cells = self._terms.flows
        self._draws = draws

    def initial(self) -> TariffOutcome:
        """No preference is new in the base year."""
        nothing = np.zeros((len(self._draws.runs), len(self.cells.place)))
        return TariffOutcome(self.cells.place, nothing, nothing, nothing)

    def met(self, now: Snapshot, offers: Sequence[TariffOffer]) -> DutiesMet:
        """Duties that exporters meet in the next quarter, given what the States offer."""
        parameters = self._draws.parameters
        return duties(self._terms, offers, parameters, now.quarter + 1)

    def step(self, now: Snapshot, met: DutiesMet, adjusted: AdjustedDuties) -> DutiesPaid:
        """Duties that are paid in the next quarter, once its quotas are filled.

        Parameters
        ----------
        now : Snapshot
            The quarter before.
        met : DutiesMet
        adjusted : AdjustedDuties
            Part of them that trade has adjusted to.
        """
        elasticity = self._draws.parameters["trade_elasticity"]
        return fill_quotas(self._terms, met, adjusted, now, elasticity)

    def outcome(self, paid: DutiesPaid) -> TariffOutcome:
        """Part of the paid duties that the snapshot keeps."""
        return TariffOutcome(self.cells.place, paid.used_share, paid.fill_share, paid.log_duty)


def target_pairs(scenario: "Scenario", world: "World") -> IndexArray:
    """Places of the two states of every target, (n_targets, 2)."""
    pairs = [tuple(map(world.region_index, t.pair)) for t in scenario.targets.values()]
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def fill_quotas(
    terms: DutyTerms,
    met: DutiesMet,
    adjusted: AdjustedDuties,
    snapshot: Snapshot,
    trade_elasticity: FloatArray,
) -> DutiesPaid:
    """Fill the quotas and settle what is paid.

    Parameters
    ----------
    terms : DutyTerms
    met : DutiesMet
        Duties that exporters meet under them.
    adjusted : AdjustedDuties
        What trade has adjusted to of it, quotas left aside.
    snapshot : Snapshot
        The quarter before; its trade, with its own duty taken out, is the demand.
    trade_elasticity : (n_runs,) ndarray
        Elasticity of trade at border prices to the duty factor [1].

    Notes
    -----
    A full quota raises the duty that governs the trade until what claims the quota just fills it,
    at most to the duty outside. Who holds the quota keeps the difference. As much of the saving
    as the last unit loses, so much of the cost of proving origin it is spared. A quota on several
    cells goes to each as much as its imports ask for it.
    """
    own, nothing = terms.flows.with_terms, np.zeros(met.applied_rate.shape)
    free = DutiesPaid(
        met.applied_rate, met.used_share, nothing, adjusted.log_duty, adjusted.log_origin_cost
    )
    if not (met.quota.take(own, axis=1) != NO_QUOTA).any():
        return free
    met = DutiesMet._make(values[:, own] for values in met)
    adjusted = AdjustedDuties(*(values[:, own] for values in adjusted))
    everywhere = DutiesPaid._make(values.copy() for values in free)
    paid = _filled(terms, met, adjusted, snapshot, trade_elasticity)
    for values, found in zip(everywhere, paid, strict=True):
        values[:, own] = found
    return everywhere


def _filled(
    terms: DutyTerms,
    met: DutiesMet,
    adjusted: AdjustedDuties,
    snapshot: Snapshot,
    trade_elasticity: FloatArray,
) -> DutiesPaid:
    """Duties paid on the cells whose duties can change, given that some quota is open."""
    limited = met.quota != NO_QUOTA
    own = terms.flows.with_terms
    _, exporter, importer = np.unravel_index(terms.flows.place[own], snapshot.trade.shape[1:])
    trade = snapshot.trade.reshape(len(trade_elasticity), -1)[:, terms.flows.place[own]]
    power = trade_elasticity[:, None]
    log_in, log_out = adjusted.log_duty, adjusted.outside_log_duty
    before = snapshot.tariffs.log_duty[:, own]
    untaxed = trade * snapshot.residual_shock[:, exporter, importer] * np.exp(power * before)
    demand = untaxed * np.exp(-power * log_in) * met.claimed_share
    quota = quota_parts(demand, terms.concessions.quota_musd, met.quota)
    base = 1.0 + terms.base.rate
    fill = quota_fill(
        demand,
        quota,
        quota_rate=base * np.exp(log_in) - 1.0,
        outside_rate=base * np.exp(log_out) - 1.0,
        trade_elasticity=power,
    )
    governing = np.where(limited, np.log((1.0 + fill.marginal_rate) / base), log_in)
    shipped = untaxed * np.exp(-power * governing)
    inside = np.where(limited, fill.fill_share, 0.0)
    part = _part_in_quota(inside, quota, shipped, met.claimed_share)
    part = np.where(limited, np.minimum(part, 1.0), 1.0)
    span = log_in - log_out
    left = np.divide(governing - log_out, span, out=np.ones_like(span), where=span != 0)

    def between(out: FloatArray, full: FloatArray, share: FloatArray) -> FloatArray:
        return np.where(limited, out + share * (full - out), full)

    return DutiesPaid(
        between(met.outside_applied_rate, met.applied_rate, part),
        between(met.outside_used_share, met.used_share, part),
        inside,
        governing,
        between(adjusted.outside_log_origin_cost, adjusted.log_origin_cost, left),
    )


def _part_in_quota(
    inside: FloatArray, quota: FloatArray, shipped: FloatArray, claimed: FloatArray
) -> FloatArray:
    """Part of what claims a quota that gets into it; nothing where nothing is shipped or claims."""
    with np.errstate(invalid="ignore", divide="ignore"):
        in_quota = np.where(shipped > 0, inside * quota / shipped, 0.0)
        return np.where(claimed > 0, in_quota / claimed, 0.0)
