"""Turn checked tables into the records of a world, one function a table."""

from collections.abc import Mapping

from sim.world.csv_tables.reader import CheckedTable, Row, Tables
from sim.world.csv_tables.records import (
    AgreementRecord,
    Border,
    Corridor,
    Detour,
    Gate,
    LedgerEntry,
    LedgerError,
    MarginRecord,
    Membership,
    Parameter,
    PortRecord,
    PriceSpread,
    RecordedBan,
    RecordedClosure,
    Source,
)
from sim.world.csv_tables.schema import FLAGS


def sources(tables: Tables) -> dict[str, Source]:
    """Sources by id."""
    return {row.text("source"): row.record(Source) for row in tables["sources"]}


def parameters(tables: Tables) -> dict[str, Parameter]:
    """Parameters by name."""
    names = tables["parameters"].column("parameter")
    rows = zip(names, tables["parameters"], strict=True)
    return {name: row.record(Parameter, name=name) for name, row in rows}


def held_flows(tables: Tables, ledger: str) -> frozenset[tuple[int, int]]:
    """Exporter and importer of the flows that a ledger holds."""
    regions = tables["regions"].column("region")
    return frozenset(
        (regions.index(row.text("exporter")), regions.index(row.text("importer")))
        for row in tables["held_flows"]
        if row.text("ledger") == ledger
    )


def ledger_entries(tables: Tables) -> tuple[LedgerEntry, ...]:
    """Recorded points of trade between pairs."""
    return tuple(row.record(LedgerEntry) for row in tables["ledger_entries"])


def ledger_errors(tables: Tables) -> dict[str, LedgerError]:
    """Measurement error of every ledger."""
    return {row.text("ledger"): row.record(LedgerError) for row in tables["ledgers"]}


def agreements(tables: Tables) -> tuple[AgreementRecord, ...]:
    """Agreements on record."""
    return tuple(row.record(AgreementRecord) for row in tables["agreements"])


def margins(tables: Tables) -> tuple[MarginRecord, ...]:
    """Duty reductions by agreements on record, with the coverage and steps of their lists."""
    lists = {(row.text("agreement"), row.text("importer")): row for row in tables["margin_terms"]}
    found = []
    for row in tables["margins"]:
        terms = lists.get((row.text("agreement"), row.text("importer")))
        covered = None if terms is None else terms.number_or_none("covered_share")
        steps = None if terms is None else terms.number_or_none("phase_in_years")
        covered_share = 1.0 if covered is None else covered
        found.append(
            row.record(MarginRecord, covered_share=covered_share, phase_in_years=steps or 0.0)
        )
    return tuple(found)


def memberships(tables: Tables) -> tuple[Membership, ...]:
    """Memberships of regions in institutions."""
    return tuple(row.record(Membership) for row in tables["memberships"])


def gates(tables: Tables) -> tuple[Gate, ...]:
    """Border posts, ports and straits."""
    return tuple(
        row.record(Gate, closed_months=tuple(sorted(map(int, row.names("closed_months")))))
        for row in tables["gates"]
    )


def borders(tables: Tables) -> tuple[Border, ...]:
    """Borders whose gates can close together."""
    return tuple(row.record(Border) for row in tables["borders"])


def price_spreads(tables: Tables) -> tuple[PriceSpread, ...]:
    """Deviations of world prices from their paths, by benchmark."""
    return tuple(row.record(PriceSpread) for row in tables["price_spreads"])


def closures(tables: Tables) -> tuple[RecordedClosure, ...]:
    """Closures on record."""
    return tuple(
        row.record(
            RecordedClosure, share=1.0 if (share := row.number_or_none("share")) is None else share
        )
        for row in tables["closures"]
    )


def bans(tables: Tables) -> tuple[RecordedBan, ...]:
    """Stops of commerce on record."""
    return tuple(row.record(RecordedBan) for row in tables["bans"])


def detours(tables: Tables) -> tuple[Detour, ...]:
    """Trade that shut borders do not stop."""
    return tuple(row.record(Detour) for row in tables["detours"])


def ports(tables: Tables) -> tuple[PortRecord, ...]:
    """Ports, with name and owner of the gate of the same id."""
    posts = {gate.gate: gate for gate in gates(tables)}
    own = zip(tables["ports"].column("port"), tables["ports"], strict=True)
    return tuple(
        row.record(PortRecord, name=posts[port].name, region=next(iter(posts[port].owners), ""))
        for port, row in own
    )


def corridors(tables: Tables) -> tuple[Corridor, ...]:
    """Corridors, with what their links pass on the way."""
    links = {row.text("link"): row for row in tables["links"]}
    nodes = {row.text("node"): row for row in tables["nodes"]}
    steps: dict[str, list[Row]] = {}
    for row in sorted(tables["corridor_links"], key=lambda row: int(row.text("step"))):
        steps.setdefault(row.text("corridor"), []).append(links[row.text("link")])
    return tuple(_corridor(row, steps[row.text("corridor")], nodes) for row in tables["corridors"])


def _corridor(row: Row, links: list[Row], nodes: Mapping[str, Row]) -> Corridor:
    ends = (row.text("end_a"), row.text("end_b"))
    grounds = dict.fromkeys(link.text("owner") for link in links if link.text("owner"))
    places = [nodes[link.text(end)] for link in links for end in ("tail", "head")]
    return row.record(
        Corridor,
        ends=ends,
        links=tuple(link.text("link") for link in links),
        transit=tuple(code for code in grounds if code not in ends),
        gates=tuple(dict.fromkeys(place.text("gate") for place in places if place.text("gate"))),
        status=_status(links, ends),
        days_low=row.number("door_days_low"),
        days_high=row.number("door_days_high"),
        usd_per_feu_low=row.number("cost_usd_per_feu_low"),
        usd_per_feu_high=row.number("cost_usd_per_feu_high"),
    )


def _status(links: list[Row], ends: tuple[str, str]) -> str:
    """Status of the links for cargo of the two ends: open, or what the cargo waits for."""
    if any(link.text("status") == "planned" for link in links):
        return "planned"
    shut = [link for link in links if link.text("status") == "needs-agreement"]
    waits = any(not {*ends} & {*link.names("open_to")} for link in shut)
    return "needs-agreement" if waits else "open"


def gdp_by_year(gdp: CheckedTable) -> dict[str, dict[int, float]]:
    """GDP by region and year, where it is known [musd]."""
    found: dict[str, dict[int, float]] = {}
    for row in gdp:
        value = row.number_or_none("gdp_musd")
        if value:
            found.setdefault(row.text("region"), {})[int(row.text("year"))] = value
    return found


def world_gdp_by_year(world_gdp: CheckedTable) -> dict[int, float]:
    """GDP of the whole world by year [musd]; empty without such a table."""
    return {int(row.text("year")): row.number("gdp_musd") for row in world_gdp}


def flag_counts(tables: Tables) -> dict[str, dict[str, int]]:
    """Table to number of rows under each flag."""
    counts: dict[str, dict[str, int]] = {}
    for name, table in tables.items():
        flags = table.column("flag")
        counts[name] = {flag: flags.count(flag) for flag in FLAGS}
    return counts
