"""Duties of WITS and TRAINS, and trade of WITS country profiles.

Rates are per cent there. Of simple averages and averages weighted by trade both are read; the
weighted one of all goods says how heavy duties are, the simple ones how they differ by product.
"""

from collections.abc import Iterator

import numpy as np

from sim.laws.numerics.arrays import IndexArray as IntArray
from sim.laws.policy.implausible_rates import MAX_RATE
from sim.world.sources.countries import UNKNOWN, WORLD, countries, fold, read_rows
from sim.world.sources.files import RefusedError
from sim.world.sources.parsed_files import (
    ALL_PRODUCTS,
    EXPORTER,
    IMPORTER,
    DutyRows,
    FlowRows,
    Reading,
    ReadingTask,
    high_duties,
    product_of,
)
from sim.world.sources.repeated_rows import group_of, repetition_notes, without_repeats
from sim.world.sources.text_sheet import NO_COUNTRY, Layout, TextSheet, leading_year, read_sheet

MAX_PER_CENT = 100.0 * MAX_RATE
"""A rate above this is taken for a mistake [%]."""
_REPORTER, _PRODUCT = ("reporter_iso_n", "reporter"), ("product", "productcode")
_NOMENCLATURES = ("selected_nomen", "native_nomen", "nomencode", "est_code", "ave")
_MFN, _PREFERENTIAL, _APPLIED = "mfn", "prf", "ahs"
_DUTY_TYPES = {"mfn": _MFN, "prf": _PREFERENTIAL, "pref": _PREFERENTIAL, "ahs": _APPLIED,
               "02": _MFN, "2": _MFN}  # fmt: skip


def is_profile(keys: tuple[str, ...]) -> bool:
    """True if headings are those of a WITS country profile, with one column per year."""
    wanted = {"reporter", "partner", "product_categories", "indicator"}
    return wanted <= set(keys) and any(_is_year(key) for key in keys)


def is_trains(keys: tuple[str, ...]) -> bool:
    """True if headings are those of a TRAINS tariff query or of its bulk files."""
    bulk = {"reporter_iso_n", "year", "productcode", "simpleaverage"}
    query = {"reporter", "product", "partner", "dutytype", "simple_average"}
    return bulk <= set(keys) or query <= set(keys)


def read_trains(layout: Layout, asked: ReadingTask) -> Reading:
    """Read duties of a TRAINS file.

    Raises
    ------
    RefusedError
        At the first cell that cannot be read.
    """
    del asked
    known = countries()
    names = ("reporter_iso_n", "reporter", "partner", "partnercode", "product", "productcode",
             "year", "tariff_year", "dutytype", "simple_average", "simpleaverage",
             "weighted_average", "imports_value_in_1000_usd", *_NOMENCLATURES)  # fmt: skip
    places = [layout.keys.index(name) for name in names if name in layout.keys]
    sheet = read_sheet(layout, "TRAINS tariffs", places)
    importer = sheet.each(sheet.required(*_REPORTER), known.find, np.intp)
    product = sheet.each(sheet.required(*_PRODUCT), _chapter, np.intp)
    year = sheet.each(sheet.required("tariff_year", "year"), leading_year, np.intp)
    partner_place = sheet.place("partner", "partnercode")
    exporter = np.full(len(sheet), WORLD)
    if partner_place is not None:
        exporter = sheet.each(partner_place, known.find, np.intp)
    kinds = _kinds(sheet)
    weight_place = sheet.place("imports_value_in_1000_usd")
    weight = np.full(len(sheet), np.nan)
    if weight_place is not None:
        weight = 1e-3 * sheet.positive(weight_place)
    reading = Reading(layout.member, "trains")
    reading.notes += sheet.left_out(sheet.required(*_REPORTER), importer == UNKNOWN, NO_COUNTRY)
    group = group_of((importer, exporter, year, *_words(sheet)), len(sheet))
    repeated = 0
    for keys, is_weighted in (
        (("simple_average", "simpleaverage"), False),
        (("weighted_average",), True),
    ):
        place = sheet.place(*keys)
        if place is None:
            continue
        rate = _rates(sheet, place)
        reading.warnings += high_duties(rate)
        for kind in (_MFN, _PREFERENTIAL, _APPLIED):
            rows = (kinds == kind) & ~np.isnan(rate) & (product >= 0) & (importer >= 0)
            rows &= (exporter >= 0) if kind == _PREFERENTIAL else (exporter == WORLD)
            kept = without_repeats(sheet, rows, group, rate, place, "the same duty")
            repeated, rows = max(repeated, int(rows.sum() - kept.sum())), kept
            if rows.any():
                reading.duties.append(DutyRows(
                    importer[rows], exporter[rows], product[rows], year[rows], rate[rows],
                    weight[rows], is_weighted, kind == _APPLIED,
                ))  # fmt: skip
    if not reading.duties:
        what = "TRAINS tariffs: no duty of type MFN, PRF or AHS with a product of the HS"
        raise RefusedError(layout.member.shown, what, "wanted DutyType MFN by HS product")
    reading.notes += repetition_notes(repeated)
    return reading


def _kinds(sheet: TextSheet) -> np.ndarray:
    """Kind of duty of every row, MFN where the file has no types."""
    place = sheet.place("dutytype")
    if place is None:
        return np.full(len(sheet), _MFN, dtype=object)
    return sheet.each(place, lambda word: _DUTY_TYPES.get(word.casefold(), ""), object)


