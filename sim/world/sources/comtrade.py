"""UN Comtrade: what reporters declare, in the new layout, the old one, and that of WITS queries.

Exports count as the exporter's report, imports as the importer's; both are kept, so that mirror
flows can be compared. Re-exports stand inside exports already and are only told of. Breakdowns by
second partner, mode of transport and customs procedure are left out where their total is there.
Of every reporter, flow and partner the coarsest commodity level that splits the trade counts, so
that no product is counted twice.
"""

from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import BoolArray
from sim.laws.numerics.arrays import IndexArray as IntArray
from sim.laws.numerics.calendar import MONTHS_PER_YEAR
from sim.world.sources.countries import UNKNOWN, WORLD, countries
from sim.world.sources.files import RefusedError
from sim.world.sources.parsed_files import (
    ALL_PRODUCTS,
    EXPORTER,
    IMPORTER,
    FlowRows,
    Reading,
    ReadingTask,
    product_of,
)
from sim.world.sources.repeated_rows import group_of, repetition_notes, without_repeats
from sim.world.sources.text_sheet import NO_COUNTRY, Layout, TextSheet, read_sheet

_EXPORTS, _IMPORTS, _RE_EXPORTS, _OTHER = 1, 2, 3, 0
_FLOW_WORDS = {
    **dict.fromkeys(("x", "2", "export", "exports", "gross exp."), _EXPORTS),
    **dict.fromkeys(("m", "1", "import", "imports", "gross imp."), _IMPORTS),
    **dict.fromkeys(("rx", "3", "re-export", "re-exports"), _RE_EXPORTS),
}
_TOTALS = {
    ("partner2code", "partner2iso", "2nd_partner_code"): {"0", "", "w00", "wld"},
    ("motcode", "mode_of_transport_code"): {"0", ""},
    ("customscode", "customs_proc_code"): {"c00", ""},
    ("moscode",): {"0", ""},
}
"""Columns of breakdowns and what stands in them for the total."""


@dataclass(frozen=True)
class _Columns:
    """Headings of one layout, each with its alternatives."""

    format: str
    year: tuple[str, ...]
    reporter: tuple[str, ...]
    flow: tuple[str, ...]
    partner: tuple[str, ...]
    product: tuple[str, ...]
    value: tuple[str, ...]
    musd: float


_LAYOUTS = (
    _Columns(
        "UN Comtrade (new layout)",
        ("refyear", "period"),
        ("reportercode", "reporteriso", "reporterdesc"),
        ("flowcode", "flowdesc"),
        ("partnercode", "partneriso", "partnerdesc"),
        ("cmdcode",),
        ("primaryvalue",),
        1e-6,
    ),
    _Columns(
        "UN Comtrade (old layout)",
        ("year",),
        ("reporter_code", "reporter_iso", "reporter"),
        ("trade_flow", "trade_flow_code"),
        ("partner_code", "partner_iso", "partner"),
        ("commodity_code",),
        ("trade_value_us",),
        1e-6,
    ),
    _Columns(
        "WITS trade query",
        ("year",),
        ("reporteriso3", "reportername"),
        ("tradeflowname", "tradeflowcode"),
        ("partneriso3", "partnername"),
        ("productcode",),
        ("tradevalue_in_1000_usd", "tradevalue"),
        1e-3,
    ),
)


def is_comtrade(keys: tuple[str, ...]) -> bool:
    """True if headings are those of one of the layouts."""
    return _columns(keys) is not None


def _columns(keys: tuple[str, ...]) -> _Columns | None:
    for layout in _LAYOUTS:
        wanted = (layout.year, layout.reporter, layout.flow, layout.partner, layout.product,
                  layout.value)  # fmt: skip
        if all(set(names) & set(keys) for names in wanted):
            return layout
    return None


