"""Plain tables: a row a flow, a country's year, or a duty, with the unit in the heading.

Trade has exporter, importer, a value with its unit (`trade_musd`, `Trade (USD million)`) and, if
wanted, good and year. Facts of countries have country, year, and `gdp_musd`, `population_m` or
`growth_percent`. Duties have importer, good, `tariff_percent` (or `tariff_rate`, a fraction) and,
if it is a preference, exporter. Countries go by any code or name, regions by those of the spec.
"""

import re
from collections.abc import Sequence

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.arrays import IndexArray as IntArray
from sim.laws.policy.implausible_rates import LIKELY_RATE, MAX_RATE, rate_complaints
from sim.world.csv_tables.table_errors import did_you_mean
from sim.world.sources import plain_headings as known
from sim.world.sources.countries import NOWHERE, UNKNOWN, WORLD, fold, nearest_country
from sim.world.sources.files import RefusedError
from sim.world.sources.parsed_files import (
    ALL_PRODUCTS,
    BOTH,
    CountryFigures,
    DutyRows,
    FlowRows,
    Reading,
    ReadingTask,
    high_duties,
    product_of,
)
from sim.world.sources.plain_headings import AmountColumn, amount_of, fact_of, is_of_fact, speaks_of
from sim.world.sources.plausible_bounds import check_amount, check_fact
from sim.world.sources.repeated_rows import group_of, repetition_notes, without_repeats
from sim.world.sources.text_sheet import Layout, TextSheet, place_of, read_sheet
from sim.world.sources.units import OTHER_MONEY, is_per_cent, million_usd

MAX_TRADE_MUSD = 1e7
"""More than any country trades with all others in a year [musd]."""
FORMAT = "plain table"


def is_plain(keys: tuple[str, ...]) -> bool:
    """True if headings are those of one of the plain tables."""
    has = set(keys)
    pair = has & set(known.EXPORTER) and has & set(known.IMPORTER)
    trade = pair and any(speaks_of(key, known.TRADE_WORDS) for key in keys)
    duty = has & set(known.IMPORTER) and any(speaks_of(key, known.DUTY_WORDS) for key in keys)
    facts = has & set(known.COUNTRY) and any(map(is_of_fact, keys))
    return bool(trade or duty or facts)


def read_plain(layout: Layout, asked: ReadingTask) -> Reading:
    """Read a plain table.

    Raises
    ------
    RefusedError
        At the first cell that cannot be read, or if a value has no unit.
    """
    keys = layout.keys
    ends = [place_of(keys, names) for names in (known.EXPORTER, known.IMPORTER, known.COUNTRY)]
    good, year = place_of(keys, known.GOOD), place_of(keys, ("year",))
    either = known.TRADE_WORDS | known.DUTY_WORDS
    values = [k for k, key in enumerate(keys) if speaks_of(key, either) or is_of_fact(key)]
    note = place_of(keys, known.NOTE)
    places = [place for place in (*ends, good, year, note, *values) if place is not None]
    others = [k for k in range(len(keys)) if k not in places]
    is_gegravity = {"trade", "y", "e"} <= set(keys)
    sheet = read_sheet(layout, "gegravity table" if is_gegravity else FORMAT, [*places, *others])
    years = _years(sheet, year, asked)
    reading = Reading(layout.member, "plain")
    duty = next((k for k in values if speaks_of(keys[k], known.DUTY_WORDS)), None)
    exporter, importer, country = ends
    if duty is not None and importer is not None:
        _duties(sheet, reading, (exporter, importer, good, duty), years, asked)
    elif exporter is not None and importer is not None:
        ends_of = exporter, importer, good
        _trade(sheet, reading, ends_of, (values, others), years, asked)
    elif country is not None:
        _facts(sheet, reading, country, years, asked)
    return reading


def _trade(
    sheet: TextSheet,
    reading: Reading,
    ends: tuple[int, int, int | None],
    columns: tuple[list[int], list[int]],
    years: IntArray,
    asked: ReadingTask,
) -> None:
    values, others = columns
    place, amount = _money(sheet, values)
    factor = amount.musd or million_usd(asked.unit)
    if factor is None:
        where = f"{sheet.layout.member.shown}:{sheet.layout.line}:{sheet.layout.headings[place]}"
        what = f"{sheet.format}: the heading has no unit in US dollars"
        beside = ", or `unit: million USD` beside the file" if asked.goods else ""
        wanted = f"wanted one in it, such as trade_musd{beside}"
        raise RefusedError(where, what, wanted)
    if isinstance(amount.when, int):
        years = np.full(len(sheet), amount.when)
    exporter, importer = (_places(sheet, place, asked) for place in ends[:2])
    product, labels = _products(sheet, ends[2], asked)
    value = factor * sheet.positive(place)
    check_amount(sheet, place, value, (0.0, MAX_TRADE_MUSD), "million")
    # Rows that differ in a column not read are parts of a flow, by means of transport for example.
    parts = [sheet.texts(k)[1] for k in ([] if ends[2] is None else [ends[2]]) + others]
    group = group_of((exporter, importer, years, *parts), len(sheet))
    keep = ~np.isnan(value) & (exporter != importer)
    rows = without_repeats(sheet, keep, group, value, place, "the same flow")
    reading.notes += repetition_notes(int(keep.sum() - rows.sum()))
    reading.trade.append(
        FlowRows(
            exporter[rows], importer[rows], product[rows], years[rows], value[rows], BOTH, labels
        )
    )
    if (blank := int(np.isnan(value).sum())) > 0:
        reading.notes.append(f"{blank} rows without a value were left out: not recorded, not zero")


