"""Tables of what bears on the conduct of States: their capacity and what ties them together.

A world may do without them; every State then has the typical capacity and no institution ties.
"""

from sim.world.csv_tables.columns import Schema, number, ref, region, table, text

POLITICS_SCHEMAS: dict[str, Schema] = {
    "state_capacity": table(
        "region",
        region("region"),
        number("rule_of_law", 0.0, 1.0),
        number("infrastructure", 0.0, 1.0),
        optional=True,
    ),
    "institution_ties": table(
        "institution",
        ref("institution", "institutions.institution"),
        number("tie", 0.0, 1.0),
        text("disputed", "yes", "no"),
        text("note", blank=True),
        optional=True,
    ),
}
