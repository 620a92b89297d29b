"""Accessions on record beside the waits that negotiations in the model take.

Each accession has up to three stages: from the day a State could ask until it did, from then to
signature, from there to entry into force. Estimates are of the records marked `fit`; those marked
`score` are held against the estimate and against the world's parameter.
"""

from typing import TYPE_CHECKING, NamedTuple

from sim.laws.diplomacy.stage_waits import MedianWait, log_likelihood, median_wait
from sim.world.accessions import STAGES, AccessionRecord

if TYPE_CHECKING:
    from sim.world.world import World

PARAMETERS = {
    "opening": "opening_years",
    "signature": "joining_years",
    "entry into force": "entry_years",
}


class StageWait(NamedTuple):
    """One stage: what records say and what the model takes [years]."""

    stage: str
    modelled: float
    modelled_low: float
    modelled_high: float
    recorded: MedianWait
    """Of the records that are fitted."""
    n_scored: int
    score_modelled: float
    score_recorded: float
    """Log likelihood of the other records under the parameter and under the estimate; nan where
    there are none, or where nothing fitted has ended."""

    @property
    def agrees(self) -> bool:
        """True if the parameter's middle lies within the records' 90 % interval."""
        return self.recorded.low <= self.modelled <= self.recorded.high


def stage_waits(world: "World") -> tuple[StageWait, ...]:
    """Waits by stage; none where the world records no accession or has no such parameter."""
    found = []
    for stage in STAGES:
        parameter = world.parameters.get(PARAMETERS[stage])
        fitted = _spells(world.accessions, stage, "fit")
        if parameter is None or not fitted:
            continue
        recorded = median_wait(*zip(*fitted, strict=True))
        scored = _spells(world.accessions, stage, "score")
        usable = bool(scored) and recorded.n_ended > 0
        years, ended = zip(*scored, strict=True) if scored else ((), ())
        found.append(
            StageWait(
                stage,
                parameter.value,
                parameter.low,
                parameter.high,
                recorded,
                len(scored),
                log_likelihood(years, ended, parameter.value) if usable else float("nan"),
                log_likelihood(years, ended, recorded.years) if usable else float("nan"),
            )
        )
    return tuple(found)


def _spells(records: tuple[AccessionRecord, ...], stage: str, use: str) -> list[tuple[float, bool]]:
    """Years in a stage and whether it ended, by record that knows it."""
    spells = (record.spell(stage) for record in records if record.use == use)
    return [spell for spell in spells if spell is not None]
