"""Any file in YAML as a tree with places, for those that are no scenario."""

from pathlib import Path

from sim.scenario.text.problems import Place, Problem, ScenarioError
from sim.scenario.text.tree import MappingNode
from sim.scenario.text.yaml_reader import MAX_BYTES, read_tree


def tree_of_file(path: Path, wanted: str, remedy: str) -> MappingNode:
    """Read a file that must hold a mapping.

    Parameters
    ----------
    path : Path
        The file.
    wanted : str
        What it should be, and after a colon how that begins.
    remedy : str
        What to say where it cannot be read.

    Raises
    ------
    ScenarioError
        With every problem of its syntax.
    """
    whole = Place(str(path), 0, 0, "")
    if path.is_dir():
        raise ScenarioError([Problem.at(whole, "is a folder", f"wanted a file; {remedy}")])
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name is not usable"
        what = f"cannot be read: {why}"
        if isinstance(error, FileNotFoundError):
            what = "there is no such file"
        raise ScenarioError([Problem.at(whole, what, remedy)]) from None
    tree, problems = read_tree(str(path), content, wanted)
    if tree is None or problems:
        raise ScenarioError(problems)
    return tree
