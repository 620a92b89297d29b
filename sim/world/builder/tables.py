"""Rows of every table of a world in the making, each with its source and flag."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from operator import attrgetter

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.policy.implausible_rates import LIKELY_RATE
from sim.world.builder.carried_tables import carried_tables, cells_of, is_left_empty, sources_named
from sim.world.builder.draft import DraftWorld, PackagedData
from sim.world.builder.duty_tables import FREE_TRADE_MARGIN
from sim.world.builder.matrix import SPLIT_SHARE, Conflict
from sim.world.builder.network_copy import copied_rows, copied_sources
from sim.world.builder.network_tables import ESTIMATED, STATED, network_rows
from sim.world.builder.spec.spec import usual_goods
from sim.world.csv_tables.columns import FLAGS
from sim.world.csv_tables.csv_text import written_csv
from sim.world.csv_tables.schema import ALL, SCHEMAS
from sim.world.sources.file_kinds import BY_NAME
from sim.world.sources.parsed_files import Reading

LEDGER, LAYER = "recorded", "customs_duty"
GRAVITY, GEOGRAPHY, GROUPS, ASSUMED = "gravity-estimate", "geography", "groups", "assumed"
SMOOTHING = 0.02
"""Part of the world's mix in the mix of a region, for flows whose goods are not known."""
_COPIED = ("parameters", "forecast_errors", "agreement_scopes")
Cells = Mapping[str, object]


def tables_of(draft: DraftWorld, known: PackagedData) -> dict[str, bytes]:
    """Write every table.

    Parameters
    ----------
    draft : DraftWorld
        The world.
    known : PackagedData
        What it takes from the packaged one.

    Returns
    -------
    dict of str to bytes
        Name of the table to its CSV. Tables of a network, of energy and of politics are left out
        where they are optional, and have no rows where they are not.
    """
    is_copied = draft.spec.network == "packaged"
    copied = copied_rows([region.code for region in draft.spec.regions]) if is_copied else {}
    built: dict[str, Iterable[Cells]] = {
        "world": _world(draft),
        "regions": _regions(draft),
        "gdp": _gdp(draft),
        "growth": _growth(draft),
        "goods": _goods(draft, known),
        "layers": [{"layer": LAYER, "name": "Customs duty", **_from(ASSUMED, "derived")}],
        "ledgers": _ledgers(),
        "trade_prior": _trade(draft),
        "trade_totals": _totals(draft),
        "export_composition": _composition(draft, 2),
        "import_composition": _composition(draft, 1),
        "pair_composition": _pairs(draft),
        "output": _output(draft),
        "distances": _distances(draft),
        "held_flows": _held(draft),
        "tariffs": _tariffs(draft),
        **_agreements(draft),
        **(copied or network_rows(draft.network)),
        **{name: map(attrgetter("cells"), known.tables[name]) for name in _COPIED},
    }
    own = carried_tables(draft.spec.tables)
    rows = {
        name: [] if is_left_empty(name, own) else [*built.get(name, ())]
        for name, schema in SCHEMAS.items()
        if (name in built or not schema.optional) and name not in own
    }
    written = {name: written_csv(SCHEMAS[name], of) for name, of in rows.items()} | own
    listed = [*_sources(draft, known), *copied_sources(copied), *cells_of(own.get("sources", b""))]
    used = {source_id(reading, draft.readings) for reading in draft.readings}
    used |= sources_named(rows | {name: cells_of(content) for name, content in own.items()})
    sources = {str(row["source"]): row for row in listed if row["source"] in used}
    return written | {"sources": written_csv(SCHEMAS["sources"], sources.values())}


