"""Official targets on record: what was announced, by when, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MEASURES = ("trade", "cargo", "works", "share")
"""Things that official targets are about."""
WORKS = MEASURES[2]
MET, MISSED = "met", "missed"
OUTCOMES = (MET, MISSED, "open", "undated", "unknown")
"""Ends that official targets came to; undated ones name no day by which they can be missed."""
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
    """Two-way trade at the announcement, in the ledgers of the outcome where those are known
    [musd].
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
