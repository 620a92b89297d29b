"""Energy against itself and the world: deals that some arc can carry, dates in order."""

from collections.abc import Iterator
from typing import NamedTuple

from sim.laws.numerics.similar_words import nearest
from sim.scenario.checks.agreement_checks import Found
from sim.scenario.checks.dates import Span, quarter_at
from sim.scenario.checks.spell_checks import DatedSpell, spell_of, spell_problems
from sim.scenario.text.known_names import EnergyArcLike, NamesLike, listed
from sim.scenario.text.problems import Problem, quoted
from sim.scenario.text.tree import (
    MappingNode,
    Node,
    Scalar,
    at,
    key_place_of,
    listed_tables,
    named_tables,
    text,
)


def energy_problems(tree: MappingNode, names: NamesLike | None, span: Span) -> Iterator[Found]:
    """Mistakes and warnings of the block `energy`.

    Parameters
    ----------
    tree : MappingNode
        Merged tree of the file.
    names : Names or None
        What the world calls things.
    span : tuple of int or None
        First and last quarter of the horizon.
    """
    block = tree.get("energy")
    for name, deal in named_tables(at(block, "deals")):
        where = f"energy.deals.{name}"
        if names is not None:
            yield from _arc(tree, where, name, deal, names)
        yield from spell_problems(where, deal, span)
    if names is not None:
        yield from _together(at(block, "deals"), names)
    for name, plan in named_tables(at(block, "projects")):
        node, when = plan.get("completes"), quarter_at(plan.get("completes"))
        if node is not None and when is not None and span is not None and when > span[1]:
            what = f"energy.projects.{name} completes after the horizon ends"
            yield False, Problem.at(node.place, what, "it has no effect")
    yield from _prices(at(block, "prices"))
    for shocks in ("spikes", "force_majeure"):
        for number, shock in listed_tables(at(block, shocks)):
            yield from spell_problems(f"energy.{shocks}.{number}", shock, span)


def _arc(
    tree: MappingNode, where: str, name: str, deal: MappingNode, names: NamesLike
) -> Iterator[Found]:
    ends = tuple(text(deal.get(key)) for key in ("carrier", "exporter", "importer"))
    known = (names.energy_carriers, names.regions, names.regions)
    if any(end not in choices for end, choices in zip(ends, known, strict=True)):
        return  # said where the name stands
    place = key_place_of(tree, ("energy", "deals", name))
    carrier, exporter, importer = ends
    by = text(deal.get("arc"))
    sold = [arc for arc in names.energy_arc_ends if arc.needs_deal or arc.is_open]
    sold = [arc for arc in sold if arc.exporter != arc.importer]
    between = [arc for arc in sold if (arc.carrier, arc.exporter, arc.importer) == ends]
    needing = [arc for arc in between if arc.needs_deal]
    # One that is named may be any; left alone, a deal takes the route that nothing else opens.
    arcs = between if by is not None else needing or between
    if not arcs:
        what = f"{where}: no route on record takes {carrier} from {exporter} to {importer}"
        wanted = f"wanted one of {listed(list(dict.fromkeys(map(_words, sold))), _as_words(ends))}"
        yield True, Problem.at(place, what, wanted)
    elif by is None and len(arcs) > 1:
        what = f"{where} can take {len(arcs)} arcs"
        yield True, Problem.at(place, what, f"wanted arc: {' or '.join(w.name for w in arcs)}")
    elif by is not None and by in names.energy_arcs and by not in [arc.name for arc in arcs]:
        node = deal.get("arc")
        what = f"{where}.arc: {quoted(by)} does not take {carrier} from {exporter} to {importer}"
        choices = [arc.name for arc in arcs]
        wanted = f"wanted one of {', '.join(choices)}"
        yield (
            True,
            Problem.at(place if node is None else node.place, what, wanted, nearest(by, choices)),
        )
    else:
        yield from _volume(where, deal, next(arc for arc in arcs if by in (None, arc.name)))


