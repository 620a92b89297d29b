"""Conditions on the tables of energy, beyond each cell being right."""

from collections.abc import Mapping

from sim.world.csv_tables.reader import Row, Tables
from sim.world.csv_tables.table_errors import Problems

Markets = Mapping[tuple[str, str], Row]


def check_energy(tables: Tables, problems: Problems, base_year: int) -> None:
    """Note every problem of energy; a world without its tables has none."""
    markets = {(row.text("region"), row.text("carrier")): row for row in tables["energy_balances"]}
    for row in tables["energy_balances"]:
        for what in ("production", "consumption"):
            if row.number_or_none(what) == 0.0:
                problems.add("energy_balances", row.line, what, "is 0; wanted blank or more")
    for row in tables["energy_arcs"]:
        for column, message in _arc_problems(row, markets):
            problems.add("energy_arcs", row.line, column, message)
    arcs = {row.text("arc"): row for row in tables["energy_arcs"]}
    for row in tables["energy_contracts"]:
        if not arcs[row.text("arc")].text("flow"):
            message = f"'{row.text('arc')}' carried nothing in the base year; wanted an arc in use"
            problems.add("energy_contracts", row.line, "arc", message)
    based = {
        row.text("carrier")
        for row in tables["energy_prices"]
        if row.text("year") == str(base_year) and row.text("months") == "12"
    }
    for row in tables["energy_prices"]:
        if row.text("carrier") not in based:
            message = f"'{row.text('carrier')}' has no price of {base_year}; wanted a whole year"
            problems.add("energy_prices", row.line, "carrier", message)


def _arc_problems(row: Row, markets: Markets) -> list[tuple[str, str]]:
    found = []
    out = row.text("carrier_out") or row.text("carrier")
    ends = ((row.text("tail"), row.text("carrier")), (row.text("head"), out))
    if ends[0] == ends[1]:
        found.append(("head", "is the tail too; wanted another region or carrier"))
    for column, end in zip(("tail", "head"), ends, strict=True):
        if end not in markets:
            found.append((column, f"'{end[0]}' has no row for {end[1]} in energy_balances"))
    flow, cost = row.number_or_none("flow"), row.number_or_none("cost_usd_per_unit")
    capacity, status = row.number_or_none("capacity"), row.text("status")
    if flow == 0.0:
        found.append(("flow", "is 0; wanted blank or more"))
    if not flow and (cost is None or capacity is None):
        found.append(("cost_usd_per_unit", "is blank; an arc not in use wants cost and capacity"))
    if flow and status != "open":
        found.append(("status", f"is {status}, yet the arc is in use; wanted open"))
    if flow and capacity is not None and capacity < flow:
        found.append(("capacity", f"{capacity:g} is below the flow {flow:g}; wanted more"))
    if (status == "planned") != bool(row.text("project")):
        found.append(("project", "a planned arc, and no other, names its project"))
    if not found:
        found += _price_problems(row, ends, markets, flow, cost)
    return found


def _price_problems(
    row: Row,
    ends: tuple[tuple[str, str], tuple[str, str]],
    markets: Markets,
    flow: float | None,
    cost: float | None,
) -> list[tuple[str, str]]:
    """Energy in use flows from cheap to dear; an open arc not in use must not have paid."""
    at_tail, at_head = (markets[end].number("price_usd_per_unit") for end in ends)
    share = (1.0 - row.number("loss")) * row.number("conversion")
    gap = share * at_head - at_tail
    if flow and gap < 0:
        message = f"the arc in use runs from {at_tail:g} to {share * at_head:g} USD a unit; "
        return [("flow", f"{message}wanted a price no lower at its head")]
    if not flow and row.text("status") == "open" and cost is not None and cost < gap:
        message = f"{cost:g} is below the gap of prices {gap:g}, yet nothing flows; "
        return [("cost_usd_per_unit", f"{message}wanted a higher cost or another status")]
    return []
