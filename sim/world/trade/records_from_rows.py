"""Turn checked tables into the records of a world, one function a table."""

from collections.abc import Mapping
from typing import TypedDict

from sim.world.csv_tables.reader import CheckedTable, Row
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

Tables = Mapping[str, CheckedTable]


class Origin(TypedDict):
    """Origin that every row states."""

    source: str
    flag: str


def sources(tables: Tables) -> dict[str, Source]:
    """Sources by id."""
    columns = ("source", "publisher", "title", "year", "licence", "url", "flag")
    return {row.text("source"): Source(*map(row.text, columns)) for row in tables["sources"]}


def parameters(tables: Tables) -> dict[str, Parameter]:
    """Parameters by name."""
    return {
        row.text("parameter"): Parameter(
            name=row.text("parameter"),
            title=row.text("title"),
            value=row.number("value"),
            unit=row.text("unit"),
            low=row.number("low"),
            high=row.number("high"),
            distribution=row.text("distribution"),
            note=row.text("note"),
            **_origin(row),
        )
        for row in tables["parameters"]
    }


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
    return tuple(
        LedgerEntry(
            ledger=row.text("ledger"),
            region=row.text("region"),
            partner=row.text("partner"),
            exporter=row.text("exporter"),
            start=row.text("start"),
            end=row.text("end"),
            basis=row.text("basis"),
            trade_musd=row.number("trade_musd"),
            doubtful=row.yes("doubtful"),
            note=row.text("note"),
            **_origin(row),
        )
        for row in tables["ledger_entries"]
    )


def ledger_errors(tables: Tables) -> dict[str, LedgerError]:
    """Measurement error of every ledger."""
    columns = ("log_sd", "quarter_log_sd", "degrees")
    return {row.text("ledger"): LedgerError(*map(row.number, columns)) for row in tables["ledgers"]}


def agreements(tables: Tables) -> tuple[AgreementRecord, ...]:
    """Agreements on record."""
    return tuple(
        AgreementRecord(
            agreement=row.text("agreement"),
            name=row.text("name"),
            kind=row.text("kind"),
            members=row.names("members"),
            signed=row.text("signed"),
            in_force=row.text("in_force"),
            ended=row.text("ended"),
            note=row.text("note"),
            **_origin(row),
        )
        for row in tables["agreements"]
    )


def margins(tables: Tables) -> tuple[MarginRecord, ...]:
    """Duty reductions by agreements on record, with the coverage and steps of their lists."""
    lists = {(row.text("agreement"), row.text("importer")): row for row in tables["margin_terms"]}
    found = []
    for row in tables["margins"]:
        terms = lists.get((row.text("agreement"), row.text("importer")))
        covered = None if terms is None else terms.number_or_none("covered_share")
        steps = None if terms is None else terms.number_or_none("phase_in_years")
        margin = row.number("margin")
        found.append(
            MarginRecord(
                agreement=row.text("agreement"),
                exporter=row.text("exporter"),
                importer=row.text("importer"),
                good=row.text("good"),
                layer=row.text("layer"),
                margin=margin,
                covered_share=1.0 if covered is None else covered,
                phase_in_years=steps or 0.0,
                **_origin(row),
            )
        )
    return tuple(found)


def memberships(tables: Tables) -> tuple[Membership, ...]:
    """Memberships of regions in institutions."""
    columns = ("region", "institution", "status", "since", "until", "source", "flag")
    return tuple(Membership(*map(row.text, columns)) for row in tables["memberships"])


def gates(tables: Tables) -> tuple[Gate, ...]:
    """Border posts, ports and straits."""
    return tuple(
        Gate(
            gate=row.text("gate"),
            name=row.text("name"),
            owners=row.names("owners"),
            kind=row.text("kind"),
            border_hours=row.number("border_hours"),
            fee_usd_per_feu=row.number("fee_usd_per_feu"),
            closure_rate_per_year=row.number("closure_rate_per_year"),
            mean_closure_days=row.number("mean_closure_days"),
            closed_months=tuple(sorted(int(month) for month in row.names("closed_months"))),
            year_round_from=row.text("year_round_from"),
            note=row.text("note"),
            **_origin(row),
        )
        for row in tables["gates"]
    )


def borders(tables: Tables) -> tuple[Border, ...]:
    """Borders whose gates can close together."""
    return tuple(
        Border(
            border=row.text("border"),
            owners=row.names("owners"),
            closure_rate_per_year=row.number("closure_rate_per_year"),
            mean_closure_days=row.number("mean_closure_days"),
            note=row.text("note"),
            **_origin(row),
        )
        for row in tables["borders"]
    )


