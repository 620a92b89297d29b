"""Countries by any of their codes and names, where they lie, and groups of them by name.

Names are those of Unicode CLDR in English, French, Russian, Turkish and Spanish with those that UN
Comtrade and the World Bank use; places are those of Natural Earth's cities. Nothing is downloaded.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.laws.transport.great_circle import EARTH_RADIUS_KM
from sim.world.csv_tables.table_errors import did_you_mean

TABLES = Path(__file__).resolve().parent / "tables"
WORLD = -1
"""Stands for all partners together."""
NOWHERE = -2
"""A partner that is no country: areas not specified, bunkers, free zones."""
UNKNOWN = -3
"""A name or code that nobody here knows, or an aggregate of countries."""

_WORLD_WORDS = {"world", "wld", "w00", "0", "000", "all countries", "total", "monde", "mir", "all"}
_NOWHERE_CODES = {"129", "221", "290", "471", "472", "473", "490 0", "492", "527", "536", "568"}
_NOWHERE_CODES |= {"577", "636", "637", "697", "837", "838", "839", "849", "879", "896", "899"}
_NOWHERE_WORD = re.compile(
    r"\bnes\b|areas|bunkers|free zones|special categories|not specified|unspecified|neutral zone"
    r"|not elsewhere|confidential"
)

_SHORT = {
    "rep": "republic", "dem": "democratic", "isds": "islands", "is": "islands", "br": "british",
    "n": "northern", "fed": "federal", "fs": "federated states of",
}  # fmt: skip
_TITLE = re.compile(
    r"^(?:(?:islamic|arab|federal|democratic|people s|united|bolivarian) )*"
    r"(?:republic|kingdom|state|federated states|principality|union|republica bolivariana) "
    r"(?:of|de)\b ?| (?:sar|special administrative region)$| p d r$"
)
_TWO_STATES = {"congo": "republic of congo", "korea": "", "sudan": ""}
"""Names that two states go by, with the title that tells which is meant by the name alone."""


def fold(name: str) -> str:
    """Bring a name to the form in which names are compared.

    Examples
    --------
    >>> fold("Côte d’Ivoire"), fold("The Gambia")
    ('cote d ivoire', 'gambia')
    """
    plain = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(word for word in letters.split() if word != "the")


def _rewritten(name: str) -> Iterator[str]:
    """Folded names that a long name may stand for, such as the Fund's `Serbia, Republic of`.

    Examples
    --------
    >>> [*_rewritten("Serbia, Republic of")], [*_rewritten("Solomon Isds")]
    (['republic of serbia', 'serbia', 'serbia'], ['solomon islands'])
    """
    first, comma, last = name.partition(",")
    turned = fold(f"{last} {first}" if comma else name)
    whole = " ".join(_SHORT.get(word, word) for word in turned.split())
    plain = _TITLE.sub("", whole)
    if comma or whole != fold(name):
        yield whole
    for short in (plain, *([fold(first)] if comma and _TITLE.search(fold(last)) else [])):
        if short != whole and _TWO_STATES.get(short, whole) == whole:
            yield short


def read_rows(name: str) -> list[dict[str, str]]:
    """Rows of one of the tables of this room."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


