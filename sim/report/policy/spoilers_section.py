"""Spoilers of the answer: what each could do to trade, with what is on record of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.numerics.calendar import parse_quarter, quarter_bounds
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import amount_with_interval, over_runs
from sim.report.page.blocks import (
    Block,
    Fold,
    Paragraph,
    Points,
    Section,
    TableBlock,
    TableCell,
    TableColumn,
    numbers,
    words,
)
from sim.report.page.formatting import (
    listed,
    musd,
    opening,
    per_cent,
    plural,
    signed,
    signed_musd,
    year_to,
)
from sim.report.page.report_inputs import ReportInputs
from sim.study.ensemble.findings import Finding
from sim.study.one_at_a_time.spoilers import (
    BORDER,
    DUTY_POINTS,
    IN_TRANSIT,
    N_RUNS,
    RISE,
    RIVAL,
    UNION,
    WITHDRAWAL,
    SpoilerEffect,
    rivals_on_record,
)

if TYPE_CHECKING:
    from sim.world.csv_tables.records import AgreementRecord
    from sim.world.world import World

UNIT = "million USD/yr"
FELT, LARGE = 0.001, 0.02
"""Changes of trade below which a spoiler is told as doing nothing, and is folded [1]."""


def spoilers_section(inputs: ReportInputs) -> Section | None:
    """Section on what others may do to the first target's trade; None where nothing was tried."""
    finding, blocks = inputs.findings[0], list[Block]()
    ranked = sorted(inputs.spoilers, key=_middle)
    large = [one for one in ranked if _is_felt(one, LARGE)]
    small = [one for one in ranked if not _is_felt(one, LARGE)]
    if ranked:
        blocks.append(_summary(inputs, finding, ranked[0]))
    if large:
        blocks.append(_table(inputs, finding, large))
    folded: list[Block] = [_table(inputs, finding, small)] if small else []
    rivals = tuple(_with_preferences(inputs.world, finding))
    if rivals:
        line = Paragraph(f"Others keep preferences of their own in {year_to(finding.by)}:")
        folded += [line, Points(rivals)]
    if folded:
        n = plural(len(small), "smaller one")
        said = [f"{n} ({per_cent(LARGE)} of trade at most)"] if small else []
        said += ["who else has preferences, by market"] if rivals else []
        blocks.append(Fold(opening("; ".join(said)), tuple(folded)))
    return Section("spoilers", "Who may spoil it", tuple(blocks)) if blocks else None


def _summary(inputs: ReportInputs, finding: Finding, worst: SpoilerEffect) -> Paragraph:
    """Sentence on the spoiler that takes most."""
    before = float(np.median(worst.asked))
    facts = {"trade without it": Amount(before, UNIT)}
    if not _is_felt(worst) or _middle(worst) > 0.0:
        return Paragraph("Nothing that was tried takes trade away.", facts)
    change = amount_with_interval(over_runs(worst.change), UNIT, signed_musd)
    what, _ = _words(inputs.world, worst)
    return Paragraph(
        f"Of what others may do, each alone, this costs most in {year_to(finding.by)}: {what} "
        f"({change.text} of {musd(before)} million USD).",
        {**facts, "largest loss": change},
    )


def _table(
    inputs: ReportInputs, finding: Finding, listed_ones: Sequence[SpoilerEffect]
) -> TableBlock:
    return TableBlock(
        columns=(
            TableColumn("Alone"),
            *numbers("Million USD", "%"),
            *words("On record"),
        ),
        rows=tuple(_row(inputs.world, one) for one in listed_ones),
        caption=f"Change of trade in {year_to(finding.by)} against the same scenario, without "
        f"chance; in brackets 5–95 % of {N_RUNS} draws of the parameters. Points of duty: a unit, "
        "no forecast. Rivals: what their agreement takes (above 0 gives) already",
    )


