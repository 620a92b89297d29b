"""Single facts of a world, as they stand in its tables: plain frozen records without arrays."""

from dataclasses import dataclass

from sim.laws.numerics.calendar import NEVER as NEVER
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR

FAR_FUTURE = "9999-12-31"
STATEMENT = "statement"
"""Basis of a ledger's entry that somebody said, of an unclear year or rounded: not counted."""
HALF_QUARTER_DAYS = 46
MONTHS_PER_QUARTER, DAYS_PER_MONTH = 3, 31


def first_quarter_of(date: str) -> int:
    """First quarter that lies mostly after an ISO date; one cut short counts from its first day.

    Examples
    --------
    >>> from sim.laws.numerics.calendar import format_quarter
    >>> [format_quarter(first_quarter_of(day)) for day in ("2023-02-01", "2024-12", "2012")]
    ['2023Q1', '2025Q1', '2012Q1']
    """
    parts = [int(part) for part in date.split("-")]
    year, month, day = (*parts, *([1] * (3 - len(parts))))
    place, months = divmod(month - 1, MONTHS_PER_QUARTER)
    is_late = DAYS_PER_MONTH * months + day > HALF_QUARTER_DAYS
    return QUARTERS_PER_YEAR * year + place + is_late


@dataclass(frozen=True, slots=True)
class Source:
    """Source of figures."""

    source: str
    publisher: str
    title: str
    year: str
    licence: str
    url: str
    flag: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """An uncertain or assumed number that a law uses."""

    name: str
    title: str
    value: float
    unit: str
    low: float
    high: float
    distribution: str
    """Triangular (low, value, high), uniform (low, high) or fixed (value)."""
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class LedgerError:
    """Deviation of a ledger's records from the trade that it means to record."""

    log_sd: float
    """Scale of the log error of any entry [1]."""
    quarter_log_sd: float
    """Scale of the log of a quarter over its year's rate: payments come in lumps [1]."""
    degrees: float
    """Degrees of freedom of the error's Student distribution."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One recorded point of trade between two regions."""

    ledger: str
    region: str
    partner: str
    exporter: str
    """Who sold; empty where the figure counts both directions."""
    start: str
    end: str
    basis: str
    trade_musd: float
    """Value over the period, not per year [musd]."""
    doubtful: bool
    note: str
    source: str
    flag: str

    @property
    def counts(self) -> bool:
        """True if it states the trade between exact dates: not doubtful, no mere statement."""
        is_dated = len(self.start) == len(self.end) == len(FAR_FUTURE)
        return is_dated and not self.doubtful and self.basis != STATEMENT

    @property
    def importer(self) -> str:
        """Importing region; empty where the figure counts both directions."""
        if not self.exporter:
            return ""
        return self.partner if self.exporter == self.region else self.region


@dataclass(frozen=True, slots=True)
class AgreementRecord:
    """An agreement that was signed, with its dates."""

    agreement: str
    name: str
    kind: str
    members: tuple[str, ...]
    signed: str
    in_force: str
    """Empty where it has not entered into force or that was not found."""
    ended: str
    note: str
    source: str
    flag: str

    def is_in_force(self, date: str) -> bool:
        """True if it applies on an ISO date; incomplete dates count from their first day.

        Examples
        --------
        >>> record = AgreementRecord("a", "A", "transit", (), "2020", "2021", "", "", "s", "seen")
        >>> record.is_in_force("2020-12-31"), record.is_in_force("2022-12-31")
        (False, True)
        """
        return bool(self.in_force) and self.in_force <= date < (self.ended or FAR_FUTURE)

    @property
    def grants_preferences(self) -> bool:
        """True if all its members grant preferences to each other."""
        return self.kind in ("customs-union", "free-trade", "preferential")

    @property
    def first_quarter(self) -> int:
        """First quarter in force; a date within a quarter counts to where most of it lies."""
        return first_quarter_of(self.in_force) if self.in_force else NEVER

    @property
    def last_quarter(self) -> int:
        """Last quarter in force."""
        return first_quarter_of(self.ended) - 1 if self.ended else NEVER


