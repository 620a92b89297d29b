"""Official targets on record: what came of them, and what chances the law of growth gave them."""

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from sim.report.page.amounts import Amount
from sim.report.page.blocks import (
    Block,
    Fold,
    Note,
    Paragraph,
    TableBlock,
    TableCell,
    numbers,
    words,
)
from sim.report.page.formatting import per_cent, plural, whole_per_cent, with_error
from sim.study.ensemble.findings import INTERVAL
from sim.study.hindcasts.target_scores import JudgedTarget, TargetRecord, TargetStudy, judge_targets

if TYPE_CHECKING:
    from sim.world.world import World

MIN_CHANCE = 0.01
"""Chances below it rest on the outermost points of measured errors and are told as such [1]."""
NOT_KNOWN = "–"


def record_in_words(record: TargetRecord) -> str:
    """Frequency with which official targets were met, and the performance of the chances."""
    if not record.n_passed:
        return "No official target on record has an outcome."
    low, high = (whole_per_cent(edge) for edge in record.met_interval)
    said = [
        f"Of {plural(record.n_passed, 'official target')} on record whose outcome is known, "
        f"{record.n_met} were met ({per_cent(INTERVAL)} confidence: {low} to {high})."
    ]
    if record.reached_shares:
        ends = [whole_per_cent(edge) for edge in (record.reached_shares[0],
                                                  record.reached_shares[-1])]  # fmt: skip
        said.append(
            f"Those missed reached {ends[0]} to {ends[1]} of the figure, "
            f"{whole_per_cent(median(record.reached_shares))} in the median."
        )
    if record.n_scored:
        said += [
            f"The growth law gave {record.n_scored} of them a chance beforehand: it expected "
            f"{record.expected_met:.1f} to be met, and {record.n_scored_met} was.",
            f"Its mean squared error is {record.brier:.2f}, against {record.brier_official:.2f} "
            "for taking every target for certain; so few say little.",
        ]
    return " ".join(said)


def target_rows(study: TargetStudy) -> tuple[list[str], list[tuple[str, ...]]]:
    """All targets for a terminal or a file: headings and rows of text."""
    headings = ["target", "announced", "amount", "by", "at the time", "reached", "outcome",
                "chance, 90 % interval"]  # fmt: skip
    return headings, [_row(one) for one in study.judged]


def official_blocks(world: "World", pairs: Sequence[tuple[str, str]]) -> Sequence[Block]:
    """The record of official targets for the page on confidence; nothing where none is known.

    Listed are those whose outcome is known and those about the pairs asked.
    """
    if not world.official.targets:
        return ()
    study = judge_targets(world)
    record = study.record
    low, high = record.met_interval
    share = record.n_met / record.n_passed if record.n_passed else None
    facts = {}
    if share is not None:
        facts = {
            "official targets met": Amount(share, "1", low, high, text=whole_per_cent(share)),
            "official targets with a known outcome": Amount(float(record.n_passed), "1"),
        }
    rows = tuple(
        (one.target.title, one.target.announced[:4], _cell(one.target.amount),
         _year(one), _cell(one.target.base_musd), _cell(one.target.reached),
         one.target.outcome, _chance_cell(one))
        for one in study.judged
        if one.is_scored or (one.chance is not None and _is_about(one, pairs))
    )  # fmt: skip
    columns = (*words("Pair", "Announced"), *numbers("Target, million USD"), *words("By"),
               *numbers("At the time", "Reached"), *words("Outcome"),
               *numbers("Chance"))  # fmt: skip
    folded = (
        TableBlock(
            columns,
            rows,
            "Official targets of two-way trade, million USD a year, and the chance that the law of "
            "growth gave them in the year of the announcement, no agreement counted",
        ),
        Note(
            "GDP is taken as it came about and as the outlook has it from then on, which nobody "
            "knew. Targets that were met early count, those still open do not, so the share met is "
            "rather too high. Targets of one pair are not independent. All targets and sources: "
            "sim hindcast --targets."
        ),
    )
    return (
        Paragraph(record_in_words(record), facts),
        Fold("Official targets and what came of them", folded),
    )


def _is_about(one: JudgedTarget, pairs: Sequence[tuple[str, str]]) -> bool:
    sides = one.target.partners
    return any({(a,), (b,)} == set(sides) for a, b in pairs)


def _row(one: JudgedTarget) -> tuple[str, ...]:
    target = one.target
    unit = "million USD" if target.unit == "musd" else target.unit
    return (
        target.title,
        target.announced,
        f"{_amount(target.amount)} {unit}".strip(),
        target.by or NOT_KNOWN,
        _amount(target.base_musd),
        _amount(target.reached),
        target.outcome,
        _chance(one),
    )


def _amount(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"


def _cell(musd: float | None) -> TableCell:
    value = float("nan") if musd is None else musd
    return Amount(value, "million USD/yr", text=_amount(musd))


def _chance_cell(one: JudgedTarget) -> TableCell:
    if one.chance is None or one.interval is None:
        return Amount(float("nan"), "1", text=NOT_KNOWN)
    return Amount(one.chance, "1", *one.interval, text=_chance(one))


def _year(one: JudgedTarget) -> str:
    return NOT_KNOWN if one.target.by_year is None else str(one.target.by_year)


def _chance(one: JudgedTarget) -> str:
    if one.chance is None or one.interval is None:
        return NOT_KNOWN
    if one.chance < MIN_CHANCE:
        return f"below {per_cent(MIN_CHANCE)}"
    return with_error(one.chance, *one.interval, write=per_cent)
