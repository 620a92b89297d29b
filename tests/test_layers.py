"""The floors of the building: who may import whom, and who may touch what."""

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.builders.source_trees import MODULES, SIM, nodes_of, tree_of

# A room may import from its own floor's room and from floors below, never sideways.
FLOORS = [
    {"laws"},
    {"world", "scenario"},
    {"simulation"},
    {"store"},
    {"study"},
    {"report", "validation"},
    {"lab"},
    {"cli"},
    {"__main__"},
]
FLOOR = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}

# Third-party packages with a right of entry; whatever is not named may be used anywhere above.
RIGHTS = {
    "mesa": {"simulation.agents", "simulation.model"},
    "matplotlib": {"report"},
    "yaml": {"scenario"},
    "jinja2": {"report"},
    "typer": {"cli"},
    "rich": {"cli"},
    # The world reads files of millions of rows as they are downloaded.
    "pyarrow": {"store", "world"},
    "xarray": {"store", "study", "report", "lab"},
    "pydantic": {"scenario"},
    "starlette": {"lab"},
    "uvicorn": {"lab"},
}
LAWS_MAY_IMPORT = {"numba", "numpy", "scipy"}
FILE_ROOMS = {"world", "scenario", "store", "validation"}
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
MAX_FILES_IN_A_FOLDER = 15
MAX_LINES, MAX_PARAMETERS = 50, 8
"""Of a function, its docstring and `self` left out."""

LONG = {
    "load._world": "a line for every field of the world",
}
"""Functions that may be longer than `MAX_LINES`, up to 60, each with its reason; compiled ones may,
whose arrays would all be handed on."""
MANY = {
    "arcs.__init__": "a column of a table each",
    "assign.assign": "the textbook's settings, each with its usual value",
    "equilibrium.equilibrium": "the tables of a market and the settings of its solver",
    "gate_queues.serve": "arrays of one quarter, by what they are of",
    "route_choice.passage": "an array of the law each",
    "route_costs.terms": "arrays of one quarter, by what they are of",
    "solver.equilibrium": "an input of the equilibrium each",
    "stochastic.assign_runs": "the textbook's settings, each with its usual value",
}
"""Functions that may have more than `MAX_PARAMETERS` parameters, each with a reason; compiled ones
may, which know no records."""


def room_of(path: Path) -> str:
    return path.relative_to(SIM).with_suffix("").parts[0]


def module_name(path: Path) -> str:
    parts = ("sim", *path.relative_to(SIM).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports_of(path: Path) -> tuple[tuple[str, int], ...]:
    """Every import, lazy ones and those only for types too: dotted name and line."""
    return tuple(_imports_of(path))


def _imports_of(path: Path) -> Iterator[tuple[str, int]]:
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{stem}.{alias.name}", node.lineno


def graph(group) -> dict[str, set[str]]:
    """Import graph of groups of modules: `group` maps a module's name and path to its group."""
    names = {module_name(path): path for path in MODULES}
    result: dict[str, set[str]] = defaultdict(set)
    for name, path in names.items():
        for imported, _ in imports_of(path):
            target = imported if imported in names else imported.rpartition(".")[0]
            if target in names:
                ends = group(name, path), group(target, names[target])
                if ends[0] != ends[1]:
                    result[ends[0]].add(ends[1])
    return result


def circles(of: dict[str, set[str]]) -> list[str]:
    """One circle through every group that is found again on the way down from it."""
    found: list[str] = []
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            found.append(" -> ".join([*trail[trail.index(name) :], name]))
        elif name not in done:
            for target in sorted(of.get(name, ())):
                visit(target, (*trail, name))
            done.add(name)

    for name in sorted(of):
        visit(name, ())
    return found


def test_a_room_imports_only_from_the_floors_below_it() -> None:
    wrong = []
    for path in MODULES:
        room = room_of(path)
        if room == "__init__":
            continue
        assert room in FLOOR, f"{room} has no floor"
        for name, line in imports_of(path):
            other = name.split(".")[1] if name.startswith("sim.") else room
            if other not in ("__version__", room) and FLOOR[other] >= FLOOR[room]:
                wrong.append(f"{path}:{line} imports {name} from {room}")
    assert not wrong, "\n".join(wrong)


def test_third_party_packages_stay_in_their_rooms() -> None:
    wrong = []
    for path in MODULES:
        room, module = room_of(path), module_name(path).removeprefix("sim.")
        for name, line in imports_of(path):
            package = name.split(".")[0]
            if package == "sim" or package in sys.stdlib_module_names:
                continue
            allowed = LAWS_MAY_IMPORT if room == "laws" else RIGHTS.get(package)
            if allowed is not None and not (
                package in allowed or any(f"{module}.".startswith(f"{a}.") for a in allowed)
            ):
                wrong.append(f"{path}:{line} imports {package} in {room}")
    assert not wrong, "\n".join(wrong)


def test_files_are_touched_in_few_rooms() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path in MODULES
        if room_of(path) not in FILE_ROOMS
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in FILE_CALLS
    ]
    assert not wrong, "\n".join(wrong)


