"""Speed of the route laws, alone and beside AequilibraE on the same network.

Run `python -m bench.routes [FOLDER]`; FOLDER holds the test networks and defaults to
`../shared/cases/routes` beside the project. Without it a made-up network is used. Where AequilibraE
can be imported it solves the same network in the same process, on one core, and its link volumes
are judged by our independent relative gap, as ours are.
"""

import logging
import os
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from sim.validation import assignment
from sim.validation.assignment.tntp import read_network, read_trips

ROUNDS = 7
GAPS = (1e-4, 1e-6)
N_RUNS, N_PAIRS, N_PATHS, N_POSTS, SIDE = 64, 250, 6, 30, 7
DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "cases" / "routes"


def best(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Shortest time of several rounds [s]."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return min(times)


def line(what: str, seconds: float, note: str) -> None:
    """One row of the table."""
    print(f"{what:<52} {1e3 * seconds:10.2f} ms   {note}")


def made_network(side: int, seed: int = 3) -> assignment.CrowdedNetwork:
    """Square grid with two-way links of uneven cost and capacity."""
    rng = np.random.default_rng(seed)
    node = np.arange(side * side).reshape(side, side)
    one_way = np.concatenate(
        [
            np.stack([node[:, :-1].ravel(), node[:, 1:].ravel()]),
            np.stack([node[:-1].ravel(), node[1:].ravel()]),
        ],
        axis=1,
    )
    tail, head = np.concatenate([one_way, one_way[::-1]], axis=1)
    return assignment.CrowdedNetwork(
        tail, head, rng.uniform(1, 3, tail.size), rng.uniform(40, 120, tail.size)
    )


def standard_network(folder: Path) -> tuple[str, assignment.CrowdedNetwork, np.ndarray]:
    """Sioux Falls, or a made-up network of its size."""
    place = folder / "sioux_falls"
    if place.is_dir():
        trips = read_trips(place / "SiouxFalls_trips.tntp")
        return "Sioux Falls", read_network(place / "SiouxFalls_net.tntp"), trips
    made = made_network(5)
    return "made-up, 80 links", made, np.random.default_rng(1).uniform(0, 4, (24, 24))


def time_standard(folder: Path) -> None:
    """User equilibrium, and the peer where it is installed."""
    name, network, trips = standard_network(folder)
    peer = Peer(network, trips) if find_spec("aequilibrae") else None
    if peer is None:
        print("AequilibraE: not installed")
    for gap in GAPS:
        found = assignment.assign(network, trips, choice="least_cost", relative_gap=gap)
        ours = best(
            lambda gap=gap: assignment.assign(network, trips, choice="least_cost", relative_gap=gap)
        )
        line(f"{name} to {gap:g}", ours, f"gap recomputed {found.relative_gap:.1e}")
        if peer is not None:
            theirs = best(lambda gap=gap: peer.solve(gap), rounds=1)
            reached = assignment.relative_gap(network, trips, peer.volume)
            line(f"  AequilibraE to {gap:g}", theirs, f"gap recomputed {reached:.1e}")
            print(f"  AequilibraE / ours: {theirs / ours:.0f} times")


def time_runs() -> None:
    """Ensemble kernel: pairs on fixed path sets, BPR links and queueing posts."""
    network, rng = made_network(SIDE), np.random.default_rng(2)
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < N_PAIRS:
        origin, destination = (int(node) for node in rng.integers(0, network.n_nodes, 2))
        if origin != destination:
            pairs.add((origin, destination))
    paths = assignment.path_sets(network, sorted(pairs), N_PATHS)
    line(
        "path sets", best(lambda: assignment.path_sets(network, sorted(pairs), N_PATHS), 3), "once"
    )
    rows = (N_RUNS, network.n_links)
    posts = assignment.Posts(
        link=rng.choice(network.n_links, N_POSTS, replace=False),
        servers=rng.integers(1, 9, (N_RUNS, N_POSTS)).astype(float),
        service_hours=np.full(N_POSTS, 100.0),
        period_hours=np.full(N_POSTS, 2160.0),
        hour_cost=np.full(N_POSTS, 0.002),
        backlog=rng.uniform(0, 10, (N_RUNS, N_POSTS)),
    )
    demand = rng.lognormal(0, 1, (N_RUNS, paths.n_pairs))
    for what, scale, factor in (
        ("posts queue", 1.0, 0.0),
        ("posts and roads", 1.0, 0.15),
        ("busy", 2.5, 0.15),
        ("overloaded", 5.0, 0.15),
    ):
        links = assignment.LinkRuns(
            free_flow_cost=np.asarray(network.free_flow_cost) * rng.uniform(0.8, 1.2, rows),
            capacity=np.asarray(network.capacity) * rng.uniform(0.7, 1.2, rows),
            bpr_factor=np.full(network.n_links, factor),
            bpr_power=np.full(network.n_links, 4.0),
            posts=posts,
        )

        def act(
            links: assignment.LinkRuns = links, scale: float = scale
        ) -> assignment.RunsAssignment:
            return assignment.assign_runs(
                paths,
                links,
                scale * demand,
                dispersion=np.full(N_RUNS, 1.5),
                length=np.asarray(network.free_flow_cost),
            )

        found = act()
        load = float((found.link_volume / links.capacity).max())
        note = (
            f"a run of {N_RUNS}; {paths.n_paths} paths, {network.n_links} links, "
            f"highest load {load:.1f}, {found.n_iterations.mean():.1f} steps, "
            f"{int(found.converged.sum())} converged"
        )
        line(f"ensemble, {what}", best(act) / N_RUNS, note)


class Peer:
    """The same problem set up for AequilibraE."""

    def __init__(self, network: assignment.CrowdedNetwork, trips: np.ndarray) -> None:
        os.environ["AEQ_SHOW_PROGRESS"] = "FALSE"
        import pandas as pd
        from aequilibrae.matrix import AequilibraeMatrix
        from aequilibrae.paths import Graph, TrafficClass

        logging.disable(logging.CRITICAL)
        n = len(trips)
        links = pd.DataFrame(
            {
                "link_id": np.arange(1, network.n_links + 1),
                "a_node": np.asarray(network.tail) + 1,
                "b_node": np.asarray(network.head) + 1,
                "direction": 1,
                "capacity": np.asarray(network.capacity),
                "free_flow_time": np.asarray(network.free_flow_cost),
                "b": np.asarray(network.bpr_factor),
                "power": np.asarray(network.bpr_power),
            }
        )
        graph = Graph()
        graph.network = links
        graph.prepare_graph(np.arange(1, n + 1))
        graph.set_graph("free_flow_time")
        graph.set_skimming(["free_flow_time"])
        graph.set_blocked_centroid_flows(False)
        matrix = AequilibraeMatrix()
        matrix.create_empty(zones=n, matrix_names=["trips"], memory_only=True)
        matrix.index = np.arange(1, n + 1)
        off_diagonal = trips - np.diag(trips.diagonal())
        matrix.matrix["trips"][:, :] = off_diagonal
        matrix.computational_view(["trips"])
        self._new_class = lambda: TrafficClass("all", graph, matrix)
        self.volume = np.zeros(network.n_links)

    def solve(self, gap: float) -> None:
        """Bi-conjugate Frank-Wolfe on one core."""
        from aequilibrae.paths import TrafficAssignment

        task, trips = TrafficAssignment(), self._new_class()
        task.set_classes([trips])
        task.set_cores(1)  # before the results have a size: later it fails in 1.7.2
        task.set_vdf("BPR")
        task.set_vdf_parameters({"alpha": "b", "beta": "power"})
        task.set_capacity_field("capacity")
        task.set_time_field("free_flow_time")
        task.set_algorithm("bfw")
        task.max_iter = 20_000
        task.rgap_target = gap
        task.execute()
        self.volume = trips.results.get_load_results()["trips_ab"].to_numpy()


def main() -> None:
    """Print every table."""
    time_standard(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
    time_runs()


if __name__ == "__main__":
    main()
