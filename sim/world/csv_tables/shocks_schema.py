"""Tables of what may hit a pair: stops, prices, usual agreements, growth, errors."""

from sim.laws.growth.growth_terms import GRAVITY_TERMS, TERMS
from sim.world.csv_tables.columns import Column, Schema, date, number, ref, region, table, text
from sim.world.official_targets import MEASURES, OUTCOMES

KINDS = ("preferential", "free-trade", "customs-union", "unilateral", "transit")
"""Kinds of agreements a world knows."""

ERROR_SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Points of forecast errors that a world keeps [1]."""
ERROR_COLUMNS = tuple(f"q{100 * share:02.0f}" for share in ERROR_SHARES)

_NOTE = text("note", blank=True)

FUTURES_SCHEMAS: dict[str, Schema] = {
    "borders": table(
        "border",
        text("border"),
        Column("owners", refers="regions.region", listed=True),
        number("closure_rate_per_year", 0.0, 50.0),
        number("mean_closure_days", 0.0, 5000.0),
        _NOTE,
        optional=True,
    ),
    "bans": table(
        "ban start",
        text("ban"),
        Column("states", refers="regions.region", listed=True),
        text("scope", "land", "all"),
        ref("goods", "goods.good", blank=True, listed=True),
        number("share", 0.0, 1.0),
        date("start"),
        date("end", blank=True),
        date("last_seen", blank=True),
        _NOTE,
        optional=True,
    ),
    "detours": table(
        "region partner",
        region("region"),
        region("partner"),
        number("kept_share", 0.0, 1.0),
        _NOTE,
        optional=True,
    ),
    "price_spreads": table(
        "benchmark",
        text("benchmark"),
        number("log_change_sd", 0.0, 2.0),
        number("common_share", 0.0, 1.0),
        number("persistence", 0.0, 1.0),
        Column("n_years", "integer", 1, 1000),
        ref("carriers", "energy_carriers.carrier", blank=True, listed=True),
        _NOTE,
        optional=True,
    ),
    "margin_terms": table(
        "agreement importer",
        ref("agreement", "agreements.agreement"),
        region("importer"),
        number("covered_share", 0.0, 1.0, blank=True),
        number("phase_in_years", 0.0, 50.0, blank=True),
        _NOTE,
        optional=True,
    ),
    "agreement_scopes": table(
        "kind",
        text("kind", *KINDS),
        number("covered_share_low", 0.0, 1.0),
        number("covered_share", 0.0, 1.0),
        number("covered_share_high", 0.0, 1.0),
        number("cut_low", 0.0, 1.0),
        number("cut", 0.0, 1.0),
        number("cut_high", 0.0, 1.0),
        number("phase_in_years", 0.0, 50.0),
        number("border_time_cut_low", 0.0, 1.0),
        number("border_time_cut", 0.0, 1.0),
        number("border_time_cut_high", 0.0, 1.0),
        _NOTE,
        optional=True,
    ),
    "growth_law": table(
        "term",
        text("term", *GRAVITY_TERMS, *TERMS),
        number("value", -100.0, 100.0),
        optional=True,
    ),
    "error_points": table(
        "size_low_musd horizon_years",
        number("size_low_musd", 0.0, 1e9),
        number("size_high_musd", 0.0, 1e9, blank=True),
        number("size_musd", 1e-6, 1e9),
        Column("horizon_years", "integer", 1, 50),
        *(number(column, -20.0, 20.0) for column in ERROR_COLUMNS),
        number("passing_years", 0.0, 1000.0),
        Column("n", "integer", 1, 1e9, blank=True),
        optional=True,
    ),
    "world_gdp": table(
        "year",
        Column("year", "integer", 1900, 2200),
        number("gdp_musd", 1.0, 1e9),
        optional=True,
    ),
    "official_targets": table(
        "target",
        text("target"),
        text("title"),
        text("measure", *MEASURES),
        text("unit", blank=True),
        ref("partners_a", "regions.region", blank=True, listed=True),
        ref("partners_b", "regions.region", blank=True, listed=True),
        number("amount", 0.0, 1e9, blank=True),
        date("announced"),
        date("by", blank=True),
        number("base_musd", 1e-6, 1e9, blank=True),
        Column("base_year", "integer", 1900, 2200, blank=True),
        number("reached", 0.0, 1e9, blank=True),
        text("reached_period", blank=True),
        text("outcome", *OUTCOMES),
        _NOTE,
        optional=True,
    ),
    "products": table(
        "exporter importer product",
        region("exporter"),
        region("importer"),
        text("product"),
        text("title"),
        ref("good", "goods.good"),
        Column("chapters", listed=True),
        number("duty_rate", 0.0, 10.0, blank=True),
        text("duty_of", "line", "chapter", blank=True),
        ref("duty_source", "sources.source", blank=True),
        text("status", "sold", "offered", "candidate"),
        text("record", blank=True),
        _NOTE,
        optional=True,
    ),
}
