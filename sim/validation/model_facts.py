"""Measured facts the model must carry: step 0, the width of the fan, phase-in, border time."""

from collections.abc import Iterator

import numpy as np

from sim.laws import gravity
from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.policy.adjustment import by_year, phase_in_kernel, stepped_phase_in
from sim.laws.policy.tariffs import cost_elasticity
from sim.laws.policy.trade_costs import border_time_factor
from sim.validation.check import Check
from sim.validation.forecast_width import POINTS, simulated_fan
from sim.world.load import load_world
from sim.world.world import World

PHASE_IN_PUBLISHED = (0.1157 / 0.4750, 0.4034 / 0.4750, 0.4727 / 0.4750)
"""Share of an average agreement's effect in its first, fifth and ninth year in force [1]."""
FAN_TOLERANCE = 0.05
"""Largest miss of a measured point of forecast errors, over the width from 5 to 95 % [1]."""
FAN_HORIZONS = (1, 4, 8, 12)
FAN_RUNS, FAN_PATHS = 32, 16
"""Runs of the whole model and paths of residual shocks laid over each: with fewer the outer points
of the rarest class, of 27 flows, are left to luck."""


def known_model() -> list[Check]:
    """Checks of the packaged world and of the laws the model adds to the equilibrium."""
    world = load_world()
    return [*_baseline(world), *_phase_in(world), *_duty(), *_border_time(), *_fan(world)]


def _baseline(world: World) -> Iterator[Check]:
    yield Check(
        "baseline",
        "largest miss of a region's exports or imports",
        0.0,
        world.calibration.residual,
        1e-9,
        "1",
        "totals of the world tables",
    )


def _phase_in(world: World) -> Iterator[Check]:
    points = [world.parameters[f"phase_in_{point}"] for point in ("impact", "year_4", "year_8")]

    def reached_at(end: str) -> FloatArray:
        return phase_in_kernel(*(getattr(point, end) for point in points)).cumsum()

    low, reached, high = map(reached_at, ("low", "value", "high"))
    ends = [by_year(stepped_phase_in(each)) for each in (low, high)]
    source = "Yotov and others (2016), Advanced Guide, with border controls"
    for years, share in zip((0, 4, 8), PHASE_IN_PUBLISHED, strict=True):
        ours = float(by_year(stepped_phase_in(reached))[years])
        name = f"share of an agreement's effect in year {years}, duties in typical steps"
        # The range of the parameters is what is claimed.
        spread = float(ends[1][years] - ends[0][years]) / 2
        yield Check("phase-in", name, share, ours, spread, "1", source)
    source = "Boehm, Levchenko and Pandalai-Nayar (2023): .76 after a year, about 2 in the long run"
    spread = float(high[QUARTERS_PER_YEAR] - low[QUARTERS_PER_YEAR]) / 2
    ours = float(reached[QUARTERS_PER_YEAR])
    name = "share of one change of duty reached after a year"
    yield Check("phase-in", name, 0.76 / 2.0, ours, spread, "1", source)


def _duty() -> Iterator[Check]:
    """A duty on one small flow, against the answer in closed form."""
    trade = np.full((2, 2), 1e6)
    trade[0, 1] = 1.0
    elasticity, rate = 5.03, 0.1
    taxed = gravity.equilibrium(
        trade,
        tariff_rate=np.array([[0.0, rate], [0.0, 0.0]]),
        trade_elasticity=cost_elasticity(elasticity),
    )
    ours = -float(np.log(taxed.trade[0, 1] / trade[0, 1]) / np.log1p(rate))
    source = "Head and Mayer (2014): imports before the duty to one plus the duty"
    yield Check("duty", "elasticity of trade at the border", elasticity, ours, 1e-4, "1", source)


def _border_time() -> Iterator[Check]:
    factor = border_time_factor(0.9, border_time_elasticity=-0.14, trade_elasticity=5.03)
    ours = 100 * (float(factor) ** -5.03 - 1)
    what = "trade after 10 % less time at the importer's border"
    source = "Kim and Mariano (2020), CAREC; journal version 1 to 2 %"
    yield Check("border time", what, 1.41, ours, 0.1, "%", source)


def _fan(world: World) -> Iterator[Check]:
    errors = world.forecast_errors
    fan = simulated_fan(world, FAN_HORIZONS, runs=FAN_RUNS, paths=FAN_PATHS)
    bounds = zip(errors.size_low_musd, errors.size_high_musd, strict=True)
    for size, (low, high) in enumerate(bounds):
        flows = f"of {low:g} to {high:g}" if np.isfinite(high) else f"above {low:g}"
        for k, years in enumerate(FAN_HORIZONS):
            measured = fan.measured[size, k]
            for share, published, ours in zip(
                POINTS, measured, fan.simulated[size, k], strict=True
            ):
                yield Check(
                    "shape of the fan",
                    f"{100 * share:.0f} % point of log errors {years} years ahead, flows {flows} "
                    f"million USD, {FAN_RUNS * FAN_PATHS} paths",
                    float(published),
                    float(ours),
                    FAN_TOLERANCE * float(measured[-1] - measured[0]),
                    "1",
                    "errors of the law of growth on past trade, error_points.csv",
                )
