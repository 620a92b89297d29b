"""Syntax trees of the simulator's modules, read once for all tests that look at its code."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SIM = Path(__file__).resolve().parents[2] / "sim"
MODULES = sorted(SIM.rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    """Tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a module's tree, outer before inner."""
    return tuple(ast.walk(tree_of(path)))


def all_nodes() -> Iterator[tuple[Path, ast.AST]]:
    """Every node of every module, with the module's path."""
    for path in MODULES:
        for node in nodes_of(path):
            yield path, node
