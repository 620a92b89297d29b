"""Columns of a table of past trade: ends, years and terms by name, amounts as in plain tables.

A heading that is not understood is refused where it resembles one that is, and set aside with a
warning where it does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.world.csv_tables.table_errors import did_you_mean
from sim.world.sources import plain_headings as known
from sim.world.sources.plain_headings import AmountColumn
from sim.world.sources.units import MONEY_WORDS, OTHER_MONEY

PLAIN = {
    "event": ("event", "name", "id", "case"),
    "exporter": known.EXPORTER,
    "importer": known.IMPORTER,
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
    "note": known.NOTE,
}
"""Columns that are no amount of money, with the headings they go by."""
_PLAIN_OF = {alias: name for name, aliases in PLAIN.items() for alias in aliases}
_AMOUNTS = (known.TRADE, known.GDP_EXPORTER, known.GDP_IMPORTER)
WANTED = (
    "trade_musd", "base_trade_musd", "gdp_exporter_musd", "gdp_importer_musd",
    "gdp_exporter_base_musd", "gdp_importer_base_musd", *PLAIN,
)  # fmt: skip
"""Headings to compare an unknown one with."""
_AMBIGUOUS = {
    "margin": "a share of the duty or points of it? wanted cut (0.5: half of the duty) or "
    "margin_rate (0.05: five points)",
    "rta": "of which kind? wanted agreement: none, preferential, free-trade or transit",
    "fta": "of which kind? wanted agreement: none, preferential, free-trade or transit",
    "gdp": "whose? wanted gdp_exporter_musd and gdp_importer_musd",
}


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


def read_header(headings: Sequence[str]) -> Header:
    """Say what each column of a table is.

    Examples
    --------
    >>> header = read_header(["exporter", "importer", "trade_2010_musd", "GDP exporter base"])
    >>> header.plain, [column.when for column in header.amounts.values()]
    ({0: 'exporter', 1: 'importer'}, [2010, 'base'])
    """
    header = Header()
    seen: dict[str | AmountColumn, str] = {}
    for place, heading in enumerate(headings):
        name = known.name_in(heading)
        plain = _PLAIN_OF.get(name)
        amount = None if plain else known.amount_of(heading)
        amount = amount if amount and amount.quantity in _AMOUNTS else None
        problem = "" if plain else _problem(heading, name, amount)
        if not (problem or plain or amount):
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


def _problem(heading: str, name: str, amount: AmountColumn | None) -> str:
    """Problem of a heading that is no plain column, or an empty text."""
    if money := known.speaks_of(heading, OTHER_MONEY):
        return f"is in {money}; wanted US dollars, such as trade_musd"
    if amount is not None:
        is_bare = amount.quantity == known.TRADE and not amount.musd
        return "has no unit; wanted one in its name, such as trade_musd or trade_usd" * is_bare
    if name in _AMBIGUOUS:
        return _AMBIGUOUS[name]
    if known.speaks_of(heading, known.TRADE_WORDS) and known.speaks_of(heading, MONEY_WORDS):
        wanted = "wanted a heading such as trade_usd, trade_kusd (thousand), trade_musd (million) "
        return f"{known.NOT_READ}; {wanted}or trade_busd (billion)"
    hint = did_you_mean(name, WANTED)
    return f"unknown column; wanted are those of `sim hindcast --template`{hint}" if hint else ""
