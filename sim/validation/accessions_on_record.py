"""Waits of accessions on record beside the parameters of negotiation."""

from sim.study.hindcasts.accession_waits import StageWait, stage_waits
from sim.validation.check import Check
from sim.world.load import load_world

CASE = "accessions on record"


def known_accessions() -> list[Check]:
    """Rows for every stage in which some accession on record ended."""
    return [_check(wait) for wait in stage_waits(load_world()) if wait.recorded.n_ended]


def _check(wait: StageWait) -> Check:
    """A stage agrees where the parameter's middle lies within the records' 90 % interval."""
    record = wait.recorded
    is_shorter = wait.modelled < record.years
    return Check(
        CASE,
        f"{wait.stage}: median, years",
        record.years,
        wait.modelled,
        record.years - record.low if is_shorter else record.high - record.years,
        "years",
        f"{record.n_ended} ended in {record.exposure_years:.1f} years; table accession_records",
    )
