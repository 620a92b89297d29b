"""Kinds of files: known by their headings, each with its reader and what is owed to its makers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.laws.numerics.similar_words import nearest
from sim.world.sources.baci import OtherYearError, other_years, read_baci
from sim.world.sources.cepii import is_cepii, read_cepii
from sim.world.sources.comtrade import is_comtrade, read_comtrade
from sim.world.sources.files import Member, RefusedError, members, text_head
from sim.world.sources.indicators import is_indicators, read_indicators
from sim.world.sources.parsed_files import Reading, ReadingTask
from sim.world.sources.plain_tables import is_plain, read_plain
from sim.world.sources.tariff_files import is_profile, is_trains, read_profile, read_trains
from sim.world.sources.text_sheet import Layout, heading_key, layouts
from sim.world.sources.units import OTHER_MONEY

_SHOWN_HEADINGS = 6


@dataclass(frozen=True)
class FileKind:
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
    FileKind("baci", "CEPII BACI", _is_baci, read_baci, "CEPII", "Etalab 2.0",
         "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37"),
    FileKind("codes", "list of codes", _is_code_list, _read_code_list),
    FileKind("metadata", "notes to a table", _is_metadata, _read_metadata),
    FileKind("comtrade", "UN Comtrade", is_comtrade, read_comtrade, "United Nations",
         "UN Comtrade policy on use", "https://comtradeplus.un.org"),
    FileKind("trains", "TRAINS tariffs", is_trains, read_trains, "UNCTAD and World Bank (WITS)",
         "WITS terms", "https://wits.worldbank.org"),
    FileKind("wits", "WITS country profile", is_profile, read_profile, "World Bank (WITS)",
         "WITS terms", "https://wits.worldbank.org"),
    FileKind("cepii", "CEPII Gravity or GeoDist", is_cepii, read_cepii, "CEPII", "Etalab 2.0",
         "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele.asp"),
    FileKind("indicators", "World Bank WDI or IMF WEO", is_indicators, read_indicators,
         "World Bank or IMF", "CC BY 4.0 (World Bank), IMF terms", "https://data.worldbank.org"),
    FileKind("plain", "plain table", is_plain, read_plain),
)  # fmt: skip
"""In the order in which headings are tried."""
BY_NAME = {kind.name: kind for kind in KINDS}
RESEMBLES = "it resembles "
"""Words of a refusal that a known layout follows."""
_HEADINGS = {
    "CEPII BACI": ("t", "i", "j", "k", "v"),
    "UN Comtrade (new layout)": (
        "refYear", "reporterCode", "flowCode", "partnerCode", "cmdCode", "primaryValue"),
    "UN Comtrade (old layout)": (
        "Year", "Reporter Code", "Trade Flow", "Partner Code", "Commodity Code",
        "Trade Value (US$)"),
    "WITS trade query": (
        "Year", "ReporterISO3", "TradeFlowName", "PartnerISO3", "ProductCode",
        "TradeValue in 1000 USD"),
    "WITS country profile": ("Reporter", "Partner", "Product categories", "Indicator"),
    "TRAINS tariffs": ("Reporter", "Product", "Partner", "DutyType", "Simple Average"),
    "CEPII GeoDist": ("iso_o", "iso_d", "dist"),
    "CEPII Gravity": ("year", "iso3_o", "iso3_d", "dist"),
    "World Bank WDI": ("Country Code", "Indicator Code"),
    "World Bank WDI (DataBank)": ("Country Code", "Series Code"),
    "IMF WEO": ("ISO", "WEO Subject Code"),
    "plain table of trade": ("exporter", "importer", "trade_musd"),
    "plain table of countries": ("country", "year", "gdp_musd"),
    "plain table of duties": ("importer", "good", "tariff_percent"),
}  # fmt: skip
"""Headings that make a layout, for hints."""
_LEAST_SHARE = 0.5
"""Least share of its headings with which a file resembles a layout."""


def recognise(member: Member, kind: str = "") -> tuple[FileKind, Layout]:
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
        raise RefusedError(member.shown, *_no_table(text), is_format=False)
    shown = ", ".join(first.headings[:_SHOWN_HEADINGS])
    more = "…" if len(first.headings) > _SHOWN_HEADINGS else ""
    named = f"a {BY_NAME[kind].title}" if kind else "any format known here"
    what = f"the headings {shown}{more} are not those of {named}"
    titles = ", ".join(k.title for k in KINDS if k.publisher)
    accepted = f"wanted {titles}, or a plain table (exporter, importer, trade_musd){_hint(first)}"
    if kind:
        accepted = (
            f"wanted a {BY_NAME[kind].title}, or no `kind`: files are known by their headings"
        )
    raise RefusedError(f"{member.shown}:{first.line}", what, accepted, is_format=False)


def _no_table(text: str) -> tuple[str, str]:
    """Reason why a text has no line of two cells, and what is wanted instead."""
    line = next(line for line in text.splitlines() if line.strip())
    if line.strip().startswith('"') and any(mark in line for mark in ",;\t"):
        what = "whole lines stand in quotation marks, so that each is one cell"
        return what, "wanted marks around single cells at most; save it again, or download it again"
    wanted = "wanted cells separated by commas, semicolons, tabs or bars under a line of headings"
    return "has no table in it", wanted


def _hint(layout: Layout) -> str:
    """Words on what is next to a format in the headings of none, for the end of a message."""
    for heading in layout.headings:
        if money := set(heading_key(heading).split("_")) & OTHER_MONEY:
            return f"; '{heading}' is in {money.pop().upper()}, and values in US dollars are read"
    has = set(layout.keys)

    def share_of(title: str) -> float:
        names = _HEADINGS[title]
        return sum(heading_key(name) in has for name in names) / len(names)

    title = max(_HEADINGS, key=share_of)
    lacking = [name for name in _HEADINGS[title] if heading_key(name) not in has]
    if share_of(title) < _LEAST_SHARE or not lacking:
        return ""
    strange = [name for name in layout.headings
               if heading_key(name) not in map(heading_key, _HEADINGS[title])]  # fmt: skip
    near = nearest(lacking[0], strange)
    told = f"; {RESEMBLES}{title} without {', '.join(lacking)}"
    return told + (f"; is that '{near}'?" if near else "")


def read(member: Member, asked: ReadingTask, kind: str = "") -> tuple[FileKind, Reading]:
    """Read a file of any kind.

    Raises
    ------
    RefusedError
        In one sentence with the place, the format and the remedy.
    """
    found, layout = recognise(member, kind)
    return found, found.read(layout, asked)


def read_whole(path: Path, asked: ReadingTask, kind: str = "") -> tuple[list[Reading], list[str]]:
    """Read a file, or every table of a zip; what cannot be read is told and the rest kept.

    Of BACI, which comes with a file a year, that of the base year is read and the others are noted.

    Parameters
    ----------
    path : Path
    asked : ReadingTask
    kind : str
        Name of its kind, where it is known and the file is no zip of several.

    Returns
    -------
    tuple of (list of Reading, list of str)
        What was read, and a sentence for each table that was not.
    """
    readings: list[Reading] = []
    refused: list[str] = []
    years: list[int] = []
    try:
        parts = members(path)
    except RefusedError as error:
        return [], [str(error)]
    for member in parts:
        try:
            readings.append(read(member, asked, kind if len(parts) == 1 else "")[1])
        except OtherYearError as error:
            years += error.years
        except RefusedError as error:
            if not error.is_format and member.inner.casefold().endswith(".txt") and len(parts) > 1:
                readings.append(Reading(member, "codes"))  # the readme of a download
            else:
                refused.append(str(error))
    trade = [reading for reading in readings if reading.kind == "baci"]
    if years and trade:
        listed = ", ".join(map(str, sorted(years)))
        trade[0].notes.append(f"files of other years beside it: {listed}")
    elif years:
        refused.append(str(RefusedError(str(path), *other_years(sorted(years), asked.year))))
    return readings, refused
