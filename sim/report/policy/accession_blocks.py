"""Accessions on record beside the waits of the model, for the page on confidence."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.page.amounts import Amount
from sim.report.page.blocks import Block, Fold, TableBlock, TableCell, TableColumn, numbers
from sim.report.page.formatting import rounded
from sim.study.hindcasts.accession_waits import StageWait, stage_waits

if TYPE_CHECKING:
    from sim.world.world import World


def accession_blocks(world: "World") -> Sequence[Block]:
    """Waits by stage and the accessions behind them; nothing where the world records none."""
    waits = stage_waits(world)
    if not waits:
        return ()
    n_agree = sum(wait.agrees for wait in waits)
    columns = (
        TableColumn("Stage"),
        *numbers("Model: median, years", "On record: median, years", "Ended", "Years seen"),
        *numbers("Others: model", "Others: record"),
    )
    table = TableBlock(
        columns,
        tuple(_row(wait) for wait in waits),
        caption="Waits of States that join an agreement. Model: parameter and its range. On "
        "record: exponential waits, those that had not ended among them, 90 % interval. Others: "
        "log likelihood of the records left out of the fit under the model's median and under the "
        "recorded one; the higher is the nearer. Opening: States that never asked are among the "
        "others; in a scenario only those that it names may join",
    )
    listed = TableBlock(
        tuple(map(TableColumn, ("Accession", "Asked", "Signed", "In force", "Quality"))),
        tuple(
            (
                one.title,
                one.asked or "–",
                one.signed or (f"not by {one.last_seen}" if one.last_seen else "–"),
                one.in_force or "–",
                one.flag,
            )
            for one in world.accessions
        ),
        caption="Accessions on record; the first ones are fitted, the others scored",
    )
    line = (
        f"How long joining takes: the model's medians lie within what {len(world.accessions)} "
        f"records allow for {n_agree} of {len(waits)} stages."
    )
    return (Fold(line, (table, listed)),)


def _row(wait: StageWait) -> tuple[TableCell, ...]:
    record = wait.recorded
    return (
        wait.stage,
        _years(wait.modelled, wait.modelled_low, wait.modelled_high),
        _years(record.years, record.low, record.high),
        Amount(float(record.n_ended), "1", text=str(record.n_ended)),
        Amount(record.exposure_years, "years", text=rounded(record.exposure_years)),
        _score(wait.score_modelled),
        _score(wait.score_recorded),
    )


def _years(value: float, low: float, high: float) -> TableCell:
    text = f"{_one(value)} ({_one(low)} to {_one(high)})"
    return text if value == float("inf") else Amount(value, "years", low, high, text)


def _one(value: float) -> str:
    return "no end seen" if value == float("inf") else f"{value:.1f}"


def _score(value: float) -> TableCell:
    return "–" if value != value else Amount(value, "1", text=f"{value:.1f}".replace("-", "−"))