def _money(sheet: TextSheet, values: Sequence[int]) -> tuple[int, AmountColumn]:
    """Place and meaning of the one column of trade.

    Raises
    ------
    RefusedError
        If there is none that can be read, or more than one.
    """
    headings, where = sheet.layout.headings, f"{sheet.layout.member.shown}:{sheet.layout.line}"
    trade = (known.TRADE, known.IMPORTS)
    found = [(k, amount) for k in values if (amount := amount_of(headings[k])) is not None
             and amount.quantity in trade and amount.when != known.BASE]  # fmt: skip
    wanted = "wanted one such as trade_musd"
    if not found:
        odd = next(head for k in values if speaks_of(head := headings[k], known.TRADE_WORDS))
        money = speaks_of(odd, OTHER_MONEY)
        what = f"has no unit in US dollars but {money}" if money else known.NOT_READ
        raise RefusedError(f"{where}:{odd}", f"{sheet.format}: the heading {what}", wanted)
    if len(found) > 1:
        listed = ", ".join(headings[k] for k, _ in found)
        raise RefusedError(
            where, f"{sheet.format}: the value is not one column but {listed}", wanted
        )
    return found[0]


def _duties(
    sheet: TextSheet,
    reading: Reading,
    places: tuple[int | None, int, int | None, int],
    years: IntArray,
    asked: ReadingTask,
) -> None:
    exporter, importer, good, duty = places
    heading = sheet.layout.headings[duty]
    per_cent = is_per_cent(heading)
    if per_cent is None:
        where = f"{sheet.layout.member.shown}:{sheet.layout.line}:{heading}"
        what = f"{sheet.format}: the heading does not say whether this is per cent"
        raise RefusedError(where, what, "wanted tariff_percent (7.5) or tariff_rate (0.075)")
    rate = sheet.positive(duty) * (0.01 if per_cent else 1.0)
    _check_rates(sheet, duty, rate, per_cent=per_cent)
    reading.warnings += high_duties(rate)
    product, labels = _products(sheet, good, asked)
    seller = np.full(len(sheet), WORLD)
    if exporter is not None:
        seller = _places(sheet, exporter, asked, world=True)
    buyer = _places(sheet, importer, asked)
    words = [] if good is None else [sheet.texts(good)[1]]
    keep = ~np.isnan(rate)
    group = group_of((buyer, seller, years, *words), len(sheet))
    rows = without_repeats(sheet, keep, group, rate, duty, "the same duty")
    reading.notes += repetition_notes(int(keep.sum() - rows.sum()))
    nothing = np.full(int(rows.sum()), np.nan)
    reading.duties.append(
        DutyRows(
            buyer[rows],
            seller[rows],
            product[rows],
            years[rows],
            rate[rows],
            nothing,
            is_weighted=True,
            labels=labels,
        )
    )


def _check_rates(sheet: TextSheet, duty: int, rate: FloatArray, *, per_cent: bool) -> None:
    """Refuse the column at the first rate that is too high, or reads as per cent and is none."""
    if per_cent and (rate > MAX_RATE).any():
        wanted = f"wanted a rate of at most {100 * MAX_RATE:g} per cent"
        sheet.refuse(int(np.argmax(rate > MAX_RATE)), duty, "is too high for a duty", wanted)
    if per_cent or not (rate > LIKELY_RATE).any():
        return
    note = place_of(sheet.layout.keys, known.NOTE)
    stated = np.flatnonzero(~np.isnan(rate))
    is_meant = [note is not None and bool(sheet.cell(int(k), note).strip()) for k in stated]
    for place, message in rate_complaints([*zip(rate[stated].tolist(), is_meant, strict=True)]):
        wanted = "wanted per cent under tariff_percent, a fraction under tariff_rate"
        sheet.refuse(int(stated[place]), duty, f"is too high for a duty: {message}", wanted)


