"""A network for a world that has none: cities, border posts, ports, and what joins them.

Where the analyst names no network, one is estimated from geography: the main city of every region,
a post on every common border, a port for every region with a coast, roads between cities and posts,
ships between ports. A landlocked region whose neighbours belong to the rest of the world reaches
the sea through those of them that lie on its way. All terms that nobody states are the medians of
the packaged network by mode, which are those of measured corridors, and are flagged as estimated.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import median

import numpy as np

from sim.laws.transport.great_circle import great_circle_km
from sim.world.builder.matrix import RegionWeights
from sim.world.builder.spec.spec import Spec
from sim.world.csv_tables.reader import PACKAGED, read_tables
from sim.world.sources.countries import countries

Point = tuple[float, float]
"""Latitude and longitude [degrees]."""
MAX_ESTIMATED = 40
"""Regions up to which a network is estimated where none is asked for: beyond, ports grow many."""
ROAD_DETOUR, SEA_DETOUR = 1.3, 1.5
"""Length over the great circle: median of the packaged roads; assumed for ships round the land."""
PORT_KM = 150.0
"""Assumed road from a main city to the coast where no port is named [km]."""
MIN_KM = 1.0
CITY, POST, PORT = "city", "border-post", "port"


@dataclass(frozen=True)
class PlannedNode:
    """A city, border post or port."""

    node: str
    name: str
    kind: str
    regions: tuple[str, ...]
    at: Point
    share: float = 0.0
    """Of the region's cargo that starts and ends here [1]."""
    hours: float | None = None
    """To pass a border, both sides; the usual ones if None [h]."""
    fee_usd: float | None = None
    """Fees of a border, both sides; the usual ones if None [USD/FEU]."""
    dwell_days: float | None = None
    is_stated: bool = False
    """Whether the analyst names it."""


@dataclass(frozen=True)
class PlannedLink:
    """A stretch between two nodes."""

    tail: str
    head: str
    mode: str
    km: float
    owner: str = ""
    days_fixed: float = 0.0
    speed_kmh: float | None = None
    fare_usd_per_feu_km: float | None = None
    note: str = ""
    is_stated: bool = False


@dataclass(frozen=True)
class NetworkPlan:
    """Nodes and links of a network in the making."""

    nodes: tuple[PlannedNode, ...] = ()
    links: tuple[PlannedLink, ...] = ()


@dataclass(frozen=True)
class UsualTerms:
    """Medians of the packaged network, and the range of hours at its borders."""

    speed_kmh: Mapping[str, float]
    fare_usd_per_feu_km: Mapping[str, float]
    border_hours: float
    border_hours_range: tuple[float, float]
    border_fee_usd: float
    closure_rate_per_year: float
    mean_closure_days: float
    dwell_days: float
    handling_usd: float
    terminal_days: float


@lru_cache(maxsize=1)
def usual_terms() -> UsualTerms:
    """Read the medians of the packaged network, once."""
    names = ("regions", "sources", "gates", "nodes", "projects", "links", "port_terms", "gateways")
    tables = read_tables(PACKAGED, names)
    posts = [row for row in tables["gates"] if row.text("kind") == POST]
    hours = [row.number("border_hours") for row in posts]
    speeds: dict[str, list[float]] = {}
    fares: dict[str, list[float]] = {}
    for row in tables["links"]:
        speeds.setdefault(row.text("mode"), []).append(row.number("speed_kmh"))
        fares.setdefault(row.text("mode"), []).append(row.number("fare_usd_per_feu_km"))
    ports = tables["port_terms"].rows
    return UsualTerms(
        speed_kmh={mode: median(values) for mode, values in speeds.items()},
        fare_usd_per_feu_km={mode: median(values) for mode, values in fares.items()},
        border_hours=median(hours),
        border_hours_range=(min(hours), max(hours)),
        border_fee_usd=median(row.number("fee_usd_per_feu") for row in posts),
        closure_rate_per_year=median(row.number("closure_rate_per_year") for row in posts),
        mean_closure_days=median(row.number("mean_closure_days") for row in posts),
        dwell_days=median(row.number("dwell_days") for row in ports),
        handling_usd=median(row.number("handling_usd_per_feu") for row in ports),
        terminal_days=median(row.number("terminal_days") for row in tables["gateways"]),
    )