def price_spreads(tables: Tables) -> tuple[PriceSpread, ...]:
    """Deviations of world prices from their paths, by benchmark."""
    return tuple(
        PriceSpread(
            benchmark=row.text("benchmark"),
            log_change_sd=row.number("log_change_sd"),
            common_share=row.number("common_share"),
            persistence=row.number("persistence"),
            carriers=row.names("carriers"),
            note=row.text("note"),
            **_origin(row),
        )
        for row in tables["price_spreads"]
    )


def closures(tables: Tables) -> tuple[RecordedClosure, ...]:
    """Closures on record."""
    return tuple(
        RecordedClosure(
            gate=row.text("gate"),
            start=row.text("start"),
            end=row.text("end"),
            last_seen_closed=row.text("last_seen_closed"),
            share=1.0 if (share := row.number_or_none("share")) is None else share,
            doubtful=row.yes("doubtful"),
            note=row.text("note"),
            **_origin(row),
        )
        for row in tables["closures"]
    )


def bans(tables: Tables) -> tuple[RecordedBan, ...]:
    """Stops of commerce on record."""
    return tuple(
        RecordedBan(
            ban=row.text("ban"),
            states=row.names("states"),
            scope=row.text("scope"),
            goods=row.names("goods"),
            share=row.number("share"),
            start=row.text("start"),
            end=row.text("end"),
            last_seen=row.text("last_seen"),
            note=row.text("note"),
            **_origin(row),
        )
        for row in tables["bans"]
    )


def detours(tables: Tables) -> tuple[Detour, ...]:
    """Trade that shut borders do not stop."""
    return tuple(
        Detour(
            region=row.text("region"),
            partner=row.text("partner"),
            kept_share=row.number("kept_share"),
            note=row.text("note"),
            **_origin(row),
        )
        for row in tables["detours"]
    )


def ports(tables: Tables) -> tuple[PortRecord, ...]:
    """Ports, with name and owner of the gate of the same id."""
    posts = {gate.gate: gate for gate in gates(tables)}
    return tuple(
        PortRecord(
            port=row.text("port"),
            name=posts[row.text("port")].name,
            region=next(iter(posts[row.text("port")].owners), ""),
            unlocode=row.text("unlocode"),
            latitude=row.number("latitude"),
            longitude=row.number("longitude"),
            capacity_mt=row.number_or_none("capacity_mt"),
            throughput_mt=row.number_or_none("throughput_mt"),
            capacity_kteu=row.number_or_none("capacity_kteu"),
            throughput_kteu=row.number_or_none("throughput_kteu"),
            note=row.text("note"),
            **_origin(row),
        )
        for row in tables["ports"]
    )


def corridors(tables: Tables) -> tuple[Corridor, ...]:
    """Corridors, with what their links pass on the way."""
    steps: dict[str, list[Row]] = {}
    for row in sorted(tables["corridor_links"], key=lambda row: int(row.text("step"))):
        steps.setdefault(row.text("corridor"), []).append(row)
    links = {row.text("link"): row for row in tables["links"]}
    nodes = {row.text("node"): row for row in tables["nodes"]}
    return tuple(
        _corridor(row, [links[step.text("link")] for step in steps[row.text("corridor")]], nodes)
        for row in tables["corridors"]
    )


def _corridor(row: Row, links: list[Row], nodes: Mapping[str, Row]) -> Corridor:
    ends = (row.text("end_a"), row.text("end_b"))
    grounds = dict.fromkeys(link.text("owner") for link in links if link.text("owner"))
    places = [nodes[link.text(end)] for link in links for end in ("tail", "head")]
    return Corridor(
        corridor=row.text("corridor"),
        name=row.text("name"),
        ends=ends,
        links=tuple(link.text("link") for link in links),
        transit=tuple(code for code in grounds if code not in ends),
        gates=tuple(dict.fromkeys(place.text("gate") for place in places if place.text("gate"))),
        status=_status(links, ends),
        days_low=row.number("door_days_low"),
        days_high=row.number("door_days_high"),
        usd_per_feu_low=row.number("cost_usd_per_feu_low"),
        usd_per_feu_high=row.number("cost_usd_per_feu_high"),
        note=row.text("note"),
        **_origin(row),
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
    return {
        name: {flag: table.column("flag").count(flag) for flag in FLAGS}
        for name, table in tables.items()
    }


def _origin(row: Row) -> Origin:
    return {"source": row.text("source"), "flag": row.text("flag")}
