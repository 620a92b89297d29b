"""Rows of the network's tables out of a plan, terms that nobody states filled with usual ones."""

from collections.abc import Iterator, Mapping

from sim.world.builder.network_plan import (
    CITY,
    PORT,
    POST,
    NetworkPlan,
    PlannedLink,
    PlannedNode,
    usual_terms,
)
from sim.world.transport.network import FROM_GEOGRAPHY

ESTIMATED, STATED = FROM_GEOGRAPHY, "own-network"
USUAL_BERTHS = 10
PORT_CLOSURES, PORT_CLOSURE_DAYS = 0.1, 5.0
"""Chance closures of a port and their days, as at the packaged ones."""
Cells = Mapping[str, object]


def network_rows(plan: NetworkPlan) -> dict[str, list[Cells]]:
    """Rows by table; none where the plan has no nodes.

    Parameters
    ----------
    plan : NetworkPlan

    Returns
    -------
    dict of str to list of mapping
        `nodes`, `gateways`, `links`, `gates`, `ports` and `port_terms`.
    """
    if not plan.nodes:
        return {}
    return {
        "gates": [*map(_gate, (node for node in plan.nodes if node.kind != CITY))],
        "ports": [*map(_port, (node for node in plan.nodes if node.kind == PORT))],
        "nodes": [*map(_node, plan.nodes)],
        "gateways": [*map(_gateway, (node for node in plan.nodes if node.share > 0.0))],
        "links": [*_links(plan)],
        "port_terms": [*map(_terms, (node for node in plan.nodes if node.kind == PORT))],
    }


def _origin(*, is_stated: bool) -> Cells:
    source = STATED if is_stated else ESTIMATED
    return {"source": source, "flag": "seen" if is_stated else "estimated"}


def _node(node: PlannedNode) -> Cells:
    return {
        "node": node.node, "name": node.name, "kind": node.kind, "regions": ";".join(node.regions),
        "gate": "" if node.kind == CITY else node.node, "latitude": node.at[0],
        "longitude": node.at[1], **_origin(is_stated=node.is_stated),
    }  # fmt: skip


def _gate(node: PlannedNode) -> Cells:
    usual = usual_terms()
    is_post = node.kind == POST
    hours, fee = (usual.border_hours, usual.border_fee_usd) if is_post else (0.0, 0.0)
    low, high = usual.border_hours_range
    note = f"Hours assumed: {low:g} to {high:g} at measured posts elsewhere"
    return {
        "gate": node.node, "name": node.name, "owners": ";".join(node.regions), "kind": node.kind,
        "border_hours": hours if node.hours is None else node.hours,
        "fee_usd_per_feu": fee if node.fee_usd is None else node.fee_usd,
        "closure_rate_per_year": usual.closure_rate_per_year if is_post else PORT_CLOSURES,
        "mean_closure_days": usual.mean_closure_days if is_post else PORT_CLOSURE_DAYS,
        "closed_months": "", "note": note if is_post and node.hours is None else "",
        **_origin(is_stated=node.hours is not None),
    }  # fmt: skip


def _port(node: PlannedNode) -> Cells:
    return {
        "port": node.node, "latitude": node.at[0], "longitude": node.at[1],
        **_origin(is_stated=node.is_stated),
    }  # fmt: skip


def _terms(node: PlannedNode) -> Cells:
    usual = usual_terms()
    return {
        "node": node.node, "berths": USUAL_BERTHS,
        "dwell_days": usual.dwell_days if node.dwell_days is None else node.dwell_days,
        "handling_usd_per_feu": usual.handling_usd, "note": "Berths are not counted here",
        **_origin(is_stated=node.dwell_days is not None),
    }  # fmt: skip


def _gateway(node: PlannedNode) -> Cells:
    return {
        "region": node.regions[0], "node": node.node, "share": node.share,
        "terminal_days": usual_terms().terminal_days, **_origin(is_stated=False),
    }  # fmt: skip


def _links(plan: NetworkPlan) -> Iterator[Cells]:
    taken: dict[str, int] = {}
    for link in plan.links:
        name = f"{link.tail}-{link.head}" + (f"-{link.mode}" if link.mode != "road" else "")
        taken[name] = taken.get(name, 0) + 1
        yield _link(link, name if taken[name] == 1 else f"{name}-{taken[name]}")


def _link(link: PlannedLink, name: str) -> Cells:
    usual = usual_terms()
    speed, fare = link.speed_kmh, link.fare_usd_per_feu_km
    return {
        "link": name, "tail": link.tail, "head": link.head, "mode": link.mode,
        "length_km": round(link.km, 1),
        "speed_kmh": usual.speed_kmh[link.mode] if speed is None else speed,
        "fare_usd_per_feu_km": usual.fare_usd_per_feu_km[link.mode] if fare is None else fare,
        "handling_usd_per_feu": 0, "days_fixed": round(link.days_fixed, 3), "owner": link.owner,
        "status": "open", "note": link.note, **_origin(is_stated=link.is_stated),
    }  # fmt: skip
