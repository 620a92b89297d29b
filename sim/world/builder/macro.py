"""Incomes, people, growth and output of regions from facts of countries."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.builder.matrix import Conflict
from sim.world.builder.spec.spec import GoodSpec, Spec
from sim.world.sources.countries import countries
from sim.world.sources.parsed_files import Reading

NEAREST_YEARS = 5
"""A figure of another year stands in for that of the base year within so many years."""
LAST_YEARS = 18
"""Years after the base year for which growth is told."""
FADE_YEARS = 5
"""Years in which growth goes from the last figures to the long run."""
PER_HEAD_USUAL = 5_000.0
"""GDP a head where a country has no figure of its people [USD]."""
_DIFFERENT = 0.01
_ASSUMED = {"farming": 0.06, "manufacturing": 0.14, "mining": 0.02}
MULTIPLIERS = {"farming": 1.7, "manufacturing": 3.0, "mining": 1.8}
"""Gross output over value added."""
FARMING_AT_1_USD, FARMING_SLOPE, MIN_FARMING = 0.713, -0.07, 0.015
"""Share of farming in GDP by log GDP a head where no figure is given (assumed: 23 % at 1,000 USD,
7 % at 10,000 USD)."""
WORLD_MIX, OWN_MIX = 0.6, 0.4
"""How manufacturing is spread over goods: as in the world's exports, and as in a region's own."""


@dataclass(frozen=True)
class SourcedFigure:
    """A figure with where it is from."""

    value: float
    reading: int
    """Number of the reading, -1 for none."""
    flag: str


@dataclass(eq=False)
class CountryFacts:
    """Facts of countries and of regions that are named as such, by what, place and year."""

    cells: dict[tuple[str, int, int], tuple[float, int]] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)

    def at(self, what: str, place: int, year: int) -> SourcedFigure | None:
        """A figure of a year, or of the nearest one."""
        for away in range(NEAREST_YEARS + 1):
            for other in dict.fromkeys((year - away, year + away)):
                if (what, place, other) in self.cells:
                    value, reading = self.cells[what, place, other]
                    return SourcedFigure(value, reading, "estimated" if away else "seen")
        return None

    def exact(self, what: str, place: int, year: int) -> SourcedFigure | None:
        """A figure of one year."""
        cell = self.cells.get((what, place, year))
        return None if cell is None else SourcedFigure(cell[0], cell[1], "seen")


def facts_of(spec: Spec, readings: Sequence[Reading]) -> CountryFacts:
    """Put the facts of all files together; the first file that has a figure gives it."""
    facts = CountryFacts()
    compared: set[tuple[str, int, int, int]] = set()
    for number, reading in enumerate(readings):
        for fact in reading.facts:
            rows = zip(fact.country.tolist(), fact.year.tolist(), fact.value.tolist(), strict=True)
            for place, year, value in rows:
                key = (fact.what, _alone(spec, place), year)
                first = facts.cells.setdefault(key, (value, number))
                mark = (*key, number)
                if first[1] == number or mark in compared or year != spec.base_year:
                    continue
                compared.add(mark)
                if fact.what == "gdp_musd" and abs(first[0] - value) > _DIFFERENT * abs(first[0]):
                    facts.conflicts.append(
                        Conflict(
                            f"{_code(spec, key[1])} GDP {year}, million USD",
                            readings[first[1]].member.file_name,
                            first[0],
                            reading.member.file_name,
                            value,
                        )
                    )
    return facts


def _alone(spec: Spec, place: int) -> int:
    """A region of one country as that country."""
    n = len(countries())
    if place < n:
        return place
    members = spec.regions[place - n].members
    return members[0] if len(members) == 1 else place


def _code(spec: Spec, place: int) -> str:
    n = len(countries())
    return countries().codes[place] if place < n else spec.regions[place - n].code


def country_gdp(spec: Spec, facts: CountryFacts) -> FloatArray:
    """GDP of every country in the base year or near it, NaN where unknown [musd]."""
    found = [facts.at("gdp_musd", k, spec.base_year) for k in range(len(countries()))]
    return np.array([np.nan if f is None else f.value for f in found])


def sums_of(spec: Spec, facts: CountryFacts, what: str, year: int) -> list[SourcedFigure | None]:
    """Sum of a figure over each region's countries; None where no country has one."""
    sums: list[SourcedFigure | None] = []
    for r, region in enumerate(spec.regions):
        stated = facts.exact(what, len(countries()) + r, year)
        if stated is not None:
            sums.append(stated)
            continue
        found = [f for k in region.members if (f := facts.at(what, k, year)) is not None]
        if not found:
            sums.append(None)
            continue
        flag = "seen" if len(region.members) == 1 else "derived"
        is_part = len(found) < len(region.members) and not region.is_rest
        if is_part or any(f.flag == "estimated" for f in found):
            flag = "estimated"
        readings = [f.reading for f in found]
        most_told = max(set(readings), key=readings.count)
        sums.append(SourcedFigure(sum(f.value for f in found), most_told, flag))
    return sums


