"""From a file to a checked `Scenario`, with every problem found on the way."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.scenario.blocks.scenario import Scenario
from sim.scenario.checks.cross_checks import meaning_problems
from sim.scenario.checks.schema_errors import shape_problems
from sim.scenario.text.inheritance import assemble
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.old_spellings import respelled_path
from sim.scenario.text.overrides import with_overrides
from sim.scenario.text.problems import Place, Problem, ScenarioError
from sim.scenario.text.pruning import Removal, without_removed
from sim.scenario.text.tree import MappingNode, at
from sim.scenario.variation import study_problems


@dataclass(frozen=True)
class ScenarioCheck:
    """Outcome of a check.

    Attributes
    ----------
    scenario : Scenario or None
        The scenario, if there are no problems.
    problems : tuple of Problem
        Mistakes; nothing may run while there are any.
    warnings : tuple of Problem
        What is allowed but probably not meant.
    hints : tuple of Problem
        One for each file with old spellings, which are accepted.
    tree : MappingNode or None
        The file over what it extends, overrides left out; None where it cannot be read.
    """

    scenario: Scenario | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    hints: tuple[Problem, ...] = ()
    tree: MappingNode | None = None


def check_scenario(
    path: str | Path,
    names: NamesLike | None,
    *,
    overrides: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> ScenarioCheck:
    """Read a scenario file and find everything wrong with it.

    Parameters
    ----------
    path : str or Path
        The file; messages name it as it is given here.
    names : Names or None
        What the world calls things; None takes every name as it is.
    overrides : mapping of str to str, optional
        Dotted path to a new value as YAML text, laid over the merged file.
    content : bytes, optional
        What the file holds, where it is still being written and not yet saved.

    Returns
    -------
    ScenarioCheck
        Never raises for what a file can contain.
    """
    assembly = assemble(Path(path), content)
    problems = list(assembly.problems)
    if assembly.tree is None:
        return ScenarioCheck(None, _in_order(problems), (), tuple(assembly.hints))
    tree, misplaced = with_overrides(assembly.tree, overrides or {})
    removals = [*assembly.removals, *_overridden(assembly.tree, tree, overrides or {})]
    tree, odd = without_removed(tree, removals)
    scenario, of_shape = shape_problems(tree, names, is_complete=assembly.is_complete)
    findings = meaning_problems(tree, names)
    problems += [*misplaced, *of_shape, *findings.problems]
    if scenario is not None and not problems:
        problems += study_problems(tree, scenario, names)
    return ScenarioCheck(
        None if problems else scenario,
        _in_order(problems),
        _in_order([*assembly.losses, *odd, *findings.warnings]),
        tuple(assembly.hints),
        assembly.tree,
    )


def _overridden(
    before: MappingNode, after: MappingNode, overrides: Mapping[str, str]
) -> Iterator[Removal]:
    """Entries that overrides took out."""
    for path in overrides:
        steps = tuple(respelled_path(path).split("."))
        if at(before, *steps) is not None and at(after, *steps) is None:
            yield Removal(steps, Place(f"override {path}", 0, 0, ""))


def load_scenario(
    path: str | Path, names: NamesLike | None, *, overrides: Mapping[str, str] | None = None
) -> Scenario:
    """Read and check a scenario file.

    Parameters
    ----------
    path, names, overrides
        As in `check_scenario`.

    Returns
    -------
    Scenario
        Complete and frozen.

    Raises
    ------
    ScenarioError
        With all problems of the file and of those it extends.
    """
    checked = check_scenario(path, names, overrides=overrides)
    if checked.scenario is None:
        raise ScenarioError(checked.problems, checked.warnings)
    return checked.scenario


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems without repeats, file by file as first met, then by line and column."""
    once = list(dict.fromkeys(problems))
    met = dict.fromkeys(problem.file for problem in once)
    files = {file: rank for rank, file in enumerate(met)}
    return tuple(sorted(once, key=lambda p: (files[p.file], p.line, p.column)))