@dataclass(frozen=True, eq=False)
class Countries:
    """All countries; arrays and tuples are in the order of `codes`."""

    codes: tuple[str, ...]
    """ISO 3166-1 alpha-3, with XKX for Kosovo."""
    names: tuple[str, ...]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    landlocked: NDArray[np.bool_]
    adjacent: NDArray[np.bool_]
    """(n, n) whether two share a land border."""
    by_word: dict[str, int]
    """Place by folded name or code."""

    def __len__(self) -> int:
        return len(self.codes)

    def find(self, word: str) -> int:
        """Place of a country by ISO code, UN number or name; or WORLD, NOWHERE, UNKNOWN.

        Examples
        --------
        >>> known = countries()
        >>> known.codes[known.find("Кения")], known.codes[known.find("404")]
        ('KEN', 'KEN')
        >>> known.find("Areas, nes") == NOWHERE
        True
        """
        key = fold(word)
        if key in _WORLD_WORDS:
            return WORLD
        place = self.by_word.get(key.lstrip("0") if key.isdigit() else key)
        if place is None:
            others = (self.by_word.get(other) for other in _rewritten(word))
            place = next((other for other in others if other is not None), None)
        if place is not None:
            return place
        is_nowhere = key in _NOWHERE_CODES or _NOWHERE_WORD.search(key)
        return NOWHERE if is_nowhere else UNKNOWN

    def by_number(self) -> NDArray[np.intp]:
        """Place by UN number up to 999; NOWHERE for numbers that are no country."""
        table = np.full(1000, NOWHERE, dtype=np.intp)
        table[0] = WORLD
        for word, place in self.by_word.items():
            if word.isdigit():
                table[int(word)] = place
        return table

    def distance_km(self) -> NDArray[np.float64]:
        """Great-circle distances between the main cities, (n, n) [km]."""
        lat, lon = np.radians(self.latitude), np.radians(self.longitude)
        inner = np.sin((lat[:, None] - lat) / 2) ** 2
        inner = inner + np.cos(lat)[:, None] * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
        return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(inner, 1.0))))


@dataclass(frozen=True)
class CountryGroup:
    """Countries under one name."""

    code: str
    name: str
    kind: str
    """customs-union, free-trade or none: what its members grant each other."""
    since: str
    """Year; blank where nothing is in force."""
    members: tuple[int, ...]


@lru_cache(maxsize=1)
def countries() -> Countries:
    """Read the table of countries, once."""
    rows = read_rows("countries")
    codes = tuple(row["country"] for row in rows)
    place = {code: k for k, code in enumerate(codes)}
    by_word: dict[str, int] = {}
    for k, row in enumerate(rows):
        words = [row["country"], row["iso2"], *row["codes"].split(";"), row["name"]]
        for word in (*words, *row["names"].split(";")):
            if fold(word):
                by_word.setdefault(fold(word), k)
    adjacent = np.zeros((len(rows), len(rows)), dtype=np.bool_)
    for k, row in enumerate(rows):
        for other in filter(None, row["neighbours"].split(";")):
            adjacent[k, place[other]] = adjacent[place[other], k] = True
    return Countries(
        codes=codes,
        names=tuple(row["name"] for row in rows),
        latitude=np.array([float(row["latitude"] or 0.0) for row in rows]),
        longitude=np.array([float(row["longitude"] or 0.0) for row in rows]),
        landlocked=np.array([row["landlocked"] == "yes" for row in rows]),
        adjacent=adjacent,
        by_word=by_word,
    )


@lru_cache(maxsize=1)
def groups() -> dict[str, CountryGroup]:
    """Read the groups of countries by code, once."""
    known = countries()
    return {
        row["group"]: CountryGroup(
            row["group"],
            row["name"],
            row["kind"],
            row["since"],
            tuple(map(known.codes.index, row["members"].split(";"))),
        )
        for row in read_rows("groups")
    }


def group_of(word: str) -> CountryGroup | None:
    """Find a group by its code or name; `EU` is that of today."""
    key = fold(word)
    for group in groups().values():
        if key in (fold(group.code), fold(group.name)):
            return group
    matches = [g for g in groups().values() if re.fullmatch(rf"{re.escape(key)}\d+", fold(g.code))]
    return matches[-1] if matches and key else None


def nearest_country(word: str) -> str:
    """Say which country or group was probably meant, or nothing."""
    if len(word) <= 3:  # any code is near to some other
        return ""
    return did_you_mean(word, [*countries().names, *groups()])


def in_words(places: Sequence[int], most: int = 6) -> str:
    """Codes of some countries as text.

    Examples
    --------
    >>> in_words([0, 1], 1)
    'ABW and 1 more'
    """
    known = countries()
    shown = [known.codes[k] for k in places[:most]]
    rest = len(places) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")
