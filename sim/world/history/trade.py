"""Past trade that forecasts are held against: read a user's table, whatever its layout.

A row says something about one flow: its exporter and importer (or a pair, both directions
together), what was traded and the partners' GDP in one or several years, and what was agreed. Rows
of one flow and base year are put together, so a row may be a year (a panel), a horizon, or a whole
event with a column per year. `sim.world.sources.plain_headings` has the headings.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.world.csv_tables.csv_text import (
    MISSING,
    CsvText,
    UnreadableError,
    csv_text,
    has_decimal_commas,
    whole_of,
    with_point,
)
from sim.world.csv_tables.reader import PACKAGED, read_tables
from sim.world.csv_tables.table_errors import WorldError
from sim.world.history.amount_checks import (
    MAX_YEARS,
    amount_complaints,
    date_complaints,
    duty_complaints,
    order_complaint,
)
from sim.world.history.event_columns import Header, read_header
from sim.world.history.past_flow_rows import PastFlowRows
from sim.world.history.terms import (
    DEEP,
    FIRST_YEAR,
    LAST_YEAR,
    PastTerms,
    Wrong,
    join_terms,
    read_terms,
)
from sim.world.sources.files import RefusedError, members
from sim.world.sources.plain_headings import BASE
from sim.world.trade.records_from_rows import gdp_by_year, world_gdp_by_year

_PAIR = re.compile(r"\s*(?:->|=>|→|>|–|—|-|/|;|:)\s*")
_BOTH = {"both", "total", "two-way", "twoway", "two way", "sum", "both directions"}
_THERE, _BACK = {"exports", "export", "x", "one-way", ""}, {"imports", "import", "m"}
Key = tuple[str, str, str, bool, int | None]


@dataclass(frozen=True)
class PastFlow:
    """One flow from its base year on, as it was recorded."""

    event: str
    exporter: str
    importer: str
    both_directions: bool
    """Whether the trade of both directions is counted together."""
    base_year: int
    trade_musd: Mapping[int, float]
    """By year, base year among them; 0 where none was recorded later [musd]."""
    gdp: tuple[Mapping[int, float], Mapping[int, float]]
    """Of exporter and importer by year [musd, or any one unit]; empty where nobody said."""
    terms: PastTerms
    row: int
    """Line of the table on which it begins."""
    gdp_has_unit: bool = True
    """Whether that GDP is in million US dollars; if not, it tells growth and no size."""

    @property
    def name(self) -> str:
        """The flow in words."""
        flow = f"{self.exporter}{'–' if self.both_directions else ' to '}{self.importer}"
        return f"{self.event}: {flow}" if self.event else flow

    @property
    def in_force_year(self) -> float:
        """Entry into force; the start of the year after the base where it is not known [year]."""
        known = self.terms.in_force
        return self.base_year + 1.0 if known is None else known

    @property
    def is_new_without_terms(self) -> bool:
        """True if it is a free-trade area or customs union of which only the kind is known."""
        return self.terms.kind in DEEP and self.terms.has_no_terms

    @property
    def horizon_years(self) -> tuple[int, ...]:
        """Years after the base year for which something was recorded."""
        return tuple(year - self.base_year for year in sorted(self.trade_musd)
                     if year > self.base_year)  # fmt: skip


class _Complaints:
    """Problems of a user's table, each at its row and column."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lines: list[str] = []

    def add(self, row: int | None, column: str | None, message: str) -> None:
        place = [str(self._path), *([str(row)] if row else []), *([column] if column else [])]
        self.lines.append(f"{':'.join(place)}: {message}")

    def raise_if_any(self) -> None:
        if self.lines:
            raise WorldError(self.lines)


def load_past_trade(path: Path) -> tuple[tuple[PastFlow, ...], tuple[str, ...]]:
    """Read a table of past trade.

    Parameters
    ----------
    path : Path
        A CSV file with a header; the order of columns is free.

    Returns
    -------
    tuple
        The flows, in the order in which they begin, and what was set aside: headings, and flows
        of which the table says that what came of them is missing.

    Raises
    ------
    WorldError
        With every problem found, as ``table.csv:row:column: what is wrong; what is wanted``.
    """
    complaints = _Complaints(path)
    content = _content(path)
    headings, lines = content.headings, content.rows
    header = read_header(headings)
    for heading, problem in header.problems:
        complaints.add(1, heading, problem)
    _check_header(header, complaints)
    complaints.raise_if_any()
    for row, heading, message in duty_complaints(header, content):
        complaints.add(row, heading, message)
    complaints.raise_if_any()
    groups: dict[Key, PastFlowRows] = {}
    for line, place, message in content.faults:
        complaints.add(line, place, message)
    for row, cells in lines:
        _read_row(row, _blanked(cells), headings, header, groups, complaints)
    complaints.raise_if_any()
    unknown = {n for n, cells in lines if cells != _blanked(cells)}
    set_aside = [_without_end(key, group) for key, group in groups.items()
                 if group.row in unknown and _ends_at_base(key, group)]  # fmt: skip
    flows = [_flow(key, group, complaints, has_unit=header.gdp_has_unit)
             for key, group in groups.items()
             if not (group.row in unknown and _ends_at_base(key, group))]  # fmt: skip
    if not groups or (not flows and not complaints.lines):
        left_out = f": {', '.join(set_aside[:3])}" if set_aside else ""
        what = "no flow that goes beyond its base year" if set_aside else "no rows below its header"
        complaints.add(None, None, f"has {what}; wanted past trade{left_out}")
    complaints.raise_if_any()
    return tuple(flow for flow in flows if flow is not None), (*header.unused, *set_aside)


