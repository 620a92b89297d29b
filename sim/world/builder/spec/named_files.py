"""Files that a world is made of: downloads, plain tables, and tables carried as they are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.world.builder.spec.faults import Faults, is_list, quoted_value
from sim.world.csv_tables.columns import FLAGS
from sim.world.csv_tables.schema import SCHEMAS
from sim.world.csv_tables.table_errors import did_you_mean
from sim.world.sources.file_kinds import BY_NAME

_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class FileSpec:
    """A file, or a folder of files."""

    path: Path
    kind: str = ""
    unit: str = ""
    source: str = ""
    """Name among the sources; that of the file where it is blank."""
    flag: str = ""
    """How its figures are known, where that is worse than their place in a file says."""


def files_of(given: Any, folder: Path, faults: Faults) -> tuple[FileSpec, ...]:
    """Read the list of files; relative paths begin in a folder."""
    if not is_list("files", given, "[downloads]", faults):
        return ()
    files = []
    for k, item in enumerate(given):
        told = item if isinstance(item, Mapping) else {"path": item}
        faults.check_keys(("files", k), told, ("path", "kind", "unit", "source", "flag"))
        kind = str(told.get("kind", ""))
        if kind and kind not in BY_NAME:
            wanted = f"wanted one of {', '.join(BY_NAME)}{did_you_mean(kind, BY_NAME)}"
            faults.add(("files", k, "kind"), f"the kind '{kind}' is unknown", wanted)
        source, flag = told.get("source"), told.get("flag")
        if source is not None and not _SOURCE.fullmatch(str(source)):
            what = f"a source is {quoted_value(source)}"
            faults.add(("files", k, "source"), what, "wanted a short word, such as customs-2022")
        if flag is not None and flag not in FLAGS:
            faults.add(
                ("files", k, "flag"), f"flag is {quoted_value(flag)}", f"wanted {', '.join(FLAGS)}"
            )
        name = told.get("path")
        if not isinstance(name, str | int | float) or not str(name):
            what = "a file has no path" if name is None else f"a file is {quoted_value(name)}"
            faults.add(("files", k), what, "wanted its name, or {path: my-trade.csv}")
            continue
        path = folder / str(name)
        if not path.exists():
            beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            what = f"there is no file or folder {path}"
            wanted = f"wanted one that is there{did_you_mean(path.name, beside)}"
            faults.add(("files", k), what, wanted)
        origin = str(source or ""), str(flag or "")
        files.append(FileSpec(path, kind, str(told.get("unit", "")), *origin))
    return tuple(files)


def tables_of_own(given: Any, folder: Path, faults: Faults) -> Path | None:
    """Folder of tables that are carried into the world as they are; None where none is named."""
    if given is None:
        return None
    place = folder / str(given)
    if not isinstance(given, str) or not place.is_dir():
        faults.add(
            ("tables",), f"there is no folder {quoted_value(given)}", "wanted a folder of tables"
        )
        return None
    wanted = f"wanted tables of a world ({', '.join(SCHEMAS)}), each a CSV"
    found = sorted(path for path in place.iterdir() if not path.name.startswith((".", "~")))
    if not found:
        faults.add(("tables",), f"{place} is empty", wanted)
    for path in found:
        if path.suffix != ".csv" or path.stem not in SCHEMAS:
            near = did_you_mean(path.stem, SCHEMAS)
            faults.add(("tables",), f"{path} is no table of a world", wanted + near)
    return place
