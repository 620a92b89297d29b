"""Diplomacy: the agreements of a scenario as far as they have come, and what is negotiated."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sim.laws.numerics.arrays import FloatArray
from sim.simulation.diplomacy.negotiation import NegotiationDecision, advance
from sim.simulation.diplomacy.negotiation_setup import AgreementPreview, agenda
from sim.simulation.snapshot.agreement_status import Treaties
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.snapshot.talks import Talks

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.world import World


class AgreementOutcome(NamedTuple):
    """Agreements and talks as of a quarter, named as in the `Snapshot`."""

    treaties: Treaties
    talks: Talks
    stage: FloatArray


class Agreements:
    """Agreements of a block of runs; nothing of it changes during a run.

    Parameters
    ----------
    scenario, world
        What is asked, accessions included, and what is.
    draws : Draws
        Parameters of the runs.
    phase_in_years : (n_agreements,) ndarray
        Annual steps of the slowest concession of each agreement [years].
    preview : callable
        What an agreement would bring at once, by its name.

    Attributes
    ----------
    agenda : Agenda or None
        What is negotiated; None where every agreement has its dates.
    """

    def __init__(
        self,
        scenario: "Scenario",
        world: "World",
        draws: "Draws",
        phase_in_years: FloatArray,
        preview: Callable[[str], AgreementPreview],
    ) -> None:
        self.agenda = agenda(scenario, world, draws.parameters, draws.runs, preview)
        self.phase_in_years = phase_in_years
        self._agreements = scenario.agreements
        self._first_quarter, self._n_runs = draws.first_quarter, len(draws.runs)
        self._n_regions = len(world.regions)

    def initial(self) -> AgreementOutcome:
        """Agreements with their dates, and talks as they are known to stand."""
        treaties = Treaties.dated(self._agreements, self._n_runs)
        since = None if self.agenda is None else self.agenda.talks_since
        talks = Talks.at_start(since, treaties, self._n_regions)
        return AgreementOutcome(treaties, talks, self.stage(treaties, self._first_quarter))

    def step(self, now: Snapshot, decisions: Sequence[NegotiationDecision]) -> AgreementOutcome:
        """Agreements and talks as of the next quarter, once every State has decided."""
        treaties, talks = now.treaties, now.talks
        if self.agenda is not None:
            treaties, talks = advance(self.agenda, now, decisions)
        return AgreementOutcome(treaties, talks, self.stage(treaties, now.quarter + 1))

    def stage(self, treaties: Treaties, quarter: int) -> FloatArray:
        """Stage of every agreement in a quarter, (n_runs, n_agreements) [1]."""
        return treaties.stage(quarter, self.phase_in_years)
