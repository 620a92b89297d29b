"""What rows of a world's tables must be to make sense.

Dates in order, parameters that laws read, amounts in the unit that their column says.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from sim.laws.numerics.domains import DISPENSABLE, DOMAINS, RISING
from sim.world.csv_tables.errors import Problems, nearest
from sim.world.csv_tables.reader import CheckedTable, Row
from sim.world.csv_tables.schema import ALL

Tables = Mapping[str, CheckedTable]

GDP_PER_HEAD_USD = (30.0, 1e6)
"""Least and most output a head that any state can have [USD/year]."""
ROUNDING = 1e-9
MOST_PERIOD_YEARS = 10.0
"""Longest period over which the tables add up what was traded [years]."""
MOST_EXPORTS_TO_GDP = 10.0
"""Most that a state can sell abroad, goods in transit and all, over its output [1]."""

ORDER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "agreements": (("signed", "in_force"), ("in_force", "ended"), ("signed", "ended")),
    "memberships": (("since", "until"),),
}
"""Dates of which the second cannot be before the first, by table."""


def check_parameters(table: CheckedTable, problems: Problems) -> None:
    """Note every parameter that is missing, read by no law, or out of the bounds of what they read.

    Without them nothing can be simulated, so names are not handed out either.
    """
    rows = {row.text("parameter"): row for row in table}
    strangers = [name for name in rows if name not in DOMAINS]
    for name in DOMAINS.keys() - rows.keys() - DISPENSABLE:
        hint = nearest(name, strangers)
        problems.add(table.name, None, "parameter", f"no row for '{name}'; one is wanted{hint}")
    for name in strangers:
        message = f"'{name}' is read by no law; a parameter of the tables' README is wanted"
        hint = nearest(name, DOMAINS.keys() - rows.keys() or DOMAINS)
        problems.add(table.name, rows[name].line, "parameter", message + hint)
    for name in DOMAINS.keys() & rows.keys():
        low, high = DOMAINS[name]
        for column in ("low", "value", "high"):
            value = rows[name].number(column)
            if not low <= value <= high:
                message = f"{value:g} is out of range for {name}; {low:g} to {high:g} is wanted"
                problems.add(table.name, rows[name].line, column, message)
    for chain in RISING:
        for before, after in pairwise(chain):
            if before in rows and after in rows:
                _check_rising(table.name, rows[before], rows[after], problems)


def _check_rising(name: str, before: Row, after: Row, problems: Problems) -> None:
    least, value = before.number("value"), after.number("value")
    if value < least:
        message = f"{value:g} is below the {least:g} of {before.text('parameter')}; more is wanted"
        problems.add(name, after.line, "value", message)


def check_sense(tables: Tables, problems: Problems) -> None:
    """Note every date before the one it follows, and every amount in another unit than said."""
    for name, pairs in ORDER.items():
        for row in tables[name]:
            for earlier, later in pairs:
                _check_order(name, row, earlier, later, problems)
    for row in tables["gdp"]:
        for message in _gdp_problems(row):
            problems.add("gdp", row.line, "gdp_musd", message)
    _check_exports(tables, problems)
    _check_entries(tables, problems)
    for ledger in tables["ledgers"].column("ledger"):
        _check_held(tables, ledger, problems)


def _check_order(name: str, row: Row, earlier: str, later: str, problems: Problems) -> None:
    first, then = row.text(earlier), row.text(later)
    n = min(len(first), len(then))  # what is known of both
    if n and then[:n] < first[:n]:
        message = f"{then} is before {earlier} {first}; a later day is wanted"
        problems.add(name, row.line, later, message)


def _gdp_problems(row: Row) -> Iterator[str]:
    gdp = row.number_or_none("gdp_musd")
    if gdp is None:
        return
    a_head = gdp / row.number("population_m")
    low, high = GDP_PER_HEAD_USD
    if not low <= a_head <= high:
        yield (
            f"{gdp:g} is {a_head:,.4g} USD a head; {low:g} to {high:,.0f} is wanted: are both in "
            "millions, and GDP in US dollars?"
        )


def _check_exports(tables: Tables, problems: Problems) -> None:
    largest: dict[str, float] = {}
    for row in tables["gdp"]:
        value = row.number_or_none("gdp_musd") or 0.0
        largest[row.text("region")] = max(value, largest.get(row.text("region"), 0.0))
    for row in tables["trade_totals"]:
        output = largest.get(row.text("region"), 0.0)
        for column in ("exports_musd", "imports_musd"):
            value = row.number(column)
            if output and value > MOST_EXPORTS_TO_GDP * output:
                message = f"{value:g} is {value / output:,.0f} times the largest GDP on record"
                problems.add("trade_totals", row.line, column, f"{message}; is it in million USD?")


def _check_entries(tables: Tables, problems: Problems) -> None:
    """Demand that no recorded point is beyond all that its region trades."""
    whole = {row.text("region"): row.number("exports_musd") + row.number("imports_musd")
             for row in tables["trade_totals"]}  # fmt: skip
    for row in tables["ledger_entries"]:
        most = MOST_PERIOD_YEARS * whole.get(row.text("region"), 0.0)
        if most and row.number("trade_musd") > most:
            message = (
                f"{row.number('trade_musd'):g} is beyond all trade of {row.text('region')}, "
                f"{most / MOST_PERIOD_YEARS:g} a year; is it in million USD?"
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
                    f"beyond all its {what}, {total.number(place):g}; less is wanted"
                )
                largest = max(rows_of, key=lambda row: row.number("trade_musd"))
                problems.add("held_flows", largest.line, "trade_musd", message)
