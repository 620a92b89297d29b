"""Domains of the parameters: the bounds within which the laws can read them.

Neither a scenario nor a world's table may leave them; what is plausible is narrower, and stands in
the table. A parameter that is not listed is read by no law.
"""

DOMAINS = {
    "trade_elasticity": (1.1, 30.0),
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
    "mode_choice_nesting": (0.01, 1.0),
    "route_take_up_years": (0.05, 100.0),
    "new_route_odds": (0.001, 100.0),
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
    "domestic_sales_floor": (0.001, 10.0),
    "political_break_rate_per_year": (0.0, 1.0),
    "political_break_years": (0.05, 100.0),
    "political_break_cut": (0.0, 0.999),
    "shut_border_trade_share": (0.0, 1.0),
}
"""Lowest and highest value by parameter, in its unit."""

DISPENSABLE = frozenset(
    {
        "energy_elasticity_factor",
        "energy_security_weight",
        "political_break_rate_per_year",
        "political_break_years",
        "political_break_cut",
        "shut_border_trade_share",
        "mode_choice_nesting",
        "route_take_up_years",
        "new_route_odds",
    }
)
"""Parameters that a world may do without: breaks then do not happen, energy takes usual values."""

RISING = (("phase_in_impact", "phase_in_year_4", "phase_in_year_8"),)
"""Parameters none of which may be below the one before it."""
