"""Official targets on record: what was announced, by when, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.world.facts import gdp_by_year, world_gdp_by_year
from sim.world.tables import Row, Table

LATE_MONTH = 6
"""A target due in this month or later is held against the calendar year of its date, one due
earlier against the year before: that is the last year it could still be seen in."""


@dataclass(frozen=True)
class OfficialTarget:
    """One target that a government, agency or association announced."""

    name: str
    title: str
    measure: str
    unit: str
    partners: tuple[tuple[str, ...], tuple[str, ...]]
    """Regions of both sides; empty where the target is about no pair of this world."""
    amount: float | None
    """In `unit`; None for works, which are done by a day or not."""
    announced: str
    by: str
    """Day by which it was to be met; empty where none was named."""
    base_musd: float | None
    """Two-way trade at the announcement, in the books of the outcome where those are known [musd].
    """
    base_year: int | None
    reached: float | None
    reached_period: str
    outcome: str
    note: str
    source: str
    flag: str

    @property
    def by_year(self) -> int | None:
        """Last calendar year in which it could still be met."""
        if not self.by:
            return None
        year, *rest = (int(part) for part in self.by.split("-"))
        return year if not rest or rest[0] >= LATE_MONTH else year - 1

    @property
    def reached_share(self) -> float | None:
        """Part of the amount that was reached [1]."""
        return self.reached / self.amount if self.reached and self.amount else None


@dataclass(frozen=True)
class OfficialRecord:
    """Official targets and the sizes of the states that they are held against."""

    targets: tuple[OfficialTarget, ...] = ()
    gdp: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    """GDP by region and year, current prices [musd]."""
    world_gdp: Mapping[int, float] = field(default_factory=dict)
    """GDP of the whole world by year, current prices [musd]."""


def official_record(tables: Mapping[str, Table]) -> OfficialRecord:
    """Official targets of a world's tables, in their order; none where it has no such table."""
    return OfficialRecord(
        tuple(map(_target, tables["official_targets"])),
        gdp_by_year(tables["gdp"]),
        world_gdp_by_year(tables["world_gdp"]),
    )


def _target(row: Row) -> OfficialTarget:
    base_year = row.number_or_none("base_year")
    return OfficialTarget(
        name=row.text("target"),
        title=row.text("title"),
        measure=row.text("measure"),
        unit=row.text("unit"),
        partners=(row.names("partners_a"), row.names("partners_b")),
        amount=row.number_or_none("amount"),
        announced=row.text("announced"),
        by=row.text("by"),
        base_musd=row.number_or_none("base_musd"),
        base_year=None if base_year is None else int(base_year),
        reached=row.number_or_none("reached"),
        reached_period=row.text("reached_period"),
        outcome=row.text("outcome"),
        note=row.text("note"),
        source=row.text("source"),
        flag=row.text("flag"),
    )
