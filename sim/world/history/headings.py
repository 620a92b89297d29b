"""Columns of a table of past trade: what each heading means, in many people's words.

A heading is read word by word: a quantity and a side (`trade`, `gdp exporter`), a unit (`musd`) and
a time (`base`, a year such as 2010, or nothing: the year of the row). So `trade_musd_2010`,
`exporter_gdp_base` and `Base trade (musd)` are all understood. What is not understood is refused
where it resembles a column that is, and set aside with a warning where it does not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.world.csv_tables.table_errors import did_you_mean
from sim.world.sources.units import MONEY_WORDS, OTHER_MONEY, money_unit

BASE = "base"

_TRADE_WORDS = {"trade", "value", "flow", "exports"}
_EXPORTER_WORDS = {"exporter", "origin", "o", "a", "1", "seller", "reporter"}
_IMPORTER_WORDS = {"importer", "destination", "d", "b", "2", "buyer", "partner"}
_BASE_WORDS = {"base", "start", "before", "t0", "baseline"}
_ROW_WORDS = {"horizon", "recorded", "actual", "observed", "end", "later", "after", "outcome"}
_FILLERS = {"total", "current", "nominal", "country", "state", "iso", "iso3", "in", "of", "us"}

PLAIN = {
    "event": ("event", "name", "id", "case"),
    "exporter": ("exporter", "origin", "iso_o", "from", "seller", "exporter_iso3"),
    "importer": ("importer", "destination", "iso_d", "to", "buyer", "importer_iso3"),
    "pair": ("pair", "dyad"),
    "state_a": ("state_a", "country_a", "a", "country_1", "state_1", "reporter"),
    "state_b": ("state_b", "country_b", "b", "country_2", "state_2", "partner"),
    "direction": ("direction", "flow", "flow_type"),
    "base_year": ("base_year", "start_year", "year_base", "year_0", "t0"),
    "year": ("year", "horizon_year", "target_year", "end_year", "year_h", "recorded_year"),
    "horizon_years": ("horizon_years", "horizon", "years_ahead", "h"),
    "agreement": ("agreement", "agreement_kind", "agreement_type", "kind", "agreed", "type"),
    "in_force": ("in_force", "in_force_year", "entry_into_force", "in_force_date", "year_in_force"),
    "covered_share": ("covered_share", "coverage", "coverage_share", "covered", "share_covered"),
    "tariff_rate": ("tariff_rate", "mfn_rate", "mfn_tariff", "mfn", "tariff", "duty"),
    "cut": ("cut", "tariff_cut", "cut_share", "duty_cut"),
    "margin_rate": ("margin_rate", "margin_points"),
    "phase_in_years": ("phase_in_years", "phase_in", "steps"),
    "border_time_cut": ("border_time_cut", "time_cut"),
    "source": ("source", "sources", "url", "reference"),
    "note": ("note", "notes", "comment", "comments", "flag", "remark"),
}
"""Columns that are no amount of money, with the headings they go by."""
_PLAIN_OF = {alias: name for name, aliases in PLAIN.items() for alias in aliases}
_AMBIGUOUS = {
    "margin": "a share of the duty or points of it? wanted cut (0.5: half of the duty) or "
    "margin_rate (0.05: five points)",
    "rta": "of which kind? wanted agreement: none, preferential, free-trade or transit",
    "fta": "of which kind? wanted agreement: none, preferential, free-trade or transit",
    "gdp": "whose? wanted gdp_exporter_musd and gdp_importer_musd",
}
WANTED = (
    "exporter",
    "importer",
    "pair",
    "base_year",
    "year",
    "trade_musd",
    "base_trade_musd",
    "gdp_exporter_musd",
    "gdp_importer_musd",
    "gdp_exporter_base_musd",
    "gdp_importer_base_musd",
    *PLAIN,
)
"""Headings to compare an unknown one with."""


class AmountColumn(NamedTuple):
    """A column of money."""

    quantity: str
    """`trade`, `gdp_exporter` or `gdp_importer`."""
    when: int | str
    """A year, `base`, or `""` for the year of the row."""
    musd: float
    """What one unit of the column is worth [musd]."""

    def year_in(self, base_year: int | None, year: int | None) -> int | None:
        """Year the column speaks of in a row, as far as the row gives it."""
        if isinstance(self.when, int):
            return self.when
        return base_year if self.when == BASE else year


@dataclass
class Header:
    """Meaning of the columns of a table."""

    plain: dict[int, str] = field(default_factory=dict)
    """Place to the name of a column that is no amount."""
    amounts: dict[int, AmountColumn] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Heading and what is wrong with it."""
    unused: list[str] = field(default_factory=list)
    """Headings that mean nothing here and resemble nothing that does."""
    gdp_has_unit: bool = True
    """Whether every column of GDP names its unit; without one only growth can be read off it."""

    def has(self, *names: str) -> bool:
        """True if all of these plain columns are present."""
        return set(names) <= set(self.plain.values())


