"""The world's own market beside an exact answer: in the base year, and with a strait shut."""

from dataclasses import dataclass

import numpy as np
import pytest

from sim.laws import energy
from sim.laws.energy import Arcs, Contracts, Demand, EnergyEquilibrium, Supply
from sim.scenario.scenario_file import load_scenario
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.uncertainty.draws import draw
from tests.twins.energy_oracle import Array, Columns
from tests.twins.energy_steps import Optimum, by_steps, of_run, with_contracts, worth_of

FIRST = 4 * 2022 + 3
NEXT_TO_NOTHING = 1e-6
"""Of the bias: what the oracle itself may be off."""


@dataclass(frozen=True, eq=False)
class Solved:
    arcs: Arcs
    programme: Columns
    ours: EnergyEquilibrium
    x: Array
    """Our answer as the oracle writes it."""
    best: Optimum

    @property
    def bias(self) -> float:
        return float(self.ours.smoothing_bias)


def last_market(world, scenario, years):
    """What the system hands to the law in the last of the years, and what it gets back."""
    seen = []
    solve = energy.equilibrium

    def listening(*parts, **options):
        seen.append((parts, options, solve(*parts, **options)))
        return seen[-1][-1]

    drawn = draw(scenario, world, (0,), FIRST, 4 * (years[-1] + 1) - FIRST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(energy, "equilibrium", listening)
        system = EnergySystem(scenario, world, drawn)
        terms = system.initial()
        for year in years[1:]:
            terms = system.step(terms, (), 4 * year)
    return seen[-1]


@pytest.fixture(scope="module", params=[("baseline", 2022), ("hormuz-closed", 2027)])
def solved(request, world, names, project_root):
    name, year = request.param
    scenario = load_scenario(project_root / "scenarios" / f"{name}.yaml", names)
    parts, options, found = last_market(world, scenario, range(2022, year + 1))
    supply, demand, arcs = (
        make(**of_run(table, 0)) for make, table in zip((Supply, Demand, Arcs), parts, strict=True)
    )
    contracts = Contracts(**of_run(options["contracts"], 0))
    programme = with_contracts(supply, demand, arcs, contracts, options["n_nodes"])
    ours = found.run(0)
    carried = np.minimum(ours.taken, programme.upper[-contracts.n_contracts :])
    spot = ours.flow.copy()
    np.subtract.at(spot, contracts.arc, carried)
    x = np.concatenate([ours.supplied, ours.served, spot, carried])
    return Solved(arcs, programme, ours, x, by_steps(programme))


def test_the_oracle_is_exact(solved):
    assert abs(solved.best.gap) < 1e-3 * solved.bias
    assert np.abs(solved.programme.balance @ solved.best.x).max() < 1e-6


def test_worth_is_short_of_the_best_by_no_more_than_the_stated_bias(solved):
    short = solved.best.worth - worth_of(solved.programme, solved.x)
    assert -NEXT_TO_NOTHING * solved.bias - solved.best.gap < short <= solved.bias
    assert solved.bias < 1e-5 * solved.best.worth


def test_quantities_are_those_of_the_best_answer(solved):
    apart = solved.x - solved.best.x
    assert 0.5 * solved.programme.slope @ apart**2 <= solved.bias
    assert np.abs(apart[solved.programme.slope > 0]).max() < 0.05


def test_prices_are_those_of_the_best_answer(solved):
    price = solved.ours.price.ravel()
    known = np.isfinite(price)
    apart = np.abs(np.abs(solved.best.price[known]) - price[known]) / price[known]
    assert np.median(apart) < 1e-3
    assert apart.max() < 0.01


def test_nothing_is_lost(solved):
    assert np.abs(solved.programme.balance @ solved.x).max() < 1e-9
    assert float(solved.ours.residual) < 1e-9


def test_no_gap_of_prices_is_left_beyond_cost_and_rent(solved):
    arcs, ours = solved.arcs, solved.ours
    gain = arcs.delivered_share * ours.price[arcs.carrier_out, arcs.head]
    gain = gain - ours.price[arcs.carrier, arcs.tail] - arcs.cost - arcs.toll
    left = gain - arcs.slope * ours.flow - ours.capacity_price
    there = np.isfinite(left)
    assert left[there].max() < 1e-6
    # What moves at a loss moves for the smoothing's sake.
    assert float((np.maximum(-left[there], 0.0) * ours.flow[there]).sum()) <= solved.bias
