"""Load a world: read and check its tables, calibrate its trade, freeze the result."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.accessions import accessions
from sim.world.coastlines import load_land
from sim.world.csv_tables.checks import check_world
from sim.world.csv_tables.reader import PACKAGED, Tables, content_hash, read_tables
from sim.world.csv_tables.sense_checks import rare_values
from sim.world.csv_tables.table_errors import WorldError, did_you_mean
from sim.world.csv_tables.world_facts import base_year, fact, traded_goods
from sim.world.energy.energy_arrays import energy as energy_of
from sim.world.frozen_arrays import ReadOnlyMapping, frozen
from sim.world.history import forecast_law
from sim.world.history.forecast_errors import forecast_errors
from sim.world.investments import investments
from sim.world.names import customs_unions
from sim.world.own_figures import (
    OwnFigure,
    OwnRow,
    hash_with,
    with_former_flows,
    with_moved_totals,
    with_own_figures,
)
from sim.world.politics import politics
from sim.world.products import products
from sim.world.trade import records_from_rows
from sim.world.trade.base_tariffs import base_tariffs
from sim.world.trade.baseline import CalibrationReport, baseline_trade, held_log_sd, prior_trade
from sim.world.trade.official_targets_from_rows import official_record
from sim.world.trade.region_arrays import growth_by_year, region_array
from sim.world.transport.network_arrays import network
from sim.world.world import World

CheckedFolder = Callable[..., World]
"""Loader by ledger and own figures."""
BalancedTrade = tuple[FloatArray, FloatArray, CalibrationReport]
"""Trade of the base year, that of energy, and how well they meet their totals."""


def load_world(
    folder: Path | None = None, *, ledger: str | None = None, own: Sequence[OwnRow] = ()
) -> World:
    """Load a world from a folder of tables.

    Parameters
    ----------
    folder : Path, optional
        Folder of tables, the packaged world if left out.
    ledger : str, optional
        Ledger the baseline is held to, the world's default if left out.
    own : sequence of OwnRow
        Figures that replace single ones of the tables, such as `Scenario.own_figures`.

    Returns
    -------
    World
        With read-only arrays and calibrated trade.

    Raises
    ------
    WorldError
        With every problem of the tables, each at its place, or if no such ledger is kept.
    CalibrationError
        If no matrix of trade meets the totals and held flows of the tables.
    """
    tables = _checked_tables(folder)
    chosen = _ledgers(tables, ledger)
    if not own:
        return _world(folder, tables, chosen, baseline_trade(tables, chosen))
    return _with_own(folder, tables, chosen, own)


def _with_own(folder: Path | None, tables: Tables, chosen: str, own: Sequence[OwnRow]) -> World:
    """World with figures of the analyst's own."""
    changed, figures = tables_with(tables, chosen, own)
    try:
        check_world(changed)
    except WorldError as error:
        raise WorldError(f"figures under world: do not fit the tables: {told}"
                         for told in error.problems) from None  # fmt: skip
    world = _world(folder, changed, chosen, baseline_trade(changed, chosen))
    return replace(world, own_figures=figures, content_hash=hash_with(world.tables_hash, own))


def tables_with(
    tables: Tables, ledger: str, own: Sequence[OwnRow]
) -> tuple[Tables, tuple[OwnFigure, ...]]:
    """Tables with figures of the analyst's own; totals move with flows, so that all others stay.

    Parameters
    ----------
    tables : mapping of str to CheckedTable
        Checked tables of a world.
    ledger : str
        Ledger whose flows own ones are compared with.
    own : sequence of OwnRow

    Returns
    -------
    tables : mapping of str to CheckedTable
    figures : tuple of OwnFigure
    """
    trade, energy, _ = baseline_trade(tables, ledger)
    regions, total = tables["regions"].column("region"), trade.sum(axis=0) + energy
    flows = {(a, b): float(total[i, j]) for i, a in enumerate(regions)
             for j, b in enumerate(regions)}  # fmt: skip
    changed, figures = with_own_figures(tables, own)
    told = tuple(with_former_flows(figures, flows))
    return with_moved_totals(changed, told), told


