"""Specification of a world: regions, goods, base year and files, named by the analyst."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.world.builder.spec.faults import Fault, Faults, Path_, is_list, quoted_value
from sim.world.builder.spec.named_files import FileSpec, files_of, tables_of_own
from sim.world.sources.countries import countries, fold, group_of, nearest_country, read_rows
from sim.world.sources.units import USUAL_CIF_FOB_RATIO

KEYS = ("name", "base_year", "regions", "goods", "files", "mirror", "cif_fob_ratio", "tariffs",
        "network", "tables")  # fmt: skip
_REST_WORDS = {"row", "rest of world", "rest", "rest of all", "everybody else"}
REST_CODE, REST_NAME = "ROW", "Rest of the world"
ENERGY, ENERGY_CHAPTER, OTHER = "energy", 27, "other"
NETWORKS = ("estimated", "none", "packaged")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,23}")
_FIRST_YEAR, _LAST_YEAR = 1960, 2100


@dataclass(frozen=True)
class RegionSpec:
    """A region of the world: a country, a group, or everybody else."""

    code: str
    name: str
    members: tuple[int, ...]
    is_rest: bool = False


@dataclass(frozen=True)
class GoodSpec:
    """A good by chapters of the Harmonised System."""

    code: str
    name: str
    chapters: tuple[int, ...]


@dataclass(frozen=True)
class Spec:
    """Everything that a world is made of."""

    name: str
    base_year: int
    regions: tuple[RegionSpec, ...]
    goods: tuple[GoodSpec, ...]
    """Energy last."""
    files: tuple[FileSpec, ...]
    importer_first: bool = True
    """Whether the importer's report goes before the exporter's."""
    cif_fob_ratio: float = USUAL_CIF_FOB_RATIO
    weighted_tariffs: bool = True
    notes: tuple[str, ...] = ()
    """What was completed."""
    network: str | Mapping[str, Any] = "estimated"
    """A word of `NETWORKS`, or its cities, posts, ports and links as they were written."""
    tables: Path | None = None
    """Folder of tables that are carried into the world as they are."""


def read_spec(plain: Mapping[str, Any], folder: Path) -> tuple[Spec | None, tuple[Fault, ...]]:
    """Check what a world is to be made of.

    Parameters
    ----------
    plain : mapping
        The file as nested mappings and sequences.
    folder : Path
        Where relative paths of files begin.

    Returns
    -------
    tuple of (Spec or None, tuple of Fault)
        None if there are faults.
    """
    faults = Faults()
    if not plain.keys() & {"base_year", "regions", "files"}:
        wanted = "wanted the specification of a world: base_year: 2021, regions: …, files: …"
        return None, (Fault((), "the file has no regions, files or base year", wanted),)
    faults.check_keys((), plain, KEYS)
    name, year = plain.get("name"), plain.get("base_year")
    if not isinstance(name, str | int | float | None):
        faults.add(("name",), f"name is {quoted_value(name)}", "wanted a few words")
    if not (isinstance(year, int) and _FIRST_YEAR <= year <= _LAST_YEAR):
        what = "base_year is missing" if year is None else f"base_year is {quoted_value(year)}"
        faults.add(("base_year",), what, "wanted a year such as 2022, without quotation marks")
    notes: list[str] = []
    regions = _regions(plain.get("regions"), faults, notes)
    goods = _goods(plain.get("goods", "default"), faults, notes)
    files = files_of(plain.get("files"), folder, faults)
    tables = tables_of_own(plain.get("tables"), folder, faults)
    mirror = _choice(plain, "mirror", ("importer", "exporter"), faults)
    weighted = _choice(plain, "tariffs", ("weighted", "simple"), faults)
    ratio = plain.get("cif_fob_ratio", USUAL_CIF_FOB_RATIO)
    if isinstance(ratio, bool) or not (isinstance(ratio, int | float) and 1.0 <= ratio <= 2.0):
        what = f"cif_fob_ratio is {quoted_value(ratio)}"
        faults.add(("cif_fob_ratio",), what, "wanted a number from 1 to 2")
    network = plain.get("network", NETWORKS[0])
    if not isinstance(network, Mapping) and network not in NETWORKS:
        wanted = f"wanted {', '.join(NETWORKS)}, or cities, posts, ports and links"
        faults.add(("network",), f"network is {quoted_value(network)}", wanted)
    if faults.found:
        return None, tuple(faults.found)
    spec = Spec(
        name=str(name or "A world of " + ", ".join(r.name for r in regions[:3])),
        base_year=int(year or 0),
        regions=regions,
        goods=goods,
        files=files,
        importer_first=mirror == "importer",
        cif_fob_ratio=float(ratio),
        weighted_tariffs=weighted == "weighted",
        notes=tuple(notes),
        network=network,
        tables=tables,
    )
    return spec, ()


def template_text(name: str) -> str:
    """Text of a first spec, for a file of some name."""
    text = (Path(__file__).resolve().parent / "template.yaml").read_text(encoding="utf-8")
    return text.replace("{name}", name)


def _choice(plain: Mapping[str, Any], key: str, choices: Sequence[str], faults: Faults) -> str:
    found = plain.get(key, choices[0])
    if found not in choices:
        faults.add((key,), f"{key} is {quoted_value(found)}", f"wanted {' or '.join(choices)}")
    return str(found)


def _regions(given: Any, faults: Faults, notes: list[str]) -> tuple[RegionSpec, ...]:
    if not is_list("regions", given, "[KEN, UGA]", faults):
        return ()
    found = [(k, region) for k, item in enumerate(given) if (region := _region(item, k, faults))]
    alone = {region.members[0] for _, region in found if len(region.members) == 1}
    owner: dict[int, str] = {}
    regions = []
    for k, region in found:
        members = region.members
        if len(members) > 1 and (taken := [m for m in members if m in alone]):
            members = tuple(m for m in members if m not in alone)
            names = ", ".join(countries().codes[m] for m in taken)
            notes.append(f"{region.code} is without {names}, which stand alone")
        for member in members:
            if member in owner and owner[member] != region.code:
                what = f"{countries().codes[member]} stands in {owner[member]} already"
                faults.add(("regions", k), what, "wanted each country once")
            owner[member] = region.code
        regions.append(RegionSpec(region.code, region.name, members, region.is_rest))
    codes = [region.code for region in regions]
    for (k, _), code in zip(found, codes, strict=True):
        if codes.index(code) < k and codes.count(code) > 1:
            faults.add(("regions", k), f"'{code}' is listed twice", "wanted each region once")
    if not any(region.is_rest for region in regions):
        regions.append(RegionSpec(REST_CODE, REST_NAME, (), is_rest=True))
        notes.append("the rest of the world was added, so that the matrix closes")
    if len(regions) < 3:
        faults.add(("regions",), "one region is no world", "wanted at least two besides the rest")
    rest = tuple(k for k in range(len(countries())) if k not in owner)
    return tuple(
        RegionSpec(r.code, r.name, rest, is_rest=True) if r.is_rest else r for r in regions
    )


def _region(item: Any, k: int, faults: Faults) -> RegionSpec | None:
    if isinstance(item, Mapping):
        return _made_region(item, k, faults)
    if isinstance(item, list | tuple | bool | None):
        wanted = "wanted a code or a name, or {code: EU, name: European Union, members: EU27}"
        faults.add(("regions", k), f"a region is {quoted_value(item)}", wanted)
        return None
    word = str(item)
    if fold(word) in _REST_WORDS:
        return RegionSpec(REST_CODE, REST_NAME, (), is_rest=True)
    group = group_of(word)
    if group:
        return RegionSpec(group.code, group.name, group.members)
    place = countries().find(word)
    if place < 0:
        what = f"'{word}' is no country and no group known here"
        faults.add(("regions", k), what, f"wanted an ISO code or name{nearest_country(word)}")
        return None
    return RegionSpec(countries().codes[place], countries().names[place], (place,))


def _made_region(item: Mapping[str, Any], k: int, faults: Faults) -> RegionSpec | None:
    """A region with a code, a name and members of its own."""
    faults.check_keys(("regions", k), item, ("code", "name", "members"))
    code = str(item.get("code", ""))
    if not _CODE.fullmatch(code):
        what = f"a region's code is '{code}'" if code else "a region has no code"
        faults.add(("regions", k), what, "wanted a short word, such as code: EU")
        return None
    given = item.get("members", ())
    members: list[int] = []
    for word in given if isinstance(given, list | tuple) else (given,):
        if not isinstance(word, str | int):
            what = f"a member of {code} is {quoted_value(word)}"
            faults.add(("regions", k, "members"), what, "wanted an ISO code or name")
            continue
        group = group_of(str(word))
        place = countries().find(str(word))
        if group:
            members += group.members
        elif place >= 0:
            members.append(place)
        else:
            what = f"'{word}' is no country and no group known here"
            wanted = f"wanted an ISO code or name{nearest_country(str(word))}"
            faults.add(("regions", k, "members"), what, wanted)
    if not given:
        faults.add(("regions", k), f"{code} has no members", "wanted members: [...]")
    if not members:
        return None
    return RegionSpec(code, str(item.get("name", code)), tuple(dict.fromkeys(members)))


def usual_goods() -> dict[str, tuple[int, ...]]:
    """Goods of the packaged world by the chapters they hold."""
    goods: dict[str, tuple[int, ...]] = {}
    for row in read_rows("chapters"):
        goods[row["good"]] = (*goods.get(row["good"], ()), int(row["chapter"]))
    return goods


def _goods(given: Any, faults: Faults, notes: list[str]) -> tuple[GoodSpec, ...]:
    if given == "default":
        given = {code: {"chapters": [*chapters]} for code, chapters in usual_goods().items()}
    if not isinstance(given, Mapping) or not given:
        wanted = "wanted default, or goods with their chapters: {food: 01-24, energy: 27}"
        faults.add(("goods",), f"goods are {quoted_value(given)}", wanted)
        return ()
    owner: dict[int, str] = {}
    goods = []
    for code, value in given.items():
        told = value if isinstance(value, Mapping) else {"chapters": value}
        if not _CODE.fullmatch(str(code)) or code == "all":
            faults.add(("goods", code), f"a good's code is '{code}'", "wanted one such as food")
        chapters = tuple(_chapters(told.get("chapters"), ("goods", code), faults))
        for chapter in chapters:
            if chapter in owner:
                what = f"chapter {chapter:02d} stands in {owner[chapter]} already"
                faults.add(("goods", code), what, "wanted each chapter once")
            owner[chapter] = code
        goods.append(GoodSpec(code, str(told.get("name") or _title(code)), chapters))
    if ENERGY_CHAPTER not in owner:
        goods.append(GoodSpec(ENERGY, _title(ENERGY), (ENERGY_CHAPTER,)))
        owner[ENERGY_CHAPTER] = ENERGY
        notes.append("chapter 27 was added as the energy good")
    rest = tuple(chapter for chapter in range(1, 100) if chapter not in owner)
    if rest:
        code = OTHER if OTHER not in given else "remaining"
        goods.append(GoodSpec(code, "All other goods", rest))
        notes.append(f"{len(rest)} chapters that no good holds became the good '{code}'")
    energy = next(good for good in goods if ENERGY_CHAPTER in good.chapters)
    if len(energy.chapters) > 1:
        faults.add(("goods", energy.code), f"{energy.code} holds chapter 27 and others",
                   "wanted chapter 27, mineral fuels, in a good of its own")  # fmt: skip
    return (*(good for good in goods if good is not energy), energy)


def _title(code: str) -> str:
    return code.replace("_", " ").replace("-", " ").capitalize()


def _chapters(given: Any, path: Path_, faults: Faults) -> Iterator[int]:
    """Chapters written as 27, 01-24, a list of these, or one text with commas."""
    parts = given if isinstance(given, list | tuple) else str(given or "").split(",")
    for part in parts:
        ends = re.fullmatch(r"\s*(\d{1,2})(?:\s*-\s*(\d{1,2}))?\s*", str(part))
        first = int(ends[1]) if ends else 0
        last = int(ends[2] or ends[1]) if ends else 0
        if not 1 <= first <= last <= 99:
            faults.add(path, f"'{part}' is no chapter of the HS", "wanted 27 or 01-24")
            continue
        yield from range(first, last + 1)
