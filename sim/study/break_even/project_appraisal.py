"""Project appraisal: what a line or plant on record needs to pay.

Nobody invests here. A project has to bring in the annuity of its cost at the return asked for; per
unit of its capacity that is the least it has to charge above its running cost. Against it stands
what the line saves the pair's mean container, time included, on top of the fare in the tables: a
charge above that drives the cargo elsewhere. So much cargo a year, all paying the whole saving,
pays for it. The interval runs over the costs on record, the returns asked and the lives.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.methods.annuity import annual_charge
from sim.laws.numerics.arrays import FloatArray
from sim.scenario.blocks.projects import LinePlan
from sim.simulation.transport.path_costs import TONNES_PER_FEU
from sim.study.route import routes

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.investments import Investment
    from sim.world.world import World

RETURNS = (0.09, 0.06, 0.12)
"""Return asked, middle, low and high [1/year]: hurdle rates of the Asian Development Bank, of 2017,
for social projects, and before 2017, as remembered; private capital asks a premium on top."""
LIVES = (30.0, 50.0, 20.0)
"""Years in which it is paid back, those of the low charge second: assumed."""


class Appraisal(NamedTuple):
    """One project of the scenario or on record beside it."""

    title: str
    project: str
    """Of the world's tables; empty for one beside them."""
    status: str
    """As on record: estimate, under-construction, built."""
    cost_musd: FloatArray
    """(3,) middle, low and high on record [musd]."""
    needs_musd: FloatArray
    """(3,) to be earned over running costs [musd/year]."""
    capacity: float | None
    """Largest on record [unit/year]."""
    unit: str
    saves_usd: float | None
    """Saving of the pair's mean container by a line; None for what carries no cargo [USD/FEU]."""
    sources: tuple[str, ...]

    @property
    def charge(self) -> FloatArray | None:
        """Least charge at full capacity, (3,) [USD/unit]; None where no capacity is on record."""
        if self.capacity is None:
            return None
        return np.asarray(self.needs_musd / self.capacity * PER_UNIT[self.unit])

    @property
    def cargo_mt(self) -> FloatArray | None:
        """Cargo that pays for a line if all of it leaves the whole saving, (3,) [Mt/year].

        None where nothing is saved.
        """
        if not self.saves_usd or self.saves_usd <= 0.0:
            return None
        return np.asarray(self.needs_musd / (self.saves_usd / TONNES_PER_FEU))


PER_UNIT = {"Mt": 1.0, "bcm": 1.0, "TWh": 0.1}
"""Factor from million USD for each unit to its charge: USD/t, USD/1000 m3, US cents/kWh."""
CHARGE_UNITS = {"Mt": "USD/t", "bcm": "USD/1000 m³", "TWh": "US cents/kWh"}


def appraisals(scenario: "Scenario", world: "World") -> tuple[Appraisal, ...]:
    """Appraise the projects that a scenario names, then those on record beside the tables.

    Parameters
    ----------
    scenario, world
        What is asked and what is; the first target's pair has the cargo.
    """
    named = [
        *(name for name, line in scenario.projects.items() if str(line.completes) != "never"),
        *(name for name, plant in scenario.energy.projects.items()
          if str(plant.completes) != "never"),
    ]  # fmt: skip
    if not named:
        return ()
    of: dict[str, list[Investment]] = {name: [] for name in named}
    beside: dict[str, list[Investment]] = {}
    for one in world.investments:
        if one.project in of:
            of[one.project].append(one)
        elif not one.project:
            beside.setdefault(one.title, []).append(one)
    found = [appraisal(figures, _saving(scenario, world, name)) for name, figures in of.items()
             if figures]  # fmt: skip
    return (*found, *(appraisal(figures, None) for figures in beside.values()))


def appraisal(figures: "list[Investment]", saves_usd: float | None) -> Appraisal:
    """Appraise one project from the figures on record, the last of which is the middle.

    Parameters
    ----------
    figures : list of Investment
        In the order of their dates.
    saves_usd : float or None
        What it saves a container [USD/FEU].
    """
    costs = [one.cost_musd for one in figures]
    cost = np.array([costs[-1], min(costs), max(costs)])
    sized = [one for one in figures if one.capacity is not None]
    return Appraisal(
        title=figures[-1].title,
        project=figures[-1].project,
        status=figures[-1].status,
        cost_musd=cost,
        needs_musd=annual_charge(cost, np.array(RETURNS), np.array(LIVES)),
        capacity=max((one.capacity for one in sized if one.capacity is not None), default=None),
        unit=sized[-1].unit if sized else "",
        saves_usd=saves_usd,
        sources=tuple(dict.fromkeys(one.source for one in figures)),
    )


def _saving(scenario: "Scenario", world: "World", project: str) -> float | None:
    """Generalised cost that a line takes off the cheapest route in use of the pair [USD/FEU]."""
    if project not in {line.project for line in world.network.projects}:
        return None
    target = next(iter(scenario.targets.values()))
    others = {name: plan for name, plan in scenario.projects.items() if name != project}
    built = {**others, project: LinePlan(completes=scenario.horizon.start)}
    best = [
        _cheapest(scenario.model_copy(update={"projects": plans}), world, target.pair,
                  int(target.deadline))
        for plans in (others, built)
    ]  # fmt: skip
    without, with_it = best
    return None if without is None or with_it is None else max(without - with_it, 0.0)


def _cheapest(
    scenario: "Scenario", world: "World", pair: tuple[str, str], quarter: int
) -> float | None:
    """Least generalised cost of the pair's mean container over routes in use [USD/FEU]."""
    a, b = (world.region_index(code) for code in pair)
    goods = world.trade[:, a, b] + world.trade[:, b, a]
    loads = goods / world.value_per_feu_usd
    if not loads.sum() > 0:
        return None
    value = loads / loads.sum() * world.value_per_feu_usd
    costs = [
        float(value @ route.ave)
        for route in routes(world, *pair, quarter, scenario)
        if route.share > 0.0
    ]
    return min(costs, default=None)
