"""Make `growth_law.csv`, `error_points.csv` and `world_gdp.csv` out of the panel of past trade.

Usage: python -m bench.growth_law FACTS_FOLDER OUTPUT_FOLDER

The facts are `panel/` (see `bench.growth_panel`) and two files that say how much smaller
errors one to three years ahead are, which the panel, four-yearly, cannot:
`hindcast_pak_annual_errors.csv` (one exporter, all its partners: horizon, sample, predictor, n,
q05, q95) and `observed_trade.csv` (pairs on record in several years by one ledger: from, to,
ledger, period_start, value_musd).
"""

import csv
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench.growth_fit import BOUNDS_MUSD, SHARES, fit_growth, measured_points
from bench.growth_panel import WORLD, past_growth, read_gdp
from sim.laws.growth.growth_terms import GRAVITY_TERMS, TERMS

CLASSES = ("0.1-1M", "1-10M", "10-100M", ">100M", ">100M")
"""Class of the annual errors that stands for each class of size."""
PREDICTOR = "gdp_half"
YEARS_KNOWN = (1, 3, 5)
SHORT, FULL = (1, 2, 3), 4
MIN_PAIRS = 40
"""Fewest pairs of years on record of which a width is taken."""


def short_widths(facts: Path) -> dict[int, tuple[float, ...]]:
    """Width of errors one to three years ahead over that four years ahead, by class of size.

    The width is that from 5 to 95 %. Annual errors are known one, three and five years ahead; two
    and four lie between on a straight line in the logs of width and horizon. Where pairs on record
    say something of a class too, both count by their numbers of forecasts.
    """
    with (facts / "hindcast_pak_annual_errors.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["predictor"] == PREDICTOR]
    width = {(int(r["horizon"]), r["sample"]): float(r["q95"]) - float(r["q05"]) for r in rows}
    count = {(int(r["horizon"]), r["sample"]): float(r["n"]) for r in rows}

    def at(values: dict[tuple[int, str], float], year: int, sample: str) -> float:
        logs = [np.log(values[h, sample]) for h in YEARS_KNOWN]
        return float(np.exp(np.interp(np.log(year), np.log(YEARS_KNOWN), logs)))

    observed = observed_errors(facts)
    answer = {}
    for year in SHORT:
        ratios = []
        for c, sample in enumerate(CLASSES):
            found = [(at(width, year, sample) / at(width, FULL, sample), at(count, year, sample))]
            near, far = observed.get((c, year), []), observed.get((c, FULL), [])
            if min(len(near), len(far)) >= MIN_PAIRS:
                low, high = (np.quantile(e, [0.05, 0.95]) for e in (near, far))
                found.append((float(np.diff(low)[0] / np.diff(high)[0]), len(near)))
            ratios.append(sum(r * n for r, n in found) / sum(n for _, n in found))
        answer[year] = tuple(ratios)
    return answer


def observed_errors(facts: Path) -> dict[tuple[int, int], list[float]]:
    """Errors of the rule of half of both growths on pairs on record, by class and horizon."""
    gdp, series = read_gdp(facts / "panel"), {}
    with (facts / "observed_trade.csv").open(encoding="utf-8", newline="") as lines:
        for r in csv.DictReader(lines):
            start, end = r["period_start"], r["period_end"]
            whole = start.endswith("-01-01") and end == f"{start[:4]}-12-31"
            if "WITS" in r["ledger"] and r["flow"] == "one-way" and whole:
                key = (r["from"], r["to"], r["ledger"])
                series.setdefault(key, {})[int(start[:4])] = float(r["value_musd"])
    errors: dict[tuple[int, int], list[float]] = {}
    for (exporter, importer, _), known in series.items():
        for year, ahead in ((y, h) for y in known for h in (*SHORT, FULL)):
            sizes = [gdp.get((s, t)) for s in (exporter, importer) for t in (year, year + ahead)]
            base, later = known[year], known.get(year + ahead, 0.0)
            if min(base, later) <= 0.0 or None in sizes:
                continue
            a, a_later, b, b_later = sizes
            grown = 0.5 * np.log(a_later / a * b_later / b)
            c = int(np.searchsorted(BOUNDS_MUSD, base, side="right")) - 1
            errors.setdefault((c, ahead), []).append(float(np.log(later / base) - grown))
    return errors


def tables(facts: Path) -> dict[str, list[list[object]]]:
    """Rows of the three tables, headings first."""
    past, _ = past_growth(facts / "panel")
    law = fit_growth(past)
    points, n = measured_points(law, past, short_widths(facts))
    origin = ("trade-panel", "derived")
    law_rows: list[list[object]] = [["term", "value", "source", "flag"]]
    for names, values in ((GRAVITY_TERMS, law.gravity), (TERMS, law.coefficients)):
        law_rows += [
            [name, f"{value:.6g}", *origin] for name, value in zip(names, values, strict=True)
        ]
    shares = [f"q{100 * share:02.0f}" for share in SHARES]
    error_rows: list[list[object]] = [
        ["size_low_musd", "size_high_musd", "size_musd", "horizon_years", *shares,
         "passing_years", "n", "source", "flag"]
    ]  # fmt: skip
    for c, (low, high) in enumerate(pairwise(BOUNDS_MUSD)):
        for k, horizon in enumerate(points.horizon_years):
            joined = n[c, k] == 0
            error_rows.append(
                [
                    f"{low:g}", f"{high:g}" if np.isfinite(high) else "",
                    f"{points.size_musd[c]:.4g}", f"{horizon:g}",
                    *(f"{value:.3f}" for value in points.log_error[c, k]),
                    f"{points.passing_years[c]:.3g}", int(n[c, k]) or "",
                    "trade-panel-short" if joined else "trade-panel", "derived",
                ]
            )  # fmt: skip
    gdp = read_gdp(facts / "panel")
    world = sorted((year, musd) for (place, year), musd in gdp.items() if place == WORLD)
    gdp_rows: list[list[object]] = [["year", "gdp_musd", "source", "flag"]]
    gdp_rows += [[year, f"{musd:.6g}", "wb-gdp", "seen"] for year, musd in world]
    return {"growth_law": law_rows, "error_points": error_rows, "world_gdp": gdp_rows}


def main(facts: str, output: str) -> None:
    """Write the tables."""
    for name, rows in tables(Path(facts)).items():
        with (Path(output) / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
