"""Ledger records of a pair's trade: totals of whole years, ledger by ledger."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sim.report.page.formatting import ledger_in_words
from sim.world.csv_tables.records import STATEMENT

if TYPE_CHECKING:
    from sim.world.csv_tables.records import LedgerEntry
    from sim.world.world import World

SHORTEST_YEAR_DAYS, LONGEST_YEAR_DAYS = 360, 371
DAYS_A_YEAR = 365.25
DOUBTFUL = "Doubtful figures"


@dataclass(frozen=True)
class RecordedYear:
    """Trade of a pair in both directions over twelve months, as one ledger has it."""

    ledger: str
    start: str
    end: str
    trade_musd: float
    doubtful: bool
    sources: tuple[str, ...]
    stated: bool = False
    """Whether somebody said so, and the ledger's own entries are something else."""

    @property
    def place(self) -> float:
        """Its position on an axis on which a calendar year stands at its number."""
        last = date.fromisoformat(self.end)
        return last.year + (last.timetuple().tm_yday / DAYS_A_YEAR) - 1.0

    @property
    def period(self) -> str:
        """The twelve months in words: a calendar year, or a year that ends in a month."""
        if self.start[4:] == "-01-01" and self.end[4:] == "-12-31":
            return self.start[:4]
        return f"year to {self.end[:7]}"

    @property
    def ledgers(self) -> str:
        """Source of the figure, in words."""
        if self.doubtful:
            return DOUBTFUL
        return ledger_in_words(self.ledger) + (", as stated" if self.stated else "")


@dataclass(frozen=True)
class Records:
    """Recorded years of a pair, and how many entries did not make one."""

    years: tuple[RecordedYear, ...]
    """In order of ledger, then time."""
    n_partial: int
    """Entries over part of a year, or of one direction without the other."""

    @property
    def ledgers(self) -> tuple[str, ...]:
        """Sources of the figures, doubtful ones last."""
        names = dict.fromkeys(year.ledgers for year in self.years if not year.doubtful)
        doubtful = dict.fromkeys(year.ledgers for year in self.years if year.doubtful)
        return (*names, *doubtful)


def recorded_years(world: "World", pair: tuple[str, str]) -> Records:
    """Collect what the world's ledgers say about a pair, year by year.

    A year's total is the figure for both directions if the ledger has one, else the sum of the
    two directions if it has both.
    """
    groups: dict[tuple[str, str, str, bool, bool], list[LedgerEntry]] = defaultdict(list)
    for entry in world.ledgers:
        if {entry.region, entry.partner} == set(pair):
            kind = (entry.doubtful, entry.basis == STATEMENT)
            groups[entry.ledger, entry.start, entry.end, *kind].append(entry)
    years: list[RecordedYear] = []
    n_partial = 0
    for (ledger, start, end, doubtful, stated), entries in sorted(groups.items()):
        whole = [entry for entry in entries if not entry.exporter]
        directions = {entry.exporter: entry for entry in entries if entry.exporter}
        if not _is_a_year(start, end) or not (whole or len(directions) == 2):
            n_partial += len(entries)
            continue
        totals = (
            [(entry.trade_musd, (entry.source,)) for entry in whole]
            if whole
            else [
                (
                    sum(entry.trade_musd for entry in directions.values()),
                    tuple(sorted({entry.source for entry in directions.values()})),
                )
            ]
        )
        years += [
            RecordedYear(ledger, start, end, total, doubtful, sources, stated)
            for total, sources in totals
        ]
    return Records(tuple(years), n_partial)


def latest_record(world: "World", pairs: Sequence[tuple[str, str]]) -> str:
    """Month in which the latest entry about any of the pairs ends; empty without entries.

    Doubtful entries and statements are passed over.
    """
    wanted = [set(pair) for pair in pairs]
    ends = [
        entry.end
        for entry in world.ledgers
        if {entry.region, entry.partner} in wanted and entry.counts
    ]
    return max(ends, default="")[: len("2022-12")]


def _is_a_year(start: str, end: str) -> bool:
    """True if two dates enclose twelve months; dates cut short enclose nothing."""
    if len(start) != len("2022-01-01") or len(end) != len(start):
        return False
    days = (date.fromisoformat(end) - date.fromisoformat(start)).days + 1
    return SHORTEST_YEAR_DAYS <= days <= LONGEST_YEAR_DAYS
