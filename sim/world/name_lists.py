"""Lists of the names that a world knows, as a check of scenarios asks for them.

Apart from their readers: a list that is kept from an earlier start needs none of the schemas.
"""

from dataclasses import dataclass

from sim.laws.numerics.calendar import NEVER


@dataclass(frozen=True, slots=True)
class EnergyArc:
    """An energy route between two regions."""

    name: str
    carrier: str
    exporter: str
    importer: str
    needs_deal: bool
    is_open: bool
    """Whether nothing passes unless a deal says so."""
    capacity: float | None = None
    """Most that it carries in a year; None where no limit is on record [unit/year]."""
    made: float | None = None
    """What the exporter makes of the carrier in the base year; None if nothing [unit/year]."""


@dataclass(frozen=True, slots=True)
class RecordName:
    """An agreement on record as far as a check of scenarios needs it."""

    name: str
    members: tuple[str, ...]
    first_quarter: int
    """First quarter in force, `NEVER` where it has none."""
    last_quarter: int
    """Last quarter in force, `NEVER` where it does not end."""
    grants: tuple[tuple[str, str], ...]
    """Exporter and importer of every duty that it is known to lower."""

    @property
    def is_dated(self) -> bool:
        """True if its entry into force is on record."""
        return self.first_quarter < NEVER

    @property
    def has_ended(self) -> bool:
        """True if its end is on record."""
        return self.last_quarter < NEVER


@dataclass(frozen=True, slots=True)
class OtherName:
    """A word that people write and no table uses as a name."""

    name: str
    vocabulary: str
    """Where it may be looked for: `regions` or `energy_carriers`."""
    relation: str
    """`same`, `part` of what it stands for, or a `group`."""
    stands_for: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Names:
    """Every name a scenario may use."""

    base_year: int
    regions: tuple[str, ...]
    region_names: tuple[str, ...]
    goods: tuple[str, ...]
    layers: tuple[str, ...]
    ledgers: tuple[str, ...]
    gates: tuple[str, ...]
    ports: tuple[str, ...]
    routes: tuple[str, ...]
    """Corridors."""
    parameters: tuple[str, ...]
    institutions: tuple[str, ...]
    customs_unions: tuple[tuple[str, tuple[str, ...]], ...]
    """Customs unions, each with its members."""
    agreements: tuple[str, ...]
    """Agreements on record."""
    nodes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    energy_carriers: tuple[str, ...] = ()
    energy_arcs: tuple[str, ...] = ()
    energy_arc_ends: tuple[EnergyArc, ...] = ()
    energy_projects: tuple[str, ...] = ()
    earliest_years: tuple[tuple[str, int], ...] = ()
    """Projects of lines, each with the first year in which it may open."""
    earliest_energy_years: tuple[tuple[str, int], ...] = ()
    """The same of projects of energy."""
    energy_prices: tuple[tuple[str, float, float], ...] = ()
    """Least and largest price on record of every carrier that has one [USD/unit]."""
    incomes: tuple[tuple[str, float], ...] = ()
    """Regions with their GDP of the base year [musd]."""
    last_record: str = ""
    """Day on which the last entry that counts of any ledger, or the last closure on record, ends;
    empty without any."""
    last_growth_year: int = 0
    """Last year whose growth the tables have; 0 without any."""
    records: tuple[RecordName, ...] = ()
    """Agreements on record, with their dates."""
    land_borders: tuple[tuple[str, str], ...] = ()
    """Pairs of neighbours whose border some post or gate crosses."""
    seasons: tuple[tuple[str, str], ...] = ()
    """Gates that shut by season, each with the day from which it no longer does, if any."""
    other_names: tuple[OtherName, ...] = ()
    members: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Institutions, each with its full members by the latest date on record."""