def _words(sheet: TextSheet) -> Iterator[IntArray]:
    """Columns that tell rows apart beside countries and years: product, type, nomenclature."""
    for names in (_PRODUCT, ("dutytype",), *((name,) for name in _NOMENCLATURES)):
        place = sheet.place(*names)
        if place is not None:
            yield sheet.texts(place)[1]


def read_profile(layout: Layout, asked: ReadingTask) -> Reading:
    """Read trade and duties of a WITS country profile.

    Raises
    ------
    RefusedError
        At the first cell that cannot be read, or if no indicator is known.
    """
    del asked
    known = countries()
    years = {k: int(key[:4]) for k, key in enumerate(layout.keys) if _is_year(key)}
    names = [layout.keys.index(n) for n in ("reporter", "partner", "product_categories",
                                            "indicator")]  # fmt: skip
    sheet = read_sheet(layout, "WITS country profile", [*names, *years])
    reporter, partner = (sheet.each(place, known.find, np.intp) for place in names[:2])
    product = sheet.each(names[2], _category, np.intp)
    reading = Reading(layout.member, "wits")
    words, which = sheet.texts(names[3])
    indicators = {k: found for k, word in enumerate(words) if (found := _indicator(word))}
    duties = [k for k, (kind, *_) in indicators.items() if kind in (_MFN, _APPLIED)]
    for place, words_of in zip(names[:2], (reporter, partner), strict=True):
        reading.notes += sheet.left_out(place, words_of == UNKNOWN, NO_COUNTRY)
    group = group_of((reporter, partner, sheet.texts(names[2])[1], which), len(sheet))
    used, repeated = np.isin(which, [*indicators]) & (reporter >= 0) & (product >= 0), 0
    for place, year in years.items():
        value = sheet.positive(place, used)
        kept = without_repeats(
            sheet, used & ~np.isnan(value), group, value, place, "the same flow or duty"
        )
        repeated = max(repeated, int((used & ~np.isnan(value)).sum() - kept.sum()))
        _check_per_cent(sheet, place, np.where(np.isin(which, duties), value, np.nan))
        for k, what in indicators.items():
            rows = kept & (which == k)
            if rows.any():
                _profile_rows(
                    reading, what, (reporter[rows], partner[rows], product[rows]), year, value[rows]
                )
    if not reading.trade and not reading.duties:
        told = f"WITS country profile: none of its indicators is used ({', '.join(words[:3])[:80]})"
        raise RefusedError(layout.member.shown, told, "wanted Export, Import or a tariff average")
    reading.notes += repetition_notes(repeated)
    return reading


def _profile_rows(
    reading: Reading,
    what: tuple[str, float, bool],
    ends: tuple[np.ndarray, np.ndarray, np.ndarray],
    year: int,
    value: np.ndarray,
) -> None:
    reporter, partner, product = ends
    kind, factor, flag = what
    years = np.full(len(value), year)
    if kind in ("x", "m"):
        out = kind == "x"
        reading.trade.append(
            FlowRows(
                exporter=reporter if out else partner,
                importer=partner if out else reporter,
                product=product,
                year=years,
                musd=factor * value,
                side=EXPORTER if out else IMPORTER,
            )
        )
        return
    of_world = partner == WORLD
    unknown = np.full(int(of_world.sum()), np.nan)
    reading.duties.append(
        DutyRows(
            reporter[of_world],
            partner[of_world],
            product[of_world],
            years[of_world],
            factor * value[of_world],
            unknown,
            flag,
            kind == _APPLIED,
        )
    )


def _indicator(word: str) -> tuple[str, float, bool] | None:
    """Kind, factor to million USD or to a fraction, and whether it is weighted by trade."""
    key = fold(word)
    for name, kind in (("export", "x"), ("import", "m")):
        if key.startswith((f"{name} us", f"trade value us {name}", f"{name}s us")):
            return kind, 1e-3 if "thousand" in key or "1000" in key else 1.0, False
    if "average" in key and key.startswith(("mfn", "ahs")):
        return key[:3], 0.01, "weighted" in key
    return None


def _category(word: str) -> int:
    """Product of a WITS category, -1 for those that overlap others."""
    key = fold(word)
    if key in ("all products", "total"):
        return ALL_PRODUCTS
    for row in read_rows("wits_categories"):
        if fold(row["category"]) == key:
            return product_of(int(row["first"]), int(row["last"]))
    return _chapter(word)


def _chapter(code: str) -> int:
    if code.casefold() in ("all", "total", "999999", "000000"):
        return ALL_PRODUCTS
    digits = code.zfill(len(code) + len(code) % 2)
    if not digits.isdecimal() or len(digits) < 2 or int(digits[:2]) == 0:
        return -1
    return product_of(int(digits[:2]), int(digits[:2]))


def _is_year(key: str) -> bool:
    return len(key) == 4 and key.isdecimal() and 1900 <= int(key) < 2200


def _rates(sheet: TextSheet, place: int) -> np.ndarray:
    rate = sheet.positive(place)
    _check_per_cent(sheet, place, rate)
    return 0.01 * rate


def _check_per_cent(sheet: TextSheet, place: int, rate: np.ndarray) -> None:
    odd = np.flatnonzero(rate > MAX_PER_CENT)
    if len(odd):
        wanted = f"wanted a rate of at most {MAX_PER_CENT:g} per cent"
        sheet.refuse(int(odd[0]), place, "is too high for a duty in per cent", wanted)
