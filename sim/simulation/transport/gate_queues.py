"""Service at gates: arrivals at posts and ports, queues, and the hours cargo expects.

Base year: a gate that is open serves what its utilisation on record says, of which the cargo of the
pairs followed through the network is a part; the rest, other pairs' and home cargo, stands still
and comes in proportion to the time the gate is open. Hours on record hold the wait of the base
year, so only what goes beyond it is added.

Cargo chooses its way by the wait it reckons with, which is that of the next quarter if what came in
this one came again, less what the wait itself turns away. Without that last part cargo would crowd
each quarter to where the last one was quiet; with it the lag of one quarter leaves the same rest
point and swings no more (a test solves the quarter to its end beside it).
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.queues import PeriodQueue, period_queue
from sim.laws.transport.outages import DAYS_A_QUARTER

if TYPE_CHECKING:
    from sim.world.world import World


TONNES_PER_UNIT = {"truck": 20.0, "wagon": 60.0, "ship": 10_000.0}
"""Assumption: a truck is a container load, a wagon three, a ship's call ten thousand tonnes."""
TONNES_PER_TEU = 10.0
HOURS_A_YEAR = 8766.0
USUAL_UTILISATION = 0.6
"""Assumption: use of a port whose throughput is not on record."""
NEWTON_STEPS = 2
SETTLING_QUARTERS = 60
MIN_OPEN = 1e-6
"""Part of a quarter below which a gate counts as shut."""


class Service(NamedTuple):
    """Service capacity of the gates that can queue; all arrays are `(n_serving,)`."""

    gate: IndexArray
    """Place among the gates of the world."""
    servers: FloatArray
    """Lanes, wagons handled at a time or berths."""
    service_hours: FloatArray
    """Hours a server needs for a unit [h]."""
    quarter_hours: FloatArray
    """Hours of a quarter in which it serves when open [h]."""
    tonnes_per_unit: FloatArray
    utilisation: FloatArray
    """Share of the capacity in use in the base year [1]."""
    wait_hours: FloatArray
    backlog: FloatArray
    """Wait [h] and queue [units] of the base year."""

    @property
    def room(self) -> FloatArray:
        """Units that can be served in a quarter."""
        return self.servers * self.quarter_hours / self.service_hours


class Traffic(NamedTuple):
    """Traffic at the gates in a quarter; `(n_runs, n_gates)`, named as in the `Snapshot`."""

    gate_tonnes: FloatArray
    gate_utilisation: FloatArray
    gate_backlog: FloatArray
    gate_delay_hours: FloatArray
    gate_delay_ahead_hours: FloatArray


def find_service(world: "World") -> Service:
    """Collect the posts and ports of a world whose capacity is known, in the base year's rest."""
    rows = [*_posts(world), *_ports(world)]
    gate, servers, hours, quarter, tonnes, used = np.array(rows, dtype=np.float64).reshape(-1, 6).T
    nothing = np.zeros(len(rows))
    service = Service(gate.astype(np.intp), servers, hours, quarter, tonnes, used, nothing, nothing)
    arrivals, waiting = service.utilisation * service.room, nothing
    for _ in range(SETTLING_QUARTERS):
        queue = _queue(service, arrivals, waiting, service.servers, service.quarter_hours)
        waiting = queue.backlog
    return service._replace(wait_hours=queue.wait, backlog=waiting)


def _posts(world: "World") -> list[tuple[float, ...]]:
    return [
        (
            post.gate,
            post.servers,
            post.service_hours,
            DAYS_A_QUARTER * post.open_hours,
            TONNES_PER_UNIT[post.unit],
            post.utilisation,
        )
        for post in world.network.posts
    ]