def _name_in(heading: str) -> str:
    """Words and numbers of a heading joined, dollar signs and thousands spelled out."""
    text = re.sub(r"\bus[ _]?\$|\$", " usd ", heading.casefold())
    text = re.sub(r"(?<=\d)[,.' ](?=000\b)", "", text)
    return "_".join(re.findall(r"[a-z0-9]+", text))


def _unit_problem(name: str, amount: AmountColumn | None) -> str:
    """Problem of the unit of a heading that is no plain column, or of what it means."""
    if money := set(name.split("_")) & OTHER_MONEY:
        return f"is in {money.pop()}; wanted US dollars, such as trade_musd"
    if amount is not None and amount.quantity == "trade" and not amount.musd:
        return "has no unit; wanted one in its name, such as trade_musd or trade_usd"
    return _AMBIGUOUS.get(name, "")


def read_header(headings: Sequence[str]) -> Header:
    """Say what each column of a table is.

    Examples
    --------
    >>> header = read_header(["exporter", "importer", "trade_2010_musd", "GDP exporter base"])
    >>> header.plain, list(header.amounts.values())
    ({0: 'exporter', 1: 'importer'}, [AmountColumn(quantity='trade', when=2010, musd=1.0), \
AmountColumn(quantity='gdp_exporter', when='base', musd=1.0)])
    """
    header = Header()
    seen: dict[str | AmountColumn, str] = {}
    for place, heading in enumerate(headings):
        name = _name_in(heading)
        plain = _PLAIN_OF.get(name)
        amount = None if plain else _amount(name)
        problem = _AMBIGUOUS.get(name, "") if plain else _unit_problem(name, amount)
        if not (problem or plain or amount) and _names_money(name):
            problem = "has a unit or a word that is not read; wanted a heading such as trade_usd, "
            problem += "trade_kusd (thousand), trade_musd (million) or trade_busd (billion)"
        if not (problem or plain or amount):
            hint = did_you_mean(name, WANTED)
            problem = f"unknown column; wanted are those of `sim hindcast --template`{hint}"
            if not hint:
                header.unused.append(heading)
                continue
        meaning = plain or (amount._replace(musd=0.0) if amount else heading)
        if not problem and meaning in seen and meaning not in ("source", "note"):
            problem = f"says the same as '{seen[meaning]}'; wanted one of them"
        seen[meaning] = heading
        if problem:
            header.problems.append((heading, problem))
        elif plain:
            header.plain[place] = plain
        elif amount:
            header.gdp_has_unit &= amount.musd > 0.0
            header.amounts[place] = amount._replace(musd=amount.musd or 1.0)
    return header


def _names_money(name: str) -> bool:
    """True if a heading that is no amount speaks of trade in US dollars."""
    words = set(name.split("_"))
    return bool(words & _TRADE_WORDS and words & MONEY_WORDS)


def _amount(name: str) -> AmountColumn | None:
    """Read a heading as an amount of money; `musd` is 0 where no unit is named."""
    words = set(name.split("_")) - _FILLERS
    scale, units = money_unit(words)
    if scale is None:
        return None
    years = [word for word in words if re.fullmatch(r"(19|20)\d\d", word)]
    base = words & _BASE_WORDS
    if len(years) > 1 or (base and years):
        return None
    rest = words - {*units, *years} - _BASE_WORDS - _ROW_WORDS
    when: int | str = int(years[0]) if years else BASE if base else ""
    if rest and rest <= _TRADE_WORDS and len(rest - {"value"}) <= 1:
        return AmountColumn("trade", when, scale)
    if "gdp" in rest and len(rest) == 2:
        (side,) = rest - {"gdp"}
        if side in _EXPORTER_WORDS:
            return AmountColumn("gdp_exporter", when, scale)
        if side in _IMPORTER_WORDS:
            return AmountColumn("gdp_importer", when, scale)
    return None
