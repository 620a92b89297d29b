"""Tables of what bears on the conduct of States: their capacity and what ties them together.

A world may do without them; every State then has the typical capacity and no institution ties.
"""

from sim.world.csv_tables.columns import Schema, date, number, ref, region, table, text

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
    "accession_records": table(
        "accession",
        text("accession"),
        text("title"),
        date("eligible", blank=True),
        date("asked", blank=True),
        date("signed", blank=True),
        date("in_force", blank=True),
        date("last_seen", blank=True),
        text("use", "fit", "score"),
        text("note", blank=True),
        optional=True,
    ),
}
