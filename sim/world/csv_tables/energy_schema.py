"""Layout of the tables of energy; a world may omit all of them."""

from sim.world.csv_tables.columns import Column, Schema, number, ref, region, table, text

ARC_STATUSES = ("open", "needs-deal", "planned")
_NAME = text("name")
_NOTE = text("note", blank=True)
_YEAR = Column("year", "integer", 1960, 2200)
_CARRIER = ref("carrier", "energy_carriers.carrier")
_AMOUNT_LIMIT = 1e6

ENERGY_SCHEMAS: dict[str, Schema] = {
    "energy_carriers": table(
        "carrier",
        text("carrier"),
        _NAME,
        text("unit"),
        text("price_unit"),
        number("tonnes_per_unit", 0.0, 10.0),
        number("demand_elasticity", 0.01, 5.0),
        number("supply_elasticity", 0.01, 5.0),
        number("income_elasticity", 0.0, 3.0),
        number("arc_elasticity", 0.1, 50.0),
        Column("lead_years", "integer", 0, 30),
        number("expansion_limit", 0.0, 1.0),
        _NOTE,
        optional=True,
    ),
    "energy_balances": table(
        "region carrier",
        region("region"),
        _CARRIER,
        number("production", 0.0, _AMOUNT_LIMIT, blank=True),
        number("consumption", 0.0, _AMOUNT_LIMIT, blank=True),
        number("exports", 0.0, _AMOUNT_LIMIT, blank=True),
        number("imports", 0.0, _AMOUNT_LIMIT, blank=True),
        number("price_usd_per_unit", 0.01, 1e5),
        number("supply_elasticity", 0.01, 50.0, blank=True),
        _NOTE,
        optional=True,
    ),
    "energy_projects": table(
        "project",
        text("project"),
        _NAME,
        Column("earliest_year", "integer", 1960, 2200),
        number("completion_hazard", 0.0, 1.0),
        _NOTE,
        optional=True,
    ),
    "energy_arcs": table(
        "arc",
        text("arc"),
        _CARRIER,
        ref("carrier_out", "energy_carriers.carrier", blank=True),
        region("tail"),
        region("head"),
        text("mode"),
        number("flow", 0.0, _AMOUNT_LIMIT, blank=True),
        number("capacity", 0.0, _AMOUNT_LIMIT, blank=True),
        number("loss", 0.0, 0.9),
        number("conversion", 0.01, 100.0),
        number("cost_usd_per_unit", 0.0, 1e5, blank=True),
        ref("gates", "gates.gate", blank=True, listed=True),
        ref("ports", "gates.gate", blank=True, listed=True),
        text("status", *ARC_STATUSES),
        ref("project", "energy_projects.project", blank=True),
        _NOTE,
        optional=True,
    ),
    "energy_contracts": table(
        "contract",
        text("contract"),
        ref("arc", "energy_arcs.arc"),
        number("quantity", 0.0, _AMOUNT_LIMIT),
        number("take_or_pay", 0.0, 1.0),
        Column("first_year", "integer", 1960, 2200),
        Column("last_year", "integer", 1960, 2200),
        _NOTE,
        optional=True,
    ),
    "energy_prices": table(
        "carrier year",
        _CARRIER,
        _YEAR,
        number("price_usd_per_unit", 0.01, 1e5),
        Column("months", "integer", 1, 12),
        text("series"),
        optional=True,
    ),
}
"""Schemas of the tables of energy, in reading order."""