def conflicts_csv(conflicts: Sequence[Conflict]) -> bytes:
    """List every figure on which sources disagree, with both values, largest difference first."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["what", "used_from", "used", "set_aside_from", "set_aside"])
    for item in conflicts:
        writer.writerow([item.what, item.source, f"{item.value:.6g}", item.other_source,
                         f"{item.other_value:.6g}"])  # fmt: skip
    return text.getvalue().encode()


def source_id(reading: Reading, readings: Sequence[Reading]) -> str:
    """Name of a file among the sources; two files of one name are told apart by a number."""
    if reading.source:
        return reading.source
    same = [r for r in readings if r.member.digest_name() == reading.member.digest_name()]
    number = same.index(reading)
    return reading.member.digest_name() + (f"-{number + 1}" if number else "")


def _from(source: str, flag: str) -> Cells:
    return {"source": source, "flag": flag}


def _by(draft: DraftWorld, reading: int, flag: str, otherwise: str = ASSUMED) -> Cells:
    """Origin of a figure of one of the readings; of an estimate where there is none."""
    if reading < 0:
        return _from(otherwise, "estimated")
    of = draft.readings[reading]
    worst = max((flag, of.flag or flag), key=FLAGS.index)
    return _from(source_id(of, draft.readings), worst)


def _world(draft: DraftWorld) -> Iterator[Cells]:
    facts = {"name": draft.spec.name, "base_year": draft.spec.base_year,
             "energy_good": draft.spec.goods[-1].code}  # fmt: skip
    for key, value in facts.items():
        yield {"key": key, "value": value, **_from(ASSUMED, "derived")}


def _regions(draft: DraftWorld) -> Iterator[Cells]:
    for region in draft.spec.regions:
        yield {"region": region.code, "name": region.name, **_from(GEOGRAPHY, "derived")}


def _gdp(draft: DraftWorld) -> Iterator[Cells]:
    for region, gdp, people in zip(draft.spec.regions, draft.gdp, draft.people, strict=True):
        flag = max((gdp.flag, people.flag), key=FLAGS.index)
        origin = _by(draft, gdp.reading, flag)
        yield {"region": region.code, "year": draft.spec.base_year, "gdp_musd": gdp.value,
               "population_m": people.value, **origin}  # fmt: skip


def _growth(draft: DraftWorld) -> Iterator[Cells]:
    for region, rows in zip(draft.spec.regions, draft.growth, strict=True):
        for year, rate in rows:
            value = round(min(max(rate.value, -0.9), 1.0), 6)
            yield {"region": region.code, "year": year, "real_growth": value,
                   **_by(draft, rate.reading, rate.flag)}  # fmt: skip


def _goods(draft: DraftWorld, known: PackagedData) -> Iterator[Cells]:
    usual = {c: good for good, chapters in usual_goods().items() for c in chapters}
    for good in draft.spec.goods:
        values = [known.value_per_feu_usd[usual[c]] for c in good.chapters
                  if usual[c] in known.value_per_feu_usd]  # fmt: skip
        worth = float(np.mean(values)) if values else 50_000.0
        yield {"good": good.code, "name": good.name, "value_per_feu_usd": round(worth),
               **_from(ASSUMED, "estimated")}  # fmt: skip


def _ledgers() -> Iterator[Cells]:
    yield {"ledger": LEDGER, "name": "Files named in REPORT.md", "default": "yes",
           "note": "", **_from(ASSUMED, "derived")}  # fmt: skip


def _trade(draft: DraftWorld) -> Iterator[Cells]:
    matrix, regions = draft.matrix, draft.spec.regions
    for i, seller in enumerate(regions):
        for j, buyer in enumerate(regions):
            if i == j:
                continue
            flag = "derived" if matrix.is_sum[i, j] else "seen"
            reading = int(matrix.source[i, j]) if matrix.recorded[i, j] else -1
            yield {"exporter": seller.code, "importer": buyer.code,
                   "trade_musd": draft.filled.trade[i, j],
                   **_by(draft, reading, flag, GRAVITY)}  # fmt: skip


def _held(draft: DraftWorld) -> Iterator[Cells]:
    """Flows of the files: calibration keeps them as they are, and the records have these pairs."""
    matrix, regions = draft.matrix, draft.spec.regions
    for i, j in np.argwhere(matrix.recorded & (matrix.total > 0)).tolist():
        flag = "derived" if matrix.is_sum[i, j] else "seen"
        yield {"ledger": LEDGER, "exporter": regions[i].code, "importer": regions[j].code,
               "trade_musd": float(matrix.total[i, j]),
               **_by(draft, int(matrix.source[i, j]), flag)}  # fmt: skip


def _totals(draft: DraftWorld) -> Iterator[Cells]:
    trade = draft.filled.trade
    # Both columns are to sum to the same to the last bits that are compared.
    for k, region in enumerate(draft.spec.regions):
        whole = draft.matrix.recorded[k].all() and draft.matrix.recorded[:, k].all()
        yield {"region": region.code, "exports_musd": float(trade[k].sum()),
               "imports_musd": float(trade[:, k].sum()),
               **_from(GRAVITY, "derived" if whole else "estimated")}  # fmt: skip


def _composition(draft: DraftWorld, axis: int) -> Iterator[Cells]:
    """Mix of goods of every region's exports (axis 2) or imports (axis 1)."""
    by_region = draft.matrix.split.sum(axis=axis)
    world = _shares(by_region.sum(axis=1) + 1e-9)
    for r, region in enumerate(draft.spec.regions):
        is_known = bool(by_region[:, r].sum() > 0)
        own = _shares(by_region[:, r]) if is_known else world
        share = _shares((1.0 - SMOOTHING) * own + SMOOTHING * world)
        for good, part in zip(draft.spec.goods, share.tolist(), strict=True):
            origin = _from(GRAVITY, "derived" if is_known else "estimated")
            yield {"region": region.code, "good": good.code, "share": part, **origin}


