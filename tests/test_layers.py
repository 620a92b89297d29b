"""The floors of the building: who may import whom, and who may touch what."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SIM = Path(__file__).resolve().parents[1] / "sim"

# A room may import from its own floor's room and from floors below, never sideways.
FLOORS = [
    {"laws"},
    {"world", "scenario"},
    {"actors"},
    {"model"},
    {"store"},
    {"study"},
    {"report"},
    {"cli"},
    {"__main__"},
]
FLOOR = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}

# Third-party packages with a right of entry; whatever is not named may be used anywhere above.
RIGHTS = {
    "mesa": {"actors", "model"},
    "matplotlib": {"report"},
    "yaml": {"scenario"},
    "jinja2": {"report"},
    "typer": {"cli"},
    "rich": {"cli"},
    # The world reads files of millions of rows as they are downloaded.
    "pyarrow": {"store", "world"},
    "xarray": {"store", "study", "report"},
    "pydantic": {"scenario"},
}
LAWS_MAY_IMPORT = {"numba", "numpy", "scipy"}
FILE_ROOMS = {"world", "scenario", "store"}
FILE_CALLS = {
    "open",
    "read_text",
    "write_text",
    "read_bytes",
    "write_bytes",
    "mkdir",
    "unlink",
    "rename",
    "replace_file",
    "iterdir",
    "glob",
    "rglob",
}
GLOBAL_RANDOM = {"seed", "rand", "randn", "random", "normal", "uniform", "choice", "shuffle"}

MODULES = sorted(SIM.rglob("*.py"))


def room_of(path: Path) -> str:
    parts = path.relative_to(SIM).with_suffix("").parts
    return parts[0]


def module_name(path: Path) -> str:
    parts = ("sim", *path.relative_to(SIM).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[tuple[str, int, bool]]:
    """Every import, lazy ones too: dotted name, line, and whether it is only for types."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    tree = tree_of(path)
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) in ("TYPE_CHECKING",)
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno, id(node) in typing_only
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{stem}.{alias.name}", node.lineno, id(node) in typing_only


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_room_imports_only_from_the_floors_below_it(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    assert room in FLOOR, f"{room} has no floor"
    for name, line, _ in imports_of(path):
        if not name.startswith("sim."):
            continue
        other = name.split(".")[1]
        if other in ("__version__", room):
            continue
        assert FLOOR[other] < FLOOR[room], f"{path}:{line} imports {name} from {room}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_third_party_packages_stay_in_their_rooms(path: Path) -> None:
    room = room_of(path)
    for name, line, _ in imports_of(path):
        package = name.split(".")[0]
        if package == "sim" or package in sys.stdlib_module_names:
            continue
        if room == "laws":
            assert package in LAWS_MAY_IMPORT, f"{path}:{line} imports {package} in laws"
        allowed = RIGHTS.get(package)
        assert allowed is None or room in allowed, f"{path}:{line} imports {package} in {room}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_files_are_touched_in_few_rooms(path: Path) -> None:
    if room_of(path) in FILE_ROOMS:
        return
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        assert name not in FILE_CALLS, f"{path}:{node.lineno} calls {name}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_no_global_generator_and_no_broad_except(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and node.attr in GLOBAL_RANDOM:
            owner = ast.unparse(node.value)
            assert owner not in ("np.random", "numpy.random", "random"), f"{path}:{node.lineno}"
        if isinstance(node, ast.ExceptHandler):
            broad = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            assert not broad, f"{path}:{node.lineno} catches everything"


def test_there_are_no_import_cycles() -> None:
    names = {module_name(path): path for path in MODULES}
    graph: dict[str, set[str]] = {}
    for name, path in names.items():
        targets = set()
        for imported, _, typing_only in imports_of(path):
            if typing_only:
                continue
            target = imported if imported in names else imported.rpartition(".")[0]
            if target in names and target != name:
                targets.add(target)
        graph[name] = targets
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail[trail.index(name) :], name])
        if name in done:
            return
        for target in graph[name]:
            visit(target, (*trail, name))
        done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_modules_and_functions_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, f"{path} is too long"
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef):
            doc = ast.get_docstring(node, clean=False)
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            lines -= len(doc.splitlines()) if doc else 0
            assert lines <= 60, f"{path}:{node.lineno} {node.name} has {lines} lines"


def test_no_region_is_named_in_code() -> None:
    import csv

    with (SIM / "world" / "tables" / "regions.csv").open(encoding="utf-8", newline="") as table:
        regions = {row["region"] for row in csv.DictReader(table)} - {"ROW"}
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = set(node.value.replace(",", " ").split())
                assert not (words & regions), f"{path}:{node.lineno} names {words & regions}"