@dataclass
class _Places:
    """Countries that have a node, each with its region."""

    region: dict[int, str] = field(default_factory=dict)
    main: dict[str, int] = field(default_factory=dict)
    """Region to the country of its main city."""


def estimated_plan(spec: Spec, weights: RegionWeights) -> NetworkPlan:
    """Estimate a network from main cities, common borders and coasts.

    Parameters
    ----------
    spec : Spec
        Regions.
    weights : RegionWeights
        Share of each country in its region: the largest has the main city.

    Returns
    -------
    NetworkPlan
        Without nodes where land and sea do not join all regions.
    """
    places = _places(spec, weights)
    nodes = [_city(places, country) for country in places.region]
    links: list[PlannedLink] = []
    for one, other in _neighbours(places):
        a, b = places.region[one], places.region[other]
        if a == b:
            # Within a group no post is known; what its borders take stands as days of the road.
            inside = usual_terms().border_hours / 24.0 if _is_rest(spec, a) else 0.0
            links.append(_road(one, other, a, inside))
            continue
        post = _post(places, one, other)
        nodes.append(post)
        for country in (one, other):
            half = 0.5 * _road_km(countries_at(one), countries_at(other))
            owner = places.region[country]
            links.append(PlannedLink(node_of(country), post.node, "road", half, owner))
    ports = [country for country in places.region if not countries().landlocked[country]]
    for country in ports:
        nodes.append(_port(places, country))
        links.append(
            PlannedLink(port_of(country), node_of(country), "road", PORT_KM,
                        places.region[country], note="Way to the coast assumed")
        )  # fmt: skip
    links += _at_sea([(port_of(c), countries_at(c)) for c in ports])
    plan = NetworkPlan(tuple(nodes), tuple(links))
    return plan if _is_whole(plan) else NetworkPlan()


def _is_whole(plan: NetworkPlan) -> bool:
    """True if links join all nodes."""
    beside: dict[str, set[str]] = {node.node: set() for node in plan.nodes}
    for link in plan.links:
        beside[link.tail].add(link.head)
        beside[link.head].add(link.tail)
    ahead = [plan.nodes[0].node]
    reached = set(ahead)
    while ahead:
        fresh = beside[ahead.pop()] - reached
        reached |= fresh
        ahead += fresh
    return len(reached) == len(beside)


def node_of(country: int) -> str:
    """Name of the node of a country's main city."""
    return f"{countries().codes[country].casefold()}-city"


def port_of(country: int) -> str:
    """Name of the node of a country's port."""
    return f"{countries().codes[country].casefold()}-port"


def countries_at(country: int) -> Point:
    """Place of a country's main city."""
    return float(countries().latitude[country]), float(countries().longitude[country])


def _is_rest(spec: Spec, code: str) -> bool:
    return any(region.is_rest for region in spec.regions if region.code == code)


def _places(spec: Spec, weights: RegionWeights) -> _Places:
    """Countries that have a node: those of regions, of groups at a border, of ways to the sea."""
    places = _Places()
    for r, region in enumerate(spec.regions):
        main = int(weights.share[r].argmax())
        places.main[region.code] = main
        places.region[main] = region.code
    alone = [r.members[0] for r in spec.regions if len(r.members) == 1]
    for region in spec.regions:
        if region.is_rest or len(region.members) == 1:
            continue
        main = places.main[region.code]
        for member in region.members:
            if any(countries().adjacent[member, other] for other in alone):
                places.region[member] = region.code
                for step in _way(member, main, region.members):
                    places.region[step] = region.code
    rest = next((r for r in spec.regions if r.is_rest), None)
    for country in [c for c in places.region if not _has_way(c, places)]:
        own = next(r for r in spec.regions if r.code == places.region[country])
        ground = {*own.members, *(rest.members if rest else ())}
        for step in _way_to_sea(country, ground):
            mine = own.code if step in own.members or rest is None else rest.code
            places.region.setdefault(step, mine)
    return places


