"""Every known answer in one list."""

from pathlib import Path

from sim.study.checks import Check, Skipped
from sim.study.known_energy import known_energy
from sim.study.known_energy_world import known_energy_world
from sim.study.known_exporters import known_exporters
from sim.study.known_gravity import known_gravity
from sim.study.known_journeys import known_journeys
from sim.study.known_model import known_model
from sim.study.known_routes import known_routes
from sim.study.routes_in_use import known_routes_in_use


def all_checks(cases: Path) -> list[Check | Skipped]:
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
    ]
