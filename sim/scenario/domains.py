"""Where each parameter means anything: distributions of a scenario must not leave these bounds.

The world's tables hold what is plausible; these are the wider bounds of what the laws can read. A
parameter that is not listed takes any number.
"""

from collections.abc import Iterator

from sim.scenario.problems import Problem
from sim.scenario.tree import Listing, Node, Scalar, Table

DOMAINS = {
    "trade_elasticity": (0.1, 30.0),
    "time_cost_per_day": (0.0, 1.0),
    "border_time_elasticity": (-5.0, 0.0),
    "cargo_value_factor": (0.01, 100.0),
    "phase_in_impact": (0.0, 1.0),
    "phase_in_year_4": (0.0, 1.0),
    "phase_in_year_8": (0.0, 1.0),
    "origin_cost_ave": (0.0, 1.0),
    "preference_use_spread": (0.01, 10.0),
    "world_inflation_rate": (-0.2, 0.5),
    "corridor_choice_dispersion": (0.1, 1000.0),
    "growth_sd": (0.0, 0.5),
    "opening_years": (0.05, 100.0),
    "talks_years": (0.05, 100.0),
    "joining_years": (0.05, 100.0),
    "entry_years": (0.05, 100.0),
    "target_weight": (0.0, 100.0),
    "trade_gain_weight": (0.0, 100.0),
    "welfare_gain_weight": (0.0, 100.0),
    "diversification_weight": (0.0, 100.0),
    "domino_weight": (0.0, 100.0),
    "losses_weight": (0.0, 100.0),
    "institutions_weight": (0.0, 10.0),
    "members_weight": (0.0, 10.0),
    "capacity_weight": (0.0, 10.0),
    "outside_pull": (0.0, 100.0),
    "visit_pace": (0.0, 10.0),
    "visit_trade_effect": (-1.0, 1.0),
    "visit_fade_years": (0.25, 50.0),
    "consulate_trade_effect": (-1.0, 1.0),
    "mission_trade_effect": (-1.0, 1.0),
    "energy_elasticity_factor": (0.05, 20.0),
    "energy_security_weight": (0.0, 5.0),
}
"""Lowest and highest value by parameter, in its unit."""

MIDDLE_ONLY = ("normal", "lognormal")
"""Forms whose first number is a value and whose second is a spread; the tables bound the tails."""


def domain_problems(uncertainty: Node | None) -> Iterator[Problem]:
    """Numbers of a scenario's distributions that no law can read.

    Parameters
    ----------
    uncertainty : Table or other node, optional
        What stands under `uncertainty`; whatever is not well formed is passed over.
    """
    if not isinstance(uncertainty, Table):
        return
    for name, entry in uncertainty.entries.items():
        if name not in DOMAINS:
            continue
        low, high = DOMAINS[name]
        for number in _values(entry.node):
            value = number.value
            if isinstance(value, bool | str) or value is None or low <= value <= high:
                continue
            what = f"uncertainty.{name} holds {value:g}"
            yield Problem.at(number.place, what, f"wanted numbers from {low:g} to {high:g}")


def _values(node: Node) -> Iterator[Scalar]:
    """Numbers of a distribution that are values of the parameter."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Table):
        for form, entry in node.entries.items():
            numbers = entry.node.items if isinstance(entry.node, Listing) else (entry.node,)
            values = numbers[:1] if form in MIDDLE_ONLY else numbers
            yield from (value for value in values if isinstance(value, Scalar))
