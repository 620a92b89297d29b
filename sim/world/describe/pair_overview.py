"""Known facts of a world on two regions, in sentences: agreements, ledgers, closures."""

from collections.abc import Iterator

from sim.world.cache.checked_world import mutual_musd
from sim.world.world import World


def known_of_pair(world: World, a: str, b: str) -> tuple[str, ...]:
    """Facts on record of a pair, so that a scenario does not state them again.

    Parameters
    ----------
    world : World
    a, b : str
        Codes of its regions.

    Returns
    -------
    tuple of str
        A sentence for each agreement of both, for trade, and for each gate of either that was shut.
    """
    return (*_agreements(world, a, b), *_trade(world, a, b), *_closures(world, a, b))


def _agreements(world: World, a: str, b: str) -> Iterator[str]:
    found = [record for record in world.agreements if {a, b} <= set(record.members)]
    for record in found:
        since = f"in force from {record.in_force}" if record.in_force else "no entry into force"
        until = f" to {record.ended}" if record.ended else ""
        yield f"Agreement on record: {record.name} ({record.kind}), {since}{until}."
    if not found:
        yield "No agreement of the two is on record."


def statistics_of(ledger: str) -> str:
    """A ledger as a reader knows it.

    Examples
    --------
    >>> statistics_of("first-books")
    'First books statistics'
    """
    return f"{ledger.replace('-', ' ').capitalize()} statistics"


def recorded_in_words(ledger: str, names: tuple[str, str], held: tuple[bool, bool]) -> str:
    """Source of the trade of the base year in words, to stand behind its amount.

    Parameters
    ----------
    ledger : str
    names : (str, str)
        The two regions in words.
    held : (bool, bool)
        Whether the ledger records what the first sells to the second, and the other way.

    Examples
    --------
    >>> recorded_in_words("first", ("Aland", "Beland"), (True, True))
    ' (First statistics)'
    >>> recorded_in_words("first", ("Aland", "Beland"), (True, False))
    ': First statistics record Aland to Beland; Beland to Aland, which they lack, is an estimate'
    >>> recorded_in_words("first", ("Aland", "Beland"), (False, False))
    ', an estimate: First statistics have no figure for this pair'
    """
    whose = statistics_of(ledger)
    if all(held):
        return f" ({whose})"
    if not any(held):
        return f", an estimate: {whose} have no figure for this pair"
    ways = (f"{names[0]} to {names[1]}", f"{names[1]} to {names[0]}")
    known, unknown = ways if held[0] else ways[::-1]
    return f": {whose} record {known}; {unknown}, which they lack, is an estimate"


def recorded_directions(world: World, a: str, b: str) -> tuple[bool, bool]:
    """Directions, a to b and b to a, that the ledger that the world is held to records."""
    i, j = world.region_index(a), world.region_index(b)
    return (i, j) in world.held, (j, i) in world.held


def _trade(world: World, a: str, b: str) -> Iterator[str]:
    total = mutual_musd(world, a, b)
    names = tuple(world.region_names[world.region_index(code)] for code in (a, b))
    whose = recorded_in_words(world.ledger, (names[0], names[1]), recorded_directions(world, a, b))
    yield f"Trade in {world.base_year}, both directions: {total:,.0f} million USD{whose}."
    entries = [e for e in world.ledgers if {e.region, e.partner} == {a, b} and e.counts]
    for ledger in dict.fromkeys(entry.ledger for entry in entries):
        own = [entry for entry in entries if entry.ledger == ledger]
        last = max(entry.end for entry in own)
        yield f"Ledger {ledger}: {len(own)} recorded periods, the last to {last}."


def _closures(world: World, a: str, b: str) -> Iterator[str]:
    """Gates of either region that were shut, each with how often and since when."""
    for gate in world.gates:
        own = [closure for closure in world.closures if closure.gate == gate.gate]
        if not own or not {a, b} & set(gate.owners):
            continue
        last = max(own, key=lambda closure: closure.start)
        until = f"until {last.end}" if last.end else f"last seen shut {last.last_seen_closed}"
        times = f"{len(own)} {'closure' if len(own) == 1 else 'closures'}"
        since = f"the last from {last.start} {until}"
        yield f"{gate.name} ({gate.gate}): {times} on record, {since}."
