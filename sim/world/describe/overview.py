"""A world in words and tables: what it holds, how well it is known and where it had to give.

Pure text for whoever prints it; nothing here knows of a screen.
"""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from sim.world.csv_tables.records import LedgerEntry
from sim.world.csv_tables.schema import FLAGS
from sim.world.world import World


class TitledTable(NamedTuple):
    """A titled table of text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def describe_world(world: World) -> list[TitledTable]:
    """Describe a world section by section.

    Parameters
    ----------
    world : World

    Returns
    -------
    list of TitledTable
        Every row as long as its columns.
    """
    return [
        _summary(world),
        _regions(world),
        _ledgers(world),
        _parameters(world),
        _flags(world),
        _gaps(world),
        _calibration(world),
        _adjustments(world),
    ]


def _summary(world: World) -> TitledTable:
    goods = float(_abroad(world).sum())
    rows = (
        ("name", world.name),
        ("base year", str(world.base_year)),
        ("regions", str(len(world.regions))),
        ("goods", ", ".join(world.goods)),
        ("ledger of the baseline", world.ledger),
        ("trade in goods between regions", _billions(goods)),
        ("trade in energy between regions", _billions(float(world.energy_trade.sum()))),
        ("growth known or assumed to", str(world.growth_years[-1])),
        ("hash of the tables", world.content_hash[:16]),
    )
    return TitledTable("World", ("what", "value"), rows)


def _regions(world: World) -> TitledTable:
    abroad = _abroad(world)
    home = np.einsum("kii->i", world.trade)
    rows = tuple(
        (
            code,
            world.region_names[i],
            f"{world.gdp_musd[i] / 1000:,.1f}",
            f"{world.population_m[i]:,.1f}",
            f"{abroad[:, i].sum() / 1000:,.1f}",
            f"{abroad[:, :, i].sum() / 1000:,.1f}",
            f"{world.energy_trade[i].sum() / 1000:,.1f}",
            f"{world.energy_trade[:, i].sum() / 1000:,.1f}",
            f"{home[i] / (home[i] + abroad[:, :, i].sum()):.0%}",
        )
        for i, code in enumerate(world.regions)
    )
    columns = (
        "region",
        "name",
        "GDP, bn USD",
        "people, m",
        "exports of goods, bn USD",
        "imports of goods, bn USD",
        "exports of energy, bn USD",
        "imports of energy, bn USD",
        "bought at home",
    )
    return TitledTable(f"Regions in {world.base_year}", columns, rows)


def _ledgers(world: World) -> TitledTable:
    ordered = sorted(world.ledgers, key=lambda e: (e.region, e.partner, e.start, e.end, e.ledger))
    rows = tuple(
        (
            f"{entry.region}-{entry.partner}",
            _flow(entry),
            f"{entry.start} to {entry.end}",
            entry.ledger,
            f"{entry.trade_musd:,.1f}",
            entry.flag + (", doubtful" if entry.doubtful else ""),
            world.sources[entry.source].publisher,
        )
        for entry in ordered
    )
    columns = ("pair", "flow", "period", "ledger", "million USD", "quality", "source")
    return TitledTable("What the ledgers say", columns, rows)


def _parameters(world: World) -> TitledTable:
    rows = tuple(
        (
            one.name,
            one.title,
            f"{one.value:g}",
            f"{one.low:g} to {one.high:g}",
            one.unit,
            one.distribution,
            one.flag,
            world.sources[one.source].publisher,
        )
        for one in world.parameters.values()
    )
    columns = ("parameter", "meaning", "value", "range", "unit", "spread", "quality", "source")
    return TitledTable("Parameters", columns, rows)


def _flags(world: World) -> TitledTable:
    counts = {table: itemgetter(*FLAGS)(by) for table, by in world.flag_counts.items()}
    counts["all"] = tuple(map(sum, zip(*counts.values(), strict=True)))
    rows = tuple((table, *_with_shares(own)) for table, own in counts.items())
    return TitledTable("Quality of the tables, rows and their share", ("table", *FLAGS), rows)


def _with_shares(counts: Sequence[int]) -> Iterator[str]:
    total = max(sum(counts), 1)
    return (f"{n:,} ({n / total:.0%})" for n in counts)


def flag_row(world: World, table: str) -> tuple[str, ...]:
    """Name of a table and the number of its rows under each flag."""
    return table, *(str(world.flag_counts[table][flag]) for flag in FLAGS)


def _gaps(world: World) -> TitledTable:
    rows = tuple(
        (gap.exporter, gap.importer, f"{gap.estimate_musd:,.1f}") for gap in world.calibration.gaps
    )
    columns = ("exporter", "importer", "estimate, million USD")
    return TitledTable("Pairs without a record, estimated", columns, rows)


def _calibration(world: World) -> TitledTable:
    report = world.calibration
    slopes = ", ".join(f"{name} {slope:.2f}" for name, slope in report.gravity_slopes.items())
    floored = ", ".join(f"{region} {good}" for region, good in report.floored)
    rows = (
        ("largest miss of a region's total", f"{report.residual:.1e}"),
        ("rounds", str(report.n_iterations)),
        ("largest miss in the split over goods", f"{report.goods_residual:.1e}"),
        ("importers' shares given up for it", f"{report.goods_importer_gap:.1e}"),
        ("estimated pairs", str(len(report.gaps))),
        ("gravity of the estimates", slopes or "none needed"),
        ("domestic sales at the floor", floored or "none"),
    )
    return TitledTable("Calibration", ("what", "value"), rows)


def _adjustments(world: World) -> TitledTable:
    rows = tuple(
        (
            item.exporter,
            item.importer,
            f"{item.prior_musd:,.1f}",
            f"{item.balanced_musd:,.1f}",
            f"{item.ratio:.2f}",
            "held" if item.held else "balanced",
        )
        for item in world.calibration.adjustments
    )
    columns = ("exporter", "importer", "prior, m USD", "baseline, m USD", "ratio", "how")
    return TitledTable("Flows that calibration moved most", columns, rows)


def _abroad(world: World) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Trade with the diagonal at zero."""
    return np.where(np.eye(len(world.regions), dtype=np.bool_), 0.0, world.trade)


def _flow(entry: LedgerEntry) -> str:
    return f"{entry.exporter} to {entry.importer}" if entry.exporter else "both ways"


def _billions(musd: float) -> str:
    return f"{musd / 1000:,.0f} bn USD"
