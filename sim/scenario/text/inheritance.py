"""A scenario file together with the files it extends, as one tree.

Mappings merge by key; lists and single values are replaced. A key written `+key` adds its list to
that of the extended file; a list that replaces dated entries of another file is told. `null`
written out removes the entry that the extended file has. Two things are replaced whole because
their keys exclude each other: a distribution under `uncertainty`, and an agreement whose `kind`
changes. Every value keeps the place in the file it came from.
"""

import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from sim.laws.numerics.similar_words import nearest
from sim.scenario.text.old_spellings import RespelledTree, respell
from sim.scenario.text.problems import Place, Problem, quoted
from sim.scenario.text.pruning import Removal
from sim.scenario.text.replaced_lists import lost_entries
from sim.scenario.text.tree import MappingEntry, MappingNode, Node, Scalar, SequenceNode, Step
from sim.scenario.text.yaml_reader import MAX_BYTES, read_tree

MAX_FILES = 10
"""Longest chain of files that extend each other."""

SUFFIXES = (".yaml", ".yml")
ADDS = "+"
"""What stands before a key whose list is added to that of the extended file."""
STANDARD_INPUT = "-"
"""What stands for standard input where a file is asked for."""
MARKS = (".git", "pyproject.toml", "scenarios")
"""What the folder of a project holds."""


KEPT = 16
"""Files whose trees are at hand: what others extend is read again and again."""


@dataclass
class MergedTree:
    """One tree out of a chain of files."""

    tree: MappingNode | None = None
    problems: list[Problem] = field(default_factory=list)
    hints: list[Problem] = field(default_factory=list)
    """One for each file with old spellings."""
    is_complete: bool = True
    """False if a file of the chain could not be read, so that absent keys prove nothing."""
    removals: list[Removal] = field(default_factory=list)
    """Entries that `null` took out on the way."""
    losses: list[Problem] = field(default_factory=list)
    """One for each list whose entries were replaced by those of another file."""


def assemble(path: Path, content: bytes | None = None) -> MergedTree:
    """Tree of a scenario file merged over the files it extends.

    Parameters
    ----------
    path : Path
        File of the scenario, `-` for what is typed or piped in. What it extends must lie in its
        project, links included.
    content : bytes, optional
        What the file holds, where it is still being written.
    """
    assembly = MergedTree()
    chain: list[MappingNode] = []
    _read_chain(path, None, [], chain, assembly, content)
    for table in reversed(chain):
        bare = MappingNode(table.place, {k: e for k, e in table.entries.items() if k != "extends"})
        if assembly.tree is None:
            assembly.tree = bare
        else:
            assembly.tree = _merged(assembly.tree, bare, (), assembly)
    return assembly


@lru_cache(maxsize=KEPT)
def _read(file: str, content: bytes) -> tuple[RespelledTree | None, tuple[Problem, ...]]:
    """Tree of one file in present words, and the problems of its syntax."""
    tree, problems = read_tree(file, content)
    return None if tree is None else respell(tree), tuple(problems)


def _read_chain(
    path: Path,
    folder: Path | None,
    seen: list[Path],
    chain: list[MappingNode],
    assembly: MergedTree,
    typed: bytes | None = None,
) -> None:
    """Append the tree of a file and of those it extends."""
    content = _content(path) if typed is None else typed
    if isinstance(content, Problem):
        assembly.problems.append(content)
        assembly.is_complete = False
        return
    found, problems = _read(str(path), content)
    assembly.problems += problems
    if found is None:
        assembly.is_complete = False
        return
    tree = found.tree
    assembly.problems += found.problems
    assembly.hints += [found.hint] if found.hint else []
    chain.append(tree)
    seen.append(path.resolve())
    folder = folder or project_of(path)
    if "extends" not in tree.entries:
        return
    parent = _parent(path, tree.entries["extends"].node, folder, seen)
    if isinstance(parent, Problem):
        assembly.problems.append(parent)
        assembly.is_complete = False
        return
    _read_chain(parent, folder, seen, chain, assembly)


def project_of(path: Path) -> Path:
    """The folder out of which nothing is extended: the project that a scenario lies in.

    It is the nearest above the file with a mark of projects; else the present folder, if the file
    lies below; else the folder above the file's own.
    """
    folder = path.parent.resolve()
    for above in (folder, *folder.parents):
        if any((above / mark).exists() for mark in MARKS):
            return above
    here = Path.cwd()
    return here if here != Path(here.anchor) and folder.is_relative_to(here) else folder.parent


