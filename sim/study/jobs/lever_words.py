"""Words for what a study varies and is held to: paths of its scenario, parameters, targets."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.laws.numerics.calendar import year_to
from sim.laws.numerics.number_format import money
from sim.scenario.lever_titles import LeverTitle, Titles, in_words, lever_titles
from sim.study.jobs.plan import Plan

if TYPE_CHECKING:
    from sim.world.world import World


def lever_words(plan: Plan, names: Sequence[str]) -> Mapping[str, LeverTitle]:
    """Title of each path and of each parameter, no two of them alike.

    Parameters
    ----------
    plan : Plan
        Study whose scenario and world they belong to.
    names : sequence of str
        Dotted paths, and names of parameters.
    """
    world = plan.world_of(plan.base)
    paths = {name: f"uncertainty.{name}" if name in world.parameters else name for name in names}
    found = lever_titles(plan.base, [*paths.values()], titles_of(world))
    return {name: found[path] for name, path in paths.items()}


def target_words(plan: Plan) -> Mapping[str, str]:
    """Targets of a study as sentences and titles call them: sum and year, the pair if need be."""
    targets = plan.base.targets
    found = {
        name: f"{money(target.trade_musd)} in {year_to(str(target.deadline))}"
        for name, target in targets.items()
    }
    if len(targets) > 1:
        world = plan.world_of(plan.base)
        names = dict(zip(world.regions, world.region_names, strict=True))
        for name, target in targets.items():
            a, b = target.pair
            found[name] += f" ({names[a]}–{names[b]})"
    alike = [name for name, words in found.items() if [*found.values()].count(words) > 1]
    return {**found, **{name: f"{found[name]}: {in_words(name)}" for name in alike}}


def titles_of(world: "World") -> Titles:
    """Titles of the world's names by vocabulary."""
    energy = world.energy
    return {
        "regions": dict(zip(world.regions, world.region_names, strict=True)),
        "goods": dict(zip(world.goods, world.good_names, strict=True)),
        "gates": {gate.gate: gate.name for gate in world.gates},
        "ports": {port.port: port.name for port in world.ports},
        "routes": {corridor.corridor: corridor.name for corridor in world.corridors},
        "projects": {project.project: project.name for project in world.network.projects},
        "parameters": {n: each.title.partition(", ")[0] for n, each in world.parameters.items()},
        "energy_carriers": dict(zip(energy.carriers, energy.carrier_names, strict=True)),
        "energy_projects": {project.project: project.name for project in energy.projects},
    }
