"""Conditions between rows of a world's tables, beyond each cell being right."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise, permutations, product

from sim.laws.growth.growth_terms import GRAVITY_TERMS, TERMS
from sim.world.csv_tables.energy_table_checks import check_energy
from sim.world.csv_tables.network_checks import check_network
from sim.world.csv_tables.reader import CheckedTable, Row, Tables
from sim.world.csv_tables.sense_checks import check_parameters, check_sense
from sim.world.csv_tables.shocks_schema import ERROR_COLUMNS
from sim.world.csv_tables.table_errors import Problems
from sim.world.csv_tables.world_facts import base_year, traded_goods

SHARE_TOLERANCE = 1e-6
TOTALS_TOLERANCE = 1e-9
WHOLE_YEARS, MIN_DAYS_OF_A_YEAR = ("calendar", "fiscal"), 350
"""Bases of entries that are of a year, and the days that such a one has at least."""
MAX_SHOWN = 5
"""Missing rows named one by one; the rest is counted."""


def check_names(tables: Tables) -> None:
    """Check what the lookup of names relies on.

    Raises
    ------
    WorldError
        With every problem found.
    """
    problems = Problems()
    _check_facts(tables, problems)
    defaults = [row for row in tables["ledgers"] if row.yes("default")]
    if len(defaults) != 1:
        message = f"{len(defaults)} ledgers are the default; wanted exactly one"
        problems.add("ledgers", None, "default", message)
    check_parameters(tables["parameters"], problems)
    problems.raise_if_any()


def check_world(tables: Tables) -> None:
    """Check that tables are complete and agree with each other.

    Raises
    ------
    WorldError
        With every problem found.
    """
    check_names(tables)
    problems = Problems()
    regions = tables["regions"].column("region")
    all_goods = tables["goods"].column("good")
    goods = traded_goods(tables)
    layers = tables["layers"].column("layer")
    pairs = [*permutations(regions, 2)]
    _complete(tables["trade_prior"], ("exporter", "importer"), pairs, problems)
    _complete(tables["trade_totals"], ("region",), ((code,) for code in regions), problems)
    _complete(tables["output"], ("region", "good"), product(regions, goods), problems)
    tariff_rows = product(regions, goods, layers)
    _complete(tables["tariffs"], ("importer", "good", "layer"), tariff_rows, problems)
    base = ((code, str(base_year(tables))) for code in regions)
    _complete(tables["gdp"], ("region", "year"), base, problems, others=True)
    _check_growth(tables, regions, problems)
    for name in ("export_composition", "import_composition"):
        _complete(tables[name], ("region", "good"), product(regions, all_goods), problems)
        _check_shares(tables[name], ("region",), problems)
    _check_shares(tables["pair_composition"], ("exporter", "importer"), problems)
    if any(not row.text("trade_musd") for row in tables["trade_prior"]):
        _check_distances(tables, pairs, problems)
    _check_pairs(tables["distances"], problems)
    _check_totals(tables["trade_totals"], problems)
    for name, rule in _ROW_RULES.items():
        for row in tables[name]:
            for column, message in rule(row, tables):
                problems.add(name, row.line, column, message)
    _check_forecast_errors(tables["forecast_errors"], problems)
    check_sense(tables, problems)
    _check_past_law(tables, problems)
    check_network(tables, problems)
    check_energy(tables, problems, base_year(tables))
    problems.raise_if_any()


def _check_facts(tables: Tables, problems: Problems) -> None:
    found = {row.text("key"): row for row in tables["world"]}
    for key in ("name", "base_year", "energy_good"):
        if key not in found:
            problems.add("world", None, "key", f"'{key}' is missing; wanted one row with it")
    year, energy = found.get("base_year"), found.get("energy_good")
    if year and not (year.text("value").isdecimal() and len(year.text("value")) == 4):
        message = f"'{year.text('value')}' is no year; wanted a base year such as 2022"
        problems.add("world", year.line, "value", message)
    if energy and energy.text("value") not in tables["goods"].column("good"):
        message = f"'{energy.text('value')}' is no good of goods.csv; wanted the energy good"
        problems.add("world", energy.line, "value", message)


def _complete(
    table: CheckedTable,
    columns: tuple[str, ...],
    wanted: Iterable[tuple[str, ...]],
    problems: Problems,
    *,
    others: bool = False,
) -> None:
    """Demand a row for each key and, unless `others` may stand too, for nothing else."""
    keys = [*wanted]
    found = {row.texts(columns): row for row in table}
    missing = [key for key in keys if key not in found]
    for key in missing[:MAX_SHOWN]:
        problems.add(table.name, None, columns[0], f"no row for '{' '.join(key)}'; wanted one")
    if len(missing) > MAX_SHOWN:
        message = f"{len(missing) - MAX_SHOWN} more rows are missing"
        problems.add(table.name, None, columns[0], message)
    if others:
        return
    for key in set(found) - set(keys):
        message = f"'{' '.join(key)}' has no place in this table; the row is to be left out"
        problems.add(table.name, found[key].line, columns[0], message)


def _check_growth(tables: Tables, regions: Sequence[str], problems: Problems) -> None:
    years = sorted({int(row.text("year")) for row in tables["growth"]})
    first = base_year(tables) + 1
    last = years[-1] if years else first
    wanted = product(regions, (str(year) for year in range(first, last + 1)))
    _complete(tables["growth"], ("region", "year"), wanted, problems)


def _check_shares(table: CheckedTable, columns: tuple[str, ...], problems: Problems) -> None:
    sums: dict[tuple[str, ...], float] = {}
    lines: dict[tuple[str, ...], int] = {}
    for row in table:
        key = tuple(row.text(column) for column in columns)
        sums[key] = sums.get(key, 0.0) + row.number("share")
        lines.setdefault(key, row.line)
    for key, total in sums.items():
        if abs(total - 1.0) > SHARE_TOLERANCE:
            message = f"shares of '{' '.join(key)}' sum to {total:.6g}; wanted 1"
            problems.add(table.name, lines[key], "share", message)


def _check_distances(tables: Tables, pairs: Iterable[tuple[str, str]], problems: Problems) -> None:
    known = {frozenset((r.text("region"), r.text("partner"))) for r in tables["distances"]}
    missing = {pair for pair in map(frozenset, pairs) if pair not in known}
    for pair in sorted(sorted(pair) for pair in missing)[:MAX_SHOWN]:
        message = f"no row for '{' '.join(pair)}'; missing trade is estimated from all distances"
        problems.add("distances", None, "region", message)


def _check_pairs(table: CheckedTable, problems: Problems) -> None:
    """Demand each unordered pair once."""
    first: dict[frozenset[str], int] = {}
    for row in table:
        ends = frozenset((row.text("region"), row.text("partner")))
        if len(ends) < 2:
            message = "is the region itself; wanted another region"
            problems.add(table.name, row.line, "partner", message)
        elif first.setdefault(ends, row.line) < row.line:
            message = f"the pair stands already in row {first[ends]}; wanted one row"
            problems.add(table.name, row.line, "region", message)


def _check_totals(table: CheckedTable, problems: Problems) -> None:
    exports = sum(row.number("exports_musd") for row in table)
    imports = sum(row.number("imports_musd") for row in table)
    if abs(exports - imports) > TOTALS_TOLERANCE * max(exports, imports, 1.0):
        message = f"exports sum to {exports:.10g}, imports to {imports:.10g}; wanted equal sums"
        larger = "exports_musd" if exports > imports else "imports_musd"
        row = max(table, key=lambda row: row.number(larger))
        problems.add(table.name, row.line, larger, message)


def _check_forecast_errors(table: CheckedTable, problems: Problems) -> None:
    horizons = [*dict.fromkeys(table.column("horizon_years"))]
    sizes = [*dict.fromkeys((r.text("size_low_musd"), r.text("size_high_musd")) for r in table)]
    if ("", "") not in sizes:
        message = "no rows over all sizes; wanted rows with both bounds blank"
        problems.add(table.name, None, "size_low_musd", message)
    predictors = [*dict.fromkeys(table.column("predictor"))]
    wanted = ((p, h, *size) for p in predictors for h in horizons for size in sizes)
    columns = ("predictor", "horizon_years", "size_low_musd", "size_high_musd")
    _complete(table, columns, wanted, problems)


def _check_past_law(tables: Tables, problems: Problems) -> None:
    """Demand all terms of the law, and all horizons of every size with points that rise."""
    law = tables["growth_law"]
    if law.rows:
        for term in sorted({*GRAVITY_TERMS, *TERMS} - set(law.column("term"))):
            problems.add("growth_law", None, "term", f"no row for '{term}'; wanted every term")
    points = tables["error_points"]
    horizons = set(points.column("horizon_years"))
    sizes = dict.fromkeys(points.column("size_low_musd"))
    known = {(r.text("size_low_musd"), r.text("horizon_years")) for r in points}
    for size, horizon in sorted({(s, h) for s in sizes for h in horizons} - known):
        message = f"no row for '{size} {horizon}'; wanted every horizon of every size"
        problems.add("error_points", None, "size_low_musd", message)
    for row in points:
        values = [row.number(column) for column in ERROR_COLUMNS]
        if any(b < a for a, b in pairwise(values)):
            message = "falls from point to point; wanted points that rise"
            problems.add("error_points", row.line, ERROR_COLUMNS[0], message)


Complaints = Iterable[tuple[str, str]]


def _held_flow(row: Row, _: Tables) -> Complaints:
    if row.text("exporter") == row.text("importer"):
        yield "importer", "is the exporter too; wanted another region"


def _ledger_entry(row: Row, _: Tables) -> Complaints:
    sides = (row.text("region"), row.text("partner"))
    if sides[0] == sides[1]:
        yield "partner", "is the region too; wanted another region"
    if row.text("exporter") not in ("", *sides):
        yield "exporter", f"'{row.text('exporter')}' is none of {sides[0]} and {sides[1]}"
    if row.text("end") < row.text("start"):
        yield "end", f"{row.text('end')} is before {row.text('start')}; wanted a later day"
    elif row.text("basis") in WHOLE_YEARS and 0 < _days(row) < MIN_DAYS_OF_A_YEAR:
        message = f"'{row.text('basis')}' is a whole year, and these are {_days(row)} days; "
        yield "basis", f"{message}wanted part for less than a year"


def _days(row: Row) -> int:
    """Days of an entry, both ends included; 0 where a date is cut short."""
    start, end = row.text("start"), row.text("end")
    if min(len(start), len(end)) < len("2022-12-31"):
        return 0
    return (date.fromisoformat(end) - date.fromisoformat(start)).days + 1


def _agreement(row: Row, _: Tables) -> Complaints:
    if len(set(row.names("members"))) < 2:
        yield "members", f"'{row.text('members')}' are no two parties; wanted two regions"


def _forecast_error(row: Row, _: Tables) -> Complaints:
    points = [row.number(column) for column in ("q05", "q50", "q95")]
    if points != sorted(points):
        yield "q50", f"{points[1]:g} is not between q05 {points[0]:g} and q95 {points[2]:g}"


def _margin(row: Row, tables: Tables) -> Complaints:
    members = next(
        agreement.names("members")
        for agreement in tables["agreements"]
        if agreement.text("agreement") == row.text("agreement")
    )
    if row.text("exporter") == row.text("importer"):
        yield "importer", "is the exporter too; wanted another region"
    for column in ("exporter", "importer"):
        if row.text(column) not in members:
            wanted = ", ".join(members)
            yield column, f"'{row.text(column)}' is no member of the agreement; wanted is {wanted}"


def _margin_terms(row: Row, tables: Tables) -> Complaints:
    covered = row.number_or_none("covered_share")
    key = (row.text("agreement"), row.text("importer"))
    own = [
        margin.number("margin")
        for margin in tables["margins"]
        if (margin.text("agreement"), margin.text("importer")) == key
    ]
    if not own:
        yield "importer", f"'{' '.join(key)}' has no margin in margins.csv; wanted one"
    elif covered is not None and covered < max(own):
        yield "covered_share", f"{covered:g} is below the margin {max(own):g}; at least that"


def _closure(row: Row, _: Tables) -> Complaints:
    yield from _ended(row, "last_seen_closed")


def _ban(row: Row, _: Tables) -> Complaints:
    if len(set(row.names("states"))) != 2:
        yield "states", f"{row.text('states')} are not two regions; wanted two"
    yield from _ended(row, "last_seen")


def _ended(row: Row, last_seen: str) -> Complaints:
    """Dates of a spell on record: until when it acts has to be known."""
    start, end, seen = (row.text(column) for column in ("start", "end", last_seen))
    if end and end < start:
        yield "end", f"{end} is before {start}; wanted a later day"
    elif end == start and len(end) == len("2022-12-31"):
        yield "end", f"{end}, the day after the last one, is the first too; wanted a later day"
    if seen and seen < start[: len(seen)]:
        yield last_seen, f"{seen} is before {start}; wanted a later day"
    if not end and not seen:
        yield "end", f"is blank and so is {last_seen}; wanted the day it ended or was last seen"


def _detour(row: Row, tables: Tables) -> Complaints:
    ends = {row.text("region"), row.text("partner")}
    if len(ends) != 2:
        yield "partner", "is the region itself; wanted another region"
    elif not any(ends == set(gate.names("owners")) for gate in tables["gates"]):
        yield "partner", "has no gate with this region in gates.csv; wanted a neighbour"


def _corridor(row: Row, tables: Tables) -> Complaints:
    if row.text("end_a") == row.text("end_b"):
        yield "end_b", "is the other end too; wanted another region"
    for stem in ("door_days", "cost_usd_per_feu"):
        low, high = (row.number(stem + suffix) for suffix in ("_low", "_high"))
        if low > high:
            yield f"{stem}_low", f"{low:g} is above the high {high:g}; wanted a number below"
    if not any(step.text("corridor") == row.text("corridor") for step in tables["corridor_links"]):
        yield "corridor", "has no links; wanted rows of corridor_links.csv"


def _parameter(row: Row, _: Tables) -> Complaints:
    low, value, high = (row.number(column) for column in ("low", "value", "high"))
    if not low <= value <= high:
        yield "value", f"{value:g} is not between low {low:g} and high {high:g}"


def _border(row: Row, _: Tables) -> Complaints:
    if len(set(row.names("owners"))) != 2:
        yield "owners", f"{row.text('owners')} are not two regions; wanted two"


def _scope(row: Row, _: Tables) -> Complaints:
    for stem in ("covered_share", "cut", "border_time_cut"):
        low, middle, high = (row.number(stem + suffix) for suffix in ("_low", "", "_high"))
        if not low <= middle <= high:
            yield stem, f"{middle:g} is not between low {low:g} and high {high:g}"


_ROW_RULES: Mapping[str, Callable[[Row, Tables], Complaints]] = {
    "held_flows": _held_flow,
    "ledger_entries": _ledger_entry,
    "agreements": _agreement,
    "forecast_errors": _forecast_error,
    "margins": _margin,
    "margin_terms": _margin_terms,
    "closures": _closure,
    "bans": _ban,
    "detours": _detour,
    "corridors": _corridor,
    "parameters": _parameter,
    "borders": _border,
    "agreement_scopes": _scope,
}
