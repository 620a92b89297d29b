"""Layout of every table of a world: its columns, their units and what they refer to.

The schema is the one place that knows the columns; the reader checks every cell against it and the
tables' README repeats it for people.
"""

from dataclasses import replace

from sim.laws.policy.implausible_rates import MAX_RATE
from sim.world.csv_tables.columns import FLAGS as FLAGS
from sim.world.csv_tables.columns import (
    Column,
    Schema,
    date,
    number,
    or_else,
    ref,
    region,
    table,
    text,
)
from sim.world.csv_tables.energy_schema import ENERGY_SCHEMAS
from sim.world.csv_tables.network_schema import NETWORK_SCHEMAS
from sim.world.csv_tables.politics_schema import POLITICS_SCHEMAS
from sim.world.csv_tables.records import STATEMENT
from sim.world.csv_tables.shocks_schema import FUTURES_SCHEMAS, KINDS

ALL = "all"
"""Stands for every good, layer or ledger in the tables that allow it."""

BASES = ("calendar", "fiscal", "part", STATEMENT)
"""How the period of a ledger's entry came about."""

MAX_MUSD = 1e9
"""Largest amount of a year [musd]: ten times the output of the whole world."""

_YEAR = Column("year", "integer", 1960, 2200)
_TITLE = text("title")
_NAME = text("name")
_NOTE = text("note", blank=True)
_SHARE = number("share", 0.0, 1.0)
_GOOD = ref("good", "goods.good")
_PAIR = (region("exporter"), region("importer"))