def read_comtrade(layout: Layout, asked: ReadingTask) -> Reading:
    """Read a Comtrade file.

    Raises
    ------
    RefusedError
        At the first cell that cannot be read.
    """
    columns = _columns(layout.keys)
    assert columns is not None
    extra = [name for names in (*_TOTALS, ("refmonth", "period", "freqcode")) for name in names]
    names = (*columns.year, *columns.reporter, *columns.flow, *columns.partner, *columns.product,
             *columns.value, *extra)  # fmt: skip
    places = [layout.keys.index(name) for name in names if name in layout.keys]
    sheet = read_sheet(layout, columns.format, places)
    reading = Reading(layout.member, "comtrade")
    rows = _Rows(sheet, columns)
    keep = rows.totals_only() & (rows.flow != _OTHER) & (rows.product >= 0)
    keep &= ~np.isnan(rows.musd) & (rows.year > 0)
    keep &= _whole_years(rows, keep, reading)
    for flow, side in ((_EXPORTS, EXPORTER), (_IMPORTS, IMPORTER)):
        ours = keep & (rows.flow == flow) & (rows.reporter != UNKNOWN)
        chosen = rows.coarsest(rows.without_repeats(ours, reading), reading)
        if chosen.any():
            reading.trade.append(rows.flows(chosen, side))
    _tell(rows, keep, reading, asked)
    return reading


class _Rows:
    """Columns of a Comtrade file in the terms of this room."""

    def __init__(self, sheet: TextSheet, columns: _Columns) -> None:
        known = countries()
        self.sheet = sheet
        self.year = self._whole(columns.year, sheet)
        self.reporter_words = self._at(columns.reporter)
        self.reporter = sheet.each(self.reporter_words, known.find, np.intp)
        self.partner_words = self._at(columns.partner)
        self.partner = sheet.each(self.partner_words, known.find, np.intp)
        self.flow = sheet.each(self._at(columns.flow), _flow_of, np.intp)
        self.product = sheet.each(self._at(columns.product), _product_of, np.intp)
        self.level = sheet.each(self._at(columns.product), _level_of, np.intp)
        self.musd = columns.musd * sheet.positive(self._at(columns.value))
        self.month = self._months()

    def _at(self, keys: tuple[str, ...]) -> int:
        place = self.sheet.place(*keys)
        assert place is not None
        return place

    @staticmethod
    def _whole(keys: tuple[str, ...], sheet: TextSheet) -> IntArray:
        place = sheet.place(*keys)
        assert place is not None
        years: IntArray = sheet.each(
            place, lambda text: int(text[:4]) if text[:4].isdecimal() else -1, np.intp
        )
        odd = np.flatnonzero(years < 0)
        if len(odd):
            sheet.refuse(int(odd[0]), place, "is no year", "wanted one such as 2020")
        return years

    def _months(self) -> IntArray:
        """Month of each row, 0 for a whole year."""
        place, frequency = self.sheet.place("refmonth", "period"), self.sheet.place("freqcode")
        if place is None or frequency is None:
            return np.zeros(len(self.sheet), dtype=np.intp)
        monthly = self.sheet.each(frequency, lambda text: text.casefold() == "m", np.bool_)
        month: IntArray = self.sheet.each(
            place, lambda text: int(text[-2:]) if text[-2:].isdecimal() else 0, np.intp
        )
        return np.where(monthly, month, 0)

    def group(self, *more: IntArray) -> IntArray:
        """Number of the reporter, partner, year and flow of each row, and of what else is given."""
        columns = (self.reporter, self.partner, self.year, self.flow, *more)
        return group_of(columns, len(self.sheet))

    def totals_only(self) -> BoolArray:
        """Rows that are no part of another row of the file by transport, customs or transit."""
        keep = np.ones(len(self.sheet), dtype=np.bool_)
        group = self.group(self.product, self.month)
        for names, totals in _TOTALS.items():
            place = self.sheet.place(*names)
            if place is None:
                continue
            words, which = self.sheet.texts(place)
            known = np.array([word.casefold() in totals for word in words], dtype=np.bool_)
            is_total = known[which]
            has_total = np.zeros(int(group.max(initial=0)) + 1, dtype=np.bool_)
            has_total[group[is_total]] = True
            keep &= is_total | ~has_total[group]
        return keep

    def without_repeats(self, keep: BoolArray, reading: Reading) -> BoolArray:
        """Rows without those that say again what a row above says.

        Raises
        ------
        RefusedError
            If two rows of one reporter, partner, flow, product and period differ.
        """
        group = self.group(self.product, self.level, self.month)
        value = self.sheet.place("primaryvalue", "trade_value_us", "tradevalue_in_1000_usd",
                                 "tradevalue")  # fmt: skip
        assert value is not None
        out = without_repeats(
            self.sheet, keep, group, self.musd, value, "the same flow and product"
        )
        reading.notes += repetition_notes(int(keep.sum() - out.sum()))
        return out

    def coarsest(self, keep: BoolArray, reading: Reading) -> BoolArray:
        """Rows of the coarsest level of each flow that splits it, and those of all goods."""
        group = self.group()
        split = keep & (self.level > 0)
        level = np.full(int(group.max(initial=0)) + 1, 99, dtype=np.intp)
        np.minimum.at(level, group[split], self.level[split])
        finer = split & (self.level > level[group])
        if finer.any():
            n = int(finer.sum())
            reading.notes.append(f"{n} rows of finer products are parts of other rows; not added")
        return np.asarray(keep & ((self.level == 0) | (split & ~finer)))

    def flows(self, chosen: BoolArray, side: int) -> FlowRows:
        """Flows of one side."""
        here, there = self.reporter[chosen], self.partner[chosen]
        return FlowRows(
            exporter=here if side == EXPORTER else there,
            importer=there if side == EXPORTER else here,
            product=self.product[chosen],
            year=self.year[chosen],
            musd=self.musd[chosen],
            side=side,
        )


