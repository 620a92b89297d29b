"""Words that were given up do not come back in public names (docs/glossary.md)."""

import ast
import re
from pathlib import Path

from tests.builders.source_trees import MODULES, SIM, all_nodes, nodes_of

ROOT = SIM.parent

RETIRED = {
    *("way", "ways", "books", "surprise", "surprises", "crew", "fate", "fates", "luck", "courting"),
    *("kicker", "strand", "rung", "rungs", "spoilt", "befallen", "told", "winners", "dealings"),
    *("MOST", "LEAST"),
}
# Plain English, not the retired meaning.
KEPT = {"one_way", "two_way", "both_ways"}
RETIRED_IN_TEXT = re.compile(
    r"\b(books of|surprises?|crews?|fates?|befall\w*|foretold|anew|told against|courting)\b", re.I
)
TEXTS = ("README.md", "CONTRIBUTING.md", "docs/*.md", "scenarios/**/*.yaml", "scenarios/**/*.csv",
         "sim/**/*.py", "sim/**/*.csv", "sim/**/*.md", "sim/**/*.j2",
         "sim/**/*.js", "sim/**/*.html")  # fmt: skip
# They name retired words in order to say what stands for them now.
DICTIONARIES = {"glossary.md", "old_spellings.py"}


def words_of(name: str) -> set[str]:
    parts = re.split(r"_|(?<=[a-z])(?=[A-Z])", name)
    return {part if part in ("MOST", "LEAST") else part.lower() for part in parts}


def public_names(path: Path) -> set[str]:
    names = {path.stem}
    for node in nodes_of(path):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.Name) and node.id.isupper() and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return {name for name in names if not name.startswith("_")} - KEPT


def test_retired_words_are_in_no_public_name() -> None:
    found = {
        f"{path.relative_to(SIM)}: {name}"
        for path in MODULES
        for name in public_names(path)
        if words_of(name) & RETIRED
    }
    assert not found, "\n".join(sorted(found))


def test_retired_words_are_in_no_text() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for pattern in TEXTS
        for path in sorted(ROOT.glob(pattern))
        if path.name not in DICTIONARIES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := RETIRED_IN_TEXT.search(line))
    ]
    assert not found, "\n".join(found)


def test_docstrings_begin_with_a_noun_or_a_verb() -> None:
    inverted = re.compile(r"(What|Whether|How|Where|Who|Whose|Whom|Which|When) ")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    found = [
        f"{path.relative_to(SIM)}:{getattr(node, 'lineno', 1)}"
        for path, node in all_nodes()
        if isinstance(node, documented) and inverted.match(ast.get_docstring(node) or "")
    ]
    assert not found, "\n".join(sorted(found))


def test_documented_parameters_are_those_of_the_function() -> None:
    """A renamed argument keeps no old name in its docstring."""
    section = re.compile(r"Parameters\n-+\n(.*?)(?:\n\n(?=\w+\n-+)|\Z)", re.DOTALL)
    wrong = []
    for path, node in all_nodes():
        made = node.body if isinstance(node, ast.ClassDef) else ()
        inits = [n for n in made if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
        function = inits[0] if inits else node
        if not isinstance(function, ast.FunctionDef):
            continue
        found = section.search(ast.get_docstring(node) or "")
        names = {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
        rows = found.group(1).split("\n") if found else []
        told = [row.split(" : ")[0].split(", ") for row in rows if row[:1].strip()]
        wrong += [
            f"{path.relative_to(SIM)}: {node.name} has no {name}"
            for name in (name.strip("* ") for row in told for name in row)
            if re.fullmatch(r"\w+", name) and name not in names
        ]
    assert not wrong, "\n".join(wrong)