def recorded_gdp(folder: Path | None = None) -> dict[str, dict[int, float]]:
    """GDP by region and year as a world's tables have it [musd]."""
    return gdp_by_year(read_tables(folder or PACKAGED, ("gdp",))["gdp"])


def recorded_world_gdp(folder: Path | None = None) -> dict[int, float]:
    """GDP of the whole world by year as a world's tables have it [musd]; empty without such one."""
    return world_gdp_by_year(read_tables(folder or PACKAGED, ("world_gdp",))["world_gdp"])


def _content(path: Path) -> CsvText:
    """Content of a file, with decimal points; the separator is detected from the header."""
    try:
        path.open("rb").close()
        member, *others = members(path)
        if others:
            what = f"{path}: has {1 + len(others)} tables, and downloads are not all of them"
            raise WorldError([f"{what}; wanted one table of past trade, or downloads alone"])
        content = csv_text(member.as_utf8(), ",;\t")
    except UnreadableError as error:
        place = f"{path}:{error.line}" if error.line else f"{path}"
        raise WorldError([f"{place}: {error}"]) from None
    except RefusedError as error:
        raise WorldError([str(error)]) from None
    except OSError as error:
        raise WorldError([f"{path}: cannot be read ({error.strerror})"]) from None
    if content.separator != "," and has_decimal_commas(content):
        content.rows = [(line, [*map(with_point, cells)]) for line, cells in content.rows]
    return content


def _blanked(cells: Sequence[str]) -> list[str]:
    """Cells of a row; those that say that a figure is missing are blank."""
    return ["" if cell.casefold() in MISSING - {"none", "na"} or cell == "NA" else cell
            for cell in cells]  # fmt: skip


def _ends_at_base(key: Key, group: PastFlowRows) -> bool:
    """True if nothing is known of a flow after its base year."""
    years = [year for quantity, year in group.amounts if quantity == "trade"]
    return bool(years) and max(years) == (key[4] or min(years))


def _without_end(key: Key, group: PastFlowRows) -> str:
    return f"row {group.row} ({key[1]}-{key[2]}: what came of it is missing)"


def _check_header(header: Header, complaints: _Complaints) -> None:
    """Demand who traded, when, and how much."""
    if header == Header():
        complaints.add(1, None, "is empty; wanted a table as `sim hindcast --template` prints")
        return
    if not (
        header.has("exporter", "importer") or header.has("pair") or header.has("state_a", "state_b")
    ):
        complaints.add(1, None, "names no partners; wanted exporter and importer, or pair")
    trade = [amount for amount in header.amounts.values() if amount.quantity == "trade"]
    if not trade and not header.problems:
        complaints.add(1, None, "has no trade; wanted trade_musd, or trade_usd, or trade_musd_2010")
    dated = header.has("year") or header.has("horizon_years")
    if any(amount.when == "" for amount in trade) and not dated:
        complaints.add(1, None, "has no year; wanted year, the year of each row's trade")
    if any(amount.when == BASE for amount in trade) and not header.has("base_year"):
        complaints.add(1, None, "has no base_year; wanted the year of the base trade")


def _read_row(
    row: int,
    cells: Sequence[str],
    headings: Sequence[str],
    header: Header,
    groups: dict[Key, PastFlowRows],
    complaints: _Complaints,
) -> None:
    """Add what one row says to the flow it is about."""
    known_wrong = len(complaints.lines)
    plain = {name: cells[place] for place, name in header.plain.items() if cells[place]}
    spelled = {name: headings[place] for place, name in header.plain.items()}

    def wrong(name: str, message: str) -> None:
        complaints.add(row, spelled.get(name, name), message)

    partners = _partners(plain, wrong)
    base_year = _whole(plain, "base_year", FIRST_YEAR, LAST_YEAR, wrong)
    year = _whole(plain, "year", FIRST_YEAR, LAST_YEAR, wrong)
    ahead = _whole(plain, "horizon_years", 0, MAX_YEARS, wrong)
    year = _year_of(year, base_year, ahead)
    if message := order_complaint(base_year, year, header.amounts.values()):
        wrong("year", message)
    terms = read_terms(plain, wrong)
    if partners is None:
        return
    key = (plain.get("event", ""), *partners, base_year)
    group = groups.setdefault(key, PastFlowRows(row))
    if terms is not None:
        group.terms.append((row, year, terms))
    swapped = plain.get("direction", "").casefold() in _BACK
    for place, amount in header.amounts.items():
        if not cells[place]:
            continue
        when = amount.year_in(base_year, year)
        if when is None:
            if len(complaints.lines) == known_wrong:
                message = "has no year; wanted year or base_year filled in"
                complaints.add(row, headings[place], message)
            continue
        # Later than the base year, no trade is an outcome.
        fault = group.take(amount, cells[place], when, (row, headings[place]), swapped=swapped,
                           is_outcome=when not in (base_year, None))  # fmt: skip
        if fault:
            complaints.add(row, headings[place], fault)


