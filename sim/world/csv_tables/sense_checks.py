"""Plausibility conditions on rows of a world's tables.

Dates in order, parameters that laws read, amounts in the unit that their column says.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from sim.laws.numerics.calendar import MONTHS_PER_YEAR
from sim.laws.numerics.domains import DISPENSABLE, DOMAINS, RISING
from sim.laws.policy.implausible_rates import LIKELY_RATE, rate_complaints
from sim.world.csv_tables.reader import CheckedTable, Row, Tables
from sim.world.csv_tables.schema import ALL, SCHEMAS
from sim.world.csv_tables.table_errors import Problems, did_you_mean

GDP_PER_HEAD_USD = (30.0, 1e6)
"""Least and most output a head that any state can have [USD/year]."""
ROUNDING = 1e-9
MAX_PERIOD_YEARS = 10.0
"""Longest period over which the tables add up what was traded [years]."""
MAX_EXPORTS_TO_GDP = 10.0
"""Most that a state can sell abroad, goods in transit and all, over its output [1]."""

ORDER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "agreements": (("signed", "in_force"), ("in_force", "ended"), ("signed", "ended")),
    "memberships": (("since", "until"),),
}
"""Dates of which the second cannot be before the first, by table."""

YEARS_AWAY: Mapping[str, tuple[int, int, tuple[str, ...]]] = {
    "sources": (150, 30, ("year",)),
    "closures": (40, 30, ("start", "end", "last_seen_closed")),
    "bans": (80, 30, ("start", "end", "last_seen")),
    "ledger_entries": (80, 30, ("start", "end")),
    "agreements": (150, 60, ("signed", "in_force", "ended")),
    "memberships": (150, 30, ("since", "until")),
    "projects": (60, 80, ("earliest_year",)),
    "energy_projects": (60, 80, ("earliest_year",)),
}
"""Years before and after the base year in which what a table records can lie, and its dates."""
MAX_THROUGHPUT = 2.0
"""Most that a port can handle over the capacity it states [1]."""
DAYS_PER_YEAR = 365.25
RATE_COLUMNS = tuple(
    (name, column.name)
    for name, schema in SCHEMAS.items()
    for column in schema.columns
    if column.leaves_high
)
"""Table and column of duties, which may be above 1 where a note says that they are meant to."""


def check_parameters(table: CheckedTable, problems: Problems) -> None:
    """Note every parameter that is missing, read by no law, or out of the bounds of what they read.

    Without them nothing can be simulated, so names are not handed out either.
    """
    rows = {row.text("parameter"): row for row in table}
    strangers = [name for name in rows if name not in DOMAINS]
    for name in DOMAINS.keys() - rows.keys() - DISPENSABLE:
        hint = did_you_mean(name, strangers)
        problems.add(table.name, None, "parameter", f"no row for '{name}'; wanted one{hint}")
    for name in strangers:
        message = f"'{name}' is read by no law; wanted a parameter of the tables' README"
        hint = did_you_mean(name, DOMAINS.keys() - rows.keys() or DOMAINS)
        problems.add(table.name, rows[name].line, "parameter", message + hint)
    for name in DOMAINS.keys() & rows.keys():
        low, high = DOMAINS[name]
        for column in ("low", "value", "high"):
            value = rows[name].number(column)
            if not low <= value <= high:
                message = f"{value:g} is out of range for {name}; wanted {low:g} to {high:g}"
                problems.add(table.name, rows[name].line, column, message)
    for chain in RISING:
        for before, after in pairwise(chain):
            if before in rows and after in rows:
                _check_rising(table.name, rows[before], rows[after], problems)


def _check_rising(name: str, before: Row, after: Row, problems: Problems) -> None:
    least, value = before.number("value"), after.number("value")
    if value < least:
        message = f"{value:g} is below the {least:g} of {before.text('parameter')}; wanted more"
        problems.add(name, after.line, "value", message)


def check_sense(tables: Tables, problems: Problems) -> None:
    """Note every date before the one it follows, and every amount in another unit than said."""
    for name, pairs in ORDER.items():
        for row in tables[name]:
            for earlier, later in pairs:
                _check_order(name, row, earlier, later, problems)
    _check_years(tables, problems)
    for name in ("gates", "borders"):
        for row in tables[name]:
            _check_closed_days(name, row, problems)
    for row in tables["ports"]:
        _check_throughput(row, problems)
    for row in tables["gdp"]:
        for message in _gdp_problems(row, _base_year(tables)):
            problems.add("gdp", row.line, "gdp_musd", message)
    _check_rates(tables, problems)
    _check_exports(tables, problems)
    _check_entries(tables, problems)
    for ledger in tables["ledgers"].column("ledger"):
        _check_held(tables, ledger, problems)


def _check_order(name: str, row: Row, earlier: str, later: str, problems: Problems) -> None:
    first, then = row.text(earlier), row.text(later)
    n = min(len(first), len(then))  # what is known of both
    if n and then[:n] < first[:n]:
        message = f"{then} is before {earlier} {first}; wanted a later day"
        problems.add(name, row.line, later, message)


def _check_years(tables: Tables, problems: Problems) -> None:
    """Demand that what is recorded lies within reach of the base year."""
    base = _base_year(tables)
    for name, (before, after, columns) in YEARS_AWAY.items():
        for row in tables[name]:
            for column in columns:
                year = row.text(column)[:4]
                if year and not base - before <= int(year) <= base + after:
                    message = f"{row.text(column)} in a world of {base}; wanted a year from "
                    message += f"{base - before} to {base + after}: is the year right?"
                    problems.add(name, row.line, column, message)
    for row in tables["ledger_entries"]:
        years = int(row.text("end")[:4]) - int(row.text("start")[:4])
        if years > MAX_PERIOD_YEARS:
            message = (
                f"{row.text('end')} is {years} years after {row.text('start')}; wanted a sum over "
            )
            message += f"at most {MAX_PERIOD_YEARS:g} years"
            problems.add("ledger_entries", row.line, "end", message)


def _check_closed_days(name: str, row: Row, problems: Problems) -> None:
    """Demand that chance does not shut a gate for longer than a year has days."""
    days = row.number("closure_rate_per_year") * row.number("mean_closure_days")
    if days > DAYS_PER_YEAR:
        message = f"{row.text('closure_rate_per_year')} closures a year of "
        message += f"{row.text('mean_closure_days')} days are {days:,.5g} days a year; "
        message += f"wanted at most {DAYS_PER_YEAR:g}"
        problems.add(name, row.line, "mean_closure_days", message)
    if name == "gates" and len(set(row.names("closed_months"))) == MONTHS_PER_YEAR:
        message = "is shut in every month; wanted at least one open month"
        problems.add(name, row.line, "closed_months", message)


def _check_throughput(row: Row, problems: Problems) -> None:
    for unit in ("mt", "kteu"):
        most, used = (row.number_or_none(f"{what}_{unit}") for what in ("capacity", "throughput"))
        if most is not None and used is not None and used > MAX_THROUGHPUT * most:
            message = f"{used:g} through a capacity of {most:g}; {MAX_THROUGHPUT:g} times at most"
            problems.add("ports", row.line, f"throughput_{unit}", message)


def _base_year(tables: Tables) -> int:
    return next((int(r.text("value")) for r in tables["world"] if r.text("key") == "base_year"), 0)


def _gdp_problems(row: Row, base: int) -> Iterator[str]:
    gdp = row.number_or_none("gdp_musd")
    if gdp is None:
        if int(row.text("year")) == base:
            yield f"is blank; wanted the output of the base year {base}"
        return
    a_head = gdp / row.number("population_m")
    low, high = GDP_PER_HEAD_USD
    if not low <= a_head <= high:
        yield (
            f"{gdp:g} is {a_head:,.4g} USD a head; wanted {low:g} to {high:,.0f}: are both in "
            "millions, and GDP in US dollars?"
        )


def _check_rates(tables: Tables, problems: Problems) -> None:
    for name, column in RATE_COLUMNS:
        rates = [(row.number(column), bool(row.text("note"))) for row in tables[name]]
        for place, message in rate_complaints(rates):
            problems.add(name, tables[name].rows[place].line, column, message)


def rare_values(tables: Tables) -> Iterator[str]:
    """Rare values that are marked as intended, one sentence each, for a warning."""
    for name, column in RATE_COLUMNS:
        for row in tables[name]:
            rate = row.number(column)
            if rate > LIKELY_RATE:
                told = f"{name}.csv:{row.line}: {100 * rate:,.6g} %, a duty above 100 %"
                yield f"{told}: {row.text('note')}"


def _check_exports(tables: Tables, problems: Problems) -> None:
    largest: dict[str, float] = {}
    for row in tables["gdp"]:
        value = row.number_or_none("gdp_musd") or 0.0
        largest[row.text("region")] = max(value, largest.get(row.text("region"), 0.0))
    for row in tables["trade_prior"]:
        _check_prior(row, largest, problems)
    for row in tables["trade_totals"]:
        output = largest.get(row.text("region"), 0.0)
        for column in ("exports_musd", "imports_musd"):
            value = row.number(column)
            if output and value > MAX_EXPORTS_TO_GDP * output:
                message = f"{value:g} is {value / output:,.0f} times the largest GDP on record"
                problems.add("trade_totals", row.line, column, f"{message}; is it in million USD?")


def _check_prior(row: Row, largest: Mapping[str, float], problems: Problems) -> None:
    value = row.number_or_none("trade_musd") or 0.0
    for side in ("exporter", "importer"):
        output = largest.get(row.text(side), 0.0)
        if output and value > MAX_EXPORTS_TO_GDP * output:
            message = f"{value:g} is {value / output:,.0f} times the largest GDP of "
            message += f"{row.text(side)} on record; is it in million USD?"
            problems.add("trade_prior", row.line, "trade_musd", message)
            return


def _check_entries(tables: Tables, problems: Problems) -> None:
    """Demand that no recorded point is beyond all that its region trades."""
    whole = {row.text("region"): row.number("exports_musd") + row.number("imports_musd")
             for row in tables["trade_totals"]}  # fmt: skip
    for row in tables["ledger_entries"]:
        most = MAX_PERIOD_YEARS * whole.get(row.text("region"), 0.0)
        if most and row.number("trade_musd") > most:
            message = (
                f"{row.number('trade_musd'):g} is beyond all trade of {row.text('region')}, "
                f"{most / MAX_PERIOD_YEARS:g} a year; is it in million USD?"
            )
            problems.add("ledger_entries", row.line, "trade_musd", message)


def _check_held(tables: Tables, ledger: str, problems: Problems) -> None:
    """Demand that no region is held to more trade than it has."""
    held: dict[tuple[str, str], Row] = {}
    for whose in (ALL, ledger):  # a ledger's own figure goes before one that holds for all
        rows = (row for row in tables["held_flows"] if row.text("ledger") == whose)
        held |= {(row.text("exporter"), row.text("importer")): row for row in rows}
    for total in tables["trade_totals"]:
        for side, place, what in ((0, "exports_musd", "exports"), (1, "imports_musd", "imports")):
            rows_of = [row for ends, row in held.items() if ends[side] == total.text("region")]
            sum_musd = sum(row.number("trade_musd") for row in rows_of)
            if sum_musd > total.number(place) * (1.0 + ROUNDING):
                message = (
                    f"{what} of {total.text('region')} held for {ledger} sum to {sum_musd:g}, "
                    f"beyond all its {what}, {total.number(place):g}; wanted less"
                )
                largest = max(rows_of, key=lambda row: row.number("trade_musd"))
                problems.add("held_flows", largest.line, "trade_musd", message)
