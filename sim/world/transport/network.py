"""The transport network of a world: nodes, links, gateways of regions and terms of passage.

Links are undirected: one link carries cargo both ways. Arrays over nodes are `(n_nodes,)`, over
links `(n_links,)`; indices of what does not exist are -1. FEU is a forty-foot container of 20 t.
"""

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray
from sim.world.transport.route_shares import RouteShare

HOURS_A_DAY = 24.0
FROM_GEOGRAPHY = "estimated-network"
"""Source of links that nobody named, estimated from main cities, common borders and coasts."""
KEPT_NETWORKS = 4
"""Networks that are known again when one of the same content comes once more."""


@dataclass(frozen=True, slots=True)
class Project:
    """A line that is to be built."""

    project: str
    name: str
    links: tuple[int, ...]
    """Links it brings."""
    cost_musd: float
    earliest_year: int
    """First year in which it may open."""
    build_years: float
    completion_hazard: float
    """Chance a year to open once it may [1/year]."""
    capacity_mt: float | None
    """Capacity when it opens [Mt/year]."""
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class Post:
    """Service speed of a border post or rail crossing."""

    gate: int
    """Place among the gates of the world."""
    unit: Literal["truck", "wagon"]
    servers: int
    """Lanes, or wagons handled at a time."""
    service_hours: float
    """Hours a server needs for one unit [h]."""
    open_hours: float
    """Hours a day in which it serves [h]."""
    capacity_per_day: float
    """Units served a day at most, both directions [1/day]."""
    utilisation: float
    """Share of the capacity in use in the base year [1]."""
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class PortTerms:
    """Capacity and charges of a port."""

    node: int
    berths: int
    capacity_mt: float | None
    capacity_kteu: float | None
    dwell_days: float
    """Days from ship to gate or from gate to ship [days]."""
    handling_usd_per_feu: float
    """Charge for a move between ship and land [USD/FEU]."""
    transit_charge_usd_per_feu: float | None
    """Further charge on cargo of other regions; None where not known [USD/FEU]."""
    draught_m: float | None
    """Deepest draught at its berths or in its channel; None where no source was found [m]."""
    draught_source: str
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Length, time and cost of a passage from one gateway to another."""

    length_km: float
    days: float
    """Door to door, terminals, gates and ports included [days]."""
    usd_per_feu: float
    """Freight, handling, fees and transit charges [USD/FEU]."""


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes and links with what a passage takes; empty where a world has no network."""

    nodes: tuple[str, ...]
    node_names: tuple[str, ...]
    node_kinds: tuple[str, ...]
    """City, border-post, rail-crossing, port, strait or junction."""
    owner: IndexArray
    """(n_nodes,) region of a node, the first of two at a border, -1 at sea."""
    owners: BoolArray
    """(n_nodes, n_regions) all regions a node belongs to."""
    latitude: FloatArray
    longitude: FloatArray
    gate: IndexArray
    """(n_nodes,) place among the gates of the world."""
    gate_hours: FloatArray
    """(n_nodes,) hours to pass the gate of a node [h]."""
    gate_fee_usd_per_feu: FloatArray
    """(n_nodes,) fees to pass the gate of a node [USD/FEU]."""
    port_dwell_days: FloatArray
    """(n_nodes,) dwell of cargo that changes between ship and land, zero elsewhere [days]."""
    port_handling_usd_per_feu: FloatArray
    """(n_nodes,) charge for that change, zero elsewhere [USD/FEU]."""
    gateways: FloatArray
    """(n_regions, n_nodes) share of a region's cargo that starts and ends at a node [1]."""
    terminal_days: FloatArray
    """(n_nodes,) days to load or unload and clear at a gateway, zero elsewhere [days]."""
    links: tuple[str, ...]
    tail: IndexArray
    head: IndexArray
    modes: tuple[str, ...]
    """Road, rail, sea or ferry."""
    length_km: FloatArray
    speed_kmh: FloatArray
    """Average over day and night, rests of drivers and stops of trains included [km/h]."""
    fare_usd_per_feu_km: FloatArray
    handling_usd_per_feu: FloatArray
    """Reloading, change of gauge, canal dues; ports and gates left out [USD/FEU]."""
    days_fixed: FloatArray
    """Waiting that does not depend on length; ports and gates left out [days]."""
    toll_usd_per_feu_km: FloatArray
    """Charge of the owner on cargo of other regions [USD/FEU-km]."""
    capacity_mt: FloatArray
    """Infinite where not known [Mt/year]."""
    link_owner: IndexArray
    """(n_links,) region whose ground a link runs on, -1 at sea."""
    status: tuple[str, ...]
    """Open, needs-agreement or planned."""
    open_to: BoolArray
    """(n_links, n_regions) whose cargo, bought or sold, may use a link that needs an agreement."""
    project: IndexArray
    """(n_links,) project that builds a planned link."""
    link_flags: tuple[str, ...]
    link_sources: tuple[str, ...]
    projects: tuple[Project, ...]
    posts: tuple[Post, ...]
    port_terms: tuple[PortTerms, ...]
    corridor_links: tuple[tuple[str, tuple[int, ...]], ...]
    """Corridors, each with the links it runs over from one end to the other."""
    route_shares: tuple[RouteShare, ...]
    """Routes in use in the base year by pair; empty where a world does not say."""
    base_open_share: FloatArray
    """(n_gates,) part of the base year in which recorded closures left each gate open [1]."""

    def __reduce__(self) -> "tuple[Callable[[bytes], Network], tuple[bytes]]":
        """Sent to another process twice, it arrives as one: paths are searched for only once."""
        return _arrived, (self._packed,)

    @cached_property
    def _packed(self) -> bytes:
        return pickle.dumps([getattr(self, field.name) for field in fields(self)])

    @property
    def n_from_geography(self) -> int:
        """Number of links that no source names: estimated from cities, borders and coasts."""
        return self.link_sources.count(FROM_GEOGRAPHY)

    @property
    def link_days(self) -> FloatArray:
        """Days on each link with its share of what happens at its ends, (n_links,) [days].

        A link bears half of the hours at a gate on either end and, at sea, the dwell at its port,
        so that the sum over a path counts every gate and every change to or from a ship once.
        """
        moving = self.length_km / self.speed_kmh / HOURS_A_DAY
        gates = self._at_ends(self.gate_hours) / (2.0 * HOURS_A_DAY)
        return moving + self.days_fixed + gates + self._at_sea_ends(self.port_dwell_days)

    @property
    def link_usd_per_feu(self) -> FloatArray:
        """Freight, handling and fees of each link, shared out as in `link_days`, (n_links,)."""
        freight = self.length_km * self.fare_usd_per_feu_km + self.handling_usd_per_feu
        fees = self._at_ends(self.gate_fee_usd_per_feu) / 2.0
        return freight + fees + self._at_sea_ends(self.port_handling_usd_per_feu)

    def tolls(self, origin: int, destination: int) -> FloatArray:
        """Transit charges of each link for cargo between two regions, (n_links,) [USD/FEU]."""
        foreign = (self.link_owner != origin) & (self.link_owner != destination)
        return np.where(foreign, self.toll_usd_per_feu_km * self.length_km, 0.0)

    def usable(self, origin: int, destination: int) -> BoolArray:
        """Links that cargo between two regions may use in the base year, (n_links,)."""
        always = np.array([status == "open" for status in self.status], dtype=np.bool_)
        return always | self.open_to[:, origin] | self.open_to[:, destination]

    @property
    def planned_gates(self) -> BoolArray:
        """Gates that only lines to be built lead to, by place among those of the nodes."""
        gates = np.concatenate([self.gate[self.tail], self.gate[self.head]])
        built = np.array([status != "planned" for status in self.status], dtype=np.bool_)
        n_gates = int(self.gate.max(initial=-1)) + 1
        leads = np.zeros((2, n_gates), dtype=np.bool_)
        for row, lines in zip(leads, (~built, built), strict=True):
            row[gates[np.tile(lines, 2) & (gates >= 0)]] = True
        return np.asarray(leads[0] & ~leads[1])

    def passage(self, links: Sequence[int], origin: int, destination: int) -> Passage:
        """Length, time and cost of a chain of links for cargo between two regions.

        Parameters
        ----------
        links : sequence of int
            From one gateway to another, each starting where the one before it ends.
        origin, destination : int
            Regions, for their transit charges.

        Returns
        -------
        Passage
        """
        route = np.asarray(links, dtype=np.intp)
        met, times = np.unique([self.tail[route], self.head[route]], return_counts=True)
        ends = met[times % 2 == 1]
        usd = self.link_usd_per_feu + self.tolls(origin, destination)
        return Passage(
            length_km=float(self.length_km[route].sum()),
            days=float(self.link_days[route].sum() + self.terminal_days[ends].sum()),
            usd_per_feu=float(usd[route].sum()),
        )

    def _at_ends(self, values: FloatArray) -> FloatArray:
        return values[self.tail] + values[self.head]

    def _at_sea_ends(self, values: FloatArray) -> FloatArray:
        afloat = np.array([mode in ("sea", "ferry") for mode in self.modes], dtype=np.bool_)
        return np.where(afloat, self._at_ends(values), 0.0)


@lru_cache(maxsize=KEPT_NETWORKS)
def _arrived(packed: bytes) -> Network:
    """A network as another process sent it, or as another ledger has it."""
    values = pickle.loads(packed)
    for value in values:
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    made = Network(*values)
    made.__dict__["_packed"] = packed
    return made


def shared_network(network: Network) -> Network:
    """The one object that stands for all networks of the same content, as of several ledgers."""
    return _arrived(network._packed)
