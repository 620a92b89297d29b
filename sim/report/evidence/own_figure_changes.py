"""Figures of the analyst's own, each beside the one of the tables that it replaces."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sim.report.page.formatting import listed, per_cent, rounded

if TYPE_CHECKING:
    from sim.scenario.blocks.own_figure_blocks import AnyOwnFigure, OwnTariff
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

HEADING = "Own figures in place of the world's"
Key = tuple[str, tuple[str, ...]]
Form = Callable[[float], str]


def own_figures(scenario: "Scenario", world: "World") -> Iterator[str]:
    """Sentences on figures that replace those of the world's tables, with their sources.

    Parameters
    ----------
    scenario : Scenario
    world : World
        What a figure replaces is told where this world was loaded with it.
    """
    own = scenario.world
    before = {(one.table, one.key): one.before for one in world.own_figures}
    names = dict(zip(world.regions, world.region_names, strict=True))
    year = str(world.base_year)
    for flow in own.trade:
        was = before.get((flow.TABLE, (flow.exporter, flow.importer)))
        what = f"Exports of {names[flow.exporter]} to {names[flow.importer]} in {year}"
        yield _sentence(what, flow, _was(was, rounded), lambda v: f"{rounded(v)} million USD")
    for income in own.gdp:
        was = before.get((income.TABLE, (income.region, year)))
        what = f"GDP of {names[income.region]} in {year}"
        yield _sentence(what, income, _was(was, _whole), lambda v: f"{_whole(v)} million USD")
    for rate in own.growth:
        was = before.get((rate.TABLE, (rate.region, str(rate.year))))
        what = f"Growth of {names[rate.region]} in {rate.year}"
        yield _sentence(what, rate, _was(was, _rate), _rate)
    for duty in own.tariffs:
        yield _duty(duty, world, before)


def _sentence(what: str, figure: "AnyOwnFigure", was: str, form: Form) -> str:
    return f"{what}: {form(figure.value)}{was} ({figure.source})."


def _duty(duty: "OwnTariff", world: "World", before: dict[Key, float | None]) -> str:
    layer = duty.duty_type or world.duty_types[0]
    goods = world.goods if duty.goods == "all" else duty.goods
    names = dict(zip(world.goods, world.good_names, strict=True))
    rates = [before.get((duty.TABLE, (duty.importer, good, layer))) for good in goods]
    known = sorted({_rate(rate): rate for rate in rates if rate is not None}.values())
    ends = [_rate(known[0]), _rate(known[-1])] if known else []
    was = f" instead of {' to '.join(dict.fromkeys(ends))}" if ends else ""
    what = "all goods" if duty.goods == "all" else listed([names[good].lower() for good in goods])
    whose = dict(zip(world.regions, world.region_names, strict=True))[duty.importer]
    kind = layer.replace("_", " ").capitalize()
    return _sentence(f"{kind} of {whose} on {what} in {world.base_year}", duty, was, _rate)


def _was(before: float | None, form: Form) -> str:
    return "" if before is None else f" instead of {form(before)}"


def _whole(musd: float) -> str:
    return f"{musd:,.0f}"


def _rate(value: float) -> str:
    return per_cent(value, 3)
