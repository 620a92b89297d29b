"""Results in the forms that other programs read: CSV, Excel, IAMC tables, the EMA workbench.

- `csv`: the series of a run, or the rows of a study, as they are stored.
- `xlsx`: all tables of a result in one workbook (extra `excel`), with headings, units and notes.
- `iamc`: model, scenario, region, variable, unit, year, value, as pyam reads them; quantiles over
  the runs stand in the variable, as in `Trade|Both Directions|Median`.
- `ema`: experiments and outcomes as `ema_workbench.load_results` reads them, a `.tar.gz`.
"""

import io
import json
import tarfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.store.results import MODEL_NAME, StoreError, by_column
from sim.store.spreadsheet_cells import csv_of
from sim.store.stored_results import known_record
from sim.store.study_parts import columns_of
from sim.store.workbook import workbook_bytes

FORMS = ("csv", "xlsx", "iamc", "ema")
SUFFIX = {"csv": ".csv", "xlsx": ".xlsx", "iamc": "-iamc.csv", "ema": ".tar.gz"}
IAMC_COLUMNS = ("model", "scenario", "region", "variable", "unit", "year", "value")
QUANTILES = {0.05: "5th Percentile", 0.25: "25th Percentile", 0.5: "Median",
             0.75: "75th Percentile", 0.95: "95th Percentile"}  # fmt: skip

Columns = Mapping[str, Sequence[Any]]


def exported(folder: Path, form: str) -> bytes:
    """A result in another form.

    Parameters
    ----------
    folder : Path
        Folder of the result.
    form : str
        One of `FORMS`.

    Raises
    ------
    StoreError
        If there is no result, or it has nothing to show in this form.
    """
    record = known_record(folder)
    tables = _tables(folder)
    try:
        return _written(record, tables, form)
    except KeyError as missing:
        raise StoreError(
            f"{folder}: a table of the result has no column {missing}; it was not written by sim"
        ) from None


def _written(record: Mapping[str, Any], tables: Mapping[str, Columns], form: str) -> bytes:
    if form == "csv":
        return _csv(tables["series" if "series" in tables else "outcomes"])
    if form == "xlsx":
        return workbook_bytes(record, tables)
    if form == "iamc":
        return _csv(_iamc(record, tables))
    return _ema(record, tables)


def _tables(folder: Path) -> dict[str, Columns]:
    try:
        found: dict[str, Columns] = {
            path.stem: columns_of(path.read_bytes()) for path in sorted(folder.glob("*.parquet"))
        }
    except (OSError, ValueError) as problem:
        raise StoreError(f"{folder}: a table cannot be read ({problem})") from problem
    if "outcomes" not in found:
        raise StoreError(f"{folder}: the result is not whole, outcomes.parquet is not there")
    return found


def _rows(columns: Columns) -> list[tuple[Any, ...]]:
    plain = [np.asarray(column).tolist() for column in columns.values()]
    return list(zip(*plain, strict=True))


def _csv(columns: Columns) -> bytes:
    return csv_of([[*columns], *_rows(columns)])


def _iamc(record: Mapping[str, Any], tables: Mapping[str, Columns]) -> Columns:
    """The long table of the integrated-assessment community."""
    if "series" in tables:
        series = tables["series"]
        named = [
            f"{variable}|{QUANTILES[round(float(q), 2)]}"
            for variable, q in zip(series["variable"], series["quantile"], strict=True)
        ]
        return {name: named if name == "variable" else series[name] for name in IAMC_COLUMNS}
    return _iamc_of_rows(record, tables["outcomes"])


def _iamc_of_rows(record: Mapping[str, Any], outcomes: Columns) -> Columns:
    """Quantiles over the runs of every case of a study, by year."""
    rows = []
    cases = np.asarray(outcomes["case"])
    pairs = record.get("pairs", {})
    alone = [pair for pair, n in Counter(pairs.values()).items() if n == 1]
    fine = np.array([status == "finished" for status in outcomes["status"]])
    for column, values in outcomes.items():
        target, _, rest = column.partition("|trade_musd|")
        if not rest:
            continue
        for case in np.unique(cases).tolist():
            there = np.asarray(values)[fine & (cases == case) & np.isfinite(values)]
            if not len(there):
                continue
            scenario = _case_name(record, outcomes, case)
            region = pairs[target] if pairs.get(target) in alone else target
            for q, name in QUANTILES.items():
                variable = f"Trade|Both Directions|{name}"
                value = float(np.quantile(there, q))
                rows.append(
                    (MODEL_NAME, scenario, region, variable, "million USD/yr", int(rest), value)
                )
    return by_column(IAMC_COLUMNS, rows)


def _case_name(record: Mapping[str, Any], outcomes: Columns, case: int) -> str:
    """Name of a case of a study: the scenario that is compared, or what is varied in it."""
    if record.get("kind") == "compare" and case < len(record.get("scenarios", ())):
        return str(record["scenarios"][case])
    first = np.flatnonzero(np.asarray(outcomes["case"]) == case)[0]
    there = [f"{path} = {outcomes[path][first]}" for path in record.get("varied", ())]
    return f"{record.get('title', '?')}|{', '.join(there) or f'case {case}'}"


def _ema(record: Mapping[str, Any], tables: Mapping[str, Columns]) -> bytes:
    """Experiments and outcomes in an archive of the EMA workbench's own layout."""
    outcomes = tables["outcomes"]
    n_rows = len(outcomes["run"])
    inputs = {
        name: values
        for name, values in outcomes.items()
        if "|" not in name and name not in ("case", "run", "status", "reason", "largest_residual")
    }
    case_of = outcomes.get("case", [0] * n_rows)
    names = {case: f"case {case}" for case in set(case_of)}
    if record.get("kind") == "compare":
        names = {case: _case_name(record, outcomes, case) for case in names}
    experiments: dict[str, Any] = {
        **inputs,
        "scenario": outcomes["run"],
        "policy": [names[case] for case in case_of],
        "model": ["sim"] * n_rows,
    }
    results = {name: values for name, values in outcomes.items() if "|" in name}
    files = {"experiments.csv": _csv(experiments)}
    listed = []
    for k, (name, values) in enumerate(results.items()):
        files[f"outcome-{k}.csv"] = "".join(f"{value!r}\n" for value in _plain(values)).encode()
        listed.append(("ScalarOutcome", name.replace("|", "_"), f"outcome-{k}.csv"))
    kinds = {
        name: "object" if isinstance(values[0], str) else "float64"
        for name, values in experiments.items()
    }
    kinds["scenario"] = "int64"
    metadata = {"version": str(record.get("versions", {}).get(MODEL_NAME, "")),
                "experiments": kinds, "outcomes": listed}  # fmt: skip
    files["metadata.json"] = json.dumps(metadata).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _plain(values: Any) -> list[float]:
    return [float(value) for value in np.asarray(values, dtype=np.float64)]