def _content(path: Path) -> bytes | Problem:
    """Bytes of a file, or why it cannot be read."""
    whole = Place(str(path), 0, 0, "")
    try:
        str(path).encode()  # results bear the name
        if path.is_dir():
            return Problem.at(whole, "is a folder", "wanted a scenario file")
        if str(path) == STANDARD_INPUT:
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Problem.at(
            whole, "there is no such file", "wanted a scenario file", _near_file(path)
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name is not usable"
        return Problem.at(whole, f"cannot be read: {why}", "wanted a readable file")


def _near_file(path: Path) -> str | None:
    """The scenario file in the same folder whose name is most like a missing one's."""
    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix in SUFFIXES]
    except (OSError, ValueError):
        return None
    stems = {Path(name).stem: name for name in names}
    near = nearest(path.stem, stems)
    return None if near is None else str(path.parent / stems[near])


def _parent(path: Path, node: Node, folder: Path, seen: list[Path]) -> Path | Problem:
    """The file named by `extends`, or why it is refused."""
    name = node.value if isinstance(node, Scalar) else None
    if not isinstance(name, str) or not name.strip():
        what = "extends does not name a file"
        return Problem.at(node.place, what, "wanted a file in this folder, such as baseline.yaml")
    wanted = f"wanted a file in {folder}"
    parent = path.parent / name
    try:
        resolved = parent.resolve()
        is_file, is_link = resolved.is_file(), parent.is_symlink()
    except (OSError, ValueError, RuntimeError):
        return Problem.at(node.place, f"extends: {quoted(name)} is not a usable path", wanted)
    is_far = PurePosixPath(name).is_absolute() or Path(name).is_absolute()
    if is_far or not resolved.is_relative_to(folder):
        how = "is a link that leaves" if is_link else "leaves"
        what = f"extends: {quoted(name)} {how} the scenario's project"
        return Problem.at(node.place, what, wanted)
    if is_file and resolved.suffix not in SUFFIXES:
        what = f"extends: {quoted(name)} is no scenario"
        return Problem.at(node.place, what, f"wanted a file that ends in {' or '.join(SUFFIXES)}")
    if resolved in seen:
        names = " -> ".join(file.name for file in [*seen[seen.index(resolved) :], resolved])
        return Problem.at(node.place, f"extends goes in a circle: {names}", "wanted an end to it")
    if len(seen) >= MAX_FILES:
        return Problem.at(
            node.place, "too many files extend each other", f"wanted at most {MAX_FILES}"
        )
    if not is_file:
        near = _near_file(parent)
        what = f"extends: there is no file {quoted(name)}"
        return Problem.at(node.place, what, wanted, near and Path(near).name)
    return parent


def _merged(
    parent: MappingNode, child: MappingNode, path: tuple[Step, ...], assembly: MergedTree
) -> MappingNode:
    """A mapping laid over another."""
    entries = dict(parent.entries)
    for written, entry in child.entries.items():
        key = written.removeprefix(ADDS)
        below = entries.get(key)
        if below is not None and isinstance(below.node, SequenceNode):
            if isinstance(entry.node, SequenceNode) and written != key:
                both = SequenceNode(entry.node.place, (*below.node.items, *entry.node.items))
                entries[key] = MappingEntry(entry.key_place, both)
                continue
            assembly.losses += lost_entries((*path, key), below.node, entry)
        if isinstance(entry.node, Scalar) and entry.node.value is None and not entry.node.is_blank:
            if below is None and assembly.is_complete:
                what = f"there is no {quoted(key)} to remove in the extended file"
                wanted = "wanted null only for an entry of the extended file"
                near = nearest(key, parent.entries)
                assembly.problems.append(Problem.at(entry.key_place, what, wanted, near))
            if entries.pop(key, None) is not None:
                assembly.removals.append(Removal((*path, key), entry.key_place))
        elif (
            below is not None
            and isinstance(below.node, MappingNode)
            and isinstance(entry.node, MappingNode)
            and not _is_replaced_whole((*path, key), below.node, entry.node)
        ):
            node = _merged(below.node, entry.node, (*path, key), assembly)
            entries[key] = MappingEntry(entry.key_place, node)
        else:
            entries[key if below is None else written] = entry
    return MappingNode(child.place, entries)


def _is_replaced_whole(path: tuple[Step, ...], below: MappingNode, above: MappingNode) -> bool:
    """True if two mappings exclude each other's keys."""
    if len(path) == 3 and (path[0], path[2]) == ("agreements", "timeline"):
        return ("negotiated" in below.entries) != ("negotiated" in above.entries)
    if len(path) != 2:
        return False
    if path[0] == "uncertainty":
        return True
    kinds = [table.get("kind") for table in (below, above)]
    values = [kind.value if isinstance(kind, Scalar) else None for kind in kinds]
    return path[0] == "agreements" and None not in values and values[0] != values[1]