def _facts(
    sheet: TextSheet, reading: Reading, country: int, years: IntArray, asked: ReadingTask
) -> None:
    place = _places(sheet, country, asked)
    facts = {k: what for k, head in enumerate(sheet.layout.headings) if (what := fact_of(head))}
    if not facts:
        odd = next(heading for heading in sheet.layout.headings if is_of_fact(heading))
        where = f"{sheet.layout.member.shown}:{sheet.layout.line}:{odd}"
        wanted = "wanted gdp_musd (current prices), population_m or growth_percent"
        raise RefusedError(where, f"{sheet.format}: the heading {known.NOT_READ}", wanted)
    for k, what in facts.items():
        heading = sheet.layout.headings[k]
        factor = _factor(sheet, what, heading)
        value = factor * sheet.numbers(k)
        check_fact(sheet, k, what, value)
        keep, group = ~np.isnan(value), group_of((place, years), len(sheet))
        rows = without_repeats(sheet, keep, group, value, k, "the same country and year")
        reading.facts.append(CountryFigures(what, place[rows], years[rows], value[rows]))


def _factor(sheet: TextSheet, what: str, heading: str) -> float:
    """Factor to the unit that a fact has here."""
    factor: float | None
    if what == "gdp_musd":
        factor, wanted = million_usd(heading), "wanted one such as gdp_musd"
    elif what == "population_m":
        scale = re.search(r"_m$|million|thousand", heading.casefold())
        factor = 1e-6 if scale is None else 1e-3 if scale[0] == "thousand" else 1.0
        wanted = ""
    else:
        per_cent = is_per_cent(heading)
        factor = None if per_cent is None else 0.01 if per_cent else 1.0
        wanted = "wanted growth_percent (3.1) or growth_rate (0.031)"
    if factor is None:
        where = f"{sheet.layout.member.shown}:{sheet.layout.line}:{heading}"
        raise RefusedError(where, f"{sheet.format}: the heading has no unit", wanted)
    return factor


def _years(sheet: TextSheet, place: int | None, asked: ReadingTask) -> IntArray:
    if place is None:
        return np.full(len(sheet), asked.year)
    years: IntArray = sheet.each(place, lambda t: int(t) if t.isdecimal() else -1, np.intp)
    odd = np.flatnonzero((years < 1900) | (years > 2200))
    if len(odd):
        sheet.refuse(int(odd[0]), place, "is no year", "wanted one such as 2020")
    return years


def _places(sheet: TextSheet, column: int, asked: ReadingTask, *, world: bool = False) -> IntArray:
    found: IntArray = sheet.each(column, asked.find, np.intp)
    odd = np.flatnonzero((found == UNKNOWN) | (found == NOWHERE) | ((found == WORLD) & (not world)))
    if len(odd):
        row = int(odd[0])
        word = sheet.cell(row, column).strip()
        wanted = f"wanted an ISO code or name{nearest_country(word)}"
        sheet.refuse(row, column, "is no country and no region of this world", wanted)
    return found


def _products(
    sheet: TextSheet, place: int | None, asked: ReadingTask
) -> tuple[IntArray, tuple[str, ...]]:
    """Products of the rows and the goods named in words."""
    if place is None:
        return np.full(len(sheet), ALL_PRODUCTS), ()
    words, _ = sheet.texts(place)
    labels = tuple(dict.fromkeys(word for word in words if _range(word) is None))
    strange = [word for word in labels if asked.goods and fold(word) not in asked.goods]
    if strange:
        is_strange = sheet.each(place, lambda word: word in strange, np.bool_)
        near = did_you_mean(fold(strange[0]), asked.goods)
        codes = ", ".join(dict.fromkeys(asked.goods.values()))
        wanted = f"wanted one of {codes}, or chapters such as 27{near}"
        sheet.refuse(int(np.argmax(is_strange)), place, "is no good of this world", wanted)
    found = sheet.each(
        place, lambda w: -1 - labels.index(w) if _range(w) is None else _range(w), np.intp
    )
    return found, labels


def _range(word: str) -> int | None:
    """Product of `27`, `2709`, `50-63`, `HS 01-24`, or all of them; None for other words."""
    text = word.casefold().removeprefix("hs").strip()
    if text in ("", "all", "total", "all goods", "all products"):
        return ALL_PRODUCTS
    ends = re.fullmatch(r"(\d{1,2})\s*[-–]\s*(\d{1,2})", text)
    if ends and 0 < int(ends[1]) <= int(ends[2]):
        return product_of(int(ends[1]), int(ends[2]))
    if text.isdecimal() and len(text) <= 10:
        chapter = int(text.zfill(len(text) + len(text) % 2)[:2])
        return product_of(chapter, chapter) if chapter else None
    return None
