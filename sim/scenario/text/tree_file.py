"""Any file in YAML as a tree with places, for those that are no scenario."""

from pathlib import Path

from sim.scenario.text.problems import Place, Problem, ScenarioError
from sim.scenario.text.tree import MappingNode
from sim.scenario.text.yaml_reader import read_tree


def tree_of_file(path: Path, wanted: str) -> MappingNode:
    """Read a file that must hold a mapping.

    Parameters
    ----------
    path : Path
        The file.
    wanted : str
        What to say where it cannot be read.

    Raises
    ------
    ScenarioError
        With every problem of its syntax.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        whole = Place(str(path), 0, 0, "")
        problem = Problem.at(whole, f"cannot be read ({error.strerror})", wanted)
        raise ScenarioError([problem]) from None
    tree, problems = read_tree(str(path), content)
    if tree is None or problems:
        raise ScenarioError(problems)
    return tree
