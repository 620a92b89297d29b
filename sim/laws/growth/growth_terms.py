"""Names of the coefficients of the law of growth, for whoever reads tables without any arrays."""

SIZES = ("exporter", "importer", "world")
TERMS = (
    *(f"{size}_growth{by}" for size in SIZES for by in ("", "_by_size", "_by_horizon")),
    "reversion",
    "reversion_by_size",
    "distance",
    "distance_by_size",
    "exporter_share",
    "importer_share",
    "exporter_share_squared",
    "importer_share_squared",
    "share_product",
    "exporter_growth_by_share",
    "importer_growth_by_share",
    "new_agreement",
    "new_union",
)
"""Coefficients of the law, in the order of
`sim.laws.growth.trade_growth.GrowthLaw.coefficients`."""
GRAVITY_TERMS = ("gravity_constant", "gravity_exporter", "gravity_importer", "gravity_world")
"""Those of the flow that sizes call for, in the order of `GrowthLaw.gravity`."""