def _world(folder: Path | None, tables: Tables, chosen: str, balanced: BalancedTrade) -> World:
    """World of checked tables and the balanced trade of one of its ledgers."""
    goods = traded_goods(tables)
    good_rows = {row.text("good"): row for row in tables["goods"]}
    trade, energy, report = balanced
    (growth, years), year = growth_by_year(tables), base_year(tables)
    tables_hash = content_hash(folder or PACKAGED)
    return World(
        name=fact(tables, "name"),
        base_year=year,
        regions=tables["regions"].column("region"),
        region_names=tables["regions"].column("name"),
        goods=goods,
        good_names=tuple(good_rows[good].text("name") for good in goods),
        gdp_musd=frozen(region_array(tables, "gdp", "gdp_musd", year=str(year))),
        population_m=frozen(region_array(tables, "gdp", "population_m", year=str(year))),
        growth=frozen(growth),
        growth_years=years,
        trade=frozen(trade),
        energy_trade=frozen(energy),
        energy=energy_of(tables),
        value_per_feu_usd=frozen(
            np.array([good_rows[good].number("value_per_feu_usd") for good in goods])
        ),
        ledger=chosen,
        held=records_from_rows.held_flows(tables, chosen),
        held_log_sd=frozen(held_log_sd(tables, chosen)),
        ledgers=records_from_rows.ledger_entries(tables),
        ledger_errors=ReadOnlyMapping(records_from_rows.ledger_errors(tables)),
        tariffs=base_tariffs(tables),
        agreements=records_from_rows.agreements(tables),
        margins=records_from_rows.margins(tables),
        memberships=records_from_rows.memberships(tables),
        customs_unions=ReadOnlyMapping(customs_unions(tables)),
        corridors=records_from_rows.corridors(tables),
        gates=records_from_rows.gates(tables),
        borders=records_from_rows.borders(tables),
        closures=records_from_rows.closures(tables),
        bans=records_from_rows.bans(tables),
        detours=records_from_rows.detours(tables),
        ports=records_from_rows.ports(tables),
        network=network(tables),
        politics=politics(tables),
        price_spreads=records_from_rows.price_spreads(tables),
        parameters=ReadOnlyMapping(records_from_rows.parameters(tables)),
        forecast_errors=forecast_errors(tables),
        error_points=forecast_law.error_points(tables),
        growth_law=forecast_law.growth_law(tables),
        sources=ReadOnlyMapping(records_from_rows.sources(tables)),
        flag_counts=ReadOnlyMapping(records_from_rows.flag_counts(tables)),
        calibration=report,
        content_hash=tables_hash,
        tables_hash=tables_hash,
        official=official_record(tables),
        accessions=accessions(tables),
        products=products(tables),
        investments=investments(tables),
        warnings=tuple(rare_values(tables)),
    )


def check_folder(folder: Path | None = None) -> CheckedFolder:
    """Find out whether a world would load, whichever of its ledgers is asked for.

    Returns
    -------
    CheckedFolder
        The world held to one of its ledgers, None for the default, of the tables as they were
        read, with figures of the analyst's own; raises WorldError if no such ledger is kept.

    Raises
    ------
    WorldError, CalibrationError
        As `load_world`.
    """
    tables = _checked_tables(folder)
    load_land(folder)
    prior = prior_trade(tables)
    ledgers = tables["ledgers"].column("ledger")
    balanced = {name: baseline_trade(tables, name, prior) for name in ledgers}

    @cache
    def world_of(ledger: str | None, own: tuple[OwnRow, ...] = ()) -> World:
        chosen = _ledgers(tables, ledger)
        if own:
            return _with_own(folder, tables, chosen, own)
        return _world(folder, tables, chosen, balanced[chosen])

    return world_of


def _checked_tables(folder: Path | None) -> Tables:
    tables = read_tables(folder or PACKAGED)
    check_world(tables)
    return tables


def _ledgers(tables: Tables, ledger: str | None) -> str:
    """Ledger that is asked for, or the world's default."""
    ledgers = tables["ledgers"].column("ledger")
    default = next(row.text("ledger") for row in tables["ledgers"] if row.yes("default"))
    chosen = ledger or default
    if chosen not in ledgers:
        wanted = ", ".join(ledgers)
        raise WorldError(
            [f"ledger: '{chosen}' is unknown; wanted is {wanted}{did_you_mean(chosen, ledgers)}"]
        )
    return chosen