SCHEMAS: dict[str, Schema] = {
    "world": table("key", text("key", "name", "base_year", "energy_good"), text("value")),
    "sources": Schema(
        (
            text("source"),
            text("publisher"),
            _TITLE,
            date("year", blank=True),
            text("licence", blank=True),
            text("url", blank=True),
            text("flag", *FLAGS),
        ),
        ("source",),
    ),
    "regions": table("region", text("region"), _NAME),
    "other_names": table(
        "name vocabulary",
        text("name"),
        text("vocabulary", "regions", "energy_carriers"),
        text("relation", "same", "part", "group"),
        Column("stands_for", listed=True),
        _TITLE,
        optional=True,
    ),
    "gdp": table(
        "region year",
        region("region"),
        _YEAR,
        number("gdp_musd", 1.0, MAX_MUSD, blank=True),
        number("population_m", 0.001, 1e4),
    ),
    "growth": table("region year", region("region"), _YEAR, number("real_growth", -0.9, 1.0)),
    "goods": table("good", text("good"), _NAME, number("value_per_feu_usd", 500.0, 1e7)),
    "layers": table("layer", text("layer"), _NAME),
    "ledgers": table(
        "ledger",
        text("ledger"),
        _NAME,
        text("default", "yes", "no"),
        or_else(number("log_sd", 0.001, 5.0), "0.1"),
        or_else(number("quarter_log_sd", 0.0, 5.0), "0.5"),
        or_else(number("degrees", 1.0, 1000.0), "3"),
        _NOTE,
    ),
    "trade_prior": table(
        "exporter importer", *_PAIR, number("trade_musd", 0.0, MAX_MUSD, blank=True)
    ),
    "trade_totals": table(
        "region",
        region("region"),
        number("exports_musd", 0.0, MAX_MUSD),
        number("imports_musd", 0.0, MAX_MUSD),
    ),
    "held_flows": table(
        "ledger exporter importer",
        ref("ledger", "ledgers.ledger", ALL),
        *_PAIR,
        number("trade_musd", 0.0, MAX_MUSD),
        or_else(number("log_sd", 0.0, 5.0, blank=True)),
        _NOTE,
    ),
    "ledger_entries": table(
        "ledger region partner exporter start end basis trade_musd",
        ref("ledger", "ledgers.ledger", "unspecified"),
        region("region"),
        region("partner"),
        region("exporter", blank=True),
        date("start"),
        date("end"),
        text("basis", *BASES),
        number("trade_musd", 0.0, MAX_MUSD),
        text("doubtful", "yes", "no"),
        _NOTE,
    ),
    "export_composition": table("region good", region("region"), _GOOD, _SHARE),
    "import_composition": table("region good", region("region"), _GOOD, _SHARE),
    "pair_composition": table("exporter importer good", *_PAIR, _GOOD, _SHARE),
    "output": table("region good", region("region"), _GOOD, number("output_to_gdp", 0.0, 10.0)),
    "distances": table(
        "region partner",
        region("region"),
        region("partner"),
        number("distance_km", 5.0, 20100.0),
        text("contiguous", "yes", "no"),
    ),
    "tariffs": table(
        "importer good layer",
        region("importer"),
        _GOOD,
        ref("layer", "layers.layer"),
        replace(number("tariff_rate", 0.0, MAX_RATE), leaves_high=True),
        or_else(_NOTE),
    ),
    "agreements": table(
        "agreement",
        text("agreement"),
        _NAME,
        text("kind", *KINDS),
        Column("members", refers="regions.region", listed=True),
        date("signed", blank=True),
        date("in_force", blank=True),
        date("ended", blank=True),
        _NOTE,
    ),
    "margins": table(
        "agreement importer exporter good layer",
        ref("agreement", "agreements.agreement"),
        *_PAIR,
        ref("good", "goods.good", ALL),
        ref("layer", "layers.layer", ALL),
        number("margin", 0.0, 1.0),
    ),
    "institutions": table(
        "institution", text("institution"), _NAME, text("customs_union", "yes", "no")
    ),
    "memberships": table(
        "region institution status",
        region("region"),
        ref("institution", "institutions.institution"),
        text("status", "member", "associate", "observer", "partner", "acceding"),
        date("since", blank=True),
        date("until", blank=True),
    ),
    "gates": table(
        "gate",
        text("gate"),
        _NAME,
        Column("owners", refers="regions.region", listed=True, blank=True),
        text("kind", "border-post", "rail-crossing", "port", "strait"),
        number("border_hours", 0.0, 2160.0),
        number("fee_usd_per_feu", 0.0, 1e5),
        number("closure_rate_per_year", 0.0, 50.0),
        number("mean_closure_days", 0.0, 5000.0),
        Column("closed_months", "integer", 1, 12, blank=True, listed=True),
        or_else(date("year_round_from", blank=True)),
        _NOTE,
    ),
    "closures": table(
        "gate start",
        ref("gate", "gates.gate"),
        date("start"),
        date("end", blank=True),
        date("last_seen_closed", blank=True),
        or_else(number("share", 0.0, 1.0, blank=True)),
        text("doubtful", "yes", "no"),
        _NOTE,
    ),
    "ports": table(
        "port",
        ref("port", "gates.gate"),
        text("unlocode", blank=True),
        number("latitude", -90.0, 90.0),
        number("longitude", -180.0, 180.0),
        number("capacity_mt", 0.0, 4e3, blank=True),
        number("throughput_mt", 0.0, 4e3, blank=True),
        number("capacity_kteu", 0.0, 2e5, blank=True),
        number("throughput_kteu", 0.0, 2e5, blank=True),
        _NOTE,
    ),
    "parameters": table(
        "parameter",
        text("parameter"),
        _TITLE,
        number("value", -1e9, 1e9),
        text("unit"),
        number("low", -1e9, 1e9),
        number("high", -1e9, 1e9),
        text("distribution", "triangular", "uniform", "fixed"),
        _NOTE,
    ),
    "forecast_errors": table(
        "predictor horizon_years size_low_musd size_high_musd",
        text("predictor"),
        Column("horizon_years", "integer", 1, 50),
        number("size_low_musd", 0.0, MAX_MUSD, blank=True),
        number("size_high_musd", 0.0, MAX_MUSD, blank=True),
        number("rmsle", 0.0, 8.0),
        number("bias", -8.0, 8.0),
        number("q05", -20.0, 20.0),
        number("q50", -20.0, 20.0),
        number("q95", -20.0, 20.0),
        Column("n", "integer", 1, 1e9),
    ),
    **NETWORK_SCHEMAS,
    **POLITICS_SCHEMAS,
    **ENERGY_SCHEMAS,
    **FUTURES_SCHEMAS,
}
"""Schema of every table, in reading order: a table refers only to tables of this list."""