def known_members(spec: Spec, facts: CountryFacts, what: str, year: int) -> list[int]:
    """Number of countries of each region with a figure; all where it is stated for the region."""
    known = []
    for r, region in enumerate(spec.regions):
        if facts.exact(what, len(countries()) + r, year) is not None:
            known.append(len(region.members))
        else:
            known.append(sum(facts.at(what, k, year) is not None for k in region.members))
    return known


def growth_of(
    spec: Spec, facts: CountryFacts, gdp: FloatArray, long_run: float
) -> list[list[tuple[int, SourcedFigure]]]:
    """Real growth of every region in each year after the base year.

    What files have is taken; from the last such year on growth goes in five years to the long run.
    Countries of a region count by their GDP.
    """
    years = range(spec.base_year - FADE_YEARS, spec.base_year + LAST_YEARS + 1)
    made = []
    for r, region in enumerate(spec.regions):
        known = {}
        for year in years:
            figure = _mean_growth(facts, len(countries()) + r, region.members, gdp, year)
            if figure is not None:
                known[year] = figure
        recent = [known[year].value for year in sorted(known)[-FADE_YEARS:]]
        start = float(np.mean(recent)) if recent else long_run
        last = max(known, default=spec.base_year)
        rows = []
        for year in range(spec.base_year + 1, spec.base_year + LAST_YEARS + 1):
            if year in known:
                rows.append((year, known[year]))
                continue
            part = min(max((year - last) / FADE_YEARS, 0.0), 1.0)
            rows.append((year, SourcedFigure(start + (long_run - start) * part, -1, "estimated")))
        made.append(rows)
    return made


def _mean_growth(
    facts: CountryFacts, node: int, members: Sequence[int], gdp: FloatArray, year: int
) -> SourcedFigure | None:
    stated = facts.exact("real_growth", node, year)
    if stated is not None:
        return stated
    found = [(k, f) for k in members if (f := facts.exact("real_growth", k, year)) is not None]
    if not found:
        return None
    weights = np.nan_to_num(np.array([gdp[k] for k, _ in found]), nan=0.0) + 1e-9
    value = float(np.average([f.value for _, f in found], weights=weights))
    flag = "seen" if len(members) == 1 else "derived"
    return SourcedFigure(value, found[0][1].reading, flag)


def output_to_gdp(
    spec: Spec,
    facts: CountryFacts,
    gdp: FloatArray,
    population: FloatArray,
    exports: FloatArray,
    sectors: dict[int, str],
) -> tuple[FloatArray, list[bool]]:
    """Gross output of each good without energy over GDP, and where shares of GDP were assumed.

    Parameters
    ----------
    gdp, population : (n,) ndarray
        By region [musd], [million].
    exports : (g, n) ndarray
        By good, energy last, and region [musd].
    sectors : dict
        Chapter to farming, mining, manufacturing or energy.

    Returns
    -------
    tuple
        (g - 1, n) ratios, and for each region whether any share is assumed.
    """
    n_goods = len(spec.goods) - 1

    def part_of(good: GoodSpec, sector: str) -> float:
        own = [sectors[chapter] for chapter in good.chapters]
        return own.count(sector) / len(own)

    part: dict[str, FloatArray] = {}
    for sector in MULTIPLIERS:
        part[sector] = np.array([part_of(good, sector) for good in spec.goods[:-1]])
    ratios, assumed = np.zeros((n_goods, len(spec.regions))), []
    sold = exports[:-1]
    for r, region in enumerate(spec.regions):
        shares, given = _shares(spec, facts, region.members, gdp[r], population[r])
        assumed.append(not given)
        for sector, multiplier in MULTIPLIERS.items():
            world = _mix(part[sector] * sold.sum(axis=1), part[sector])
            own = _mix(part[sector] * sold[:, r], part[sector])
            mix = WORLD_MIX * world + OWN_MIX * own
            ratios[:, r] += shares[sector] * multiplier * mix
    return np.clip(ratios, 1e-4, 10.0), assumed


def _mix(weight: FloatArray, otherwise: FloatArray) -> FloatArray:
    for candidate in (weight, otherwise):
        if candidate.sum() > 0:
            return np.asarray(candidate / candidate.sum())
    return np.asarray(otherwise)


def _shares(
    spec: Spec, facts: CountryFacts, members: Sequence[int], gdp: float, people: float
) -> tuple[dict[str, float], bool]:
    """Shares of farming, manufacturing and mining in a region's GDP, and whether all are given."""
    per_head = gdp / people if people > 0 else PER_HEAD_USUAL
    farming = FARMING_AT_1_USD + FARMING_SLOPE * float(np.log(max(per_head, 1.0)))
    shares = {**_ASSUMED, "farming": max(farming, MIN_FARMING)}
    given = True
    for sector in ("farming", "manufacturing"):
        found = [
            (size.value, f.value) for k in members
            if (f := facts.at(sector, k, spec.base_year)) is not None
            and (size := facts.at("gdp_musd", k, spec.base_year)) is not None
        ]  # fmt: skip
        if found:
            sizes, values = zip(*found, strict=True)
            shares[sector] = float(np.average(values, weights=sizes))
        else:
            given = False
    return shares, given
