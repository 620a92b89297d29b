"""A world in the making, what it takes from the packaged one, and how far apart its regions are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.arrays import IndexArray as IntArray
from sim.world.builder.duty_tables import Bloc, DutyTable
from sim.world.builder.filling import FilledMatrix
from sim.world.builder.macro import SourcedFigure
from sim.world.builder.matrix import Conflict, RegionWeights, TradeMatrix
from sim.world.builder.network_plan import NetworkPlan
from sim.world.builder.spec.spec import Spec
from sim.world.csv_tables.reader import PACKAGED, Tables, read_tables
from sim.world.sources.countries import countries
from sim.world.sources.parsed_files import Reading
from sim.world.trade.records_from_rows import world_gdp_by_year

GDP_HINT = "wanted World Bank WDI with NY.GDP.MKTP.CD, IMF WEO, or a table country, year, gdp_musd"
FEW = 0.5
"""Share of the countries of the rest of the world below which those in a file are few."""
_LONGEST_KM = 20_000.0


@dataclass(frozen=True)
class PackagedData:
    """Data that every world takes from the packaged one: parameters of laws and past errors."""

    tables: Tables
    long_run: float
    """Real growth of the rest of the world in the last year told [1/year]."""
    world_gdp_musd: float
    world_gdp_by_year: Mapping[int, float]
    """Whole world's by year [musd]."""
    world_people_m: float
    value_per_feu_usd: Mapping[str, float]
    """By good."""

    def world_gdp(self, year: int) -> float:
        """GDP of the whole world in a year or the nearest one on record [musd]."""
        nearest = min(self.world_gdp_by_year, key=lambda other: abs(other - year))
        return self.world_gdp_by_year[nearest]


@dataclass(frozen=True, eq=False)
class RegionDistances:
    """Distances of regions."""

    km: FloatArray
    contiguous: BoolArray
    reading: IntArray
    """Number of the reading, -1 where it is the great circle between main cities."""


@dataclass(frozen=True, eq=False)
class DraftWorld:
    """A world before it is written."""

    spec: Spec
    readings: tuple[Reading, ...]
    matrix: TradeMatrix
    filled: FilledMatrix
    distances: RegionDistances
    gdp: Sequence[SourcedFigure]
    with_gdp: Sequence[int]
    """Countries of each region of which some file has GDP."""
    people: Sequence[SourcedFigure]
    growth: Sequence[Sequence[tuple[int, SourcedFigure]]]
    output: FloatArray
    output_assumed: tuple[bool, ...]
    duties: DutyTable
    blocs: tuple[Bloc, ...]
    conflicts: tuple[Conflict, ...]
    refused: tuple[str, ...]
    network: NetworkPlan
    """Without nodes where the world has none."""


@lru_cache(maxsize=1)
def packaged_data() -> PackagedData:
    """Read what every world takes from the packaged one, once."""
    names = ("world", "sources", "regions", "goods", "gdp", "growth", "parameters",
             "forecast_errors", "agreement_scopes", "world_gdp")  # fmt: skip
    tables = read_tables(PACKAGED, names)
    year = next(row.text("value") for row in tables["world"] if row.text("key") == "base_year")
    base = [row for row in tables["gdp"] if row.text("year") == year]
    gdp = sum(row.number("gdp_musd") for row in base)
    last = max(row.text("year") for row in tables["growth"])
    rest = [row for row in tables["growth"] if row.text("year") == last][-1]
    return PackagedData(
        tables=tables,
        long_run=rest.number("real_growth"),
        world_gdp_musd=gdp,
        world_gdp_by_year=world_gdp_by_year(tables["world_gdp"]),
        world_people_m=sum(row.number("population_m") for row in base),
        value_per_feu_usd={
            row.text("good"): row.number("value_per_feu_usd") for row in tables["goods"]
        },
    )


def region_distances(
    spec: Spec, readings: Sequence[Reading], weights: RegionWeights
) -> RegionDistances:
    """Mean distance of the countries of two regions, weighted by GDP, and common borders.

    The first file that has a pair gives it; other pairs take the great circle between their main
    cities and the borders of Natural Earth's map.
    """
    known = countries()
    n = len(known)
    km = np.maximum(known.distance_km(), 1.0)
    touching = known.adjacent.copy()
    source = np.full((n, n), -1)
    for number, reading in enumerate(readings):
        for found in reading.distances:
            rows = (found.a < n) & (found.b < n)
            a, b = found.a[rows], found.b[rows]
            fresh = source[a, b] < 0
            a, b = a[fresh], b[fresh]
            km[a, b], source[a, b] = found.km[rows][fresh], number
            shared = found.contiguous[rows][fresh]
            stated = ~np.isnan(shared)
            touching[a[stated], b[stated]] = shared[stated] > 0
    one_way = (source < 0) & (source.T >= 0)
    km = np.where(one_way, km.T, km)
    source = np.where(one_way, source.T, source)
    touching |= touching.T
    mean = weights.share @ km @ weights.share.T
    told = weights.share @ (source >= 0) @ weights.share.T
    belongs = weights.share > 0
    is_rest = np.array([region.is_rest for region in spec.regions])
    together = (belongs.astype(float) @ touching @ belongs.T.astype(float)) > 0
    together &= ~(is_rest[:, None] | is_rest)
    np.fill_diagonal(together, val=False)
    mean = 0.5 * (mean + mean.T)
    return RegionDistances(
        km=np.minimum(mean, _LONGEST_KM),
        contiguous=together,
        reading=np.where(told > 0.5, source.max(initial=-1), -1),
    )