def _year_of(year: int | None, base_year: int | None, ahead: int | None) -> int | None:
    """Year of a row: stated, or so many years after the base year."""
    if year is None and ahead is not None and base_year is not None:
        return base_year + ahead
    return year


def _partners(plain: Mapping[str, str], wrong: Wrong) -> tuple[str, str, bool] | None:
    """Exporter, importer and whether both directions are counted together."""
    both = "exporter" not in plain
    direction = plain.get("direction", "both" if both else "").casefold()
    column = "pair" if "pair" in plain else "exporter" if not both else "state_a"
    if column == "pair":
        text = plain["pair"]
        parts = [part for part in _PAIR.split(text) if part]
        if ">" in text or "→" in text:
            direction = plain.get("direction", "").casefold()
    else:
        other = "importer" if column == "exporter" else "state_b"
        parts = [plain[name] for name in (column, other) if name in plain]
    if len(parts) != 2 or parts[0] == parts[1]:
        named = f"'{parts[0]}' twice" if len(parts) > 1 else "one partner alone"
        wrong(column, f"names {named if parts else 'nobody'}; wanted two, such as A-B")
        return None
    if direction not in _BOTH | _THERE | _BACK:
        wrong("direction", f"'{direction}' is unknown; wanted both, exports or imports")
        return None
    a, b = reversed(parts) if direction in _BACK else parts
    return a, b, direction in _BOTH


def _whole(plain: Mapping[str, str], name: str, low: int, high: int, wrong: Wrong) -> int | None:
    """A whole number of a row, or None where the cell is blank or wrong."""
    cell = plain.get(name)
    if cell is None:
        return None
    value = whole_of(cell.removesuffix(".0"))
    if value is None or not low <= value <= high:
        wrong(name, f"'{cell}' is out of range; wanted a whole number from {low} to {high}")
        return None
    return value


def _flow(
    key: Key, group: PastFlowRows, complaints: _Complaints, *, has_unit: bool
) -> PastFlow | None:
    """Put together what the rows of one flow say."""
    event, exporter, importer, both, base_year = key
    series: dict[str, dict[int, float]] = {"trade": {}, "gdp_exporter": {}, "gdp_importer": {}}
    for (quantity, year), value in sorted(group.amounts.items()):
        series[quantity][year] = value
    trade = series["trade"]
    flow = f"{exporter}-{importer}"
    if not trade:
        complaints.add(group.row, None, f"{flow}: no trade in any year; wanted some")
        return None
    terms, wrong_rows = join_terms(group.terms)
    for row in wrong_rows:
        message = f"{flow}: other terms than in an earlier row; wanted one"
        complaints.add(row, "agreement", message)
    if wrong_date := [*date_complaints(terms.in_force, min(trade), max(trade), group.row)]:
        complaints.add(*wrong_date[0])
        return None
    if base_year is None:
        some = [year for year, value in trade.items() if value > 0.0] or [*trade]
        before = [year for year in some if terms.in_force and year < int(terms.in_force)]
        base_year = max(before) if before else min(some)
    if trade.get(base_year) == 0.0:
        complaints.add(
            group.row, "base_year", f"{flow}: nothing recorded in {base_year}; wanted some"
        )
        return None
    if base_year not in trade:
        message = f"{flow}: no trade in the base year {base_year}; it is recorded for"
        complaints.add(group.row, "base_year", f"{message} {_listed(trade)}")
        return None
    trade = {year: value for year, value in trade.items() if year >= base_year}
    if max(trade) == base_year:
        complaints.add(
            group.row, "year", f"{flow}: nothing recorded after {base_year}; wanted some"
        )
        return None
    odd = amount_complaints(series | {"trade": trade}, group.places, base_year, has_unit=has_unit)
    for row, heading, message in odd:
        complaints.add(row, heading, f"{flow}: {message}")
    gdp = (series["gdp_exporter"], series["gdp_importer"])
    return PastFlow(
        event, exporter, importer, both, base_year, trade, gdp, terms, group.row, has_unit
    )


def _listed(years: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(years)))
