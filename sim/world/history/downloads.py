"""Tables of past trade as others hand them out, known by their headings; each with what to do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Download:
    """A layout that is known but not read."""

    name: str
    headings: frozenset[str]
    """Those that tell it, in small letters and digits."""
    remedy: str
    """Which of its columns go where."""


def _download(name: str, headings: str, remedy: str) -> Download:
    return Download(name, frozenset(headings.split()), remedy)


TEMPLATE_WANTED = "a table as `sim hindcast --template` prints is wanted"
DOWNLOADS = (
    _download(
        "UN Comtrade",
        "refyear reporteriso partneriso flowcode primaryvalue",
        "of the rows with flowCode X and cmdCode TOTAL take reporterISO as exporter, partnerISO as "
        "importer, refYear as year and primaryValue as trade_usd",
    ),
    _download(
        "UN Comtrade (before 2022)",
        "tradeflow reporteriso partneriso commoditycode tradevalueus",
        "of the rows with Trade Flow Export and Commodity TOTAL take Reporter ISO as exporter, "
        "Partner ISO as importer, Year as year and Trade Value (US$) as trade_usd",
    ),
    _download(
        "BACI",
        "t i j k v q",
        "sum v over the products k; take i as exporter and j as importer (in letters), t as year "
        "and the sum as trade_kusd",
    ),
    _download(
        "CEPII Gravity",
        "iso3o iso3d tradeflowbaci",
        "take iso3_o as exporter, iso3_d as importer, year, and tradeflow_baci as trade_kusd, "
        "without the rows of a country with itself; gdp_o and gdp_d may stay",
    ),
    _download(
        "WITS",
        "reporter partner productcategories indicator",
        "a row a year: take Reporter as exporter and Partner as importer (Export, All Products), "
        "the heading of each year as year and its cells as trade_musd",
    ),
    _download(
        "gegravity",
        "exporter importer year trade y e",
        "say the unit in the heading, such as trade_musd, and leave out Y, E and the rows of a "
        "country with itself",
    ),
)


def known_download(headings: Iterable[str]) -> str | None:
    """Instructions for a table of a known layout, or None if the layout is unknown.

    Examples
    --------
    >>> known_download(["t", "i", "j", "k", "v", "q"]).partition(";")[0]
    'is a download of BACI'
    """
    plain = {re.sub(r"[^a-z0-9]", "", heading.casefold()) for heading in headings}
    for download in DOWNLOADS:
        if download.headings <= plain:
            return f"is a download of {download.name}; {TEMPLATE_WANTED}: {download.remedy}"
    return None
