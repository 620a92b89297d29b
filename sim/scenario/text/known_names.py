"""The names a scenario may use.

The world owns the names; a scenario only needs them as tuples of text, so that checking a file
never has to load the world itself.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sim.laws.numerics.similar_words import ranked

SHOWN = 30
"""Names listed in full in a message; beyond that only the nearest few are."""

FEW = 8
"""Names listed when there are more than `SHOWN`."""


class EnergyArcLike(Protocol):
    """A energy route between two regions."""

    @property
    def name(self) -> str:
        """Name in the tables."""

    @property
    def carrier(self) -> str:
        """Carrier that it transports."""

    @property
    def exporter(self) -> str:
        """Region where it begins."""

    @property
    def importer(self) -> str:
        """Region where it ends."""

    @property
    def needs_deal(self) -> bool:
        """True if nothing passes unless a deal says so."""

    @property
    def is_open(self) -> bool:
        """True if anybody may send what pays; a deal commits a part of it."""

    @property
    def capacity(self) -> float | None:
        """Most that it carries in a year, if a limit is on record."""

    @property
    def made(self) -> float | None:
        """Output of the carrier by the exporter in the base year, if any."""


class RecordLike(Protocol):
    """An agreement on record."""

    @property
    def name(self) -> str:
        """Name in the tables."""

    @property
    def members(self) -> Sequence[str]:
        """States that are party to it."""

    @property
    def first_quarter(self) -> int:
        """First quarter in force, far off where it has none."""

    @property
    def last_quarter(self) -> int:
        """Last quarter in force, far off where it does not end."""

    @property
    def is_dated(self) -> bool:
        """True if its entry into force is on record."""

    @property
    def has_ended(self) -> bool:
        """True if its end is on record."""

    @property
    def grants(self) -> Sequence[tuple[str, str]]:
        """Exporter and importer of every duty that it is known to lower."""


CustomsUnions = Mapping[str, Sequence[str]] | Sequence[tuple[str, Sequence[str]]]


class NamesLike(Protocol):
    """Names that the world uses; any object with these attributes is accepted."""

    @property
    def regions(self) -> Sequence[str]:
        """Codes of the states and groups of states."""

    @property
    def goods(self) -> Sequence[str]:
        """Goods that carry tariffs."""

    @property
    def layers(self) -> Sequence[str]:
        """Layers of a tariff; they add up."""

    @property
    def ledgers(self) -> Sequence[str]:
        """Ledgers the baseline can be held to."""

    @property
    def gates(self) -> Sequence[str]:
        """Border posts, straits and ports that can close."""

    @property
    def land_borders(self) -> Sequence[tuple[str, str]]:
        """Pairs of neighbours whose border some post or gate crosses."""

    @property
    def seasons(self) -> Sequence[tuple[str, str]]:
        """Gates that shut by season, each with the day from which it no longer does, if any."""

    @property
    def ports(self) -> Sequence[str]:
        """Ports that an agreement can open."""

    @property
    def routes(self) -> Sequence[str]:
        """Corridors that an agreement can open."""

    @property
    def projects(self) -> Sequence[str]:
        """Lines to be built."""

    @property
    def parameters(self) -> Sequence[str]:
        """Uncertain or assumed numbers."""

    @property
    def energy_carriers(self) -> Sequence[str]:
        """Kinds of energy."""

    @property
    def energy_arcs(self) -> Sequence[str]:
        """Arcs of energy, by name."""

    @property
    def energy_arc_ends(self) -> Sequence[EnergyArcLike]:
        """The same routes with their ends."""

    @property
    def energy_projects(self) -> Sequence[str]:
        """Pipes and wires to be built."""

    @property
    def earliest_years(self) -> Sequence[tuple[str, int]]:
        """Lines to be built, each with the first year in which it may open."""

    @property
    def earliest_energy_years(self) -> Sequence[tuple[str, int]]:
        """Pipes and wires to be built, likewise."""

    @property
    def incomes(self) -> Sequence[tuple[str, float]]:
        """Regions with their GDP of the base year [musd]."""

    @property
    def energy_prices(self) -> Sequence[tuple[str, float, float]]:
        """Carriers of energy, each with its least and its largest price on record."""

    @property
    def customs_unions(self) -> CustomsUnions:
        """Institutions whose members share one external tariff, with those members."""

    @property
    def records(self) -> Sequence[RecordLike]:
        """Agreements on record."""

    @property
    def base_year(self) -> int:
        """Year of the world's tables."""

    @property
    def last_growth_year(self) -> int:
        """Last year whose growth the tables have, 0 without any."""

    @property
    def last_record(self) -> str:
        """Day on which the last entry of a ledger ends, ISO; empty without any."""


def unions_of(names: NamesLike) -> dict[str, tuple[str, ...]]:
    """Customs unions as a dict, whichever of the two forms the world gives."""
    unions = names.customs_unions
    pairs = unions.items() if isinstance(unions, Mapping) else unions
    return {institution: tuple(members) for institution, members in pairs}


def listed(choices: Sequence[str], word: str = "") -> str:
    """Choices as text for a message, in full if few, else those nearest to a word."""
    if len(choices) <= SHOWN:
        return ", ".join(choices)
    near = [choice for _, choice in ranked(word, choices)[:FEW]]
    return f"{', '.join(near)} … ({len(choices)} in all)"
