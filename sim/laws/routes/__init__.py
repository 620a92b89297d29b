"""Routes: networks, path choice and the equilibrium of routes and delays.

Networks that published answers are compared with; the simulation chooses routes by
`sim.laws.passage` and has no links that crowd.

`assign` solves one network (user equilibrium, stochastic equilibrium, system optimum),
`assign_runs` an ensemble on fixed path sets; `relative_gap` and `stochastic_gap` check answers.
"""

from sim.laws.path_sets import PathSet, as_path_set, path_size
from sim.laws.routes.assign import Assignment, assign
from sim.laws.routes.choice import logit_shares
from sim.laws.routes.delay import Posts
from sim.laws.routes.demand import Demand, Trips, trips
from sim.laws.routes.gap import relative_gap, stochastic_gap
from sim.laws.routes.loading import LinkCosts
from sim.laws.routes.network import Network, beckmann, link_cost, marginal, total_cost
from sim.laws.routes.paths import k_shortest_paths, path_sets
from sim.laws.routes.stochastic import LinkRuns, RunsAssignment, assign_runs

__all__ = [
    "Assignment",
    "Demand",
    "LinkCosts",
    "LinkRuns",
    "Network",
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
