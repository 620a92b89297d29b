"""Build a world: read its files, lay them over each other, fill gaps, write tables and a report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.builder.draft import FEW, GDP_HINT, DraftWorld, packaged_data, region_distances
from sim.world.builder.duty_tables import blocs_of, duties_of
from sim.world.builder.filling import fill
from sim.world.builder.macro import (
    SourcedFigure,
    country_gdp,
    facts_of,
    growth_of,
    known_members,
    output_to_gdp,
    sums_of,
)
from sim.world.builder.matrix import matrix_of, weights_of
from sim.world.builder.network_spec import plan_of
from sim.world.builder.report import report_text
from sim.world.builder.spec.faults import Fault, UnfitError
from sim.world.builder.spec.named_files import FileSpec
from sim.world.builder.spec.spec import Spec
from sim.world.builder.tables import conflicts_csv, tables_of
from sim.world.csv_tables.table_errors import WorldError
from sim.world.sources.countries import fold, read_rows
from sim.world.sources.file_kinds import read_whole
from sim.world.sources.parsed_files import Reading, ReadingTask

REPORT = "REPORT.md"
CONFLICTS = "conflicts.csv"
SMALLEST_GDP_MUSD = 1.0
_FIRST = {"plain": 0, "baci": 1, "comtrade": 2}
"""Order of the kinds of files within a folder; others follow by name."""
PEOPLE_M = (0.001, 1e4)
"""Bounds of a region's population [million]."""


@dataclass(frozen=True)
class BuiltWorld:
    """A world in files, and what to say of it."""

    files: dict[str, bytes]
    """Name to content: tables, the report, the list of conflicts."""
    summary: tuple[str, ...]
    """The first lines of the report."""
    warnings: tuple[str, ...]
    """Files in a folder that are not read, one sentence each."""


def build_world(spec: Spec) -> BuiltWorld:
    """Build a world.

    Parameters
    ----------
    spec : Spec
        What it is to be made of.

    Returns
    -------
    BuiltWorld

    Raises
    ------
    WorldError
        With one sentence for every file that is named and cannot be read.
    UnfitError
        If no file has trade or incomes of the base year.
    CalibrationError
        If the gravity estimate of missing trade does not converge.
    """
    readings, warnings = _read_all(spec)
    facts = facts_of(spec, readings)
    gdp_of_country = country_gdp(spec, facts)
    weights = weights_of(spec, gdp_of_country)
    matrix = matrix_of(spec, readings, weights)
    if not matrix.total.any():
        raise UnfitError(_no_trade(spec, readings), warnings)
    distances = region_distances(spec, readings, weights)
    incomes = sums_of(spec, facts, "gdp_musd", spec.base_year)
    if all(figure is None for figure in incomes):
        what = f"no GDP near {spec.base_year} for any region in these files"
        raise UnfitError(Fault(("files",), what, GDP_HINT), warnings)
    if (fault := _nothing_known(spec, incomes, matrix.total + matrix.part)) is not None:
        raise UnfitError(fault, warnings)
    with_gdp = known_members(spec, facts, "gdp_musd", spec.base_year)
    gdp = _gdp(spec, incomes, matrix.total, with_gdp)
    people = _people(spec, sums_of(spec, facts, "population_m", spec.base_year), gdp)
    sizes = np.array([figure.value for figure in gdp])
    filled = fill(
        matrix.total, matrix.recorded, sizes, distances.km, distances.contiguous, matrix.part
    )
    known = packaged_data()
    output, assumed = output_to_gdp(
        spec, facts, sizes, np.array([figure.value for figure in people]),
        matrix.split.sum(axis=2), {int(r["chapter"]): r["sector"] for r in read_rows("chapters")},
    )  # fmt: skip
    draft = DraftWorld(
        spec=spec,
        readings=tuple(readings),
        matrix=matrix,
        filled=filled,
        distances=distances,
        gdp=gdp,
        people=people,
        with_gdp=with_gdp,
        growth=growth_of(spec, facts, gdp_of_country, known.long_run),
        output=output,
        output_assumed=tuple(assumed),
        duties=duties_of(spec, readings, weights),
        blocs=tuple(blocs_of(spec)),
        conflicts=tuple(sorted((*matrix.conflicts, *facts.conflicts), key=lambda c: -c.size)),
        refused=warnings,
        network=plan_of(spec, weights),
    )
    text, summary = report_text(draft)
    files = {f"{name}.csv": content for name, content in tables_of(draft, known).items()}
    files[REPORT] = text.encode()
    files[CONFLICTS] = conflicts_csv(draft.conflicts)
    return BuiltWorld(files, summary, (*warnings, *_told(spec, readings), *matrix.notes))


def _told(spec: Spec, readings: Sequence[Reading]) -> Iterator[str]:
    """Warnings of the readers, and sentences on files whose trade is of other years alone."""
    for reading in readings:
        yield from (f"{reading.member.shown}: {text}" for text in reading.warnings)
        years = sorted({int(y) for flow in reading.trade for y in np.unique(flow.year)})
        if years and spec.base_year not in years:
            held = ", ".join(map(str, years[-4:]))
            yield f"{reading.member.shown}: trade of {held}, not of {spec.base_year}; not used"


