"""One page that says how good a world is and what to improve first."""

from collections.abc import Iterator

import numpy as np

from sim.world.builder.carried_tables import carried_names
from sim.world.builder.draft import FEW, DraftWorld
from sim.world.builder.duty_tables import FREE_TRADE_MARGIN, USUAL_RATE
from sim.world.builder.network_plan import (
    CITY,
    PORT,
    PORT_KM,
    POST,
    ROAD_DETOUR,
    SEA_DETOUR,
    usual_terms,
)
from sim.world.builder.tables import known_split
from sim.world.sources.countries import countries
from sim.world.sources.file_kinds import BY_NAME
from sim.world.sources.parsed_files import Reading

MAX_LISTED = 8
ABSENT = {
    "energy_balances": "No energy market: trade in energy is held at its recorded value and grows "
    "with world output.",
    "state_capacity": "No ratings of institutions and States: where States negotiate, all have "
    "the typical capacity.",
}
"""What a world lacks without a table."""


def report_text(draft: DraftWorld) -> tuple[str, tuple[str, ...]]:
    """Write the report, and the sentences that are worth printing at once.

    Returns
    -------
    tuple of (str, tuple of str)
        Markdown, and the summary.
    """
    summary = tuple(_summary(draft))
    parts = [
        f"# {draft.spec.name}",
        " ".join(summary[:1]),
        "## How good it is",
        _listed(summary[1:]),
        "## What to improve first",
        _numbered(_improvements(draft)),
        "## Where sources disagree",
        *_conflicts(draft),
        "## Files",
        *_files(draft),
        "## What this world does not have",
        _listed([*_network(draft), *_absent(draft)]),
        "## Assumed",
        _listed(_assumptions(draft)),
    ]
    return "\n\n".join(parts) + "\n", summary


def _network(draft: DraftWorld) -> Iterator[str]:
    """Sentences on the routes that cargo has here, and how they are known."""
    plan = draft.network
    if "nodes" in carried_names(draft.spec.tables):
        yield "Posts, ports and links: tables of the analyst's own, carried as they are."
        return
    if draft.spec.network == "packaged":
        yield "Posts, ports, links and closures: the packaged network's among these regions."
        return
    if not plan.nodes:
        yield (
            "No transport network: borders, ports and routes are not modelled. Trade costs change "
            "by duties alone; a transit agreement, a closure or a new line changes nothing here."
        )
        return
    usual = usual_terms()
    low, high = usual.border_hours_range
    stated = sum(node.is_stated for node in plan.nodes)
    how = (
        f"{stated} of {len(plan.nodes)} places are named in the file"
        if stated
        else "No network is in the files: main cities, common borders and coasts stand in for it"
    )
    kinds = [node.kind for node in plan.nodes]
    yield (
        f"{how} ({kinds.count(CITY)} cities, {kinds.count(POST)} border posts, "
        f"{kinds.count(PORT)} ports). What is not stated is assumed: {usual.border_hours:g} hours "
        f"at a border ({low:g} to {high:g} at measured posts elsewhere), "
        f"{usual.border_fee_usd:g} USD, {usual.dwell_days:g} days in a port, roads "
        f"{ROAD_DETOUR:g} and ways at sea {SEA_DETOUR:g} times the great circle, "
        f"{PORT_KM:g} km to a coast, speeds and fares usual for the mode. No closure is on "
        f"record: a border shuts {usual.closure_rate_per_year:g} times a year for "
        f"{usual.mean_closure_days:g} days, as posts elsewhere do. Transit agreements act "
        "on these. No queues form, and no railway is there, unless the file names them."
    )


def _absent(draft: DraftWorld) -> Iterator[str]:
    """Sentences on tables that no world built of downloads has, and on those carried."""
    carried = carried_names(draft.spec.tables)
    yield from (text for table, text in ABSENT.items() if table not in carried)
    if carried and draft.spec.tables is not None:
        names = ", ".join(carried)
        yield f"Carried as they are from {draft.spec.tables.name}, not made of files: {names}."


def _summary(draft: DraftWorld) -> Iterator[str]:
    spec, matrix, trade = draft.spec, draft.matrix, draft.filled.trade
    n = len(spec.regions)
    yield (
        f"{n} regions and {len(spec.goods)} goods in {spec.base_year}, from "
        f"{_counted(sum(map(_gives, draft.readings)), 'file')}."
    )
    known = float(trade[matrix.recorded].sum()) / max(float(trade.sum()), 1e-300)
    off = ~np.eye(n, dtype=np.bool_)
    yield (
        f"Trade: {_share(known)} of {_money(float(trade.sum()))} a year stand in the files, for "
        f"{int((matrix.recorded & off).sum())} of {n * n - n} flows; "
        f"{int((off & ~matrix.recorded).sum())} flows are estimated by gravity."
    )
    split = float(matrix.total[known_split(draft)].sum()) / max(float(trade.sum()), 1e-300)
    yield f"Goods: {_share(split)} of the trade is known by good."
    yield f"GDP: {_told([figure.flag for figure in draft.gdp])}."
    yield from _in_part(draft)
    growth = [figure.flag for rows in draft.growth for _, figure in rows]
    yield f"Growth: {_told(growth, 'region-years')}."
    rates = ["derived" if k >= 0 else "estimated" for k in draft.duties.reading.ravel().tolist()]
    preferences = f"{len(draft.duties.preferred)} preferences in the files"
    yield f"Duties: {_told(rates, 'rates')}; {preferences}."
    far = draft.distances.reading[np.triu_indices(n, 1)] >= 0
    yield f"Distances: {int(far.sum())} of {far.size} from files, the rest great circles."
    yield f"Disagreements between sources: {len(draft.conflicts)}."


