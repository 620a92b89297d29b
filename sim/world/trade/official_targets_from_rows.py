"""Official targets of a world's tables, with the sizes of the states that they are held against."""

from sim.world.csv_tables.reader import Row, Tables
from sim.world.official_targets import OfficialRecord, OfficialTarget
from sim.world.trade.records_from_rows import gdp_by_year, world_gdp_by_year


def official_record(tables: Tables) -> OfficialRecord:
    """Official targets of a world's tables, in their order; none where it has no such table."""
    return OfficialRecord(
        tuple(map(_target, tables["official_targets"])),
        gdp_by_year(tables["gdp"]),
        world_gdp_by_year(tables["world_gdp"]),
    )


def _target(row: Row) -> OfficialTarget:
    base_year = row.number_or_none("base_year")
    return row.record(
        OfficialTarget,
        name=row.text("target"),
        partners=(row.names("partners_a"), row.names("partners_b")),
        base_year=None if base_year is None else int(base_year),
    )