def _row(world: "World", one: SpoilerEffect) -> tuple[TableCell, ...]:
    what, record = _words(world, one)
    share = float(np.median(one.change / one.asked))
    if not _is_felt(one):
        nothing = (Amount(_middle(one), UNIT, text="0"), Amount(share, "1", text="0"))
        return what, *nothing, record
    return (
        what,
        amount_with_interval(over_runs(one.change), UNIT, signed_musd),
        Amount(share, "1", text=signed(100.0 * share)),
        record,
    )


def _middle(one: SpoilerEffect) -> float:
    return float(np.median(one.change))


def _is_felt(one: SpoilerEffect, least: float = FELT) -> bool:
    """True if its median change is at least such a part of trade."""
    return abs(float(np.median(one.change / one.asked))) >= least


def _words(world: "World", one: SpoilerEffect) -> tuple[str, str]:
    """A spoiler in words, and what is on record of it with its source."""
    says: dict[str, Callable[[], tuple[str, str]]] = {
        UNION: lambda: (f"{one.who} refuses its member's cuts", _of_union(world, one.who)),
        WITHDRAWAL: lambda: (f"{_name(world, one.who)} takes its cuts back", ""),
        RISE: lambda: (f"{_name(world, one.who)} adds {100 * DUTY_POINTS:.0f} points of duty", ""),
        BORDER: lambda: (f"Border {_border(world, one.who)} stays shut", _shut(world, one.who)),
        IN_TRANSIT: lambda: (f"Nothing passes {_name(world, one.who)}", _stops(world, one.who)),
        RIVAL: lambda: _rival(world, one),
    }
    return says[one.kind]()


def _name(world: "World", who: str) -> str:
    """Name of a region, or of a gate."""
    if who in world.regions:
        return world.region_names[world.region_index(who)]
    return next(gate.name for gate in world.gates if gate.gate == who)


def _border(world: "World", who: str) -> str:
    return "–".join(_name(world, code) for code in who.split("+"))


def _of_union(world: "World", union: str) -> str:
    """Agreement on record that stands for a union."""
    members = set(world.customs_unions[union])
    for record in world.agreements:
        if record.kind == "customs-union" and members <= set(record.members):
            return _since(record)
    return ""


def _since(record: "AgreementRecord") -> str:
    return f"Since {record.in_force[:4]} ({record.source})"


def _rival(world: "World", one: SpoilerEffect) -> tuple[str, str]:
    (record,) = (a for a in world.agreements if a.agreement == one.who)
    return f"Rivals in {_name(world, one.market)}: {record.name}", _since(record)


def _shut(world: "World", who: str) -> str:
    """First and last day on which a border was seen shut."""
    owners = {gate.gate: set(gate.owners) for gate in world.gates}
    own = [c for c in world.closures if owners[c.gate] == set(who.split("+")) and not c.end]
    first, last = min(c.start for c in own), max(c.last_seen_closed for c in own)
    return f"{first} to {last} at least ({own[-1].source})"


def _stops(world: "World", who: str) -> str:
    """Closures on record of the gates of a State, or of a strait."""
    gates = {g.gate for g in world.gates if who in g.owners or (g.gate == who)}
    own = [closure for closure in world.closures if closure.gate in gates]
    if not own:
        return "No closure on record"
    return f"{plural(len(own), 'closure')} of its gates, last {max(c.start for c in own)}"


def _with_preferences(world: "World", finding: Finding) -> Iterator[str]:
    """Sentence for each market on who else has a preference there by the target's date."""
    by = quarter_bounds(parse_quarter(finding.by))[1].isoformat()
    for seller, market in (finding.pair, finding.pair[::-1]):
        found = []
        for one in rivals_on_record(world, seller, market, by):
            others = [_name(world, member) for member in one.members if member != market]
            found.append(f"{one.name} ({listed(others)})")
        if found:
            yield f"In {_name(world, market)}: {'; '.join(found)}."