def _gives(reading: Reading) -> bool:
    """True if a file has anything but codes and notes."""
    return bool(reading.trade or reading.facts or reading.distances or reading.duties)


def _in_part(draft: DraftWorld) -> Iterator[str]:
    """Sentences on groups of countries some of which no file has."""
    n, year = len(countries()), draft.spec.base_year
    trade = [flow for reading in draft.readings for flow in reading.trade]
    nodes = {int(node) for flow in trade for end in (flow.exporter, flow.importer)
             for node in np.unique(end[flow.year == year])}  # fmt: skip
    for r, region in enumerate(draft.spec.regions):
        of = len(region.members)
        traded = of if n + r in nodes else len(nodes & set(region.members))
        enough = FEW * of if region.is_rest else of
        counts = {f"trade of {year}": traded, "GDP": draft.with_gdp[r]}
        parts = [f"{k} in files of {what}" for what, k in counts.items() if k < enough]
        if of > 1 and parts:
            yield (
                f"{region.name}, in part: of its {of} countries {' and '.join(parts)}; what the "
                "others have is missing from its sums."
            )


def _told(flags: list[str], what: str = "regions") -> str:
    estimated = flags.count("estimated")
    return f"{len(flags) - estimated} of {len(flags)} {what} from files, {estimated} estimated"


def _improvements(draft: DraftWorld) -> list[str]:
    """Suggestions of data to look for, those that affect most of the world's trade first."""
    spec, trade = draft.spec, draft.filled.trade
    codes = [region.code for region in spec.regions]
    world = max(float(trade.sum()), 1e-300)
    turnover = (trade.sum(axis=0) + trade.sum(axis=1)) / (2 * world)
    found: list[tuple[float, str]] = []
    missing = np.where(draft.matrix.recorded, 0.0, trade)
    if missing.any():
        cells = np.argsort(-missing, axis=None)[:MAX_LISTED]
        pairs = [
            f"{codes[c // len(codes)]} to {codes[c % len(codes)]} "
            f"({_money(float(missing.flat[c]))})"
            for c in cells
            if missing.flat[c] > 0
        ]
        found.append((
            float(missing.sum()) / world,
            "Trade that no file covers, the largest first: " + ", ".join(pairs)
            + ". BACI of the year has all of it.",
        ))  # fmt: skip
    unsplit = float(draft.matrix.total[~known_split(draft)].sum()) / world
    carried = carried_names(spec.tables)
    if unsplit > 0 and "pair_composition" not in carried:
        found.append((unsplit, f"{_share(unsplit)} of the trade is not known by good: take files "
                      "by HS product."))  # fmt: skip
    for weight, flags, hint in (
        (0.5, [f.flag for f in draft.gdp], "GDP: World Bank WDI (NY.GDP.MKTP.CD) for {}."),
        (0.4, ["estimated" if (draft.duties.reading[:, r] < 0).any() else "" for r in
               range(len(codes))], "Duties: TRAINS, MFN by HS product, for {}."),
        (0.3, ["estimated" if _guessed(rows) else "" for rows in draft.growth],
         "Growth: IMF WEO to the last year it has, for {}."),
        (0.1, ["estimated" if assumed else "" for assumed in draft.output_assumed],
         "Output: WDI shares of agriculture and manufacturing (NV.AGR.TOTL.ZS, NV.IND.MANF.ZS) "
         "for {}."),
    ):  # fmt: skip
        lacking = [r for r, flag in enumerate(flags) if flag == "estimated"]
        if lacking and hint.partition(":")[0].casefold() not in carried:
            lacking.sort(key=lambda r: -turnover[r])
            share = float(turnover[lacking].sum())
            found.append((weight * share, hint.format(_few([codes[r] for r in lacking]))))
    is_far = draft.distances.reading[np.triu_indices(len(codes), 1)] < 0
    if is_far.any() and "distances" not in carried:
        found.append((0.05, "Distances: CEPII GeoDist or Gravity, weighted by population."))
    if stated := [r.member.file_name for r in draft.readings if r.flag == "estimated"]:
        found.append((1.0, f"Files that are stated to be estimates: {_few(stated)}; take published "
                      "figures."))  # fmt: skip
    return [text for _, text in sorted(found, key=lambda item: -item[0])] or ["Nothing is missing."]


