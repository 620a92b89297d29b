"""The rules of ports and posts as a plain agent-based model: one run, one object per place.

It is told the same traffic as the model proper and shares no rule with it: what a place observes,
asks, orders and opens, and how long cargo waits there, is written out again on plain numbers.
Units of cargo are trucks, wagons and calls of ships; quarters count as 4 * year + quarter - 1.
"""

import math
from typing import NamedTuple

import mesa

from sim.simulation.transport.path_costs import Gates

DAYS_A_QUARTER = 365.25 / 4
SHUT = 1e-6
"""Part of a quarter below which nothing is served."""


class Terms(NamedTuple):
    """What is known about a place in the base year."""

    handling_usd: float = 0.0
    """What a port asks for a move [USD/FEU]."""
    lanes_paid: tuple[float, ...] = ()
    """Share of lanes that each agreement adds at a post [1]."""
    used: float = 0.0
    """Share of the capacity in use [1]; 0 where nobody knows the capacity and nothing queues."""
    servers: float = 0.0
    """Lanes or berths."""
    service_hours: float = 0.0
    """Hours one of them needs for a unit [h]."""
    quarter_hours: float = 0.0
    """Hours of a quarter in which it serves when it is open [h]."""
    unit_tonnes: float = 1.0


class Queue(NamedTuple):
    """What a quarter does to a queue."""

    wait: float
    """Mean wait [h]."""
    slope: float
    """What one more unit adds to it [h/unit]."""
    left: float
    """Units left at the end."""


def idle_share(wanted, room, power):
    """Part q of the time for which the place stands idle, between 0 and 1.

    What is wanted is served or waits: wanted = u room + u^power u / (1 - u) with u = 1 - q. Newton
    from where everybody waits, halving whenever a step leaves the bracket.
    """
    if wanted <= 0.0:
        return 1.0
    over = wanted - room
    half = 0.5 * (over + 1.0)
    root = math.sqrt(half * half + room)
    # Root of the same with a chance to wait of 1, in the form that does not cancel.
    high = min(1.0, 1.0 / (half + root) if half > 0.0 else (root - half) / room)
    low = max(0.0, -over / room)
    q = high
    for _ in range(100):
        u = max(1.0 - q, 1e-200)
        chance = u**power
        value = (over + room * q) * q - chance * u
        if value > 0.0:
            high = q
        elif value < 0.0:
            low = q
        step = q - value / (over + 2.0 * room * q + (power + 1.0) * chance)
        if not low < step < high:
            step = math.sqrt(max(low, 1e-30) * high)
        if abs(step - q) <= 1e-15 * q:
            break
        q = step
    return q


def serve_quarter(arrivals, before, servers, service_hours, hours):
    """Queue of a quarter with `servers` for `hours`, given the units left from before."""
    rate = servers / service_hours
    room, power = rate * hours, math.sqrt(2.0 * (servers + 1.0)) - 1.0
    q = idle_share(before + arrivals, room, power)
    u = max(1.0 - q, 1e-200)
    at_end = u**power / (q * rate)
    queue = u * at_end * rate
    after, idle = min(queue, before + arrivals), room * q
    # Without idle time the wait lies midway between those at the start and the end.
    midway = 0.5 * (before + after) / (before + after + idle)
    at_start = before / rate
    # The same one unit later: u grows by 1 / (room + queue').
    queue_by_u = queue * ((power + 1.0) / u + 1.0 / q)
    more = 1.0 / (room + queue_by_u)
    by_end = at_end * (power / u + 1.0 / q) * more
    by_midway = 0.5 * (queue_by_u * idle + (before + after) * room) * more
    by_midway /= (before + after + idle) ** 2
    slope = by_end * (1.0 - midway) + by_midway * (at_start - at_end)
    return Queue(at_end + midway * (at_start - at_end), slope, after)


