"""Newest release of CEPII BACI: its number from its page, and the file of a revision.

A download holds every year of one revision of the Harmonised System, 0.3 GB for the newest and
2.4 GB for that of 1992; totals of pairs are the same in each, so the newest that has the base
year is taken. The page says "This is the 202501 version" and lists older ones; the address is the
one of its links.
"""

import re
from collections.abc import Callable
from pathlib import Path

from sim.world.sources.files import RefusedError
from sim.world.updates.feeds import Feed, Fetch

PAGE = "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37"
ADDRESS = "https://www.cepii.fr/DATA_DOWNLOAD/baci/data/BACI_{}_V{}.zip"
FIRST_YEARS = {
    "HS22": 2022, "HS17": 2017, "HS12": 2012, "HS07": 2007, "HS02": 2002, "HS96": 1996,
    "HS92": 1995,
}  # fmt: skip
"""First year of each revision, the newest first."""
_THIS = re.compile(r"This is the\s+(20\d{4}[a-z]?)\s+version", re.IGNORECASE)
_ANY = re.compile(r"V(20\d{4}[a-z]?)\b")


def newest_release(fetch: Fetch) -> str:
    """Newest release that the page names, such as 202501 or 202401b; blank where it names none.

    Raises
    ------
    NoNetworkError
        If the page does not answer.
    """
    page = re.sub(r"<[^>]*>", " ", text := fetch(PAGE).decode("utf-8", errors="replace"))
    return max(_THIS.findall(page) or _ANY.findall(text), default="")


def baci_fetched(
    folder: Path, year: int, fetch: Fetch, fetch_file: Callable[[str, Path], None]
) -> tuple[Feed, Path]:
    """Fetch the newest release with a year into a folder.

    Parameters
    ----------
    folder : Path
    year : int
    fetch : callable
        Gives the bytes of the page.
    fetch_file : callable
        Writes what an address answers to a file, however large.

    Raises
    ------
    NoNetworkError
        If an address does not answer.
    RefusedError
        If the page names no release, or BACI has no such year.
    """
    revision = next((name for name, first in FIRST_YEARS.items() if year >= first), "")
    if not revision:
        raise RefusedError(PAGE, f"CEPII BACI: begins after {year}", "wanted a year from 1995 on")
    release = newest_release(fetch)
    if not release:
        what = "CEPII BACI: the page names no release"
        raise RefusedError(PAGE, what, "wanted 'This is the … version'; download it and use --from")
    url = ADDRESS.format(revision, release)
    path = folder / url.rpartition("/")[2]
    fetch_file(url, path)
    title = f"BACI, {revision}, version {release}, sums of products"
    return Feed("cepii-baci", "CEPII", title, "Etalab 2.0", PAGE, path.name), path
