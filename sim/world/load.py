"""Load a world: read and check its tables, calibrate its trade, freeze the result."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sim.world import build, facts, past_law
from sim.world.baseline import baseline_trade, held_log_sd
from sim.world.consistency import base_year, check_world, fact, traded_goods
from sim.world.energy_build import energy as energy_of
from sim.world.names import customs_unions, default_ledger
from sim.world.network_build import network
from sim.world.politics import politics
from sim.world.problems import WorldError, nearest
from sim.world.tables import PACKAGED, Table, content_hash, read_tables
from sim.world.targets import official_record
from sim.world.world import FloatArray, ReadOnly, World


def load_world(folder: Path | None = None, *, ledger: str | None = None) -> World:
    """Load a world from a folder of tables.

    Parameters
    ----------
    folder : Path, optional
        Folder of tables, the packaged world if left out.
    ledger : str, optional
        Ledger the baseline is held to, the world's default if left out.

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
    place = folder or PACKAGED
    tables = read_tables(place)
    check_world(tables)
    books = _books(tables, ledger)
    goods = traded_goods(tables)
    good_rows = {row.text("good"): row for row in tables["goods"]}
    trade, energy, report = baseline_trade(tables, books)
    (growth, years), year = build.growth(tables), base_year(tables)
    applied = build.layer_preferences(tables)
    return World(
        name=fact(tables, "name"),
        base_year=year,
        regions=tables["regions"].column("region"),
        region_names=tables["regions"].column("name"),
        goods=goods,
        good_names=tuple(good_rows[good].text("name") for good in goods),
        gdp_musd=_frozen(build.region_array(tables, "gdp", "gdp_musd", year=str(year))),
        population_m=_frozen(build.region_array(tables, "gdp", "population_m", year=str(year))),
        growth=_frozen(growth),
        growth_years=years,
        trade=_frozen(trade),
        energy_trade=_frozen(energy),
        energy=energy_of(tables),
        value_per_feu_usd=_frozen(
            np.array([good_rows[good].number("value_per_feu_usd") for good in goods])
        ),
        ledger=books,
        held=facts.held_flows(tables, books),
        held_log_sd=_frozen(held_log_sd(tables, books)),
        ledgers=facts.ledger_entries(tables),
        ledger_errors=ReadOnly(facts.ledger_errors(tables)),
        tariffs=_frozen_map(build.layer_tariffs(tables)),
        preferences=_frozen(np.sum([*applied.values()], axis=0)),
        layer_preferences=_frozen_map(applied),
        agreements=facts.agreements(tables),
        margins=facts.margins(tables),
        memberships=facts.memberships(tables),
        customs_unions=ReadOnly(customs_unions(tables)),
        corridors=facts.corridors(tables),
        gates=facts.gates(tables),
        borders=facts.borders(tables),
        closures=facts.closures(tables),
        bans=facts.bans(tables),
        detours=facts.detours(tables),
        ports=facts.ports(tables),
        network=network(tables),
        politics=politics(tables),
        price_spreads=facts.price_spreads(tables),
        parameters=ReadOnly(facts.parameters(tables)),
        forecast_errors=build.forecast_errors(tables),
        error_points=past_law.error_points(tables),
        growth_law=past_law.growth_law(tables),
        sources=ReadOnly(facts.sources(tables)),
        flag_counts=ReadOnly(facts.flag_counts(tables)),
        calibration=report,
        content_hash=content_hash(place),
        official=official_record(tables),
    )


def _books(tables: Mapping[str, Table], ledger: str | None) -> str:
    """Ledger that is asked for, or the world's default."""
    ledgers = tables["ledgers"].column("ledger")
    books = ledger or default_ledger(tables["ledgers"])
    if books not in ledgers:
        wanted = ", ".join(ledgers)
        raise WorldError(
            [f"ledger: '{books}' is unknown; wanted is {wanted}{nearest(books, ledgers)}"]
        )
    return books


def _frozen(array: FloatArray) -> FloatArray:
    array.setflags(write=False)
    return array


def _frozen_map(arrays: dict[str, FloatArray]) -> ReadOnly[FloatArray]:
    return ReadOnly({name: _frozen(array) for name, array in arrays.items()})
