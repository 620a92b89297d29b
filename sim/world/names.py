"""The names a world knows, read without loading its arrays."""

from collections.abc import Iterator
from pathlib import Path

from sim.world.csv_tables.checks import check_names
from sim.world.csv_tables.reader import PACKAGED, CheckedTable, Row, Tables, read_tables
from sim.world.csv_tables.records import AgreementRecord
from sim.world.csv_tables.world_facts import base_year, traded_goods
from sim.world.name_lists import EnergyArc, Names, OtherName, RecordName
from sim.world.trade.records_from_rows import agreements, ledger_entries

_TABLES = (
    "world",
    "sources",
    "regions",
    "gdp",
    "growth",
    "goods",
    "layers",
    "ledgers",
    "ledger_entries",
    "gates",
    "closures",
    "ports",
    "corridors",
    "nodes",
    "projects",
    "links",
    "parameters",
    "institutions",
    "memberships",
    "agreements",
    "margins",
    "energy_carriers",
    "energy_projects",
    "energy_arcs",
    "energy_balances",
    "energy_prices",
    "other_names",
)


def world_names(folder: Path | None = None) -> Names:
    """Read the names a scenario may use.

    Parameters
    ----------
    folder : Path, optional
        Folder of tables, the packaged world if left out.

    Returns
    -------
    Names

    Raises
    ------
    WorldError
        With every problem of the tables that hold names.
    """
    tables = read_tables(folder or PACKAGED, _TABLES)
    check_names(tables)
    return Names(
        base_year=base_year(tables),
        regions=tables["regions"].column("region"),
        region_names=tables["regions"].column("name"),
        goods=traded_goods(tables),
        layers=tables["layers"].column("layer"),
        ledgers=tables["ledgers"].column("ledger"),
        gates=tables["gates"].column("gate"),
        ports=tables["ports"].column("port"),
        routes=tables["corridors"].column("corridor"),
        parameters=tables["parameters"].column("parameter"),
        institutions=tables["institutions"].column("institution"),
        customs_unions=tuple(customs_unions(tables).items()),
        agreements=tables["agreements"].column("agreement"),
        nodes=tables["nodes"].column("node"),
        links=tables["links"].column("link"),
        projects=tables["projects"].column("project"),
        energy_carriers=tables["energy_carriers"].column("carrier"),
        energy_arcs=tables["energy_arcs"].column("arc"),
        energy_arc_ends=_energy_arc_ends(tables),
        energy_projects=tables["energy_projects"].column("project"),
        earliest_years=_earliest(tables["projects"]),
        earliest_energy_years=_earliest(tables["energy_projects"]),
        energy_prices=_price_ranges(tables["energy_prices"]),
        incomes=tuple(_incomes(tables)),
        last_record=_last_record(tables),
        last_growth_year=max((int(row.text("year")) for row in tables["growth"]), default=0),
        records=tuple(_record(one, tables["margins"]) for one in agreements(tables)),
        land_borders=_land_borders(tables),
        seasons=tuple(
            (row.text("gate"), row.text("year_round_from"))
            for row in tables["gates"]
            if row.text("closed_months")
        ),
        other_names=tuple(row.record(OtherName) for row in tables["other_names"]),
        members=tuple(_members(tables)),
    )


def _incomes(tables: Tables) -> Iterator[tuple[str, float]]:
    for row in tables["gdp"]:
        value = row.number_or_none("gdp_musd")
        if int(row.text("year")) == base_year(tables) and value is not None:
            yield row.text("region"), value


def _price_ranges(table: CheckedTable) -> tuple[tuple[str, float, float], ...]:
    found: dict[str, list[float]] = {}
    for row in table:
        found.setdefault(row.text("carrier"), []).append(row.number("price_usd_per_unit"))
    return tuple((carrier, min(prices), max(prices)) for carrier, prices in found.items())


def _earliest(projects: CheckedTable) -> tuple[tuple[str, int], ...]:
    return tuple((row.text("project"), int(row.text("earliest_year"))) for row in projects)


def _record(one: AgreementRecord, margins: CheckedTable) -> RecordName:
    lowered = (
        (row.text("exporter"), row.text("importer"))
        for row in margins
        if row.text("agreement") == one.agreement
    )
    return RecordName(
        name=one.agreement,
        members=one.members,
        first_quarter=one.first_quarter,
        last_quarter=one.last_quarter,
        grants=tuple(dict.fromkeys(lowered)),
    )


def _last_record(tables: Tables) -> str:
    """Last day of a ledger's entry or of a closure; dates cut short are passed over."""
    ends = [entry.end for entry in ledger_entries(tables) if entry.counts]
    ends += [row.text("end") or row.text("last_seen_closed") for row in tables["closures"]]
    return max((end for end in ends if len(end) == len("2022-12-31")), default="")


def _land_borders(tables: Tables) -> tuple[tuple[str, str], ...]:
    kinds = ("border-post", "rail-crossing")
    owners = [row.names("owners") for row in tables["gates"] if row.text("kind") in kinds]
    owners += [row.names("regions") for row in tables["nodes"] if row.text("kind") in kinds]
    pairs = {tuple(sorted(two)) for two in owners if len(set(two)) == 2}
    return tuple(sorted((first, second) for first, second in pairs))


def _members(tables: Tables) -> Iterator[tuple[str, tuple[str, ...]]]:
    for institution in tables["institutions"].column("institution"):
        yield (
            institution,
            tuple(
                row.text("region")
                for row in tables["memberships"]
                if row.text("institution") == institution
                and row.text("status") == "member"
                and not row.text("until")
            ),
        )


def _energy_arc_ends(tables: Tables) -> tuple[EnergyArc, ...]:
    made = {
        (row.text("region"), row.text("carrier")): row.number_or_none("production")
        for row in tables["energy_balances"]
    }
    return tuple(
        EnergyArc(
            name=row.text("arc"),
            carrier=row.text("carrier"),
            exporter=row.text("tail"),
            importer=row.text("head"),
            needs_deal=row.text("status") == "needs-deal",
            is_open=row.text("status") == "open",
            capacity=row.number_or_none("capacity"),
            made=made.get((row.text("tail"), row.text("carrier"))),
        )
        for row in tables["energy_arcs"]
    )


def customs_unions(tables: Tables) -> dict[str, tuple[str, ...]]:
    """Institutions that are customs unions, each with its members in the base year."""
    date = f"{base_year(tables)}-12-31"
    members = [row for row in tables["memberships"] if _belongs(row, date)]
    unions: dict[str, tuple[str, ...]] = {}
    for row in tables["institutions"]:
        if row.yes("customs_union"):
            name = row.text("institution")
            own = (member for member in members if member.text("institution") == name)
            unions[name] = tuple(member.text("region") for member in own)
    return unions


def _belongs(row: Row, date: str) -> bool:
    """True if a membership is a full one on a date; an unknown start counts as long ago."""
    until = row.text("until") or "9999"
    return row.text("status") == "member" and row.text("since") <= date < until
