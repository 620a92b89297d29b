"""Accessions on record: when a State could ask to join an agreement, asked, signed and was in."""

from dataclasses import dataclass
from datetime import date

from sim.world.csv_tables.reader import Tables

STAGES = ("opening", "signature", "entry into force")
DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class AccessionRecord:
    """One State and one agreement; days are ISO dates, whole or cut short, empty if not known."""

    accession: str
    title: str
    eligible: str
    asked: str
    signed: str
    in_force: str
    last_seen: str
    """Day up to which what is blank had not happened; empty where it is not known."""
    use: str
    """fit, or score."""
    note: str
    source: str
    flag: str

    def spell(self, stage: str) -> tuple[float, bool] | None:
        """Years in a stage and whether it ended; None where its beginning or state is not known."""
        days = (self.eligible, self.asked, self.signed, self.in_force)
        k = STAGES.index(stage)
        begins, ends = days[k], days[k + 1]
        later = any(days[k + 2 :])
        if not begins or (not ends and (later or not self.last_seen)):
            return None
        years = (_day(ends or self.last_seen) - _day(begins)).days / DAYS_A_YEAR
        return max(years, 0.0), bool(ends)


def accessions(tables: Tables) -> tuple[AccessionRecord, ...]:
    """Read the records, none where a world has no such table."""
    return tuple(row.record(AccessionRecord) for row in tables["accession_records"])


def _day(text: str) -> date:
    """Middle of what a date names: a day, a month or a year."""
    parts = [int(part) for part in text.split("-")]
    return date(*([*parts, *(7, 1)][:3] if len(parts) == 1 else [*parts, 15][:3]))
