"""Names of assumptions: a parameter by its title, an entry of the scenario by its kind."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.study.one_at_a_time.ranking import AssumptionMove
    from sim.world.world import World

KINDS = {
    "agreements": "Agreement",
    "duties": "Duty change",
    "trade_costs": "Cost of trading",
    "bans": "Ban",
    "closures": "Closure of",
    "open_all_year": "Open all year:",
    "projects": "Line",
    "energy.projects": "Energy project",
    "energy.deals": "Energy deal",
    "energy.shocks": "Energy shock",
    "energy.prices": "Price point",
    "reforms.steps": "Reform",
    "diplomacy.visits": "Visit",
    "diplomacy.consulates": "Consulate",
    "diplomacy.missions": "Trade mission",
    "diplomacy.memoranda": "Memoranda",
    "diplomacy.outside_attention": "Outside power",
}
"""Words for the entries of a scenario, by block."""


def label_of(move: "AssumptionMove", world: "World") -> str:
    """An assumption in words.

    Parameters
    ----------
    move : AssumptionMove
    world : World
        Has the titles of its parameters.
    """
    if move.origin == "parameter":
        return world.parameters[move.name].title
    block = next((b for b in KINDS if move.name.startswith(f"{b}.")), "")
    rest = move.name.removeprefix(f"{block}.").replace("_", " ").replace(".", ", ")
    return f"{KINDS.get(block, '')} {rest}".strip()