def _has_way(country: int, places: _Places) -> bool:
    """True if a country reaches a coast over countries that have a node."""
    return any(not countries().landlocked[c] for c in _reachable(country, set(places.region)))


def _reachable(start: int, allowed: set[int]) -> set[int]:
    reached, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        fresh = [c for c in allowed - reached if countries().adjacent[here, c]]
        reached.update(fresh)
        ahead += fresh
    return reached


def _way(start: int, end: int, members: Iterable[int]) -> list[int]:
    """Countries from one to another over common borders; none where there is no such way."""
    return _search(start, set(members), lambda country: country == end)


def _way_to_sea(start: int, allowed: set[int]) -> list[int]:
    return _search(start, allowed, lambda country: not bool(countries().landlocked[country]))


def _search(start: int, allowed: set[int], is_end: Callable[[int], bool]) -> list[int]:
    """Fewest borders first, then the shortest."""
    before: dict[int, int] = {start: start}
    ahead = [start]
    while ahead:
        here = ahead.pop(0)
        if here != start and is_end(here):
            way = [here]
            while before[way[-1]] != start:
                way.append(before[way[-1]])
            return way[::-1]
        around = [c for c in allowed if c not in before and countries().adjacent[here, c]]
        around.sort(key=lambda c: great_circle_km(countries_at(here), countries_at(c)))
        for country in around:
            before[country] = here
            ahead.append(country)
    return []


def _neighbours(places: _Places) -> Iterator[tuple[int, int]]:
    listed = [*places.region]
    for k, one in enumerate(listed):
        for other in listed[k + 1 :]:
            if countries().adjacent[one, other]:
                yield one, other


def _city(places: _Places, country: int) -> PlannedNode:
    region = places.region[country]
    share = 1.0 if places.main[region] == country else 0.0
    name = countries().names[country]
    return PlannedNode(node_of(country), name, CITY, (region,), countries_at(country), share)


def _post(places: _Places, one: int, other: int) -> PlannedNode:
    codes = [countries().codes[c].casefold() for c in (one, other)]
    names = [countries().names[c] for c in (one, other)]
    return PlannedNode(
        "-".join(codes), f"Border of {names[0]} and {names[1]}", POST,
        (places.region[one], places.region[other]),
        midpoint(countries_at(one), countries_at(other)),
    )  # fmt: skip


def _port(places: _Places, country: int) -> PlannedNode:
    return PlannedNode(
        port_of(country), f"Port of {countries().names[country]}", PORT,
        (places.region[country],), countries_at(country),
    )  # fmt: skip


def _road(one: int, other: int, owner: str, days: float) -> PlannedLink:
    km = _road_km(countries_at(one), countries_at(other))
    return PlannedLink(node_of(one), node_of(other), "road", km, owner, days)


def _road_km(one: Point, other: Point) -> float:
    return max(ROAD_DETOUR * great_circle_km(one, other), 2 * MIN_KM)


def _at_sea(ports: list[tuple[str, Point]]) -> Iterator[PlannedLink]:
    """Ships from every port to every other."""
    for k, (one, at) in enumerate(ports):
        for other, there in ports[k + 1 :]:
            yield sea_link(one, at, other, there)


def sea_link(one: str, at: Point, other: str, there: Point) -> PlannedLink:
    """Ships between two ports, as long as the great circle times what goes round the land."""
    km = max(SEA_DETOUR * great_circle_km(at, there), MIN_KM)
    return PlannedLink(one, other, "sea", km, note="Length assumed from the great circle")


def midpoint(one: Point, other: Point) -> Point:
    """Point halfway on the great circle [degrees].

    Examples
    --------
    >>> midpoint((0.0, 10.0), (0.0, 30.0))
    (0.0, 20.0)
    """
    lat, lon = np.radians(np.array([one, other])).T
    points = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    x, y, z = points.sum(axis=1)
    return (
        round(float(np.degrees(np.arctan2(z, np.hypot(x, y)))), 4),
        round(float(np.degrees(np.arctan2(y, x))), 4),
    )
