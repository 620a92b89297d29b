"""Figures of the analyst's own, each beside the one of the tables that it replaces."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sim.report.page.formatting import listed, per_cent, rounded

if TYPE_CHECKING:
    from sim.scenario.blocks.own_figure_blocks import OwnTariff
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

HEADING = "Own figures in place of the world's"
Key = tuple[str, tuple[str, ...]]


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
        was = _was(before.get(("held_flows", (flow.exporter, flow.importer))), rounded)
        yield (
            f"Exports of {names[flow.exporter]} to {names[flow.importer]} in {year}: "
            f"{rounded(flow.trade_musd)} million USD{was} ({flow.source})."
        )
    for income in own.gdp:
        was = _was(before.get(("gdp", (income.region, year))), _whole)
        yield (
            f"GDP of {names[income.region]} in {year}: {_whole(income.gdp_musd)} million USD{was} "
            f"({income.source})."
        )
    for rate in own.growth:
        was = _was(before.get(("growth", (rate.region, str(rate.year)))), _rate)
        yield (
            f"Growth of {names[rate.region]} in {rate.year}: {_rate(rate.real_growth)}{was} "
            f"({rate.source})."
        )
    for duty in own.tariffs:
        yield _duty(duty, world, before)


def _duty(duty: "OwnTariff", world: "World", before: dict[Key, float | None]) -> str:
    layer = duty.duty_type or world.duty_types[0]
    goods = world.goods if duty.goods == "all" else duty.goods
    names = dict(zip(world.goods, world.good_names, strict=True))
    rates = [before.get(("tariffs", (duty.importer, good, layer))) for good in goods]
    known = sorted({_rate(rate): rate for rate in rates if rate is not None}.values())
    ends = [_rate(known[0]), _rate(known[-1])] if known else []
    was = f" instead of {' to '.join(dict.fromkeys(ends))}" if ends else ""
    what = "all goods" if duty.goods == "all" else listed([names[good].lower() for good in goods])
    whose = dict(zip(world.regions, world.region_names, strict=True))[duty.importer]
    return (
        f"{layer.replace('_', ' ').capitalize()} of {whose} on {what} in {world.base_year}: "
        f"{_rate(duty.tariff_rate)}{was} ({duty.source})."
    )


def _was(before: float | None, form: Callable[[float], str]) -> str:
    return "" if before is None else f" instead of {form(before)}"


def _whole(musd: float) -> str:
    return f"{musd:,.0f}"


def _rate(value: float) -> str:
    return per_cent(value, 3)