def _volume(where: str, deal: MappingNode, arc: EnergyArcLike) -> Iterator[Found]:
    """A volume beyond what the arc carries or the seller makes: no more than that is delivered."""
    node = deal.get("volume")
    if not isinstance(node, Scalar) or not isinstance(node.value, int | float):
        return
    limits = ((arc.capacity, f"{arc.name} carries"), (arc.made, f"{arc.exporter} makes"))
    for limit, who in limits:
        if limit and node.value > limit:
            what = f"{where}.volume is {node.value:g}; {who} at most {limit:g} a year"
            yield False, Problem.at(node.place, what, "no more than that is delivered")


class _Offer(NamedTuple):
    """A deal as far as limits that it shares are concerned."""

    name: str
    node: Scalar
    """Its volume."""
    volume: float
    spell: DatedSpell
    arc: EnergyArcLike


def _together(deals: Node | None, names: NamesLike) -> Iterator[Found]:
    """Deals that run at the same time and together are beyond what one limit leaves them."""
    offers = [offer for name, deal in named_tables(deals) for offer in _offers(name, deal, names)]
    told = set()
    for one in offers:
        arc, start = one.arc, one.spell.first
        now = [other for other in offers if other.spell.first <= start <= other.spell.last]
        own = (arc.carrier, arc.exporter)
        for same, limit, who in (
            ([o for o in now if o.arc.name == arc.name], arc.capacity, f"{arc.name} carries"),
            ([o for o in now if (o.arc.carrier, o.arc.exporter) == own], arc.made,
             f"{arc.exporter} makes"),
        ):  # fmt: skip
            total, of = sum(other.volume for other in same), frozenset(o.name for o in same)
            if not limit or not one.volume <= limit < total or (who, of) in told:
                continue
            told.add((who, of))
            what = f"energy.deals: {', '.join(sorted(of))} are {total:g} a year together "
            what += f"from {one.spell.written(start)} on; {who} at most {limit:g}"
            yield False, Problem.at(one.node.place, what, "each delivers its part of that")


def _offers(name: str, deal: MappingNode, names: NamesLike) -> Iterator[_Offer]:
    """The deal with its route, where both can be read."""
    ends = tuple(text(deal.get(key)) for key in ("carrier", "exporter", "importer"))
    by, node, spell = text(deal.get("arc")), deal.get("volume"), spell_of(deal)
    arcs = [arc for arc in names.energy_arc_ends
            if (arc.carrier, arc.exporter, arc.importer) == ends and arc.needs_deal
            and by in (None, arc.name)]  # fmt: skip
    if len(arcs) != 1 or spell is None or not isinstance(node, Scalar):
        return
    if isinstance(node.value, int | float):
        yield _Offer(name, node, float(node.value), spell, arcs[0])


def _prices(listing: Node | None) -> Iterator[Found]:
    """Two prices of one carrier for one year: none of them goes before the other."""
    first: dict[tuple[object, object], tuple[int, object]] = {}
    for number, point in listed_tables(listing):
        carrier, year, price = (
            node.value if isinstance(node := point.get(key), Scalar) else None
            for key in ("carrier", "year", "price_usd_per_unit")
        )
        node = point.get("price_usd_per_unit")
        if not isinstance(carrier, str) or not isinstance(year, int):
            continue
        earlier = first.setdefault((carrier, year), (number, price))
        if node is not None and price != earlier[1]:
            what = f"energy.prices.{number} gives {carrier} another price in {year} than number "
            yield True, Problem.at(node.place, f"{what}{earlier[0]}", "wanted one price a year")


def _words(arc: EnergyArcLike) -> str:
    return f"{arc.carrier} {arc.exporter}-{arc.importer}"


def _as_words(ends: tuple[str | None, ...]) -> str:
    return f"{ends[0]} {ends[1]}-{ends[2]}"
