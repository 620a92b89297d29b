"""A text as it is being typed: what is wrong with it, and what it says together with its parents.

There is one reader of scenarios, that of `sim check`; the problems here are its problems.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.lab.document import own_tree
from sim.lab.yaml_text import inline_text
from sim.laws.numerics.recent_cache import RecentCache
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.scenario_file import ScenarioCheck, check_scenario
from sim.scenario.text.inheritance import assemble
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.problems import Problem
from sim.scenario.text.tree import MappingNode, Scalar

_KEPT: "RecentCache[TextReading]" = RecentCache(most=32)


@dataclass(frozen=True)
class TextReading:
    """Outcome of reading a text.

    Attributes
    ----------
    checked : ScenarioCheck
        The scenario, or its problems.
    own : MappingNode or None
        Tree of the text by itself; None where it cannot be read.
    """

    path: Path
    text: str
    checked: ScenarioCheck
    own: MappingNode | None

    @property
    def merged(self) -> MappingNode | None:
        """Tree of the text over what it extends; None where it cannot be read."""
        return self.checked.tree

    @property
    def scenario(self) -> Scenario | None:
        """The scenario, if there are no problems."""
        return self.checked.scenario

    @property
    def is_of_one_folder(self) -> bool:
        """True if all that it extends lies beside it."""
        tops = self.merged.entries.values() if self.merged is not None else ()
        return all(Path(top.node.place.file).parent == self.path.parent for top in tops)

    def as_json(self) -> dict[str, Any]:
        """Problems and warnings for the page."""
        return {
            "valid": self.checked.scenario is not None,
            "problems": [_problem(problem, self.path) for problem in self.checked.problems],
            "warnings": [_problem(problem, self.path) for problem in self.checked.warnings],
        }


def read_typed(path: Path, text: str, names: NamesLike | None, state: object = None) -> TextReading:
    """Read a text in the place of a file, whose folder holds what it extends.

    Parameters
    ----------
    path : Path
        Where the text is, or would be, saved.
    text : str
    names : Names or None
        What the world calls things.
    state : hashable, optional
        Condition of the folder: while it is the same a text is read once, for whoever asks.
    """
    key = (path, text, state)
    found = _KEPT.at_hand(key) if state is not None else None
    if found is None:
        found = _read(path, text, names)
        if state is not None and found.is_of_one_folder:
            _KEPT.keep(key, found)
    return found


def _read(path: Path, text: str, names: NamesLike | None) -> TextReading:
    content = text.encode("utf-8", "replace")
    checked = check_scenario(path, names, content=content)
    return TextReading(path, text, checked, own_tree(text))


def inherited_tree(path: Path, text: str) -> MappingNode | None:
    """Tree of what a text extends, merged; None where it extends nothing."""
    own = own_tree(text)
    above = own.get("extends") if own is not None else None
    if not isinstance(above, Scalar) or not isinstance(above.value, str):
        return None
    merged = assemble(path, f"extends: {inline_text(above.value)}\n".encode())
    return None if merged.problems else merged.tree


def _problem(problem: Problem, path: Path) -> dict[str, Any]:
    is_own = problem.file == str(path)
    return {
        "file": None if is_own else Path(problem.file).name,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "wanted": problem.wanted,
        "nearest": problem.nearest,
    }