class TwinPlace(mesa.Agent):
    """A place in one run that opens, serves, and builds when it stays busy.

    Attributes
    ----------
    use : float
        Arrivals over what it could serve while open, last quarter [1].
    left : float
        Units left waiting.
    delay, delay_ahead : float
        Wait beyond that on record by which cargo chose, and by which it will choose [h].
    built, capacity : float
        Own capacity and that of the coming quarter, over the base year's [1].
    """

    trigger, patience, wanted, most, build_quarters = 0.9, 4, 0.75, 2.0, 8
    """It builds after a year above nine tenths, for a use of three quarters, at most twice what
    there is, and waits two years for it."""

    def __init__(self, model, terms, open_share):
        super().__init__(model)
        self.terms, self.calendar = terms, open_share
        # How full it is while open; whether for all of the quarter does not matter.
        self.use = terms.used if open_share[0] > 0.0 else 0.0
        self.left = self.wait_on_record = 0.0
        self.delay = self.delay_ahead = 0.0
        self.built = self.capacity = 1.0
        self.busy, self.ordered, self.ready = 0, None, None
        self.extra_usd, self.open_share, self.tonnes = 0.0, 1.0, 0.0
        if terms.used:
            self.rest()

    def rest(self):
        """Let the base year go on until its queue stands still."""
        terms = self.terms
        units = terms.used * terms.servers / terms.service_hours * terms.quarter_hours
        for _ in range(60):
            found = serve_quarter(
                units, self.left, terms.servers, terms.service_hours, terms.quarter_hours
            )
            self.left = found.left
        self.wait_on_record = found.wait

    def decide(self, quarter, in_force):
        """Open, build and ask for the coming quarter, by what was seen in the last."""
        self.open_share = self.calendar[quarter - self.model.first_quarter]
        self.build(quarter)
        self.capacity = self.built
        self.ask(in_force)

    def build(self, quarter):
        """Take over what is ready, or order more when it has been busy for long."""
        if self.ordered is not None and quarter >= self.ready:
            # What was seen so far was seen of the smaller place.
            self.built, self.ordered, self.busy = self.built * self.ordered, None, 0
            return
        self.busy = self.busy + 1 if self.use > self.trigger else 0
        if self.busy >= self.patience and self.ordered is None:
            self.ordered = min(self.most, self.use / self.wanted)
            self.ready = quarter + self.build_quarters

    def ask(self, in_force):
        """What it asks of cargo or gets from agreements beyond the base year."""

    def serve(self, tonnes, base_tonnes, season):
        """Serve the cargo of a quarter.

        Parameters
        ----------
        tonnes, base_tonnes : float
            Cargo that is followed, now and in the baseline of the same season [t/year].
        season : float
            Part of the quarter in which it was open in that baseline [1].
        """
        self.tonnes, self.delay, self.delay_ahead = tonnes, self.delay_ahead, 0.0
        terms = self.terms
        if not terms.used or self.open_share <= SHUT:
            self.use = 0.0
            return
        hours = self.open_share * terms.quarter_hours
        servers = terms.servers * self.capacity
        arrivals = self.arrivals(tonnes, base_tonnes, season or 1.0)
        self.use = arrivals * terms.service_hours / (servers * hours)
        self.left = serve_quarter(arrivals, self.left, servers, terms.service_hours, hours).left
        self.delay_ahead = self.reckon(arrivals, servers, hours)

    def arrivals(self, tonnes, base_tonnes, season):
        """Units that come: the cargo followed, and the rest, which comes while it is open."""
        terms = self.terms
        usual = season * terms.used * terms.servers / terms.service_hours * terms.quarter_hours
        per_year = 4.0 * terms.unit_tonnes
        followed, now = base_tonnes / per_year, tonnes / per_year
        if followed > usual:
            return now * usual / followed
        return now + (usual - followed) * self.open_share / season

    def reckon(self, arrivals, servers, hours):
        """Wait beyond that on record if the same came again less what it turns away [h].

        Two steps of Newton from the wait by which cargo chose in this quarter.
        """
        ahead, answer = self.delay, self.model.response
        for _ in range(2):
            coming = arrivals * math.exp(-answer * (ahead - self.delay))
            found = serve_quarter(coming, self.left, servers, self.terms.service_hours, hours)
            miss = ahead - (found.wait - self.wait_on_record)
            ahead -= miss / (1.0 + found.slope * coming * answer)
        return ahead


class TwinPort(TwinPlace):
    """A port: it asks more when it is fuller than it used to be, less when it is emptier."""

    elasticity, dearest = 0.5, 2.0

    def ask(self, in_force):
        factor = 1.0
        # One that was shut, or whose use nobody knows, has nothing to go by.
        if self.terms.used and self.use > 0.0:
            factor = (self.use / self.terms.used) ** self.elasticity
            factor = min(self.dearest, max(1.0 / self.dearest, factor))
        self.extra_usd = self.terms.handling_usd * (factor - 1.0)


class TwinPost(TwinPlace):
    """A border post or rail crossing: it has the most lanes that any agreement in force pays."""

    def ask(self, in_force):
        paid = [
            lanes
            for lanes, works in zip(self.terms.lanes_paid, in_force, strict=True)
            if works and lanes > 0.0
        ]
        self.capacity += max(paid, default=0.0)


