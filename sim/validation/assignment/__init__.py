"""Routes: networks, path choice and the equilibrium of routes and delays.

Networks that published answers are compared with; the simulation chooses routes by
`sim.laws.transport.route_choice` and has no links that crowd.

`assign` solves one network (user equilibrium, stochastic equilibrium, system optimum),
`assign_runs` an ensemble on fixed path sets; `relative_gap` and `stochastic_gap` check answers.
"""

from sim.laws.transport.path_sets import PathSet, as_path_set, path_size
from sim.validation.assignment.assign import Assignment, assign
from sim.validation.assignment.choice import logit_shares
from sim.validation.assignment.congested_network import (
    CrowdedNetwork,
    beckmann,
    link_cost,
    marginal,
    total_cost,
)
from sim.validation.assignment.delay import Posts
from sim.validation.assignment.demand import Demand, Trips, trips
from sim.validation.assignment.gap import relative_gap, stochastic_gap
from sim.validation.assignment.k_shortest import k_shortest_paths, path_sets
from sim.validation.assignment.loading import LinkCosts
from sim.validation.assignment.stochastic import LinkRuns, RunsAssignment, assign_runs

__all__ = [
    "Assignment",
    "CrowdedNetwork",
    "Demand",
    "LinkCosts",
    "LinkRuns",
    "PathSet",
    "Posts",
    "RunsAssignment",
    "Trips",
    "as_path_set",
    "assign",
    "assign_runs",
    "beckmann",
    "k_shortest_paths",
    "link_cost",
    "logit_shares",
    "marginal",
    "path_sets",
    "path_size",
    "relative_gap",
    "stochastic_gap",
    "total_cost",
    "trips",
]
