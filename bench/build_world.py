"""Worlds of a real size: time and memory of `sim build-world` and of `sim run` in them.

`python -m bench.build_world [ROWS]` writes a BACI file of so many rows (11 million if left out,
some 480 MB) with invented values under the real headings, and builds a world of 30 regions and 7
goods of it; `python -m bench.build_world [ROWS] run REGIONS` builds one of so many and runs a
question in it with 8 runs; `60x20` in the place of REGIONS makes 20 goods of chapters, energy among
them. Every step has a process of its own, so that its peak of memory is its own.
"""

import resource
import sys
import tempfile
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from sim.world.sources.countries import countries

ROWS = 11_000_000
YEAR = 2021
BLOCK = 500_000
GB = 1 / 1024**2
"""Of a kilobyte, the unit of `ru_maxrss` here."""
Size = tuple[int, int]
"""Regions, and goods: 0 for the usual ones."""


def write_baci(path: Path, n_rows: int) -> None:
    """Write a BACI file of invented values: all pairs of 220 countries, products at random.

    Every exporter, importer and product stands once and in order, as in BACI, so some thousandths
    of the rows asked for are missing.
    """
    generator = np.random.default_rng(7)
    numbers = [int(word) for word in countries().by_word if word.isdigit() and 0 < int(word) < 900]
    places = np.array(sorted(set(numbers))[:220])
    i, j = (generator.integers(0, len(places), n_rows) for _ in range(2))
    k = generator.integers(1, 98, n_rows) * 10_000 + generator.integers(100, 9_999, n_rows)
    keys = np.unique(((places[i] * 1000 + places[j]) * 1_000_000 + k)[i != j])
    with path.open("w", encoding="ascii") as file:
        file.write("t,i,j,k,v,q\n")
        for part in np.array_split(keys, max(len(keys) // BLOCK, 1)):
            v = generator.lognormal(3.0, 2.0, len(part))
            columns = part // 10**9, part // 10**6 % 1000, part % 10**6, v, v / 3
            file.writelines(
                f"{YEAR},{a},{b},{c:06d},{d:11.3f},{e:10.3f}\n"
                for a, b, c, d, e in zip(*(column.tolist() for column in columns), strict=True)
            )


def write_incomes(path: Path) -> None:
    """Write GDP and people of every country, invented."""
    codes = countries().codes
    lines = [f"{code},{YEAR},{20_000 + 997 * k},{5 + k % 60}" for k, code in enumerate(codes)]
    path.write_text("\n".join(["country,year,gdp_musd,population_m", *lines, ""]))


def goods_of(n_goods: int) -> str | dict[str, list[int]]:
    """Goods of equally many chapters, energy alone; the usual ones for 0."""
    if not n_goods:
        return "default"
    chapters = [chapter for chapter in range(1, 98) if chapter not in (27, 77)]
    parts = np.array_split(np.array(chapters), n_goods - 1)
    return {f"g{k}": part.tolist() for k, part in enumerate(parts)} | {"energy": [27]}


def build(folder: Path, n_regions: int, n_goods: int) -> None:
    """Build a world of the first regions of the list of countries."""
    from sim.store import write_world
    from sim.world.builder import build_world, read_spec

    spec, faults = read_spec(
        {"base_year": YEAR, "regions": [*countries().codes[:n_regions]],
         "goods": goods_of(n_goods), "files": ["baci.csv", "gdp.csv"]}, folder,
    )  # fmt: skip
    assert spec is not None, faults
    write_world(folder / f"world-{n_regions}", build_world(spec).files)


def run(folder: Path, n_regions: int, _: int) -> None:
    """Run the question that `sim init` writes about the first two regions, with 8 runs."""
    from typer.testing import CliRunner

    from sim.cli import app

    world = folder / f"world-{n_regions}"
    words = ["init", f"asked-{n_regions}", "--output", str(folder), "--world", str(world)]
    assert CliRunner().invoke(app, words).exit_code == 0
    words = ["run", str(folder / f"asked-{n_regions}.yaml"), "--world", str(world), "--runs", "8",
             "--workers", "1", "--output", str(folder / "results")]  # fmt: skip
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output


def measured(step: str, folder: Path, size: Size) -> str:
    """Time and peak of memory of a step, in a process of its own."""
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_in_process, args=(theirs, step, folder, size))
    process.start()
    seconds, processor, kilobytes = ours.recv()
    process.join()
    return f"{seconds:5.1f} s ({processor:.1f} s of one core), {kilobytes * GB:.2f} GB"


def _in_process(pipe: Connection, step: str, folder: Path, size: Size) -> None:
    started, used = perf_counter(), process_time()
    {"build": build, "run": run}[step](folder, *size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pipe.send((perf_counter() - started, process_time() - used, peak))


def main(n_rows: int = ROWS, sizes: tuple[Size, ...] = ((30, 0),), *, runs: bool = False) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="bench-world-") as name:
        folder = Path(name)
        write_baci(folder / "baci.csv", n_rows)
        write_incomes(folder / "gdp.csv")
        size = (folder / "baci.csv").stat().st_size / 1e6
        print(f"BACI of {n_rows:,} rows ({size:.0f} MB)")
        for of in sizes:
            told = f"{of[0]} regions" + (f" and {of[1]} goods" if of[1] else "")
            print(f"  world of {told}: {measured('build', folder, of)}", flush=True)
            if runs:
                print(f"  `sim run` of 8 runs in it:  {measured('run', folder, of)}", flush=True)


if __name__ == "__main__":
    given = sys.argv[1:]
    rows = int(given[0]) if given else ROWS
    asked = [(*map(int, word.split("x")), 0)[:2] for word in given[2:]]
    main(rows, tuple(asked) or ((30, 0),), runs="run" in given)
