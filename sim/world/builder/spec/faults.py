"""Mistakes of the file that says what to build, each with the keys that lead to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.world.csv_tables.table_errors import WorldError, did_you_mean

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """A mistake in the file that says what to build."""

    path: Path_
    """Keys and places of lists that lead to it."""
    what: str
    wanted: str = ""
    is_key: bool = False
    """Whether the last key is at fault, not its value."""


class UnfitError(WorldError):
    """Files that cannot make the world that is asked for."""

    def __init__(self, fault: Fault, set_aside: Sequence[str] = ()) -> None:
        self.fault = fault
        self.set_aside = tuple(set_aside)
        """Files of a folder that are not read, one sentence each: often the reason."""
        where = ".".join(map(str, fault.path))
        super().__init__([f"{where}: {fault.what}; {fault.wanted}", *set_aside])


class Faults:
    """Mistakes while the file is read."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, path: Iterable[str | int], what: str, wanted: str = "") -> None:
        """Note a mistake."""
        self.found.append(Fault(tuple(path), what, wanted))

    def check_keys(self, path: Path_, given: Mapping[str, Any], known: Sequence[str]) -> None:
        """Note every key that is not known."""
        for key in given:
            if key not in known:
                wanted = f"wanted {', '.join(known)}{did_you_mean(str(key), known)}"
                what = f"the key '{key}' is unknown"
                self.found.append(Fault((*path, key), what, wanted, is_key=True))


def is_list(key: str, given: Any, example: str, faults: Faults) -> bool:
    """True if something stands in a list; a fault otherwise."""
    if isinstance(given, list | tuple) and given:
        return True
    nothing = given is None or isinstance(given, list | tuple)
    what = f"{key} are missing" if nothing else f"{key} are {quoted_value(given)}, which is no list"
    faults.add((key,), what, f"wanted a list, such as {key}: {example}")
    return False


def quoted_value(value: Any) -> str:
    """A value of a spec as messages quote it.

    Examples
    --------
    >>> [quoted_value(value) for value in ("x", True, None, (1, 2))]
    ["'x'", 'true', 'blank', 'a list']
    """
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "blank"
    if isinstance(value, list | tuple):
        return "a list"
    return "a mapping" if isinstance(value, Mapping) else repr(value)