def _shares(values: FloatArray) -> FloatArray:
    return np.asarray(values / values.sum())


def known_split(draft: DraftWorld) -> np.ndarray:
    """Pairs whose composition is known, (n, n)."""
    parts = draft.matrix.split.sum(axis=0)
    return np.asarray((draft.matrix.total > 0) & (parts >= SPLIT_SHARE * draft.matrix.total))


def _pairs(draft: DraftWorld) -> Iterator[Cells]:
    regions = draft.spec.regions
    for i, j in np.argwhere(known_split(draft)).tolist():
        share = _shares(draft.matrix.split[:, i, j])
        origin = _by(draft, int(draft.matrix.source[i, j]), "derived")
        for good, part in zip(draft.spec.goods, share.tolist(), strict=True):
            yield {"exporter": regions[i].code, "importer": regions[j].code, "good": good.code,
                   "share": part, **origin}  # fmt: skip


def _output(draft: DraftWorld) -> Iterator[Cells]:
    for r, region in enumerate(draft.spec.regions):
        for g, good in enumerate(draft.spec.goods[:-1]):
            yield {"region": region.code, "good": good.code,
                   "output_to_gdp": float(f"{draft.output[g, r]:.6g}"),
                   **_from(ASSUMED, "estimated")}  # fmt: skip


def _distances(draft: DraftWorld) -> Iterator[Cells]:
    regions, found = draft.spec.regions, draft.distances
    for i, region in enumerate(regions):
        for j in range(i + 1, len(regions)):
            single = len(region.members) == len(regions[j].members) == 1
            origin = _from(GEOGRAPHY, "derived")
            if found.reading[i, j] >= 0:
                origin = _by(draft, int(found.reading[i, j]), "seen" if single else "derived")
            yield {"region": region.code, "partner": regions[j].code,
                   "distance_km": round(max(float(found.km[i, j]), 1.0), 1),
                   "contiguous": "yes" if found.contiguous[i, j] else "no", **origin}  # fmt: skip


def _tariffs(draft: DraftWorld) -> Iterator[Cells]:
    for r, region in enumerate(draft.spec.regions):
        for g, good in enumerate(draft.spec.goods[:-1]):
            rate = round(float(draft.duties.rate[g, r]), 6)
            meant = f"{100 * rate:,.6g} % as the files have it" if rate > LIKELY_RATE else ""
            yield {"importer": region.code, "good": good.code, "layer": LAYER,
                   "tariff_rate": rate, "note": meant,
                   **_by(draft, int(draft.duties.reading[g, r]), "derived")}  # fmt: skip


def _agreements(draft: DraftWorld) -> dict[str, list[Cells]]:
    """Blocs as institutions and agreements, and preferences that files have."""
    tables: dict[str, list[Cells]] = {
        name: [] for name in ("institutions", "memberships", "agreements", "margins")
    }
    _add_blocs(draft, tables)
    _add_preferences(draft, tables)
    return tables