def _ports(world: "World") -> list[tuple[float, ...]]:
    network = world.network
    known = {port.port: port for port in world.ports}
    rows: list[tuple[float, ...]] = []
    for terms in network.port_terms:
        gate = int(network.gate[terms.node])
        port = known.get(world.gates[gate].gate) if gate >= 0 else None
        capacity = terms.capacity_mt or TONNES_PER_TEU * (terms.capacity_kteu or 0.0) / 1e3
        # Two ports behind one gate queue as the one the gate is named after.
        if port is None or not capacity or port.port != network.nodes[terms.node]:
            continue
        used = USUAL_UTILISATION
        if port.throughput_mt and port.capacity_mt:
            used = port.throughput_mt / port.capacity_mt
        elif port.throughput_kteu and port.capacity_kteu:
            used = port.throughput_kteu / port.capacity_kteu
        hours = terms.berths * HOURS_A_YEAR * TONNES_PER_UNIT["ship"] / (1e6 * capacity)
        day = 24.0 * DAYS_A_QUARTER
        rows.append((gate, terms.berths, hours, day, TONNES_PER_UNIT["ship"], used))
    return rows


def serve(
    service: Service,
    tonnes: FloatArray,
    base_tonnes: FloatArray,
    *,
    season_share: FloatArray,
    open_share: FloatArray,
    capacity_factor: FloatArray,
    backlog: FloatArray,
    delay_hours: FloatArray,
    response: FloatArray,
) -> Traffic:
    """Serve one quarter.

    Parameters
    ----------
    service : Service
    tonnes, base_tonnes : (n_runs, n_gates) ndarray
        Cargo of the pairs followed, now and in the baseline of the same season [t/year].
    season_share : (n_gates,) ndarray
        Part of the quarter in which gates were open in that baseline [1].
    open_share, capacity_factor : (n_runs, n_gates) ndarray
        Part of the quarter open; capacity over that of the base year [1].
    backlog, delay_hours : (n_runs, n_gates) ndarray
        Units left from before; wait beyond that on record by which cargo chose [h].
    response : (n_runs, 1) ndarray
        Part of the cargo that one more hour of waiting turns away [1/h].

    Returns
    -------
    Traffic
    """
    at, per_year = service.gate, 4.0 * service.tonnes_per_unit
    is_open = open_share[:, at] > MIN_OPEN
    hours = np.where(is_open, open_share[:, at], 1.0) * service.quarter_hours
    servers = service.servers * capacity_factor[:, at]
    season = np.where(season_share[at] > 0.0, season_share[at], 1.0)
    usual = season * service.utilisation * service.room
    part = base_tonnes[:, at] / per_year
    # What is followed cannot have been more than all there was on record.
    scale = np.minimum(1.0, usual / np.maximum(part, usual * 1e-9))
    others = open_share[:, at] / season * np.maximum(usual - part, 0.0)
    coming = others + scale * tonnes[:, at] / per_year
    coming = np.where(is_open, coming, 0.0)
    before = backlog[:, at]
    queue = _queue(service, coming, before, servers, hours)
    left = np.where(is_open, queue.backlog, before)
    ahead = delay_hours[:, at]
    for _ in range(NEWTON_STEPS):
        reached = coming * np.exp(-response * (ahead - delay_hours[:, at]))
        again = _queue(service, reached, left, servers, hours)
        gap = ahead - (again.wait - service.wait_hours)
        ahead = ahead - gap / (1.0 + again.wait_slope * reached * response)
    full = servers * hours / service.service_hours
    return Traffic(
        gate_tonnes=tonnes,
        gate_utilisation=_on_gates(open_share, at, coming / full),
        gate_backlog=_on_gates(open_share, at, left),
        gate_delay_hours=delay_hours,
        gate_delay_ahead_hours=_on_gates(open_share, at, np.where(is_open, ahead, 0.0)),
    )


def _queue(
    service: Service,
    coming: FloatArray,
    before: FloatArray,
    servers: FloatArray,
    hours: FloatArray,
) -> PeriodQueue:
    return period_queue(
        coming,
        before,
        servers=servers,
        service_hours=service.service_hours,
        period_hours=hours,
        formula="sakasegawa",
    )


def _on_gates(like: FloatArray, at: IndexArray, values: FloatArray) -> FloatArray:
    answer = np.zeros(like.shape)
    answer[:, at] = values
    return answer
