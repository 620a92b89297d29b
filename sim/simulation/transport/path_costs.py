"""Properties of cargo and gates, and costs of the paths under a set of agreements."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray
from sim.laws.policy.tariffs import cost_elasticity
from sim.laws.policy.trade_costs import border_time_factor
from sim.laws.transport.along_paths import SparseRows, sparse_rows_of
from sim.laws.transport.route_choice import CargoLoads
from sim.simulation.transport.paths import PathTable
from sim.simulation.transport.route_constants import Preferences, preferences_of
from sim.simulation.transport.transit_terms import PathTerms
from sim.world.transport.network import HOURS_A_DAY

if TYPE_CHECKING:
    from sim.world.world import World


TONNES_PER_FEU = 20.0
"""Load of a forty-foot container in all tables."""


@dataclass(frozen=True, eq=False)
class CargoTerms:
    """Terms of a path's cost besides the path itself; runs are the last axis."""

    value_usd: FloatArray
    """(n_goods, n_runs) value of a forty-foot container [USD]."""
    time_cost_per_day: FloatArray
    dispersion: FloatArray
    border_time_elasticity: FloatArray
    trade_elasticity: FloatArray
    """(n_runs,) each, as in the parameters table."""
    preferences: Preferences

    @property
    def content(self) -> tuple[bytes, ...]:
        """All numbers of it, by which equal terms are known."""
        own = (getattr(self, field.name) for field in fields(self)[:-1])
        return tuple(b"" if v is None else v.tobytes() for v in (*own, *self.preferences))

    @property
    def loads(self) -> CargoLoads:
        """Part of the terms that the law of passage uses."""
        return CargoLoads(self.value_usd, self.time_cost_per_day, self.dispersion)


def cargo_terms(world: "World", parameters: Mapping[str, FloatArray]) -> CargoTerms:
    """Terms of cargo by the parameters of each run.

    Parameters
    ----------
    world : World
    parameters : mapping of str to (n_runs,) ndarray
        As drawn.
    """
    return CargoTerms(
        value_usd=parameters["cargo_value_factor"] * world.value_per_feu_usd[:, None],
        time_cost_per_day=parameters["time_cost_per_day"],
        dispersion=parameters["corridor_choice_dispersion"],
        border_time_elasticity=parameters["border_time_elasticity"],
        trade_elasticity=cost_elasticity(parameters["trade_elasticity"]),
        preferences=preferences_of(parameters),
    )


class Gates(NamedTuple):
    """State of the gates in a quarter; the first axis is one where all runs are alike."""

    open_share: FloatArray
    """(n_runs, n_gates) part of the quarter in which each is open [1]."""
    extra_hours: FloatArray
    """(n_runs, n_gates) hours to pass beyond those on record [h]."""
    extra_usd: FloatArray
    """(n_runs, n_gates) charges beyond those on record [USD/FEU]."""

    @classmethod
    def by_season(cls, open_share: FloatArray) -> "Gates":
        """Gates that only the season shuts, (n_gates,), without queues."""
        nothing = np.zeros((1, len(open_share)))
        return cls(open_share[None], nothing, nothing)


class Crossings(NamedTuple):
    """Gates of some paths."""

    at_gates: SparseRows
    """How often each path passes each gate."""
    crosses: SparseRows
    """Gates that each cannot do without."""

    @classmethod
    def of(cls, table: PathTable, paths: IndexArray) -> "Crossings":
        """Those of some of the paths of a table."""
        return cls(*(sparse_rows_of(matrix[paths]) for matrix in (table.at_gates, table.crosses)))


class PathTermsByRun(NamedTuple):
    """Terms of some paths in every run; (n_paths, n_runs), or (n_paths, 1) if all alike."""

    usd: FloatArray
    days: FloatArray
    usable: BoolArray
    border_factor: FloatArray
    """(n_goods, n_paths, n_runs or 1) where some agreement cuts the hours of some goods alone."""


def ave_of(given: PathTermsByRun, cargo: CargoTerms) -> FloatArray:
    """Cost of each path as a share of the value, (n_goods, n_paths, n_runs) [1]."""
    whole = 1.0 + given.usd / cargo.value_usd[:, None] + given.days * cargo.time_cost_per_day
    return np.asarray(whole * given.border_factor - 1.0)


def some_of(given: PathTermsByRun, paths: IndexArray) -> PathTermsByRun:
    """Terms of some of the paths."""
    usd, days, usable, border_factor = given
    return PathTermsByRun(usd[paths], days[paths], usable[paths], border_factor[..., paths, :])


def terms_by_run(
    table: PathTable, terms: Sequence[PathTerms], group: IndexArray, cargo: CargoTerms
) -> PathTermsByRun:
    """Terms of the paths in every run; `group` says which terms are whose."""
    picked = np.zeros(1, np.intp) if len(terms) == 1 else group

    def by_run(name: str) -> NDArray[np.float64]:
        return np.stack([getattr(each, name) for each in terms], axis=-1)[..., picked]

    ratio = by_run("hours_ratio")
    factor = np.ones((*ratio.shape[:-1], 1))
    cut = (ratio != 1.0).any(axis=-1)
    if cut.any():
        factor = np.ones((*ratio.shape[:-1], len(cargo.dispersion)))
        factor[cut] = border_time_factor(
            ratio[cut],
            border_time_elasticity=cargo.border_time_elasticity,
            trade_elasticity=cargo.trade_elasticity,
        )
    # Hours on record count as time on the way; what is cut of them acts by the border evidence
    # alone, or it would count twice.
    days = table.days + table.gate_hours / HOURS_A_DAY
    return PathTermsByRun(by_run("usd"), days[:, None], by_run("usable").astype(np.bool_), factor)


def with_season_open(season: Gates, log_cost: Callable[[Gates], FloatArray]) -> FloatArray:
    """Log cost in a season, or with every gate open where the season shuts every path."""
    found = log_cost(season)
    if np.isfinite(found).all():
        return found
    return np.where(
        np.isfinite(found), found, log_cost(Gates.by_season(np.ones(season.open_share.shape[-1])))
    )
