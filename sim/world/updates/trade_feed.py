"""UN Comtrade's public preview of trade by pair: totals of a year, a reporter and a flow at a time.

It asks for no key and gives at most 500 rows an answer: all partners of one reporter and one flow
are fewer. Answers are JSON; they are written as a table that the reader of downloads knows.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from time import sleep
from typing import Any

from sim.world.sources.countries import countries, read_rows
from sim.world.sources.files import RefusedError
from sim.world.updates.feeds import Feed, Fetch

ADDRESS = (
    "https://comtradeapi.un.org/public/v1/preview/C/A/HS?reporterCode={}&period={}&flowCode={}"
    "&cmdCode=TOTAL&partner2Code=0&motCode=0&customsCode=C00"
)
"""All partners of a reporter, whatever the transport, the customs procedure and the way."""
MAX_ROWS = 500
"""Rows after which an answer is cut off."""
PAUSE_S = 1.0
"""Wait between two requests, as the service asks of those without a key [s]."""
FLOWS = ("M", "X")
_KEPT = ("refYear", "period", "freqCode", "reporterCode", "flowCode", "partnerCode", "cmdCode",
         "primaryValue", "partner2Code", "motCode", "customsCode")  # fmt: skip


def trade_fetched(
    folder: Path,
    places: Sequence[int],
    year: int,
    fetch: Fetch,
    wait: Callable[[float], None] = sleep,
) -> Iterator[tuple[Feed, Path]]:
    """Fetch what some countries report of their trade with all others in a year.

    Parameters
    ----------
    folder : Path
        Where answers are kept.
    places : sequence of int
        Countries, by their place in `countries()`.
    year : int
    fetch : callable
        Gives the bytes of an address.
    wait : callable
        Waits for some seconds.

    Yields
    ------
    tuple of (Feed, Path)
        One table a reporter and flow; those without any row are left out.

    Raises
    ------
    NoNetworkError
        If an address does not answer.
    RefusedError
        If an answer is no data, or is cut off.
    """
    numbers = {row["country"]: row["codes"].replace(";", ",") for row in read_rows("countries")}
    for k, (place, flow) in enumerate((place, flow) for place in places for flow in FLOWS):
        code = countries().codes[place]
        url = ADDRESS.format(numbers[code], year, flow)
        if k:
            wait(PAUSE_S)
        table = table_of(fetch(url), url)
        if table:
            path = folder / f"comtrade-{code.casefold()}-{flow.casefold()}.csv"
            path.write_bytes(table)
            feed = Feed(
                "un-comtrade", "United Nations", f"UN Comtrade: trade of {year}, all goods",
                "UN Comtrade policy on use", "https://comtradeplus.un.org", path.name,
            )  # fmt: skip
            yield feed, path


def _kept(row: Mapping[str, Any]) -> list[Any]:
    return [row.get(name, "") for name in _KEPT]


def table_of(answer: bytes, url: str) -> bytes:
    """Table of one answer under the headings of a download; empty where it has no row.

    Raises
    ------
    RefusedError
        If it is no data, or as long as an answer that is cut off.
    """
    try:
        rows = json.loads(answer)["data"]
        cells = [*map(_kept, rows)]
    except (ValueError, KeyError, TypeError, AttributeError):
        what = "UN Comtrade: the answer is not JSON with rows under data"
        raise RefusedError(url, what, "wanted the address of the data") from None
    if len(cells) >= MAX_ROWS:
        what = f"UN Comtrade: {len(cells)} rows, where the preview is cut off"
        raise RefusedError(url, what, "wanted fewer; download the year and use --from")
    if not cells:
        return b""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_KEPT, *cells])
    return text.getvalue().encode()