def test_no_global_generator_and_no_broad_except() -> None:
    wrong = []
    for path in MODULES:
        for node in nodes_of(path):
            if isinstance(node, ast.Attribute) and node.attr in GLOBAL_RANDOM:
                if ast.unparse(node.value) in ("np.random", "numpy.random", "random"):
                    wrong.append(f"{path}:{node.lineno} draws from a global generator")
            elif isinstance(node, ast.ExceptHandler):
                caught = node.type and ast.unparse(node.type)
                if caught in (None, "Exception", "BaseException"):
                    wrong.append(f"{path}:{node.lineno} catches everything")
    assert not wrong, "\n".join(wrong)


def test_no_module_imports_itself_by_way_of_others() -> None:
    found = circles(graph(lambda name, path: name))
    assert not found, "\n".join(found)


def test_no_folder_imports_itself_by_way_of_others() -> None:
    def folder(name: str, path: Path) -> str:
        inner = path.parent.relative_to(SIM).as_posix()
        return inner if "/" in inner else name

    found = circles(graph(folder))
    assert not found, "\n".join(found)


def test_a_folder_holds_at_most_fifteen_modules() -> None:
    sizes = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    wide = {str(folder): n for folder, n in sizes.items() if n > MAX_FILES_IN_A_FOLDER}
    assert not wide


def test_no_module_stem_stands_twice() -> None:
    stems = Counter(path.stem for path in MODULES if path.name != "__init__.py")
    assert not [name for name, n in stems.items() if n > 1]


def test_no_public_class_name_stands_twice() -> None:
    places = defaultdict(list)
    for path in MODULES:
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(module_name(path))
    assert not {name: where for name, where in places.items() if len(where) > 1}


def functions() -> Iterator[tuple[str, str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function: its place, its name behind its module's, and its tree."""
    for path in MODULES:
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path}:{node.lineno}", f"{path.stem}.{node.name}", node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    doc = ast.get_docstring(node, clean=False)
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    return lines - len(doc.splitlines()) if doc else lines


def parameters_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    of = node.args
    names = [one.arg for one in (*of.posonlyargs, *of.args, *of.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def test_modules_stay_short() -> None:
    assert not [p for p in MODULES if len(p.read_text(encoding="utf-8").splitlines()) > 400]


def is_compiled(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("compiled" in ast.unparse(one) for one in node.decorator_list)


def beyond(most: int, size, allowed: dict[str, str], ever: int) -> dict[str, tuple[str, int]]:
    """Functions of too great a size; those allowed are named too once they are not needed."""
    found = {n: (at, size(f)) for at, n, f in functions() if size(f) > most}
    compiled = {n for _, n, f in functions() if is_compiled(f)}
    wrong = {n: v for n, v in found.items() if n not in allowed.keys() | compiled or v[1] > ever}
    return wrong | dict.fromkeys(allowed.keys() - found.keys(), ("no longer", most))


def test_functions_stay_short() -> None:
    assert not beyond(MAX_LINES, lines_of, LONG, 60)


def test_functions_have_few_parameters() -> None:
    assert not beyond(MAX_PARAMETERS, parameters_of, MANY, 16)


COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def test_no_comprehension_stands_within_another() -> None:
    """A helper with a name, a loop or `itertools` says the same at one look."""
    found = defaultdict(list)
    for path in MODULES:
        for node in nodes_of(path):
            if isinstance(node, COMPREHENSIONS):
                own = [inner for inner in ast.walk(node) if isinstance(inner, COMPREHENSIONS)]
                if len(own) > 1:
                    found[path.relative_to(SIM).with_suffix("").as_posix()].append(node.lineno)
    assert not found, dict(found)


def test_no_region_is_named_in_code() -> None:
    import csv

    with (SIM / "world" / "tables" / "regions.csv").open(encoding="utf-8", newline="") as table:
        regions = {row["region"] for row in csv.DictReader(table)} - {"ROW"}
    for path in MODULES:
        for node in nodes_of(path):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = set(node.value.replace(",", " ").split())
                assert not (words & regions), f"{path}:{node.lineno} names {words & regions}"