@dataclass(frozen=True, slots=True)
class MarginRecord:
    """Reduction by an agreement on record of an importer's duties for one exporter."""

    agreement: str
    exporter: str
    importer: str
    good: str
    """A good, or all of them."""
    layer: str
    """A layer of duty, or all of them."""
    margin: float
    """Share of the duty on the whole trade that it takes off, coverage included [1]."""
    covered_share: float
    """Share of the trade that its lists cover, at least `margin`; 1 where that is not known [1]."""
    phase_in_years: float
    """Annual steps, 0 for at once [years]."""
    source: str
    flag: str

    @property
    def cut(self) -> float:
        """Share of the duty taken off what its lists cover [1]."""
        return self.margin / self.covered_share if self.covered_share > 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class Membership:
    """A region's standing in an institution."""

    region: str
    institution: str
    status: str
    since: str
    until: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A border post, rail crossing, port or strait that routes pass and that may close."""

    gate: str
    name: str
    owners: tuple[str, ...]
    kind: str
    border_hours: float
    """Hours to pass, both sides [h]."""
    fee_usd_per_feu: float
    """Official and unofficial fees, both sides [USD/FEU]."""
    closure_rate_per_year: float
    """Chance closures that begin in a year [1/year]."""
    mean_closure_days: float
    closed_months: tuple[int, ...]
    """Months of every year in which it is shut, 1 to 12."""
    year_round_from: str
    """Day from which it no longer shuts by season; empty where it still does."""
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class Border:
    """Gates of two states that one cause can shut together."""

    border: str
    owners: tuple[str, ...]
    closure_rate_per_year: float
    """Chance closures of all its gates that begin in a year [1/year]."""
    mean_closure_days: float
    note: str
    source: str
    flag: str

    def has(self, gate: "Gate") -> bool:
        """True if a gate belongs to it: owned by its two states and nobody else."""
        return set(gate.owners) == set(self.owners)


@dataclass(frozen=True, slots=True)
class PriceSpread:
    """Deviation of a world price from its path."""

    benchmark: str
    log_change_sd: float
    """Of annual means from one year to the next [1]."""
    common_share: float
    """Share of that variance that all benchmarks have in common [1]."""
    persistence: float
    """Part of a deviation that is left after a year [1]."""
    carriers: tuple[str, ...]
    """Those of energy whose world prices follow it."""
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class RecordedClosure:
    """A closure that happened; it acts in every run."""

    gate: str
    start: str
    end: str
    """Day of reopening, itself open; empty where it was not found."""
    last_seen_closed: str
    """Last day on which it was seen closed; what comes later is a scenario's to assume."""
    share: float
    """Part of its capacity that is shut [1]."""
    doubtful: bool
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class RecordedBan:
    """A stop of commerce between two states that happened; it acts in every run."""

    ban: str
    states: tuple[str, ...]
    scope: str
    """`land`: what crosses their common border by road or rail; `all`: everything, energy too."""
    goods: tuple[str, ...]
    """Empty for all."""
    share: float
    """Part of that trade that is stopped [1]."""
    start: str
    end: str
    """Day on which it was lifted, itself free; empty where that was not found."""
    last_seen: str
    """Last day on which it was seen in force; what comes later is a scenario's to assume."""
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class Detour:
    """Part of the trade of two neighbours that goes on while every gate between them is shut."""

    region: str
    partner: str
    kept_share: float
    """Of their trade in the base year [1]."""
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class PortRecord:
    """A sea or lake port; its closures are those of the gate of the same name."""

    port: str
    name: str
    region: str
    unlocode: str
    latitude: float
    longitude: float
    capacity_mt: float | None
    throughput_mt: float | None
    capacity_kteu: float | None
    throughput_kteu: float | None
    note: str
    source: str
    flag: str


@dataclass(frozen=True, slots=True)
class Corridor:
    """A named route between two regions over links of the network, the same in both directions."""

    corridor: str
    name: str
    ends: tuple[str, str]
    links: tuple[str, ...]
    """From one end to the other."""
    transit: tuple[str, ...]
    """Regions on the way whose ground it crosses."""
    gates: tuple[str, ...]
    """Gates on the way, ports among them."""
    status: str
    """Open, needs-agreement (to cargo of its ends, until a transit agreement opens it), planned."""
    days_low: float
    days_high: float
    """Band on record, door to door [days]."""
    usd_per_feu_low: float
    usd_per_feu_high: float
    """Band on record, fees and tolls included [USD/FEU]."""
    note: str
    source: str
    flag: str