def _add_blocs(draft: DraftWorld, tables: Mapping[str, list[Cells]]) -> None:
    """Blocs, each with its members and, where it is in force, its agreement and margins."""
    regions, year = draft.spec.regions, draft.spec.base_year
    told = {(i, j) for _, i, j in draft.duties.preferred}
    for bloc in draft.blocs:
        group, origin = bloc.group, _from(GROUPS, "estimated")
        is_union = "yes" if group.kind == "customs-union" else "no"
        tables["institutions"].append(
            {"institution": group.code, "name": group.name, "customs_union": is_union, **origin}
        )
        tables["memberships"].extend(
            {"region": regions[r].code, "institution": group.code, "status": "member",
             "since": group.since, **origin} for r in bloc.members
        )  # fmt: skip
        if group.kind == "none" or int(group.since) > year:
            continue
        name = f"{group.code.casefold()}-agreement"
        members = ";".join(regions[r].code for r in bloc.members)
        tables["agreements"].append(
            {"agreement": name, "name": group.name, "kind": group.kind, "members": members,
             "in_force": group.since, **origin}
        )  # fmt: skip
        margin = 1.0 if group.kind == "customs-union" else FREE_TRADE_MARGIN
        tables["margins"].extend(
            {"agreement": name, "exporter": regions[i].code, "importer": regions[j].code,
             "good": ALL, "layer": ALL, "margin": margin, **origin}
            for i in bloc.members for j in bloc.members if i != j and (i, j) not in told
        )  # fmt: skip


def _add_preferences(draft: DraftWorld, tables: Mapping[str, list[Cells]]) -> None:
    """Preferences that files have, by the region that applies them."""
    regions, year = draft.spec.regions, draft.spec.base_year
    for j, region in enumerate(regions):
        mine = {key: v for key, v in sorted(draft.duties.preferred.items()) if key[2] == j}
        if not mine:
            continue
        name = f"preferences-of-{region.code.casefold()}"
        sellers = dict.fromkeys(i for _, i, _ in mine)
        members = ";".join(regions[k].code for k in (j, *sellers))
        first = next(iter(mine.values()))[1]
        tables["agreements"].append(
            {"agreement": name, "name": f"Preferences that {region.name} applies",
             "kind": "unilateral", "members": members, "in_force": f"{year}-01-01",
             "note": "In force in the base year; since when is not in the file",
             **_by(draft, first, "derived")}
        )  # fmt: skip
        tables["margins"].extend(
            {"agreement": name, "exporter": regions[i].code, "importer": region.code,
             "good": draft.spec.goods[good].code, "layer": LAYER, "margin": round(margin, 6),
             **_by(draft, number, "derived")}
            for (good, i, _), (margin, number) in mine.items()
        )  # fmt: skip


def _sources(draft: DraftWorld, known: PackagedData) -> Iterator[Mapping[str, object]]:
    """Files, estimates, and what the copied tables rest on."""
    for reading in draft.readings:
        kind = BY_NAME.get(reading.kind)
        yield {
            "source": source_id(reading, draft.readings),
            "publisher": (kind.publisher if kind else "") or "the analyst",
            "title": f"{kind.title if kind else 'file'}: {reading.member.file_name}",
            "year": draft.spec.base_year,
            "licence": (kind.licence if kind else "") or "as the analyst has it",
            "url": kind.url if kind else "",
            "flag": reading.flag or "seen",
        }
    ours = {
        GRAVITY: ("Sums of the files, and gravity estimates of what they lack", "derived"),
        GEOGRAPHY: ("Names of Unicode CLDR; places and borders of Natural Earth", "derived"),
        GROUPS: ("Members of groups of countries, remembered; depth of their preferences assumed",
                 "estimated"),
        ASSUMED: ("Assumptions named in REPORT.md", "estimated"),
        ESTIMATED: ("Network estimated from main cities, common borders and coasts, with the "
                    "median terms of the packaged network", "estimated"),
        STATED: ("Network that the analyst names", "seen"),
    }  # fmt: skip
    for source, (title, flag) in ours.items():
        yield {"source": source, "publisher": "the project", "title": title, "licence": "MIT",
               "flag": flag}  # fmt: skip
    used = {row.text("source") for name in _COPIED for row in known.tables[name]}
    for row in known.tables["sources"]:
        if row.text("source") in used:
            yield row.cells
