"""The question as checked arrays: every input lifted to (run, good, exporter, importer).

An axis that an input does not vary over keeps length 1, so that a baseline shared by all
runs is held once. Nothing here knows how the equilibrium is found.
"""

import math
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from sim.laws.numerics.arrays import FloatArray, for_reading
from sim.laws.numerics.jit import compiled

DEFICITS = ("universal", "additive", "multiplicative")
CLOSURES = ("full", "conditional", "direct")


@dataclass(frozen=True)
class GravityProblem:
    """One checked question; the first axis of every array is the run, of length 1 if shared."""

    trade: FloatArray
    """(run, good, exporter, importer) baseline value, net of tariff."""
    log_cost: FloatArray
    """(run, good, exporter, importer) log of the trade cost change; infinite: cut off."""
    has_cuts: bool
    """Whether anything may be cut off."""
    tariff_baseline: FloatArray
    """(run, good, exporter, importer) baseline rate."""
    tariff: FloatArray
    """(run, good, exporter, importer) new rate."""
    elasticity: FloatArray
    """(run, good) trade elasticity."""
    supply_elasticity: FloatArray
    """(run, state) supply elasticity of the one-good form; zero otherwise."""
    log_productivity: FloatArray
    """(run, good, state) log of the productivity change."""
    value_added_share: FloatArray | None
    """(1, good, state), or None without inputs."""
    input_share: FloatArray | None
    """(1, material, good, state), or None without inputs."""
    final_share: FloatArray | None
    """(run, good, state) given shares of final spending, or None for the baseline's."""
    clip_final_demand: bool
    """Whether negative baseline final demand is set to zero."""
    deficit: FloatArray | None
    """(run, state) new deficits, or None for the baseline's."""
    deficits: str
    closure: str
    tolerance: float
    batch: tuple[int, ...]
    """Leading run axes as they were given."""
    goods_axis: bool

    @property
    def n_runs(self) -> int:
        """Length of the flattened run axis."""
        return math.prod(self.batch)

    @property
    def n_states(self) -> int:
        """Number of states."""
        return int(self.trade.shape[-1])

    @property
    def baseline(self) -> tuple[FloatArray | None, ...]:
        """Arrays that the accounts of the baseline follow from."""
        shares = self.value_added_share, self.input_share, self.final_share
        return self.trade, self.tariff_baseline, *shares

    @property
    def costs(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log change of the trade cost, new rate and baseline rate."""
        return self.log_cost, self.tariff, self.tariff_baseline

    @property
    def baseline_factor(self) -> FloatArray | None:
        """(run, good, exporter, importer) one plus the baseline rate; None where all are zero."""
        return 1 + self.tariff_baseline if self.tariff_baseline.any() else None

    @property
    def duty_change(self) -> FloatArray:
        """(run, good, exporter, importer) ratio of one plus the rate, new to baseline."""
        return (1 + self.tariff) / (1 + self.tariff_baseline)

    def with_duty(self, trade: FloatArray) -> FloatArray:
        """Values of trade net of duty, with the new duty on them."""
        return trade * (1 + self.tariff)

    def revenue(self, trade: FloatArray) -> FloatArray:
        """New duty on trade at values net of it, (run, state) by importer."""
        if not self.tariff.any():
            return np.zeros((len(trade), self.n_states))
        tariff = self.tariff
        if tariff.shape[1:] != trade.shape[1:]:
            tariff = np.broadcast_to(tariff, (len(tariff), *trade.shape[1:]))
        return _duty(for_reading(trade), for_reading(tariff))

    def eased(self, share: float, deficit: FloatArray | None) -> "GravityProblem":
        """The question with a share of the change, of costs in logs; deficits as given."""
        return replace(
            self,
            log_cost=share * self.log_cost,
            tariff=(1 + self.tariff_baseline) * self.duty_change**share - 1,
            log_productivity=share * self.log_productivity,
            deficit=deficit,
        )

    def take_runs(self, runs: npt.NDArray[np.intp] | slice) -> "GravityProblem":
        """The same question for some of the runs."""
        arrays = {name: value[runs] for name, value in self._arrays().items() if value.shape[0] > 1}
        n_runs = int(np.arange(self.n_runs)[runs].size)
        return replace(self, batch=(n_runs,), **arrays)  # type: ignore[arg-type]

    def take_states(self, states: npt.NDArray[np.intp]) -> "GravityProblem":
        """The same question among some of the states only."""
        bilateral = {"trade", "log_cost", "tariff_baseline", "tariff"}
        arrays = {}
        for name, value in self._arrays().items():
            if name == "elasticity":
                continue
            taken = value[..., states] if value.shape[-1] > 1 else value
            if name in bilateral and value.shape[-2] > 1:
                taken = taken[..., states, :]
            arrays[name] = np.ascontiguousarray(taken)
        return replace(self, **arrays)  # type: ignore[arg-type]

    def _arrays(self) -> dict[str, FloatArray]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}


@compiled
def _duty(trade: FloatArray, tariff: FloatArray) -> FloatArray:
    """Duty that each state collects, (run, state), exporters added first and then goods."""
    n_runs, n_goods, n, _ = trade.shape
    duty, of_good = np.zeros((n_runs, n)), np.empty(n)
    for run in range(n_runs):
        rates = tariff[run if len(tariff) > 1 else 0]
        for good in range(n_goods):
            of_good[:] = 0.0
            for i in range(n):
                for j in range(n):
                    of_good[j] += trade[run, good, i, j] * rates[good, i, j]
            for j in range(n):
                duty[run, j] += of_good[j]
    return duty
