"""Commands that ask why and how: explain, reach, sensitivity, discover."""

from pathlib import Path
from typing import Annotated, cast

import typer

from sim.cli.studies.run_study import conduct
from sim.cli.studies.study_commands import stamp, with_precision, world_loader
from sim.cli.studies.study_options import StudyOptions, origin_of_one, study_command
from sim.cli.terminal import load, plain_errors


@study_command()
def explain(
    scenario: Annotated[Path, typer.Argument(help="Scenario with levers: or agreements.")],
    orders: Annotated[
        int | None, typer.Option(min=2, help="Orders that are drawn beyond ten levers.")
    ] = None,
    *,
    options: StudyOptions,
) -> None:
    """Say how much each lever contributes to reaching the target (Shapley).

    Example: sim explain scenarios/pta-and-transit.yaml
    """
    with plain_errors():
        asked = load(scenario, options.world, options.settings)
        from sim.report.studies.explain_page import explain_page
        from sim.study.explain import attributions, explain_plan, levers_of
        from sim.world.names import world_names

        levers = levers_of(asked, orders)
        plan = explain_plan(
            asked,
            levers,
            options.runs or asked.runs,
            world_loader(options.world),
            world_names(options.world),
        )
        plan = with_precision(plan, options.goal)
        origin = origin_of_one("explain", scenario, asked, options, {"--orders": orders})
        conduct(
            plan,
            options,
            origin,
            lambda plan, store: explain_page(
                plan, levers, attributions(plan, levers, store), stamp(plan)
            ),
        )


@study_command()
def reach(
    scenario: Annotated[Path, typer.Argument(help="Scenario with a reach: block.")],
    probability: Annotated[
        float | None,
        typer.Option(min=0.01, max=0.99, help="Share of runs that is to reach the target."),
    ] = None,
    *,
    options: StudyOptions,
) -> None:
    """Find the least costly settings of the levers that reach the target.

    Example: sim reach scenarios/pta-and-transit.yaml --probability 0.2
    """
    with plain_errors():
        asked = load(scenario, options.world, options.settings)
        from sim.report.studies.reach_page import reach_page
        from sim.study.reach import LeverSearch
        from sim.world.names import world_names

        search = LeverSearch.of(
            asked, options.runs or asked.runs, world_names(options.world), probability
        )
        origin = origin_of_one("reach", scenario, asked, options, {"--probability": probability})
        conduct(
            with_precision(search.plan(world_loader(options.world)), options.goal),
            options,
            origin,
            lambda plan, store: reach_page(
                plan, search, search.answer(plan, store), stamp(plan), store
            ),
            search.grow,
        )


@study_command(without=("runs", "precision", "stop_share"))
def sensitivity(
    scenario: Annotated[Path, typer.Argument(help="Scenario with uncertain inputs.")],
    method: Annotated[str, typer.Option(help="morris or sobol.")] = "morris",
    size: Annotated[
        int | None, typer.Option(min=2, help="Trajectories (morris) or base samples (sobol).")
    ] = None,
    *,
    options: StudyOptions,
) -> None:
    """Say which uncertain inputs matter, with intervals (Morris or Sobol).

    Example: sim sensitivity scenarios/pta.yaml --method sobol --size 256
    """
    if method not in ("morris", "sobol"):
        raise typer.BadParameter(f"--method {method}: wanted morris or sobol")
    with plain_errors():
        asked = load(scenario, options.world, options.settings)
        from sim.report.studies.sensitivity_page import sensitivity_page
        from sim.study.sensitivity import Method, design_of, indices, sensitivity_plan

        loader = world_loader(options.world)
        known = loader(asked)
        design = design_of(asked, known, cast(Method, method), size)
        plan = sensitivity_plan(asked, design, loader)
        typer.echo(
            f"{method} with {len(design.inputs)} inputs and size {design.size} needs "
            f"{plan.n_runs:,} runs.",
            err=True,
        )
        origin = origin_of_one(
            "sensitivity", scenario, asked, options, {"--method": method, "--size": size}
        )
        conduct(
            plan,
            options,
            origin,
            lambda plan, store: sensitivity_page(
                plan, design, indices(plan, design, store), stamp(plan)
            ),
        )


@study_command(without=("precision",))
def discover(
    scenario: Annotated[Path, typer.Argument(help="Scenario; a sweep: block adds inputs.")],
    points: Annotated[
        int | None, typer.Option(min=1, help="Points of the swept inputs (Latin hypercube).")
    ] = None,
    *,
    options: StudyOptions,
) -> None:
    """Find the ranges of the inputs in which the target is met (PRIM).

    Example: sim discover scenarios/pta-and-transit.yaml --runs 64
    """
    with plain_errors():
        asked = load(scenario, options.world, options.settings)
        from sim.report.studies.discover_page import discover_page
        from sim.study.discover import discoveries
        from sim.study.sweep import points_of, sweep_plan
        from sim.world.names import world_names

        at = points_of(asked, "latin", points)
        known = (world_loader(options.world), world_names(options.world))
        plan = sweep_plan(
            asked, at, options.runs or asked.runs, *known, kind="discover", apart=True
        )
        origin = origin_of_one("discover", scenario, asked, options, {"--points": points})
        conduct(
            plan,
            options,
            origin,
            lambda plan, store: discover_page(plan, discoveries(plan, at, store), stamp(plan)),
        )
