"""Headings of plain tables, of worlds and of past trade alike: names that are declared here.

An amount of money is one of the declared quantities in any order of words, with its unit (`musd`,
USD million) and, if any, its time: a year such as 2010, or `base`. So `trade_musd_2010`,
`exporter_gdp_base` and `Base trade (musd)` are read, and a quantity with any other word, such as
constant prices, is none of them.
"""

import re
from typing import NamedTuple

from sim.world.sources.units import money_unit

EXPORTER = ("exporter", "origin", "seller", "exporter_iso3", "iso_o", "from")
IMPORTER = ("importer", "destination", "buyer", "importer_iso3", "iso_d", "to")
COUNTRY = ("country", "region", "state", "iso3", "country_code")
GOOD = ("good", "product", "chapter", "hs", "hs_chapter", "commodity", "sector")
NOTE = ("note", "notes", "comment", "comments", "remark", "flag")
YEAR = "year"
BASE = "base"
TRADE, IMPORTS, GDP = "trade", "imports", "gdp"
GDP_EXPORTER, GDP_IMPORTER = "gdp_exporter", "gdp_importer"
NOT_READ = "has a unit or a word that is not read"
_OF_EXPORTER = ("exporter", "origin", "o", "a", "1", "seller", "reporter")
_OF_IMPORTER = ("importer", "destination", "d", "b", "2", "buyer", "partner")
_OF_ENDS = frozenset({*_OF_EXPORTER, *_OF_IMPORTER})
_QUANTITIES = {
    TRADE: ("trade", "value", "flow", "exports", "trade value", "flow value", "exports value"),
    IMPORTS: ("imports", "import", "export", "imports value", "import value", "export value"),
    GDP: ("gdp",),
    GDP_EXPORTER: tuple(f"gdp {word}" for word in _OF_EXPORTER),
    GDP_IMPORTER: tuple(f"gdp {word}" for word in _OF_IMPORTER),
}
"""Quantities by the words that name them; `imports` are trade where both ends are named."""
_QUANTITY_OF = {
    frozenset(words.split()): name for name, phrases in _QUANTITIES.items() for words in phrases
}
_FACTS = {
    "population_m": ("population", "pop"),
    "real_growth": ("growth", "gdp growth", "real growth", "real gdp growth"),
}
_FACT_OF = {frozenset(words.split()): name for name, of in _FACTS.items() for words in of}
_BASE_WORDS = frozenset({"base", "start", "before", "t0", "baseline"})
_LATER_WORDS = frozenset(
    {"horizon", "recorded", "actual", "observed", "end", "later", "after", "outcome"}
)
_FILLERS = frozenset({
    "total", "current", "nominal", "prices", "fob", "country", "state", "iso", "iso3", "in", "of",
    "us",
})  # fmt: skip
_SCALES = frozenset({
    "m", "million", "millions", "thousand", "thousands", "percent", "pct", "per", "cent", "rate",
    "annual", "share", "fraction",
})  # fmt: skip
TRADE_WORDS = frozenset({"trade", "value", "flow", "export", "exports", "import", "imports"})
FACT_WORDS = frozenset({"gdp", "population", "pop", "growth"})
DUTY_WORDS = frozenset({"tariff", "duty", "mfn"})


class AmountColumn(NamedTuple):
    """A column of money."""

    quantity: str
    """`trade`, `imports`, `gdp`, `gdp_exporter` or `gdp_importer`."""
    when: int | str
    """A year, `base`, or `""` for the year of the row."""
    musd: float
    """What one unit of the column is worth, 0 where none is named [musd]."""

    def year_in(self, base_year: int | None, year: int | None) -> int | None:
        """Year the column speaks of in a row, as far as the row gives it."""
        if isinstance(self.when, int):
            return self.when
        return base_year if self.when == BASE else year


def name_in(heading: str) -> str:
    """Words and numbers of a heading joined, dollar signs and thousands spelled out.

    Examples
    --------
    >>> name_in("Trade (1,000 US$)")
    'trade_1000_usd'
    """
    text = re.sub(r"\bus[ _]?\$|\$", " usd ", heading.casefold())
    text = re.sub(r"(?<=\d)[,.' ](?=000\b)", "", text)
    return "_".join(re.findall(r"[a-z0-9]+", text))


def amount_of(heading: str) -> AmountColumn | None:
    """Read a heading as an amount of money; None where it is none of those declared.

    Examples
    --------
    >>> amount_of("GDP exporter base")
    AmountColumn(quantity='gdp_exporter', when='base', musd=0.0)
    >>> amount_of("Trade 2010 (USD million)")
    AmountColumn(quantity='trade', when=2010, musd=1.0)
    >>> amount_of("gdp_constant_musd") is None
    True
    """
    words = set(name_in(heading).split("_")) - _FILLERS
    scale, units = money_unit(words)
    years = [word for word in words if re.fullmatch(r"(19|20)\d\d", word)]
    is_base = bool(words & _BASE_WORDS)
    if scale is None or len(years) + is_base > 1:
        return None
    quantity = _QUANTITY_OF.get(frozenset(words - units - _BASE_WORDS - _LATER_WORDS - {*years}))
    when: int | str = int(years[0]) if years else BASE if is_base else ""
    return None if quantity is None else AmountColumn(quantity, when, scale)


def fact_of(heading: str) -> str:
    """Name of the fact of a country that a column gives, or an empty text.

    Examples
    --------
    >>> fact_of("GDP (USD billion)"), fact_of("Population, million"), fact_of("gdp_growth_percent")
    ('gdp_musd', 'population_m', 'real_growth')
    """
    amount = amount_of(heading)
    if amount is not None:
        return "gdp_musd" if amount.quantity == GDP and amount.when == "" else ""
    words = frozenset(name_in(heading).split("_")) - _FILLERS - _SCALES
    return _FACT_OF.get(words, "")


def speaks_of(heading: str, words: frozenset[str]) -> str:
    """Give the first word of a heading, by the alphabet, that is one of some; or an empty text."""
    return min({*name_in(heading).split("_")} & words, default="")


def is_of_fact(heading: str) -> bool:
    """True if a heading speaks of incomes, people or growth of one country, read or not."""
    return bool(speaks_of(heading, FACT_WORDS)) and not speaks_of(heading, _OF_ENDS)
