"""Agreements on record in words and tables: what is in force between whom, and what acts in no run.

Pure text for whoever prints it; nothing here knows of a screen.
"""

from sim.laws.numerics.calendar import QUARTERS_PER_YEAR, format_quarter
from sim.world.csv_tables.records import AgreementRecord, MarginRecord
from sim.world.csv_tables.schema import ALL
from sim.world.describe.overview import TitledTable
from sim.world.world import World

MAX_PAIRS = 6
"""Pairs named one by one in a row; the rest is counted."""


def describe_agreements(world: World) -> list[TitledTable]:
    """Describe the agreements on record: those in force, their margins, and those that do nothing.

    Parameters
    ----------
    world : World

    Returns
    -------
    list of TitledTable
        Every row as long as its columns.
    """
    return [_in_force(world), _margins(world), silent_agreements(world)]


def agreements_without_effect(world: World) -> tuple[tuple[AgreementRecord, str], ...]:
    """Agreements on record that change nothing in any run, each with the reason."""
    margins = {margin.agreement for margin in world.margins}
    after = QUARTERS_PER_YEAR * (world.base_year + 1)
    found = []
    for record in world.agreements:
        if not record.in_force:
            found.append((record, "its entry into force is not on record"))
        elif record.last_quarter < after and not _is_held(record, world):
            found.append((record, "was over before the base year ended"))
        elif record.kind == "transit" and record.first_quarter >= after:
            found.append((record, "transit: write what it opens as an agreement of a scenario"))
        elif record.kind != "transit" and record.agreement not in margins:
            found.append((record, "nothing is recorded of what it takes off duties"))
    return tuple(found)


def silent_agreements(world: World) -> TitledTable:
    """Agreements that are on record and read by no rule."""
    rows = tuple(
        (record.agreement, record.name, ", ".join(record.members), why)
        for record, why in agreements_without_effect(world)
    )
    columns = ("agreement", "name", "members", "why it changes nothing")
    return TitledTable("Agreements on record that act in no run", columns, rows)


def _is_held(record: AgreementRecord, world: World) -> bool:
    return record.is_in_force(f"{world.base_year}-12-31")


def _in_force(world: World) -> TitledTable:
    silent = {record.agreement for record, _ in agreements_without_effect(world)}
    rows = tuple(
        (
            record.agreement,
            record.name,
            record.kind,
            ", ".join(record.members),
            record.in_force,
            record.ended or "open",
            "within the base year" if _is_held(record, world) else _acts(record),
            record.flag,
            world.sources[record.source].publisher,
        )
        for record in sorted(world.agreements, key=lambda record: record.in_force)
        if record.agreement not in silent
    )
    columns = ("agreement", "name", "kind", "members", "in force", "ended", "acts")
    return TitledTable("Agreements on record", (*columns, "quality", "source"), rows)


def _acts(record: AgreementRecord) -> str:
    return f"from {format_quarter(record.first_quarter)}"


def _margins(world: World) -> TitledTable:
    """Margins by agreement: alike ones in a row."""
    alike: dict[tuple[str, ...], list[MarginRecord]] = {}
    for one in world.margins:
        key = (one.agreement, one.importer, one.good, one.layer, f"{one.margin:g}")
        alike.setdefault(key, []).append(one)
    rows = []
    for (agreement, importer, good, layer, margin), listed in alike.items():
        one = listed[0]
        exporters = [each.exporter for each in listed]
        more = len(exporters) - MAX_PAIRS
        named = ", ".join(exporters[:MAX_PAIRS]) + (f" and {more} more" if more > 0 else "")
        rows.append(
            (
                agreement,
                importer,
                named,
                "every good" if good == ALL else good,
                "all duties" if layer == ALL else layer,
                f"{100 * float(margin):g} %",
                f"{100 * one.covered_share:g} %",
                f"{one.phase_in_years:g}" if one.phase_in_years else "at once",
                one.flag,
                world.sources[one.source].publisher,
            )
        )
    columns = ("agreement", "granted by", "to", "good", "duty", "share taken off")
    more_columns = ("covers of the trade", "annual steps", "quality", "source")
    return TitledTable("Margins of agreements on record", (*columns, *more_columns), tuple(rows))
