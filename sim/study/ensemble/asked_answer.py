"""Measure that a question is about, and its answer in one sentence where it is not trade.

Trade is answered by the chance of the target. A question about energy is answered with the worst
shortage of the target's States, one about income or revenue with that of the first of the two.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import format_quarter, parse_quarter, quarter_year
from sim.laws.numerics.number_format import MINUS, NOTHING_MUSD, money, rounded, two_digits
from sim.study.ensemble.findings import Finding
from sim.study.ensemble.headline import year_asked
from sim.study.ensemble.measures import by_year

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

LEVELS = (0.05, 0.5, 0.95)
WORTH_TELLING = 1e-3
"""Part of what is wanted below which a shortage is none [1]."""


def measure_asked(scenario: "Scenario") -> str:
    """Measure that a scenario asks about: its own word, else what it changes.

    A scenario without agreements that lets suppliers of energy fail asks about energy; every other
    one asks about the trade of its targets.
    """
    if scenario.asks is not None:
        return scenario.asks
    return "energy" if scenario.energy.force_majeure and not scenario.agreements else "trade"


def answer_asked(
    scenario: "Scenario",
    world: "World",
    asked: xr.Dataset,
    without: xr.Dataset | None,
    finding: Finding,
) -> str:
    """The answer in one sentence; empty for a question about trade, which the headline answers.

    Parameters
    ----------
    scenario, world
    asked, without : xarray.Dataset
        Runs of the scenario, and of the same without its agreements if it has any.
    finding : Finding
        Of the target whose pair and year are told.
    """
    measure = measure_asked(scenario)
    if measure == "energy" and "unserved" in asked:
        return _energy(world, asked, finding)
    if measure == "income" and bool(np.isfinite(asked["welfare_change"]).all()):
        return _income(income_of_goods(scenario, world), asked, without, finding)
    if measure == "revenue" and has_revenue(asked):
        return _revenue(asked, without, finding)
    return ""


def year_values(result: xr.Dataset, measure: str, finding: Finding) -> FloatArray:
    """Yearly means of a measure over the finding's years, (n_runs, n_years, ...)."""
    by = parse_quarter(finding.by)
    last = by + 4 * (int(finding.years[-1]) - quarter_year(by))
    place = result["quarter"].to_numpy().tolist().index(format_quarter(last))
    return by_year(result[measure].to_numpy(), place)


def has_revenue(result: xr.Dataset) -> bool:
    """True if the duty collected is on record in every run and quarter."""
    return "tariff_revenue" in result and not bool(np.isnan(result["tariff_revenue"]).any())


def customs_revenue(result: xr.Dataset, region: str, finding: Finding) -> FloatArray:
    """(n_runs, n_years) duty that a State collects in the finding's years [musd/year]."""
    return year_values(result.sel(region=region), "tariff_revenue", finding)


def missing_share(unserved: FloatArray, used: FloatArray) -> FloatArray:
    """Part of what is wanted at the reference price that is not had [1]."""
    return np.asarray(unserved / np.maximum(unserved + used, 1e-12))


