"""Known answers of routes and queues: closed forms always, networks where their files are."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sim.laws import queues
from sim.validation import assignment, steady_queues
from sim.validation.assignment.tntp import read_network, read_trips
from sim.validation.check import Check, SkippedCheck

_GAP = 1e-12
_SIOUX_FALLS = "sioux_falls"
_OBJECTIVE, _TOTAL_TIME = 4231335.28710744, 7480225.34492


def known_routes(folder: Path | None) -> list[Check | SkippedCheck]:
    """Try every known answer of routes and queues.

    Parameters
    ----------
    folder : Path or None
        Folder of test networks, one subfolder each; None or an absent folder leaves the closed
        forms and says what was skipped.
    """
    rows: list[Check | SkippedCheck] = [*_braess(), *_pigou(), *_parallel(), *_choice(), *_queues()]
    network = None if folder is None else folder / _SIOUX_FALLS
    if network is None or not network.is_dir():
        where = "no folder of networks was given" if folder is None else f"not in {folder}"
        return [*rows, SkippedCheck("Sioux Falls", f"network and trips: {where}")]
    return [*rows, *_sioux_falls(network)]


def _braess() -> Iterator[Check]:
    source = "Braess (1968), Unternehmensforschung 12"
    demand = {(0, 1): 6.0}
    for bridge, known in ((True, 92.0), (False, 83.0)):
        town = assignment.CrowdedNetwork(
            tail=[0, 0, 2, 2, 3],
            head=[2, 3, 1, 3, 1],
            free_flow_cost=[1e-8, 50.0, 50.0, 10.0, 1e-8],
            capacity=1.0,
            bpr_factor=[1e9, 0.02, 0.02, 0.1, 1e9],
            bpr_power=1.0,
            open=[True, True, True, bridge, True],
        )
        found = assignment.assign(town, demand, choice="least_cost", relative_gap=_GAP)
        name = "route cost with the bridge" if bridge else "route cost without the bridge"
        yield Check("Braess", name, known, float(found.cost[0, 1]), 1e-6, "cost", source)
        best = assignment.assign(town, demand, choice="system_optimum", relative_gap=_GAP)
        what = f"total cost at the system optimum, bridge {'open' if bridge else 'closed'}"
        yield Check("Braess", what, 498.0, best.total_cost, 1e-6, "cost", source)


def _pigou() -> Iterator[Check]:
    for power in (1, 2, 3, 4):
        # a road of cost volume^power beside one of cost 1; the free cost must not be zero
        roads = assignment.CrowdedNetwork(
            [0, 0], [1, 1], [1e-9, 1.0], [1.0, np.inf], [1e9, 0.0], [float(power), 1.0]
        )
        selfish, best = (
            assignment.assign(roads, {(0, 1): 1.0}, choice=choice, relative_gap=_GAP).total_cost
            for choice in ("least_cost", "system_optimum")
        )
        known = 1.0 / (1.0 - power * (power + 1.0) ** (-(power + 1.0) / power))
        yield Check(
            "Pigou",
            f"price of anarchy, power {power}",
            known,
            selfish / best,
            1e-6,
            "ratio",
            "Roughgarden (2003), J. Computer and System Sciences 67(2)",
        )


def _parallel() -> Iterator[Check]:
    roads = assignment.CrowdedNetwork([0] * 3, [1] * 3, [10.0, 20.0, 25.0], [2.0, 4.0, 3.0])
    demand = {(0, 1): 10.0}
    source = "Sheffi (1985), Urban Transportation Networks, ch. 3 and 12"
    selfish = assignment.assign(roads, demand, choice="least_cost", relative_gap=_GAP)
    known_cost, known_area = 25.45602001, 189.3320416
    area = assignment.beckmann(roads, selfish.link_volume)
    yield Check("three routes", "cost", known_cost, float(selfish.cost[0, 1]), 1e-7, "cost", source)
    yield Check("three routes", "Beckmann objective", known_area, area, 1e-6, "cost", source)
    volumes = {
        0.1: (3.49434325, 3.9313433, 2.57431344),
        0.5: (3.54299618, 4.38802701, 2.06897681),
        1.0: (3.55934821, 4.50159993, 1.93905186),
    }
    for dispersion, known in volumes.items():
        spread = assignment.assign(roads, demand, dispersion=dispersion, relative_gap=_GAP)
        worst = int(np.abs(spread.link_volume - known).argmax())
        yield Check(
            "three routes",
            f"stochastic volume of route {worst}, dispersion {dispersion:g}",
            known[worst],
            float(spread.link_volume[worst]),
            1e-8,
            "volume",
            source,
        )


def _choice() -> Iterator[Check]:
    overlap = "Ben-Akiva and Bierlaire (1999), eqs. 26-28"
    for shared in (0.0, 0.25, 0.5, 0.75, 1.0):
        paths = assignment.as_path_set(4, {(0, 1): [[0], [1, 2], [1, 3]]})
        length = np.array([1.0, shared, 1.0 - shared, 1.0 - shared])
        share, _ = assignment.logit_shares(
            np.ones(3), 1.0, size=assignment.path_size(paths, length)
        )
        what = f"share of the separate route, {shared:g} shared"
        known = 1.0 / (3.0 - shared)
        yield Check("path-size logit", what, known, float(share[0]), 1e-12, "share", overlap)
    _, logsum = assignment.logit_shares([100.0, 110.0, 130.0], 0.05)
    ours, known = float(logsum), 87.91738789326544
    yield Check("logit", "logsum cost", known, ours, 1e-10, "cost", "closed form")


def _queues() -> Iterator[Check]:
    textbook = "Gross and Harris (1998), Fundamentals of Queueing Theory, ch. 2"
    for servers, load, known in (
        (2, 1.4, 49 / 85),
        (4, 3.6, 8748 / 11105),
        (10, 7.0, 0.22173121588381545),
    ):
        wait = float(steady_queues.erlang_c(load, float(servers)))
        what = f"chance to wait, {servers} servers, load {load:g}"
        yield Check("M/M/c", what, known, wait, 1e-12, "share", textbook)
    room = steady_queues.finite_queue(4.0, 1.0 / 1.2, 3.0, 10)
    blocked = float(room.blocked_share)
    yield Check("M/M/3/10", "blocked", 0.15476140005660624, blocked, 1e-12, "share", textbook)
    wait = float(steady_queues.mg1_wait(0.8, 1.0, 0.5))
    yield Check("M/G/1", "wait", 3.0, wait, 1e-12, "service times", "Pollaczek (1930)")
    wait = float(steady_queues.allen_cunneen_wait(3.6, 1.0, 4.0, 0.5, 0.5))
    yield Check("G/G/4", "wait", 0.9846915803692032, wait, 1e-12, "service times", "Allen (1990)")
    fluid = steady_queues.fluid_backlog([120.0] * 10 + [80.0] * 10, 100.0)
    for what, known, ours in (
        ("largest backlog", 200.0, fluid.backlog.max()),
        ("delay", 2000.0, fluid.delay.sum()),
    ):
        yield Check("fluid queue", what, known, float(ours), 1e-9, "units", "closed form")
    long = queues.period_queue(
        1.4e6, 0.0, servers=2.0, service_hours=1.0, period_hours=1e6, variability=1.0
    )
    textbook_wait = float(steady_queues.mmc_wait(1.4, 1.0, 2.0))
    what = "wait in a long period against the steady wait"
    yield Check("period queue", what, textbook_wait, float(long.wait), 1e-5, "hours", textbook)


def _sioux_falls(folder: Path) -> Iterator[Check]:
    network = read_network(folder / "SiouxFalls_net.tntp")
    trips = read_trips(folder / "SiouxFalls_trips.tntp")
    found = assignment.assign(network, trips, choice="least_cost", relative_gap=1e-10)
    source = "Transportation Networks for Research; LeBlanc, Morlok and Pierskalla (1975)"
    area = assignment.beckmann(network, found.link_volume)
    for what, known, ours, tolerance in (
        ("Beckmann objective", _OBJECTIVE, area, 1e-6 * _OBJECTIVE),
        ("total time", _TOTAL_TIME, found.total_cost, 1e-6 * _TOTAL_TIME),
        ("relative gap, recomputed", 0.0, found.relative_gap, 1e-9),
    ):
        unit = "1" if "gap" in what else "0.01 h"
        yield Check("Sioux Falls", what, known, float(ours), tolerance, unit, source)