class PortTwin(mesa.Model):
    """All ports and posts of one run.

    Parameters
    ----------
    places : list of (class, Terms, sequence of float)
        Kind of each place, what is known about it, and the part of each quarter in which it is
        open, from `first_quarter` on [1].
    first_quarter : int
        The quarter it starts from.
    response : float
        Part of the cargo that one more hour of waiting turns away [1/h].
    """

    def __init__(self, places, first_quarter, response):
        super().__init__(rng=0)
        self.first_quarter, self.quarter, self.response = first_quarter, first_quarter, response
        self.places = [kind(self, terms, open_share) for kind, terms, open_share in places]

    def decide(self, in_force=()):
        """All places decide for the coming quarter; `in_force` says which agreements then are."""
        for place in self.places:
            place.decide(self.quarter + 1, in_force)

    def serve(self, tonnes, base_tonnes, season):
        """All places serve the cargo that has come, each argument by place."""
        for place, *traffic in zip(self.places, tonnes, base_tonnes, season, strict=True):
            place.serve(*traffic)
        self.quarter += 1


def twin_of(proper, run):
    """Twin of one run of the model proper, made from its scenario, world and draws."""
    p = {name: float(values[run]) for name, values in proper.draws.parameters.items()}
    elasticity = p["corridor_choice_dispersion"] + p["trade_elasticity"] - 1.0  # of trade to costs
    places = places_of(proper, run)
    return PortTwin(places, proper.first_quarter, elasticity * p["time_cost_per_day"] / 24.0)


def baseline_of(proper, quarter):
    """Traffic that the model proper compares a quarter with; straits left out.

    Returns
    -------
    tuple of list
        Cargo by run and place [t/year], and the part of the quarter in which each place is open by
        season [1]. Where a season has been lifted, that of a place that is open throughout.
    """
    seasons, tick = proper.transport.seasons, quarter - proper.first_quarter
    season, baseline = proper.draws.season_open_share[:, tick], proper.transport.routes.baseline
    if proper.draws.season_lifted[tick]:
        tonnes, season = baseline.open_gate_tonnes(seasons), 1.0 + 0.0 * season
    else:
        tonnes = baseline.gate_tonnes(Gates.by_season(season))
    gates = deciding(proper.world)
    return tonnes[:, gates].tolist(), season[gates].tolist()


def deciding(world):
    """Gates at which somebody decides; a strait has no owner."""
    return [k for k, gate in enumerate(world.gates) if gate.kind == "port" or gate.owners]


def places_of(proper, run):
    """What a `PortTwin` is made of, read off the scenario, world and draws of the model proper."""
    world, draws = proper.world, proper.draws
    known = {**posts_on_record(world), **ports_on_record(world)}
    found = []
    for number in deciding(world):
        gate = world.gates[number]
        terms = known.get(number, Terms())
        if gate.kind == "port":
            terms = terms._replace(handling_usd=handling(world, number))
        else:
            paid = [lanes(a, gate.owners) for a in proper.scenario.agreements.values()]
            terms = terms._replace(lanes_paid=tuple(paid))
        kind = TwinPort if gate.kind == "port" else TwinPost
        found.append((kind, terms, draws.gate_open_share[run, number].tolist()))
    return found


def lanes(agreement, owners):
    """Share of lanes that a transit agreement of all owners of a post adds there [1]."""
    together = agreement.kind == "transit" and all(o in agreement.members for o in owners)
    return agreement.lanes_added_share if together else 0.0


def handling(world, gate):
    """What the port that a gate is named after asks for a move [USD/FEU]."""
    for port in world.network.port_terms:
        if world.network.nodes[port.node] == world.gates[gate].gate:
            return port.handling_usd_per_feu
    return 0.0


def posts_on_record(world):
    """What is known about posts, by gate: trucks are a container of 20 t, wagons three of them."""
    return {
        post.gate: Terms(
            used=post.utilisation,
            servers=post.servers,
            service_hours=post.service_hours,
            quarter_hours=post.open_hours * DAYS_A_QUARTER,
            unit_tonnes=60.0 if post.unit == "wagon" else 20.0,
        )
        for post in world.network.posts
    }


def ports_on_record(world):
    """What is known about ports, by gate: calls of 10,000 t at berths that never rest.

    Capacity in tonnes or, where there is none, in containers of 10 t; in use is what throughput
    says, or six tenths.
    """
    gates = {gate.gate: number for number, gate in enumerate(world.gates)}
    ports = {port.port: port for port in world.ports}
    found = {}
    for terms in world.network.port_terms:
        name = world.network.nodes[terms.node]
        tonnes = 1e6 * (terms.capacity_mt or 0.0) or 1e4 * (terms.capacity_kteu or 0.0)
        if name not in gates or name not in ports or not tonnes:
            continue
        port, used = ports[name], 0.6
        if port.throughput_mt and port.capacity_mt:
            used = port.throughput_mt / port.capacity_mt
        elif port.throughput_kteu and port.capacity_kteu:
            used = port.throughput_kteu / port.capacity_kteu
        found[gates[name]] = Terms(
            used=used,
            servers=terms.berths,
            service_hours=terms.berths * 365.25 * 24.0 / (tonnes / 1e4),
            quarter_hours=24.0 * DAYS_A_QUARTER,
            unit_tonnes=1e4,
        )
    return found
