"""Output of readers, whatever the layout of the file: trade, facts of countries, duties."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.policy.implausible_rates import LIKELY_RATE
from sim.world.sources.countries import countries, fold
from sim.world.sources.files import Member

BOTH, EXPORTER, IMPORTER = 0, 1, 2
"""Whose report a flow is: reconciled or unstated, the exporter's, the importer's."""
SIDES = ("", "exporter's report", "importer's report")
ALL_PRODUCTS = 0
"""Product of a flow or duty that stands for all goods together."""


def product_of(first: int, last: int) -> int:
    """Code of a range of chapters of the Harmonised System, both included."""
    return 100 * first + last


@dataclass(frozen=True, eq=False)
class FlowRows:
    """Bilateral trade, one row a product."""

    exporter: IndexArray
    """Place in `countries()`, WORLD, NOWHERE or UNKNOWN."""
    importer: IndexArray
    product: IndexArray
    """`product_of` a range of chapters, ALL_PRODUCTS, or `-1 - k` for `labels[k]`."""
    year: IndexArray
    musd: FloatArray
    side: int
    labels: tuple[str, ...] = ()
    """Goods that the file names in words."""


@dataclass(frozen=True, eq=False)
class CountryFigures:
    """A figure of countries by year."""

    what: str
    """`gdp_musd`, `population_m`, `real_growth`, or a share of GDP: `farming`, `manufacturing`,
    `mining`."""
    country: IndexArray
    year: IndexArray
    value: FloatArray


@dataclass(frozen=True, eq=False)
class Distances:
    """Distances of pairs, and whether they share a border."""

    a: IndexArray
    b: IndexArray
    km: FloatArray
    contiguous: FloatArray
    """1, 0, or NaN where the file does not say."""


@dataclass(frozen=True, eq=False)
class DutyRows:
    """Duties on imports, one row a product."""

    importer: IndexArray
    exporter: IndexArray
    """WORLD where the duty holds without preference."""
    product: IndexArray
    year: IndexArray
    rate: FloatArray
    """Share of the value; a specific duty as its ad-valorem equivalent [1]."""
    weight: FloatArray
    """Imports behind the rate, NaN where the file does not say [musd]."""
    is_weighted: bool
    """Whether rates are averages weighted by trade."""
    is_applied: bool = False
    """Whether rates without preference are those applied on average, preferences among them."""
    labels: tuple[str, ...] = ()


@dataclass
class Reading:
    """Everything that one file says."""

    member: Member
    kind: str
    trade: list[FlowRows] = field(default_factory=list)
    facts: list[CountryFigures] = field(default_factory=list)
    distances: list[Distances] = field(default_factory=list)
    duties: list[DutyRows] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What was set aside, and why."""
    warnings: list[str] = field(default_factory=list)
    """What was taken as stated and is rare."""
    source: str = ""
    """Name among the sources, where the analyst gives one."""
    flag: str = ""
    """How its figures are known, where the analyst says so."""


def high_duties(rate: FloatArray) -> list[str]:
    """A sentence about the duties above 100 % of a file, if there are any, for a warning.

    Parameters
    ----------
    rate : (n_rows,) ndarray
        NaN where none is stated [1].
    """
    high = rate[rate > LIKELY_RATE]
    if not len(high):
        return []
    said = "a duty above 100 %" if len(high) == 1 else f"{len(high)} duties above 100 %"
    return [f"{said}, the highest {100 * high.max():,.6g} %; taken as stated"]


@dataclass(frozen=True)
class ReadingTask:
    """Purpose of the reading."""

    year: int
    """Base year."""
    unit: str = ""
    """Unit of values whose heading has none, such as `million USD`."""
    regions: Mapping[str, int] = field(default_factory=dict)
    """Folded code or name of a region of the world being built to its place."""
    goods: Mapping[str, str] = field(default_factory=dict)
    """Folded code or name of a good of that world to its code; empty where any word is taken."""

    def find(self, word: str) -> int:
        """Place of a country, or `len(countries()) + k` for the k-th region of the world."""
        known = countries()
        place = known.find(word)
        region = self.regions.get(fold(word))
        return place if place >= 0 or region is None else len(known) + region
