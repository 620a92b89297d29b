"""A judge of inputs that were accepted: does what they say make sense?

Written from what columns and keys mean, without a look at the checks of the product: no share is
above 1, nothing that was recorded happened in the next century, no state sells ten times what it
makes. Every complaint is a sentence; none means that a reader would not object.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

Rows = Sequence[Mapping[str, str]]

SHARES = re.compile(
    r"^(share|cut|.*_share|margin|tie|rule_of_law|infrastructure|utilisation|persistence|.*_cut"
    r"|take_or_pay|discount|change|effort|covered_share.*|cut_(low|high)|border_time_cut.*"
    r"|probability|hazard_per_year|completion_hazard|ceiling|conversion)$"
)
RANGES: Mapping[str, tuple[float, float]] = {
    "population_m": (0.001, 9_000),
    "gdp_musd": (10, 2e8),
    "real_growth": (-0.7, 0.7),
    "value_per_feu_usd": (500, 5e6),
    "tariff_rate": (0, 5),
    "output_to_gdp": (0, 6),
    "distance_km": (5, 20_040),
    "border_hours": (0, 2_200),
    "fee_usd_per_feu": (0, 50_000),
    "closure_rate_per_year": (0, 52),
    "mean_closure_days": (0, 4_000),
    "latitude": (-90, 90),
    "longitude": (-180, 180),
    "capacity_mt": (0, 4_000),
    "throughput_mt": (0, 2_000),
    "capacity_kteu": (0, 200_000),
    "throughput_kteu": (0, 100_000),
    "log_sd": (0, 3),
    "quarter_log_sd": (0, 4),
    "rmsle": (0, 8),
    "bias": (-8, 8),
    "speed_kmh": (1, 200),
    "length_km": (0.5, 30_000),
    "fare_usd_per_feu_km": (0, 60),
    "handling_usd_per_feu": (0, 20_000),
    "days_fixed": (0, 120),
    "terminal_days": (0, 60),
    "dwell_days": (0, 90),
    "transit_charge_usd_per_feu": (0, 50_000),
    "toll_usd_per_feu_km": (0, 30),
    "door_days_low": (0.2, 400),
    "door_days_high": (0.2, 400),
    "cost_usd_per_feu_low": (20, 2e5),
    "cost_usd_per_feu_high": (20, 2e5),
    "service_hours": (0.004, 120),
    "open_hours": (0.4, 24),
    "log_change_sd": (0, 2),
    "cost_musd": (0, 1e6),
    "build_years": (0, 40),
    "phase_in_years": (0, 40),
    "years_to_project": (0, 50),
}
PARAMETERS: Mapping[str, tuple[float, float]] = {
    "trade_elasticity": (1.1, 25),
    "time_cost_per_day": (0, 0.2),
    "border_time_elasticity": (-3, 0),
    "cargo_value_factor": (0.02, 50),
    "phase_in_impact": (0, 1),
    "phase_in_year_4": (0, 1),
    "phase_in_year_8": (0, 1),
    "origin_cost_ave": (0, 0.5),
    "world_inflation_rate": (-0.1, 0.3),
    "growth_sd": (0, 0.3),
    "opening_years": (0.05, 60),
    "talks_years": (0.05, 60),
    "joining_years": (0.05, 60),
    "entry_years": (0.05, 60),
    "visit_trade_effect": (-0.7, 0.7),
    "consulate_trade_effect": (-0.7, 0.7),
    "mission_trade_effect": (-0.7, 0.7),
    "visit_fade_years": (0.2, 30),
}
RECORDED = {"closures", "memberships", "ledger_entries", "bans"}
"""Tables of what happened; the others may speak of what is planned."""


# --- a world's tables -----------------------------------------------------------------------------


def judged_world(folder: Path) -> list[str]:
    """What makes no sense in a folder of tables."""
    tables = {path.stem: _rows(path) for path in sorted(folder.glob("*.csv"))}
    found = [text for name, rows in tables.items() for text in _cells(name, rows, tables)]
    for judge in (_spells, _shut_days, _amounts, _records, _sums, _ranks):
        found += judge(tables)
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    text = path.read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines(keepends=True)
             if line.strip() and not line.lstrip().startswith("#")]  # fmt: skip
    return [
        {str(k).strip(): (v or "").strip() for k, v in row.items() if isinstance(v, str)}
        for row in csv.DictReader(lines)
        if any(row.values())
    ]


def _number(cell: str | None) -> float | None:
    try:
        return float(cell or "")
    except ValueError:
        return None


def _base_year(tables: Mapping[str, Rows]) -> int:
    return int(next(row["value"] for row in tables["world"] if row["key"] == "base_year"))


def _cells(name: str, rows: Rows, tables: Mapping[str, Rows]) -> Iterator[str]:
    base = _base_year(tables)
    for row in rows:
        for column, cell in row.items():
            value = _number(cell)
            low, high = (0, 1) if SHARES.match(column) else RANGES.get(column, (None, None))
            if value is not None and low is not None and not low <= value <= high:
                yield f"{name} {column} {cell}: not from {low} to {high}"
            if re.fullmatch(r"\d{4}(-\d\d){0,2}", cell) and column in DATES:
                year = int(cell[:4])
                last = base + 25 if name in RECORDED else base + 80
                if not base - 150 <= year <= last:
                    yield f"{name} {column} {cell}: in a world of {base}"
    if name == "parameters":
        for row in rows:
            three = [_number(row[c]) for c in ("low", "value", "high")]
            low, high = PARAMETERS.get(row["parameter"], (-1e3, 1e3))
            if None in three or not low <= three[0] <= three[1] <= three[2] <= high:
                yield f"parameters {row['parameter']}: {three}"


DATES = {
    "since", "until", "start", "end", "signed", "in_force", "ended", "last_seen", "year",
    "last_seen_closed", "year_round_from", "earliest_year", "announced", "by",
}  # fmt: skip


CHAINS = {
    "agreements": ("signed", "in_force", "ended"),
    "memberships": ("since", "until"),
    "closures": ("start", "end"),
    "ledger_entries": ("start", "end"),
}


def _spells(tables: Mapping[str, Rows]) -> Iterator[str]:
    for name, columns in CHAINS.items():
        for row in tables.get(name, ()):
            dates = [row.get(c, "") for c in columns if row.get(c)]
            for one, other in pairwise(dates):
                n = min(len(one), len(other))
                if other[:n] < one[:n]:
                    yield f"{name}: {one} before {other}"
    for row in tables.get("ledger_entries", ()):
        if int(row["end"][:4]) - int(row["start"][:4]) > 12:
            yield f"ledger_entries: a sum from {row['start']} to {row['end']}"
    for row in tables.get("closures", ()):
        until = row.get("end") or row.get("last_seen_closed") or ""
        if until and int(until[:4]) - int(row["start"][:4]) > 40:
            yield f"closures: shut from {row['start']} to {until}"


def _shut_days(tables: Mapping[str, Rows]) -> Iterator[str]:
    for name in ("gates", "borders"):
        for row in tables.get(name, ()):
            rate, length = row.get("closure_rate_per_year"), row.get("mean_closure_days")
            if (days := (_number(rate) or 0.0) * (_number(length) or 0.0)) > 366:
                yield f"{name}: shut by chance on {days:g} days a year"
            if len(set(row.get("closed_months", "").split(";"))) == 12:
                yield f"{name}: shut in every month"


def _outputs(tables: Mapping[str, Rows]) -> dict[str, float]:
    """Largest output of each region on record."""
    gdp: dict[str, float] = {}
    for row in tables["gdp"]:
        gdp[row["region"]] = max(_number(row["gdp_musd"]) or 0.0, gdp.get(row["region"], 0.0))
    return {region: value for region, value in gdp.items() if value}


def _amounts(tables: Mapping[str, Rows]) -> Iterator[str]:
    gdp = _outputs(tables)
    for row in tables["gdp"]:
        value, heads = _number(row["gdp_musd"]), _number(row["population_m"])
        if value and heads and not 25 <= value / heads <= 1.1e6:
            yield f"gdp: {value / heads:g} USD a head"
    for row in tables["trade_totals"]:
        most = max(_number(row[c]) or 0.0 for c in ("exports_musd", "imports_musd"))
        if most > 10 * gdp.get(row["region"], 1e9):
            yield f"trade_totals: {row['region']} trades {most:g}, makes {gdp[row['region']]:g}"
    for row in tables["trade_prior"]:
        value = _number(row["trade_musd"]) or 0.0
        least = min(gdp.get(row[side], 1e9) for side in ("exporter", "importer"))
        if value > 12 * least:
            yield f"trade_prior: {value:g} between states that make {least:g}"


def _records(tables: Mapping[str, Rows]) -> Iterator[str]:
    columns = ("exports_musd", "imports_musd")
    whole = {row["region"]: sum(_number(row[c]) or 0.0 for c in columns)
             for row in tables["trade_totals"]}  # fmt: skip
    for name, side, most in (("ledger_entries", "region", 12), ("held_flows", "exporter", 1)):
        for row in tables.get(name, ()):
            if (_number(row["trade_musd"]) or 0.0) > most * whole.get(row[side], 1e9):
                yield f"{name}: {row['trade_musd']} of a state that trades {whole}"


def _sums(tables: Mapping[str, Rows]) -> Iterator[str]:
    keys = {
        "export_composition": ("region",),
        "import_composition": ("region",),
        "pair_composition": ("exporter", "importer"),
        "gateways": ("region",),
    }
    for name, columns in keys.items():
        sums: dict[tuple[str, ...], float] = {}
        for row in tables.get(name, ()):
            key = tuple(row[c] for c in columns)
            sums[key] = sums.get(key, 0.0) + (_number(row["share"]) or 0.0)
        for key, total in sums.items():
            if abs(total - 1) > 1e-4:
                yield f"{name}: shares of {key} sum to {total:g}"
    regions = {row["region"] for row in tables["regions"]}
    for name, rows in tables.items():
        for row in rows:
            for column in ("region", "partner", "exporter", "importer"):
                if row.get(column) and row[column] not in regions:
                    yield f"{name} {column}: no region {row[column]}"


def _ranks(tables: Mapping[str, Rows]) -> Iterator[str]:
    rising = {
        "forecast_errors": ("q05", "q50", "q95"),
        "agreement_scopes": ("covered_share_low", "covered_share", "covered_share_high"),
        "corridors": ("door_days_low", "door_days_high"),
    }
    for name, columns in rising.items():
        for row in tables.get(name, ()):
            values = [_number(row.get(c)) for c in columns]
            if None not in values and values != sorted(values):
                yield f"{name}: {values} do not rise"
    for row in tables.get("ports", ()):
        for unit in ("mt", "kteu"):
            most, used = _number(row[f"capacity_{unit}"]), _number(row[f"throughput_{unit}"])
            if most is not None and used is not None and used > 2 * most:
                yield f"ports: {used:g} through a port of {most:g}"


# --- a scenario -----------------------------------------------------------------------------------


def judged_scenario(content: Mapping[str, Any], regions: Sequence[str], base: int) -> list[str]:
    """What makes no sense in the content of a scenario, each complaint with its place first."""
    horizon = content["horizon"]
    start, end = _years(str(horizon["start"])), _years(str(horizon["end"]))
    found = []
    if not base - 1 <= start <= end <= start + 60:
        found.append(f"horizon: {horizon}")
    for path, value in _leaves(content, ()):
        if path[0] not in ("uncertainty", "levers", "sweep", "reach", "behaviour"):
            found += _leaf_sense(path, value, regions, (start - 31, end + 101))
    for path, block in _blocks(content, ()):
        found += _block_sense(".".join(map(str, path)), block)
    for name, target in content["targets"].items():
        if not start <= _years(str(target["deadline"])) <= end + 0.3:
            found.append(f"targets.{name}: by {target['deadline']}")
    for name, numbers in content.get("uncertainty", {}).items():
        found += _spread_sense(name, numbers)
    return found


STATES = {
    "grantor", "partners", "importer", "exporters", "exporter", "members", "pair", "sending_state",
    "host_state", "power", "state", "may_join",
}  # fmt: skip


def _leaf_sense(
    path: tuple[Any, ...], value: Any, regions: Sequence[str], years: tuple[float, float]
) -> Iterator[str]:
    where = ".".join(map(str, path))
    key = next((str(step) for step in reversed(path) if not isinstance(step, int)), "")
    if isinstance(value, int | float):
        if not isinstance(value, bool):
            yield from _number_sense(where, key, float(value))
    elif re.fullmatch(r"\d{4}(Q[1-4]|-\d\d-\d\d)", str(value)):
        if not years[0] <= _years(str(value)) <= years[1]:
            yield f"{where}: {value} in a question about {years}"
    elif key in STATES and value not in regions:
        yield f"{where}: no region {value}"


def _block_sense(where: str, block: Mapping[str, Any]) -> Iterator[str]:
    dates = [str(block[k]) for k in ("signed", "in_force", "since", "from") if block.get(k)]
    dates += [str(block[k]) for k in ("ends", "until", "to") if block.get(k)]
    if all(re.match(r"\d{4}[Q-]", one) for one in dates):
        years = [_years(one) for one in dates]
        if years != sorted(years):
            yield f"{where}: {dates} out of order"
    pair = block.get("pair")
    if pair and len(set(pair)) != 2:
        yield f"{where}: {pair} are no pair"
    for one, other in (("sending_state", "host_state"), ("power", "state")):
        if block.get(one) and block[one] == block.get(other):
            yield f"{where}: {block[one]} with itself"


def _spread_sense(name: str, numbers: Mapping[str, Any]) -> Iterator[str]:
    low, high = PARAMETERS.get(name, (-1e3, 1e3))
    for form, stated in numbers.items():
        values = [*stated] if isinstance(stated, list | tuple) else [stated]
        if form in ("triangular", "uniform") and sorted(values) != values:
            yield f"uncertainty.{name}: {values} do not rise"
        outside = values[:1] if form in ("normal", "lognormal") else values
        if any(not low <= v <= high for v in outside if v is not None):
            yield f"uncertainty.{name}: {values}"


def _number_sense(where: str, key: str, value: float) -> Iterator[str]:
    if SHARES.match(key) and not 0 <= value <= 1:
        yield f"{where}: {value} is no share"
    if key.endswith("_musd") and not 0 < value <= 3e6:
        yield f"{where}: {value:g} million USD"
    if key.endswith("_years") and not 0 <= value <= 50:
        yield f"{where}: {value} years"
    if key in ("add_rate", "to_rate") and not 0 <= value <= 1:
        yield f"{where}: a duty of {100 * value:g} %"
    if key in ("origin_cost_ave", "trade_effect_per_project") and not 0 <= value <= 1:
        yield f"{where}: {value}"
    if key == "price_usd_per_unit" and not 1 <= value <= 20_000:
        yield f"{where}: {value:g} USD"
    if key == "volume" and not 0 < value <= 200:
        yield f"{where}: {value:g} a year"
    if key == "factor" and not 0.05 <= value <= 20:
        yield f"{where}: {value:g} times the price"


def _leaves(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in ("title", "question", "source", "note"):
                yield from _leaves(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, start=1):
            yield from _leaves(inner, (*path, number))
    elif value is not None:
        yield path, value


def _blocks(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, Mapping):
        yield path, value
        for key, inner in value.items():
            yield from _blocks(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, start=1):
            yield from _blocks(inner, (*path, number))


def _years(text: str) -> float:
    """A quarter or a day as a number of years."""
    if "Q" in text:
        return int(text[:4]) + (int(text[5]) - 1) / 4
    day = date.fromisoformat(text)
    return day.year + (day.timetuple().tm_yday - 1) / 366


# --- a table of past trade ------------------------------------------------------------------------


def judged_flows(flows: Sequence[Any]) -> list[str]:
    """What makes no sense in flows that were read from a table of past trade."""
    found = []
    for flow in flows:
        told = [*_trade_sense(flow), *_gdp_sense(flow), *_terms_sense(flow)]
        found += [f"{flow.name}: {text}" for text in told]
    return found


def _trade_sense(flow: Any) -> Iterator[str]:
    years = sorted(flow.trade_musd)
    if not 1900 <= years[0] <= years[-1] <= 2040 or years[-1] - years[0] > 70:
        yield f"years {years}"
    values = [flow.trade_musd[year] for year in years]
    if not all(0 <= value <= 3e6 for value in values) or not values[0] > 0:
        yield f"{values} million USD"
    for one, other in pairwise(values):
        least, most = sorted((one, other))
        if least > 0 and most > 2_000 and most > 2_000 * least:
            yield f"from {one:g} to {other:g} million USD"
    if flow.exporter == flow.importer:
        yield "with itself"


def _gdp_sense(flow: Any) -> Iterator[str]:
    for gdp in flow.gdp if flow.gdp_has_unit else ():
        series = [gdp[year] for year in sorted(gdp)]
        if any(not 10 <= value <= 2e8 for value in series):
            yield f"GDP of {series}"
        for one, other in pairwise(series):
            if max(one / other, other / one) > 100:
                yield f"GDP from {one:g} to {other:g}"
        for year, value in gdp.items():
            if flow.trade_musd.get(year, 0.0) > 12 * value:
                yield f"trade beyond twelve times GDP in {year}"


def _terms_sense(flow: Any) -> Iterator[str]:
    terms, years = flow.terms, sorted(flow.trade_musd)
    for name in ("covered_share", "cut", "margin_rate", "border_time_cut", "tariff_rate"):
        value = getattr(terms, name)
        if value is not None and not 0 <= value <= 1:
            yield f"{name} {value}"
    if terms.in_force is not None and not years[0] - 60 <= terms.in_force <= years[-1] + 30:
        yield f"in force in {terms.in_force} with trade of {years}"