class AskedTable(NamedTuple):
    """Table of what was asked, year by year, as text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table_asked(
    scenario: "Scenario",
    world: "World",
    asked: xr.Dataset,
    without: xr.Dataset | None,
    finding: Finding,
) -> AskedTable | None:
    """The measure that is asked about by year, spread over the simulations; None for trade.

    Parameters are those of `answer_asked`.
    """
    if not answer_asked(scenario, world, asked, without, finding):
        return None
    measure, home = measure_asked(scenario), finding.pair_names[0]
    if measure == "energy":
        return _energy_table(world, asked, finding)
    code = finding.pair[0]
    name = "welfare_change" if measure == "income" else "tariff_revenue"
    after, *before = (
        year_values(each.sel(region=code), name, finding)
        for each in (asked, without)
        if each is not None
    )
    against = "what the agreements add" if before else "change since the base year"
    if measure == "income":
        musd = income_of_goods(scenario, world)[asked["region"].to_numpy().tolist().index(code)]
        change = musd * (after / before[0] - 1.0 if before else after - 1.0)
        title = f"Real income of {home}, {against}, million USD a year"
        return _spread_table(title, {}, change, finding, _change)
    level = {"collected, median": [rounded(float(v), 3) for v in np.median(after, axis=0)]}
    change = after - (before[0] if before else after[:, :1])
    against = against if before else "change since the first year"
    title = f"Customs revenue of {home} and {against}, million USD a year"
    return _spread_table(title, level, change, finding, _change)


def _energy_table(world: "World", asked: xr.Dataset, finding: Finding) -> AskedTable:
    """The carrier and State that lack most, by year."""
    unserved, used, price, path, (_, c, side) = _shortage(asked, finding)
    share, dearer = (
        np.median(each[..., c, side], axis=0)
        for each in (missing_share(unserved, used), price / path - 1.0)
    )
    carrier, unit = world.energy.carrier_names[c].lower(), world.energy.units[c]
    beside = {
        "part of demand": [_per_cent(value) for value in share],
        "price over reference": [f"{MINUS if v < 0 else ''}{_per_cent(v)}" for v in dearer],
    }
    title = f"{finding.pair_names[side]}'s {carrier} unserved, {unit} a year"
    return _spread_table(title, beside, unserved[..., c, side], finding, two_digits)


def _spread_table(
    title: str,
    beside: dict[str, list[str]],
    values: FloatArray,
    finding: Finding,
    write: Callable[[float], str],
) -> AskedTable:
    """Low, middle and high of (n_runs, n_years) values, with columns beside them."""
    ends = [[*map(write, row)] for row in np.quantile(values, LEVELS, axis=0).tolist()]
    years = [str(int(year)) + finding.by[4:] for year in finding.years]
    columns = ("year to", "5 %", "median", "95 %", *beside)
    return AskedTable(title, columns, tuple(zip(years, *ends, *beside.values(), strict=True)))


def _shortage(
    asked: xr.Dataset, finding: Finding
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, tuple[int, int, int]]:
    """Unserved and used energy, price and reference of both States, and where most is lacking."""
    parties = asked["party"].to_numpy().tolist()
    sides = [parties.index(code) for code in finding.pair]
    unserved, used, price, path = (
        year_values(asked, name, finding)[..., sides]
        for name in ("unserved", "energy_used", "energy_price", "energy_path_price")
    )
    share = np.median(missing_share(unserved, used), axis=0)
    k, c, side = (int(n) for n in np.unravel_index(int(share.argmax()), share.shape))
    return unserved, used, price, path, (k, c, side)


def _energy(world: "World", asked: xr.Dataset, finding: Finding) -> str:
    """The worst shortage: how much, of what, where and when, and the price."""
    unserved, used, price, path, (k, c, side) = _shortage(asked, finding)
    share = missing_share(unserved, used)
    names = " and ".join(finding.pair_names)
    if float(np.median(share[:, k, c, side])) < WORTH_TELLING:
        return f"No shortage of energy in {names} in the median simulation."
    low, middle, high = np.quantile(unserved[:, k, c, side], LEVELS)
    dearer = float(np.median(price[:, k, c, side] / path[:, k, c, side] - 1.0))
    spread = f"(5–95 %: {two_digits(low)} to {two_digits(high)})"
    part = _per_cent(float(np.median(share[:, k, c, side])))
    return (
        f"{finding.pair_names[side]} goes without {two_digits(middle)} {world.energy.units[c]} of "
        f"{world.energy.carrier_names[c].lower()} in {int(finding.years[k])} {spread}, "
        f"{part} of its demand, and pays "
        f"{_per_cent(dearer)} {'more' if dearer >= 0 else 'less'} than the reference price."
    )


def income_of_goods(scenario: "Scenario", world: "World") -> FloatArray:
    """(n_regions,) income that a relative change of real income is a part of [musd/year].

    The equilibrium is one of goods: its incomes are sales of goods at home and abroad and the duty
    on them. Product holds services too, so a change of one is not the same part of the other.
    Deficits that keep their amount are spent like income.
    """
    duty = (world.trade * world.tariffs.applied_rate).sum(axis=(0, 1))
    sales, bought = world.trade.sum(axis=(0, 2)), world.trade.sum(axis=(0, 1))
    borrowed = bought - sales if scenario.deficits == "additive" else 0.0
    return np.asarray(sales + duty + borrowed)


def _income(
    income_musd: FloatArray, asked: xr.Dataset, without: xr.Dataset | None, finding: Finding
) -> str:
    """Real income at home against the same future without agreements, or against the base year."""
    year = year_asked(finding)
    after, *before = (
        year_values(each.sel(region=finding.pair[0]), "welfare_change", finding)[:, finding.at]
        for each in (asked, without)
        if each is not None
    )
    change = after / before[0] - 1.0 if before else after - 1.0
    home = asked["region"].to_numpy().tolist().index(finding.pair[0])
    low, middle, high = income_musd[home] * np.quantile(change, LEVELS)
    against = "by the agreements" if before else "since the base year"
    whose = f"real income of {finding.pair_names[0]} in {year}"
    if before and np.array_equal(after, before[0]):
        return (
            f"The agreements do not change {whose}: they are not in force by then, or agreements "
            "on record cut as much already."
        )
    if before and max(abs(low), abs(high)) < NOTHING_MUSD:
        return f"The agreements change {whose} by less than 1,000 USD."
    return (
        f"R{whose[1:]} changes by {_change(middle)} million "
        f"USD {against} (5–95 %: {_change(low)} to {_change(high)})."
    )


def _revenue(asked: xr.Dataset, without: xr.Dataset | None, finding: Finding) -> str:
    """Duty collected at home, and what the agreements change in it."""
    home, year = finding.pair[0], year_asked(finding)
    after, *before = (
        customs_revenue(each, home, finding)[:, finding.at]
        for each in (asked, without)
        if each is not None
    )
    text = f"Customs revenue of {finding.pair_names[0]} in {year} is {money(np.median(after))}"
    if not before:
        return f"{text}."
    low, middle, high = np.quantile(after - before[0], LEVELS)
    spread = f"(5–95 %: {_change(low)} to {_change(high)})"
    return f"{text}, {_change(middle)} million USD of it by the agreements {spread}."


def _change(value: float) -> str:
    return f"{MINUS if value < 0 else '+'}{two_digits(abs(value))}"


def _per_cent(share: float) -> str:
    return f"{two_digits(100.0 * abs(share))} %"