def _flow_of(word: str) -> int:
    return _FLOW_WORDS.get(word.casefold(), _OTHER)


def _product_of(code: str) -> int:
    """Chapter of a commodity code, or all products; -1 for other classifications."""
    if code.casefold() in ("total", "all", "ag0"):
        return ALL_PRODUCTS
    digits = code.zfill(len(code) + len(code) % 2)
    if not digits[:2].isdecimal() or int(digits[:2]) == 0:
        return -1
    return product_of(int(digits[:2]), int(digits[:2]))


def _level_of(code: str) -> int:
    """Digits of a commodity code, 0 for all products."""
    return 0 if _product_of(code) == ALL_PRODUCTS else len(code) + len(code) % 2


def _whole_years(rows: _Rows, keep: BoolArray, reading: Reading) -> BoolArray:
    """Leave out years of which only some months are there."""
    monthly = keep & (rows.month > 0)
    if not monthly.any():
        return np.ones(len(keep), dtype=np.bool_)
    whole = np.ones(len(keep), dtype=np.bool_)
    ends = np.stack([rows.reporter, rows.year, rows.flow])
    for reporter, year, flow in np.unique(ends[:, monthly], axis=1).T.tolist():
        here = (rows.reporter == reporter) & (rows.year == year) & (rows.flow == flow)
        months = len(np.unique(rows.month[here & monthly]))
        if months < MONTHS_PER_YEAR:
            whole[here & (rows.month > 0)] = False
            code = countries().codes[reporter] if reporter >= 0 else "a reporter"
            reading.notes.append(f"{code} {year}: {months} of 12 months, not a year; left out")
    return whole


def _tell(rows: _Rows, keep: BoolArray, reading: Reading, asked: ReadingTask) -> None:
    """Say what was set aside."""
    inside = keep & (rows.flow == _RE_EXPORTS) & (rows.year == asked.year) & (rows.level == 0)
    inside &= rows.partner == WORLD
    if inside.any():
        total = float(rows.musd[rows.without_repeats(inside, reading)].sum())
        reading.notes.append(f"re-exports of {total:,.0f} million USD stand inside exports")
    elif (keep & (rows.flow == _RE_EXPORTS)).any():
        reading.notes.append("re-exports stand inside exports and were not added")
    for place, of in ((rows.reporter_words, rows.reporter), (rows.partner_words, rows.partner)):
        reading.notes += rows.sheet.left_out(place, keep & (of == UNKNOWN), NO_COUNTRY)
    if not reading.trade:
        parts = [n for n in reading.notes if "of 12 months" in n or NO_COUNTRY in n][:1]
        what = f"{rows.sheet.format}: no whole year of exports or imports by HS product or in all"
        what += "".join(f" ({part})" for part in parts)
        wanted = "wanted flows X or M of a year with commodities of the Harmonised System"
        raise RefusedError(reading.member.shown, what, wanted)
