"""Kinds of files: known by their headings, each with its reader and what is owed to its makers."""

from collections.abc import Callable
from dataclasses import dataclass

from sim.world.csv_tables.table_errors import did_you_mean
from sim.world.sources.baci import read_baci
from sim.world.sources.cepii import is_cepii, read_cepii
from sim.world.sources.comtrade import is_comtrade, read_comtrade
from sim.world.sources.files import Member, RefusedError, text_head
from sim.world.sources.indicators import is_indicators, read_indicators
from sim.world.sources.parsed_files import Reading, ReadingTask
from sim.world.sources.plain import is_plain, read_plain
from sim.world.sources.sheet import Layout, heading_key, layouts
from sim.world.sources.tariff_files import is_profile, is_trains, read_profile, read_trains

_SHOWN_HEADINGS = 6


@dataclass(frozen=True)
class Kind:
    """A kind of file."""

    name: str
    title: str
    matches: Callable[[tuple[str, ...]], bool]
    read: Callable[[Layout, ReadingTask], Reading]
    publisher: str = ""
    licence: str = ""
    url: str = ""


def _is_baci(keys: tuple[str, ...]) -> bool:
    return {"t", "i", "j", "k", "v"} <= set(keys)


def _is_code_list(keys: tuple[str, ...]) -> bool:
    has = set(keys)
    return {"code", "description"} == has or (
        "country_code" in has and bool(has & {"iso_3digit_alpha", "country_iso3"})
    )


def _read_code_list(layout: Layout, asked: ReadingTask) -> Reading:
    del asked
    reading = Reading(layout.member, "codes")
    reading.notes.append("a list of codes, which are known here already")
    return reading


def _is_metadata(keys: tuple[str, ...]) -> bool:
    has = set(keys)
    return {"source_note"} & has == {"source_note"} or {"code", "license_type"} <= has or (
        {"country_code", "incomegroup"} <= has
    )  # fmt: skip


def _read_metadata(layout: Layout, asked: ReadingTask) -> Reading:
    del asked
    reading = Reading(layout.member, "codes")
    reading.notes.append("notes to a table, not needed here")
    return reading


KINDS = (
    Kind("baci", "CEPII BACI", _is_baci, read_baci, "CEPII", "Etalab 2.0",
         "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37"),
    Kind("codes", "list of codes", _is_code_list, _read_code_list),
    Kind("metadata", "notes to a table", _is_metadata, _read_metadata),
    Kind("comtrade", "UN Comtrade", is_comtrade, read_comtrade, "United Nations",
         "UN Comtrade policy on use", "https://comtradeplus.un.org"),
    Kind("trains", "TRAINS tariffs", is_trains, read_trains, "UNCTAD and World Bank (WITS)",
         "WITS terms", "https://wits.worldbank.org"),
    Kind("wits", "WITS country profile", is_profile, read_profile, "World Bank (WITS)",
         "WITS terms", "https://wits.worldbank.org"),
    Kind("cepii", "CEPII Gravity or GeoDist", is_cepii, read_cepii, "CEPII", "Etalab 2.0",
         "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele.asp"),
    Kind("indicators", "World Bank WDI or IMF WEO", is_indicators, read_indicators,
         "World Bank or IMF", "CC BY 4.0 (World Bank), IMF terms", "https://data.worldbank.org"),
    Kind("plain", "plain table", is_plain, read_plain),
)  # fmt: skip
"""In the order in which headings are tried."""
BY_NAME = {kind.name: kind for kind in KINDS}
_ALL_KEYS = (
    "reporterCode", "partnerCode", "cmdCode", "primaryValue", "Reporter Code", "Trade Value (US$)",
    "Country Code", "Indicator Code", "Series Code", "WEO Subject Code", "iso3_o", "iso3_d",
    "exporter", "importer", "trade_musd", "gdp_musd", "tariff_percent", "country",
    "Product categories", "DutyType", "Simple Average",
)  # fmt: skip


def recognise(member: Member, kind: str = "") -> tuple[Kind, Layout]:
    """Find out what a file is by its headings.

    Parameters
    ----------
    member : Member
        The file.
    kind : str
        Name of its kind where it is known; its headings must then be those of the kind.

    Raises
    ------
    RefusedError
        If its headings are those of no kind.
    """
    text, _ = text_head(member)
    if text.lstrip()[:15].casefold().startswith(("<!doctype html", "<html")):
        what = "is a web page and not the file"
        raise RefusedError(member.shown, what, "wanted the download itself; fetch it again")
    wanted = (BY_NAME[kind],) if kind else KINDS
    first: Layout | None = None
    for layout in layouts(member):
        first = first or layout
        for candidate in wanted:
            if candidate.matches(layout.keys):
                return candidate, layout
    if first is None:
        what, line = "has no table in it", 1
    else:
        shown = ", ".join(first.headings[:_SHOWN_HEADINGS])
        more = "…" if len(first.headings) > _SHOWN_HEADINGS else ""
        named = f"a {BY_NAME[kind].title}" if kind else "any format known here"
        what, line = f"the headings {shown}{more} are not those of {named}", first.line
    titles = ", ".join(k.title for k in KINDS if k.publisher)
    hint = ""
    for heading in first.headings if first and not kind else ():
        hint = hint or did_you_mean(heading_key(heading), [heading_key(key) for key in _ALL_KEYS])
    accepted = f"wanted {titles}, or a plain table (exporter, importer, trade_musd){hint}"
    if kind:
        accepted = (
            f"wanted a {BY_NAME[kind].title}, or no `kind`: files are known by their headings"
        )
    raise RefusedError(f"{member.shown}:{line}", what, accepted, is_format=False)


def read(member: Member, asked: ReadingTask, kind: str = "") -> tuple[Kind, Reading]:
    """Read a file of any kind.

    Raises
    ------
    RefusedError
        In one sentence with the place, the format and the remedy.
    """
    found, layout = recognise(member, kind)
    return found, found.read(layout, asked)
