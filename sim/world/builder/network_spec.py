"""A network that the analyst names: a short list of cities, posts, ports and links.

Cities stand by region and are its main city where none is named. A post or port that no link
touches is joined by a road to the city of each of its regions, ports to each other by ships. What
a link does not say of its speed and fare is usual for its mode. No link is shorter than the great
circle between its ends.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.laws.transport.great_circle import great_circle_km
from sim.world.builder.carried_tables import carried_names, is_left_empty
from sim.world.builder.matrix import RegionWeights, weights_of
from sim.world.builder.network_copy import NETWORK_TABLES, packaged_regions
from sim.world.builder.network_plan import (
    CITY,
    MAX_ESTIMATED,
    MIN_KM,
    PORT,
    POST,
    ROAD_DETOUR,
    NetworkPlan,
    PlannedLink,
    PlannedNode,
    Point,
    countries_at,
    estimated_plan,
    sea_link,
)
from sim.world.builder.spec.faults import Fault, Faults, Path_
from sim.world.builder.spec.spec import Spec, read_spec
from sim.world.csv_tables.network_checks import DETOUR
from sim.world.csv_tables.table_errors import did_you_mean
from sim.world.sources.countries import countries, fold

KEYS = {
    "cities": ("name", "region", "at"),
    "posts": ("name", "between", "at", "hours", "fee_usd"),
    "ports": ("name", "region", "at", "dwell_days"),
    "links": ("from", "to", "mode", "km", "speed_kmh", "fare_usd_per_feu_km", "days_fixed",
              "note"),
}  # fmt: skip
MODES = ("road", "rail", "sea", "ferry")
_KINDS = {"cities": CITY, "posts": POST, "ports": PORT}
_BOUNDS = {
    "hours": (0.0, 2160.0), "fee_usd": (0.0, 1e5), "dwell_days": (0.0, 90.0), "km": (0.1, 4e4),
    "speed_kmh": (0.1, 200.0), "fare_usd_per_feu_km": (0.0, 100.0), "days_fixed": (0.0, 365.0),
}  # fmt: skip


@dataclass
class _Found:
    faults: Faults
    nodes: dict[str, PlannedNode]
    """By folded name."""

    def add(self, path: Path_, what: str, wanted: str) -> None:
        self.faults.add(("network", *path), what, wanted)

    def check_keys(self, path: Path_, given: Mapping[str, Any], known: Collection[str]) -> None:
        """Note every key that is not known."""
        self.faults.check_keys(("network", *path), given, [*known])


def read_world_spec(
    plain: Mapping[str, Any], folder: Path
) -> tuple[Spec | None, tuple[Fault, ...]]:
    """Check what a world is to be made of, its network included.

    Parameters
    ----------
    plain, folder
        As in `read_spec`.
    """
    spec, faults = read_spec(plain, folder)
    if spec is not None and isinstance(spec.network, Mapping):
        nowhere = np.full(len(countries()), np.nan)
        _, faults = stated_plan(spec.network, spec, weights_of(spec, nowhere))
    if spec is not None and spec.network == "packaged":
        known = packaged_regions()
        if strange := [region.code for region in spec.regions if region.code not in known]:
            has = "has" if len(strange) == 1 else "have"
            what = f"{', '.join(strange)} {has} no place in the packaged network"
            wanted = f"wanted regions of {', '.join(known)}, or network: estimated"
            faults = (Fault(("network",), what, wanted),)
    return (None if faults else spec), faults


def plan_of(spec: Spec, weights: RegionWeights) -> NetworkPlan:
    """Network of a checked spec; one without nodes where none is wanted or can be had."""
    own = carried_names(spec.tables)
    if any(is_left_empty(name, own) for name in NETWORK_TABLES):
        return NetworkPlan()
    if isinstance(spec.network, Mapping):
        return stated_plan(spec.network, spec, weights)[0]
    is_wanted = spec.network == "estimated" and len(spec.regions) <= MAX_ESTIMATED
    return estimated_plan(spec, weights) if is_wanted else NetworkPlan()


def stated_plan(
    plain: Mapping[str, Any], spec: Spec, weights: RegionWeights
) -> tuple[NetworkPlan, tuple[Fault, ...]]:
    """Read a network from its block.

    Parameters
    ----------
    plain : mapping
        `cities`, `posts`, `ports` and `links` as nested mappings and sequences.
    spec : Spec
        Regions.
    weights : RegionWeights
        Share of each country in its region, for main cities.

    Returns
    -------
    tuple of (NetworkPlan, tuple of Fault)
    """
    found = _Found(Faults(), {})
    found.check_keys((), plain, KEYS)
    for block, kind in _KINDS.items():
        for path, item in _items(plain, block, found):
            node = _node(item, kind, path, spec, found)
            if node is not None and fold(node.name) in found.nodes:
                found.add(path, f"'{node.name}' stands twice", "wanted each place once")
            elif node is not None:
                found.nodes[fold(node.name)] = node
    _main_cities(spec, weights, found)
    links = [link for path, item in _items(plain, "links", found)
             if (link := _link(item, path, found)) is not None]  # fmt: skip
    links += [*_joined(found, links)]
    return NetworkPlan(tuple(found.nodes.values()), tuple(links)), tuple(found.faults.found)


def _items(
    plain: Mapping[str, Any], block: str, found: _Found
) -> Iterator[tuple[Path_, Mapping[str, Any]]]:
    listed = plain.get(block, ())
    if not isinstance(listed, list | tuple):
        found.add((block,), f"{block} is no list", "wanted a list, each entry in braces")
        return
    for k, item in enumerate(listed):
        if not isinstance(item, Mapping):
            found.add((block, k), f"'{item}' is no entry", f"wanted {', '.join(KEYS[block])}")
            continue
        found.check_keys((block, k), item, KEYS[block])
        yield (block, k), item


def _node(
    item: Mapping[str, Any], kind: str, path: Path_, spec: Spec, found: _Found
) -> PlannedNode | None:
    name = str(item.get("name") or "")
    codes = item.get("between") if kind == POST else [item.get("region")]
    at = _point(item.get("at"), (*path, "at"), found)
    n_owners = 2 if kind == POST else 1
    regions = _regions(codes, path, n_owners, spec, found)
    if not name:
        found.add(path, "a place without a name", "wanted a name")
    if not name or at is None or regions is None:
        return None
    return PlannedNode(
        slug(name), name, kind, regions, at, share=1.0 if kind == CITY else 0.0,
        hours=_number(item, "hours", path, found), fee_usd=_number(item, "fee_usd", path, found),
        dwell_days=_number(item, "dwell_days", path, found), is_stated=True,
    )  # fmt: skip


def _regions(
    codes: Any, path: Path_, n_owners: int, spec: Spec, found: _Found
) -> tuple[str, ...] | None:
    known = [region.code for region in spec.regions]
    given = [str(code) for code in codes] if isinstance(codes, list | tuple) else []
    if len(set(given)) != n_owners:
        wanted = "wanted between: [A, B]" if n_owners == 2 else "wanted region: A"
        found.add(path, f"{len(set(given))} regions", wanted)
        return None
    for code in given:
        if code not in known:
            wanted = f"wanted one of {', '.join(known)}{did_you_mean(code, known)}"
            found.add(path, f"'{code}' is no region of this world", wanted)
            return None
    return tuple(given)


def _point(given: Any, path: Path_, found: _Found) -> Point | None:
    is_pair = isinstance(given, list | tuple) and len(given) == 2
    if not (is_pair and all(isinstance(x, int | float) for x in given)):
        found.add(path[:-1], "no place", "wanted at: [latitude, longitude]")
        return None
    latitude, longitude = map(float, given)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        found.add(path, f"[{latitude:g}, {longitude:g}] is no place on the earth",
                  "wanted latitude from -90 to 90, then longitude from -180 to 180")  # fmt: skip
        return None
    return latitude, longitude


def _number(item: Mapping[str, Any], key: str, path: Path_, found: _Found) -> float | None:
    value = item.get(key)
    if value is None:
        return None
    low, high = _BOUNDS[key]
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        found.add((*path, key), f"{key} is {value!r}", f"wanted a number from {low:g} to {high:g}")
        return None
    return float(value)


def _main_cities(spec: Spec, weights: RegionWeights, found: _Found) -> None:
    """Give a city to every region that has none; of several each takes an even share."""
    for r, region in enumerate(spec.regions):
        own = [k for k, n in found.nodes.items() if n.kind == CITY and n.regions == (region.code,)]
        for key in own:
            node = found.nodes[key]
            found.nodes[key] = PlannedNode(
                node.node, node.name, node.kind, node.regions, node.at, 1.0 / len(own),
                is_stated=True,
            )  # fmt: skip
        if not own:
            main = int(weights.share[r].argmax())
            name = f"{region.name} (main city)"
            found.nodes[fold(name)] = PlannedNode(
                f"{region.code.casefold()}-city", name, CITY, (region.code,), countries_at(main),
                1.0,
            )  # fmt: skip


def _link(item: Mapping[str, Any], path: Path_, found: _Found) -> PlannedLink | None:
    ends = [_end(item, key, path, found) for key in ("from", "to")]
    mode = item.get("mode", "road")
    if mode not in MODES:
        wanted = f"wanted one of {', '.join(MODES)}{did_you_mean(str(mode), MODES)}"
        found.add((*path, "mode"), f"mode is '{mode}'", wanted)
        return None
    numbers = {key: _number(item, key, path, found) for key in KEYS["links"][3:7]}
    tail, head = ends
    if tail is None or head is None:
        return None
    least = great_circle_km(tail.at, head.at)
    km, note = numbers["km"], str(item.get("note") or "")
    if km is not None and km < least:
        found.add((*path, "km"), f"{km:g} km is below the great circle",
                  f"wanted at least {least:.0f} km from {tail.name} to {head.name}")  # fmt: skip
    elif km is not None and km > DETOUR * least and not note:
        found.add((*path, "km"), f"{km:g} km is over {DETOUR:g} great circles of {least:.0f} km",
                  "wanted a note that says why")  # fmt: skip
    shared = [code for code in tail.regions if code in head.regions]
    if mode in ("road", "rail") and not shared:
        found.add(path, f"a {mode} from {tail.name} to {head.name} crosses a border",
                  "wanted a post on it, and a link to it from each side")  # fmt: skip
        return None
    length = max(ROAD_DETOUR * least, MIN_KM) if km is None else km
    return PlannedLink(
        tail.node, head.node, mode, length, shared[0] if mode in ("road", "rail") else "",
        numbers["days_fixed"] or 0.0, numbers["speed_kmh"], numbers["fare_usd_per_feu_km"],
        note, is_stated=True,
    )  # fmt: skip


def _end(item: Mapping[str, Any], key: str, path: Path_, found: _Found) -> PlannedNode | None:
    word = str(item.get(key) or "")
    node = found.nodes.get(fold(word))
    by_region = [n for n in found.nodes.values() if n.kind == CITY and n.regions == (word,)]
    if node is None and len(by_region) == 1:
        return by_region[0]
    if node is None:
        names = [n.name for n in found.nodes.values()]
        wanted = f"wanted a city, post or port of this network{did_you_mean(word, names)}"
        found.add((*path, key) if word else path, f"{key} is '{word}'", wanted)
    return node


def _joined(found: _Found, links: list[PlannedLink]) -> Iterator[PlannedLink]:
    """Roads to posts and ports that no link touches, and ships between ports."""
    touched = {end for link in links for end in (link.tail, link.head)}
    afloat = {end for link in links if link.mode in ("sea", "ferry")
              for end in (link.tail, link.head)}  # fmt: skip
    nodes = [*found.nodes.values()]
    for node in nodes:
        if node.kind == CITY or node.node in touched - afloat:
            continue
        for code in node.regions:
            near = min((n for n in nodes if n.kind == CITY and n.regions == (code,)),
                       key=lambda n: great_circle_km(n.at, node.at))  # fmt: skip
            km = max(ROAD_DETOUR * great_circle_km(near.at, node.at), MIN_KM)
            yield PlannedLink(near.node, node.node, "road", km, code)
    ports = [node for node in nodes if node.kind == PORT]
    for k, one in enumerate(ports):
        for other in ports[k + 1 :]:
            if one.node not in afloat or other.node not in afloat:
                yield sea_link(one.node, one.at, other.node, other.at)


def slug(name: str) -> str:
    """Name of a node in tables and scenarios: small letters, digits and hyphens.

    Examples
    --------
    >>> slug("Dar es Salaam")
    'dar-es-salaam'
    """
    word = re.sub(r"[^a-z0-9]+", "-", fold(name).casefold()).strip("-")
    return word or f"place-{len(countries().names)}"
