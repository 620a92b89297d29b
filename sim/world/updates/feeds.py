"""Publishers' addresses of what changes every year: incomes, people, growth.

What comes back is kept as a file and read like any other download. How bytes come from an address
is handed in, so that tests answer with recorded responses and nothing here needs a network.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from shutil import copyfileobj
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from sim.world.sources.files import RefusedError

Fetch = Callable[[str], bytes]
SECONDS = 60.0
"""Longest wait for an answer [s]."""
MAX_BYTES = 200_000_000
_AGENT = "trade-scenario-simulator (sim update-world)"


class NoNetworkError(ValueError):
    """An address that does not answer; nothing was changed."""


@dataclass(frozen=True)
class Feed:
    """A file of a publisher that changes."""

    name: str
    """Identifier of its source."""
    publisher: str
    title: str
    licence: str
    url: str
    file_name: str
    convert: Callable[[bytes, str], bytes] | None = None
    """Turns an answer into a table that the readers know, where it is none."""


def _data_mapper(answer: bytes, url: str) -> bytes:
    """Table of a series of the Fund's DataMapper: one row a country and year."""
    try:
        series = json.loads(answer)["values"]
        rows = [
            f"{country},{year},{code},{value!r}"
            for code, by_country in series.items()
            for country, by_year in by_country.items()
            for year, value in by_year.items()
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        what = "IMF DataMapper: the answer is not JSON of values by country and year"
        raise RefusedError(url, what, "wanted the address of the data") from None
    return "\n".join(["iso3c,date,indicator,value", *rows, ""]).encode()


_BANK = "https://api.worldbank.org/v2/en/indicator/{}?downloadformat=csv"
FEEDS = (
    Feed(
        "imf-weo", "International Monetary Fund", "World Economic Outlook: real growth",
        "IMF terms of use", "https://www.imf.org/external/datamapper/api/v1/NGDP_RPCH",
        "imf-growth.csv", _data_mapper,
    ),
    Feed(
        "wb-wdi-gdp", "World Bank", "World Development Indicators: GDP in current US dollars",
        "CC BY 4.0", _BANK.format("NY.GDP.MKTP.CD"), "wdi-gdp.zip",
    ),
    Feed(
        "wb-wdi-people", "World Bank", "World Development Indicators: population", "CC BY 4.0",
        _BANK.format("SP.POP.TOTL"), "wdi-people.zip",
    ),
    Feed(
        "wb-wdi-growth", "World Bank", "World Development Indicators: real growth", "CC BY 4.0",
        _BANK.format("NY.GDP.MKTP.KD.ZG"), "wdi-growth.zip",
    ),
)  # fmt: skip
"""In the order in which they count where two say the same."""


def fetch_url(url: str) -> bytes:
    """Bytes of an address.

    Raises
    ------
    NoNetworkError
        If it does not answer.
    """
    with _answer(url) as answer:
        content: bytes = answer.read(MAX_BYTES)
    return content


def fetch_file(url: str, path: Path) -> None:
    """Write what an address answers to a file, block by block.

    Raises
    ------
    NoNetworkError
        If it does not answer, or not to the end.
    """
    with _answer(url) as answer, path.open("wb") as file:
        copyfileobj(answer, file)
        wanted = answer.headers.get("Content-Length")
        if wanted and file.tell() != int(wanted):
            raise NoNetworkError(f"{url}: {file.tell():,} of {int(wanted):,} bytes came")


@contextmanager
def _answer(url: str) -> Iterator[Any]:
    try:
        with urlopen(Request(url, headers={"User-Agent": _AGENT}), timeout=SECONDS) as answer:
            yield answer
    except (URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise NoNetworkError(f"{url}: no answer ({reason})") from None


def fetched(folder: Path, fetch: Fetch) -> Iterator[tuple[Feed, Path]]:
    """Fetch every feed into a folder.

    Raises
    ------
    NoNetworkError
        If an address does not answer.
    RefusedError
        If an answer is not what it was.
    """
    for feed in FEEDS:
        answer = fetch(feed.url)
        path = folder / feed.file_name
        path.write_bytes(feed.convert(answer, feed.url) if feed.convert else answer)
        yield feed, path
