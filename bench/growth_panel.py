"""Panel of past trade that the growth law is fitted to: read the files it comes in.

Two gzipped tables in one folder: exports by pair and every fourth year with the agreement in force
(data set `trade` of the R package penppml, UN Comtrade and the World Bank's Deep Trade Agreements)
and GDP by country and year (World Bank). They are not part of the project;
`bench.growth_fit` has the fit, `bench.growth_law` makes the tables of a world out of it.
"""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.growth_fit import PastGrowth
from sim.laws.growth.trade_growth import Sizes
from sim.world.history.terms import CUSTOMS_UNION, NONE, named_kind

TRADE, GDP = "trade_4yearly_1964_2016.csv.gz", "gdp_1960_2023.csv.gz"
WORLD = "WLD"
FIRST_BASE_YEAR = 1988
"""First base year that is used: since then nearly every state reports [year]."""
HORIZONS = (4, 8, 12)


def read_gdp(folder: Path) -> dict[tuple[str, int], float]:
    """GDP by country code and year, the world as `WORLD` [musd]."""
    rows = _rows(folder / GDP)
    return {(r["iso3"], int(r["year"])): float(r["gdp_usd"]) / 1e6 for r in rows}


def read_trade(folder: Path) -> dict[tuple[str, str, int], tuple[float, str]]:
    """Trade [musd] and name of the agreement in force by exporter, importer and year."""
    return {
        (r["exporter"], r["importer"], int(r["year"])): (float(r["trade_musd"]), r["agreement"])
        for r in _rows(folder / TRADE)
    }


def past_growth(folder: Path) -> tuple[PastGrowth, list[tuple[str, str, int]]]:
    """Trade now and later of every flow that was recorded at both dates.

    Parameters
    ----------
    folder : Path
        Where the two files are.

    Returns
    -------
    tuple
        The forecasts and, for every number of `PastGrowth.flow`, exporter, importer and base year.

    Raises
    ------
    OSError
        If a file is missing.
    """
    gdp, trade = read_gdp(folder), read_trade(folder)
    flows: list[tuple[str, str, int]] = []
    cells: list[tuple[float, ...]] = []
    for key, (base, before) in trade.items():
        exporter, importer, year = key
        if year < FIRST_BASE_YEAR or base <= 0.0 or exporter == importer:
            continue
        places = (exporter, importer, WORLD)
        start = [gdp.get((place, year)) for place in places]
        found = len(cells)
        for ahead in HORIZONS:
            later, then = trade.get((exporter, importer, year + ahead), (0.0, ""))
            end = [gdp.get((place, year + ahead)) for place in places]
            if later <= 0.0 or None in start or None in end:
                continue
            kind = named_kind(then)
            new = kind != NONE and named_kind(before) == NONE
            union = new and kind == CUSTOMS_UNION
            cells.append(
                (len(flows), ahead, base, later, *start, *end, new, union)  # type: ignore[arg-type]
            )
        if len(cells) > found:
            flows.append(key)
    flow, ahead_, base_, later_, *sizes, new_, union_ = np.array(cells, dtype=np.float64).T
    grown = [np.log(end / start) for start, end in zip(sizes[:3], sizes[3:], strict=True)]
    past = PastGrowth(
        flow.astype(np.intp), ahead_, base_, np.log(later_ / base_), Sizes(*sizes[:3]),
        Sizes(*grown), new_, union_,
    )  # fmt: skip
    return past, flows


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
