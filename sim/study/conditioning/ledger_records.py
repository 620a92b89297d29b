"""Records that condition the runs: what a ledger's entries say of the quarters simulated.

A record counts once: in the trade of the base year if it begins by its end, else in the weights.
Ledgers are never held against each other, so only directions count whose trade of the base year is
held to the ledger of the runs.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.calendar import QUARTERS_PER_YEAR, overlap_share, quarter_bounds, quarter_of
from sim.laws.uncertainty.conditioning import EffectiveSample, RecordEntries
from sim.laws.uncertainty.spans import Span, increments, lump_variance, yearly
from sim.scenario.blocks.quarters import Quarter

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

Direction = tuple[str, str]
"""Exporter and importer."""

MAX_DEGREES = 1.0
"""Degrees of freedom of errors in weights, the heaviest tails that what is measured allows, so that
one lumpy year does not decide: half-years of the State Bank are about as likely with one as with
three (log likelihood -27.0 and -26.4). Bands take those of the ledger."""
MIN_SAMPLE = 1000
"""Effective number of pairs below which weighted runs are too few to go by."""


class Record(NamedTuple):
    """Record of one ledger over a period, with overlaps removed."""

    directions: tuple[Direction, ...]
    """One, or both of a pair where the ledger does not tell them apart."""
    span: Span
    ledger: str
    log_sd: float
    """Scale of its log error, for the ledger and the period [1]."""
    degrees: float
    """Degrees of freedom of that error."""
    floor_musd: float
    """Trade below which size tells nothing [musd]."""


def last_record(world: "World") -> int:
    """Quarter in which the world's latest entry of trade ends; the base year's last without any."""
    ends = [quarter_of(_day(entry.end)) for entry in world.ledgers if entry.counts]
    return max([_base_end(world), *ends])


def as_of(scenario: "Scenario", world: "World") -> int:
    """Quarter up to which records count in a scenario's runs."""
    return int(scenario.as_of) if isinstance(scenario.as_of, Quarter) else last_record(world)


def records_for(
    world: "World", directions: Sequence[Direction], until: int, *, held_only: bool = True
) -> tuple[Record, ...]:
    """Records of the world's ledger after the base year, by direction, none overlapping.

    Parameters
    ----------
    world : World
        Held to the ledger whose records are wanted.
    directions : sequence of (exporter, importer)
        Codes of regions.
    until : int
        Last quarter: what ended later is not known.
    held_only : bool
        Whether directions are passed over whose base year is not held to this ledger.
    """
    wanted = list(dict.fromkeys(directions))
    if held_only:
        place = world.region_index
        wanted = [(a, b) for a, b in wanted if (place(a), place(b)) in world.held]
    found: list[Record] = []
    for direction in wanted:
        found += _records(world, (direction,), until, ())
    for a, b in wanted:
        if a < b and (b, a) in wanted:
            both = ((a, b), (b, a))
            found += _records(
                world, both, until, [r.span for r in found if r.directions[0] in both]
            )
    return tuple(found)


def parts_of(world: "World", record: Record) -> tuple[Span, ...]:
    """Shortest spans inside a record whose trade the ledger tells, in order of time."""
    spans = _spans(world, record.directions, record.span.end)
    inside = increments(spans)
    return tuple(p for p in inside if record.span.start <= p.start and p.end <= record.span.end)


def entries_for(
    scenario: "Scenario", world: "World", directions: Sequence[Direction], quarters: range
) -> RecordEntries:
    """Records up to the scenario's `as_of` as the conditioning law reads them.

    Parameters
    ----------
    scenario, world
        What is asked, and what is in the ledgers of the scenario's ledger.
    directions : sequence of (exporter, importer)
        Codes of regions, in the order of the paths' axis of directions.
    quarters : range
        Quarters of the paths' last axis.

    Returns
    -------
    RecordEntries
        Without any where the ledger has recorded nothing since the base year that it could be
        held against.
    """
    until = min(as_of(scenario, world), quarters[-1])
    first_day = quarter_bounds(quarters[0])[0]
    records = [r for r in records_for(world, directions, until) if r.span.start >= first_day]
    entries = entries_of(records, directions, quarters)
    return entries._replace(degrees=np.minimum(entries.degrees, MAX_DEGREES))


def entries_of(
    records: Sequence[Record], directions: Sequence[Direction], quarters: range
) -> RecordEntries:
    """Records as arrays over directions and quarters, parts of quarters by days."""
    weight = np.zeros((len(records), len(directions), len(quarters)))
    place = {direction: k for k, direction in enumerate(directions)}
    for e, record in enumerate(records):
        span = record.span
        share = [overlap_share(span.start, span.end, quarter) for quarter in quarters]
        for direction in record.directions:
            weight[e, place[direction]] = np.array(share) / QUARTERS_PER_YEAR
    columns = [(r.span.trade_musd, r.log_sd, r.degrees, r.floor_musd) for r in records]
    return RecordEntries(weight, *np.array(columns, dtype=np.float64).reshape(-1, 4).T)


def too_few(sample: EffectiveSample, n_pairs: int) -> str:
    """Warning in words where the records leave too few runs to go by; empty otherwise.

    Parameters
    ----------
    sample : EffectiveSample
    n_pairs : int
        Pairs of a known and a residual path that were weighted.
    """
    if sample.pairs >= min(MIN_SAMPLE, n_pairs):
        return ""
    return (
        f"the records agree with few of the runs: the {n_pairs:,} weighted runs are worth "
        f"{sample.pairs:,.0f} equal ones, where {MIN_SAMPLE:,} are wanted; more runs, or an "
        "as_of before the records, give a surer answer"
    )


def _records(
    world: "World", directions: tuple[Direction, ...], until: int, covered: Sequence[Span]
) -> Iterator[Record]:
    """Records of one direction, or of both together, that cover nothing that is covered."""
    base_end = date(world.base_year, 12, 31)
    spans = _spans(world, directions, quarter_bounds(until)[1])
    error = world.ledger_errors[world.ledger]
    free = [
        span
        for span in increments(spans)
        if span.start > base_end and not span.overlaps_any(covered)
    ]
    smallest = float(world.forecast_errors.size_low_musd.min())
    for span in yearly(free):
        lumps = lump_variance(span.start, span.end, error.quarter_log_sd)
        years = ((span.end - span.start).days + 1) / 365.25
        log_sd = float(np.sqrt(error.log_sd**2 + lumps))
        yield Record(directions, span, world.ledger, log_sd, error.degrees, smallest * years)


def _spans(world: "World", directions: tuple[Direction, ...], last: date) -> list[Span]:
    """Entries of the world's ledger that ended by a day, of one direction or of both together."""
    exporter = directions[0][0] if len(directions) == 1 else ""
    return [
        Span(_day(entry.start), _day(entry.end), entry.trade_musd)
        for entry in world.ledgers
        if entry.ledger == world.ledger
        and {entry.region, entry.partner} == set(directions[0])
        and entry.exporter == exporter
        and entry.counts
        and _day(entry.end) <= last
    ]


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _base_end(world: "World") -> int:
    return QUARTERS_PER_YEAR * world.base_year + QUARTERS_PER_YEAR - 1