def _read_all(spec: Spec) -> tuple[list[Reading], tuple[str, ...]]:
    """Read every file; those of a folder that cannot be read are set aside.

    In a folder, whose files stand in no order of the analyst's, own figures go before reconciled
    ones and these before reports of one side.
    """
    words = {fold(word): r for r, region in enumerate(spec.regions)
             for word in (region.code, region.name)}  # fmt: skip
    goods = {fold(word): good.code for good in spec.goods for word in (good.name, good.code)}
    readings: list[Reading] = []
    problems: list[str] = []
    warnings: list[str] = []
    for file in spec.files:
        asked = ReadingTask(spec.base_year, file.unit, words, goods)
        listed, refused = [*_paths(file)], problems
        if file.path.is_dir():
            refused = warnings
            warnings += _folders_within(file.path)
            if not listed:
                problems.append(f"{file.path}: an empty folder; wanted the downloads in it")
        found: list[Reading] = []
        for path in listed:
            read, told = read_whole(path, asked, file.kind)
            found += read
            refused += told
        for reading in found:
            reading.source, reading.flag = file.source, file.flag
        readings += sorted(found, key=lambda reading: _FIRST.get(reading.kind, len(_FIRST)))
    if problems:
        raise WorldError(problems)
    return readings, tuple(warnings)


def _paths(file: FileSpec) -> Iterator[Path]:
    if not file.path.is_dir():
        yield file.path
        return
    for path in sorted(file.path.iterdir()):
        if path.is_file() and not path.name.startswith((".", "~")):
            yield path


def _folders_within(folder: Path) -> Iterator[str]:
    """Sentences on folders in a folder, which may hold anything and are not read."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.name.startswith("."):
            yield f"{path}: a folder within a folder is not read; name it under files"


def _nothing_known(
    spec: Spec, incomes: Sequence[SourcedFigure | None], trade: FloatArray
) -> Fault | None:
    """Fault of a region of which no file has trade or income: nothing of it can be estimated."""
    for r, region in enumerate(spec.regions):
        if incomes[r] is None and not region.is_rest and not trade[r].any() | trade[:, r].any():
            what = f"no file has trade or GDP of {region.name} in {spec.base_year}"
            return Fault(("regions", r), what, f"{GDP_HINT}; or leave it out")
    return None


def _no_trade(spec: Spec, readings: Sequence[Reading]) -> Fault:
    years = sorted({int(y) for r in readings for flow in r.trade for y in np.unique(flow.year)})
    if not years:
        wanted = "wanted BACI, UN Comtrade or a table of trade"
        return Fault(("files",), "none of these files has trade", wanted)
    shown = ", ".join(map(str, years[-8:]))
    what = f"the files have no trade between these regions in {spec.base_year}"
    return Fault(("base_year",), what, f"wanted a year that they have: {shown}")


def _gdp(
    spec: Spec, found: list[SourcedFigure | None], trade: FloatArray, with_gdp: Sequence[int]
) -> list[SourcedFigure]:
    """GDP of every region; one without a figure is estimated from its trade, or from the world.

    The rest of the world has at least what the others leave of the whole where few of its countries
    have a figure.
    """
    turnover = trade.sum(axis=0) + trade.sum(axis=1)
    ratios = [f.value / turnover[r] for r, f in enumerate(found) if f and turnover[r] > 0]
    ratio = float(np.median(ratios)) if ratios else 1.0
    known = sum(f.value for f, r in zip(found, spec.regions, strict=True) if f and not r.is_rest)
    whole = packaged_data().world_gdp(spec.base_year) - known
    made = []
    for r, (figure, region) in enumerate(zip(found, spec.regions, strict=True)):
        value = whole if region.is_rest else ratio * float(turnover[r])
        is_part = region.is_rest and with_gdp[r] < FEW * len(region.members)
        if figure is None or (is_part and figure.value < whole):
            made.append(SourcedFigure(max(value, SMALLEST_GDP_MUSD), -1, "estimated"))
        else:
            made.append(figure)
    return made


def _people(
    spec: Spec, found: list[SourcedFigure | None], gdp: Sequence[SourcedFigure]
) -> list[SourcedFigure]:
    """Population of every region; without a figure by the usual GDP a head, or the world's rest."""
    known = sum(figure.value for figure in found if figure)
    heads = [gdp[r].value / f.value for r, f in enumerate(found) if f and f.value > 0]
    world = packaged_data().world_gdp_musd / packaged_data().world_people_m
    usual = float(np.median(heads)) if heads else world
    made = []
    for r, figure in enumerate(found):
        rest = packaged_data().world_people_m - known if spec.regions[r].is_rest else 0.0
        people = rest if rest > 0 else gdp[r].value / usual
        made.append(figure or SourcedFigure(float(np.clip(people, *PEOPLE_M)), -1, "estimated"))
    return made