def _guessed(rows: object) -> bool:
    """True if the first five years of growth are all assumed."""
    return all(figure.flag == "estimated" for _, figure in list(rows)[:5])  # type: ignore[call-overload]


def _conflicts(draft: DraftWorld) -> Iterator[str]:
    if not draft.conflicts:
        yield "Nowhere by more than 1 %, as far as they overlap."
        return
    yield (
        f"{_counted(len(draft.conflicts), 'figure')} of the base year differ by more than 1 % "
        f"between files or between the reports of both sides; all stand in conflicts.csv. "
        "The largest:"
    )
    lines = ["| figure | used | from | set aside | from |", "|---|--:|---|--:|---|"]
    lines += [
        f"| {item.what} | {item.value:,.4g} | {item.source} | {item.other_value:,.4g} | "
        f"{item.other_source} |"
        for item in draft.conflicts[:MAX_LISTED]
    ]
    yield "\n".join(lines)


def _files(draft: DraftWorld) -> Iterator[str]:
    lines = ["| file | format | gives | set aside |", "|---|---|---|---|"]
    others = [reading for reading in draft.readings if reading.kind == "codes"]
    for reading in draft.readings:
        if reading in others:
            continue
        gives = []
        if reading.trade:
            base = any((f.year == draft.spec.base_year).any() for f in reading.trade)
            gives.append("trade" if base else f"trade, but not of {draft.spec.base_year}")
        gives += dict.fromkeys(f.what.removesuffix("_musd").removesuffix("_m").replace("_", " ")
                               for f in reading.facts)  # fmt: skip
        gives += ["distances"] if reading.distances else []
        gives += ["duties"] if reading.duties else []
        kind = BY_NAME.get(reading.kind)
        notes = "; ".join((*reading.notes, *reading.warnings)) or "nothing"
        told = (", ".join(gives) or "nothing") + (f" ({reading.flag})" if reading.flag else "")
        lines.append(f"| {reading.member.file_name} | {kind.title if kind else ''} | {told} | "
                     f"{notes} |")  # fmt: skip
    yield "\n".join(lines)
    if others:
        names = _few([reading.member.file_name for reading in others])
        yield f"Codes and notes, known or not needed here: {names}."
    if draft.refused:
        yield "Not read:"
        yield _listed(draft.refused)


def _assumptions(draft: DraftWorld) -> Iterator[str]:
    spec = draft.spec
    yield from (f"{note[0].upper()}{note[1:]}." for note in spec.notes)
    yield from (f"{note}." for note in draft.matrix.notes)  # each begins with a file's name
    side = "importer's" if spec.importer_first else "exporter's"
    yield (
        f"Where both sides report a flow the {side} report counts; imports are divided by "
        f"{spec.cif_fob_ratio:g} for freight and insurance (`cif_fob_ratio`, `mirror`)."
    )
    if not draft.matrix.recorded[~np.eye(len(spec.regions), dtype=np.bool_)].all():
        yield _gravity(draft)
    average = "weighted by trade" if spec.weighted_tariffs else "simple"
    yield (
        f"Duties are averages {average} where files have them; importers without any pay the mean "
        f"of the others, or {100 * USUAL_RATE:g} %. Members of a customs union trade free of duty, "
        f"those of a free trade area at {100 * (1 - FREE_TRADE_MARGIN):.0f} % of it, unless a file "
        "has the preference."
    )
    yield (
        "Growth beyond the last year of the files goes in five years to the long run of the "
        "packaged world. Output by good is value added times 1.7 (farming), 3.0 (manufacturing) "
        "and 1.8 (mining), spread over goods 60 % as in the world and 40 % as in own exports."
    )
    yield "Parameters of laws and past forecast errors are those of the packaged world."


def _gravity(draft: DraftWorld) -> str:
    """Sentence on the slopes of the estimate of missing trade."""
    slopes = draft.filled.slopes
    how = (
        "fitted to the recorded flows"
        if draft.filled.is_fitted
        else "assumed, with too few records"
    )
    return (
        f"Gravity: trade goes with distance to the power {slopes[0]:.2f} and is "
        f"{np.exp(slopes[1]):.2f} times as large across a common border; {how}."
    )


def _listed(lines: object) -> str:
    return "\n".join(f"- {line}" for line in lines)  # type: ignore[attr-defined]


def _numbered(lines: list[str]) -> str:
    return "\n".join(f"{k}. {line}" for k, line in enumerate(lines, start=1))


def _few(words: list[str]) -> str:
    rest = len(words) - MAX_LISTED
    return ", ".join(words[:MAX_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' * (n != 1)}"


def _share(part: float) -> str:
    per_cent = 100.0 * part
    if 0.0 < per_cent < 1.0 or 99.0 < per_cent < 100.0:
        return f"{per_cent:.2f} %"
    return f"{per_cent:.0f} %"


def _money(musd: float) -> str:
    if musd >= 1e6:
        return f"{musd / 1e6:,.2f} trillion USD"
    if musd >= 1e3:
        return f"{musd / 1e3:,.1f} billion USD"
    return f"{musd:,.1f} million USD"
