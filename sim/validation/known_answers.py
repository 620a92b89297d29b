"""Every known answer in one list."""

from pathlib import Path

from sim.validation.accessions_on_record import known_accessions
from sim.validation.check import Check, SkippedCheck
from sim.validation.energy_balance import known_energy_world
from sim.validation.firms import known_exporters
from sim.validation.gravity import known_gravity
from sim.validation.journeys import known_journeys
from sim.validation.model_facts import known_model
from sim.validation.networks import known_routes
from sim.validation.recorded_routes import known_routes_in_use
from sim.validation.textbook_markets import known_energy


def all_checks(cases: Path) -> list[Check | SkippedCheck]:
    """Known answers beside ours.

    Parameters
    ----------
    cases : Path
        Folder of published inputs and answers; what is not in it is listed as skipped.
    """
    return [
        *known_gravity(cases / "gravity"),
        *known_routes(cases / "routes"),
        *known_energy(cases / "energy"),
        *known_energy_world(),
        *known_journeys(),
        *known_routes_in_use(),
        *known_exporters(),
        *known_model(),
        *known_accessions(),
    ]
