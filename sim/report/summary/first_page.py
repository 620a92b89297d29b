"""The first page: what a minister reads, on one sheet of A4 and before the contents."""

from collections.abc import Collection, Iterator

import numpy as np

from sim.report.evidence.omissions import estimates_in_short, routes_in_short
from sim.report.evidence.records_since_base import since_base
from sim.report.page.amounts import Facts
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE, amount_of, chance_amount
from sim.report.page.blocks import Block, Paragraph, Section
from sim.report.page.formatting import (
    MIN_MUSD,
    aligned,
    ledger_in_words,
    listed,
    plural,
    with_article,
)
from sim.report.page.report_inputs import ReportInputs
from sim.report.summary.key_numbers import key_numbers
from sim.report.summary.next_steps import next_steps
from sim.report.trade.gains_and_losses import WORTH_A_ROW
from sim.report.trade.incomes import Incomes, incomes_of
from sim.report.trade.target_fan import target_fan
from sim.report.transport.binding_capacity import capacity_sentence
from sim.study.ensemble.findings import Finding
from sim.study.ensemble.headline import (
    FEW_PAIRS,
    base_in_words,
    basis_in_words,
    share_in_words,
    stop_in_words,
    what_decides,
)
from sim.study.hindcasts.target_scores import outcomes_of

WORTH_A_NAME = 0.02
"""Change of an outsider's income over the largest below which it is not named here [1]."""
WORTH_A_LOSS = 0.01
"""Part of a member's largest change below which the other end of it is written as nothing [1]."""
MAX_NAMED, MAX_GAINERS = 4, 3
"""Regions named in one sentence, and of those that gain."""


def first_page(inputs: ReportInputs) -> tuple[Section, ...]:
    """Sections of the first page, in the order in which a minister asks."""
    return tuple(
        section
        for section in (
            Section("numbers", "Key numbers", (key_numbers(inputs),)),
            _next(inputs),
            _losers(inputs),
            _certainty(inputs),
            Section("fan", "Projection", (target_fan(inputs, inputs.findings[0]),), True),
        )
        if section is not None
    )


def _next(inputs: ReportInputs) -> Section | None:
    steps = next_steps(inputs)
    return Section("next", "What must happen, by whom", (steps,)) if steps else None


def _losers(inputs: ReportInputs) -> Section | None:
    """Section on gains and losses of real income; None without agreements or incomes."""
    if inputs.without is None or not inputs.has_incomes:
        return None
    incomes = incomes_of(inputs, inputs.findings[0])
    rises, gains = gainers_in_words(incomes)
    subject = "It" if rises else "Real income"
    falls, losses = losers_in_words(incomes, inputs.scenario.parties, subject)
    said = Paragraph(f"{rises} {falls}".strip(), {**gains, **losses})
    return Section("losers", "Who gains, who loses", (said,))


def gainers_in_words(incomes: Incomes) -> tuple[str, Facts]:
    """Regions whose real income rises most, in nine futures of ten; empty where none does."""
    gain = np.where(incomes.gain[LOW] > 0, incomes.gain[MIDDLE], 0.0)
    largest = [int(k) for k in np.argsort(-gain, kind="stable")[:MAX_GAINERS] if gain[k] > 0]
    large = [k for k in largest if gain[k] >= WORTH_A_ROW * np.abs(incomes.gain).max()]
    if not large:
        return "", {}
    text = f"Real income rises in {_with_amounts(incomes, large)}, million USD."
    return text, _facts(incomes, large)


def _with_amounts(incomes: Incomes, places: list[int]) -> str:
    amounts = aligned([float(incomes.gain[MIDDLE, k]) for k in places], 2)
    each = zip(places, amounts, strict=True)
    return listed([f"{with_article(incomes.names[k])} ({musd})" for k, musd in each])


def _facts(incomes: Incomes, places: list[int]) -> Facts:
    return {incomes.names[k]: amount_of(incomes.gain[:, k], "million USD/yr") for k in places}


def losers_in_words(
    incomes: Incomes, members: Collection[str], subject: str = "Real income"
) -> tuple[str, Facts]:
    """Regions that lose real income in nine futures of ten, and members that may."""
    size = np.abs(incomes.gain).max(axis=0)
    inside = np.array([region in members for region in incomes.regions])
    counts = size >= np.where(inside, WORTH_A_ROW, WORTH_A_NAME) * size.max()
    counts &= size > 0
    loses = counts & (incomes.gain[HIGH] < -MIN_MUSD)
    least = np.maximum(MIN_MUSD, WORTH_A_LOSS * np.abs(incomes.gain).max(axis=0))
    may = counts & inside & (incomes.gain[LOW] < -least) & ~loses
    order = np.argsort(incomes.musd, kind="stable")
    told = [int(k) for k in order if loses[k]][:MAX_NAMED]
    facts = _facts(incomes, told)
    if told:
        unit = "" if subject == "It" else ", million USD"
        text = f"{subject} falls in {_with_amounts(incomes, told)}{unit}."
    else:
        text = "No region loses real income in 19 of 20 simulations."
    if not (loses & inside).any():
        unsure = [with_article(incomes.names[int(k)]) for k in order if may[k]]
        if unsure:
            text += f" Members that may lose: {listed(unsure)}."
        else:
            text += " No member loses."
    return text, facts


def _certainty(inputs: ReportInputs) -> Section:
    rests_on = [routes_in_short(inputs.world), estimates_in_short(inputs.world)]
    basis = " ".join(filter(None, rests_on))
    blocks: list[Block] = [Paragraph(basis)] if basis else []
    for finding in inputs.findings:
        said = [*warnings_of(inputs, finding), what_decides(finding)]
        said += [
            base_in_words(finding, inputs.world.ledger, inputs.world.base_year),
            elsewhere_in_words(inputs, finding),
            records_in_short(inputs, finding),
        ]
        if len(inputs.findings) > 1:
            said.insert(0, f"{'–'.join(finding.pair_names)}:")
        facts = {
            f"chance from {ledger_in_words(name)}": chance_amount(other.chance)
            for name, other in inputs.in_other_ledgers(finding).items()
        }
        blocks.append(Paragraph(" ".join(filter(None, said)), facts))
    record = record_in_short(inputs)
    if record:
        blocks.append(Paragraph(record))
    return Section("certainty", "How sure", tuple(blocks))


def warnings_of(inputs: ReportInputs, finding: Finding) -> Iterator[str]:
    """Essential warnings: full gates, trade that stops, too few simulations."""
    yield capacity_sentence(inputs, finding)
    yield stop_in_words(finding)
    pairs = finding.answer.crossing.pairs
    if finding.answer.crossing.is_crossed and pairs.effective_sample < FEW_PAIRS:
        yield basis_in_words(finding)


def elsewhere_in_words(inputs: ReportInputs, finding: Finding) -> str:
    """The chance that other statistics lead to; empty where they say the same."""
    others = inputs.in_other_ledgers(finding)
    if not others or not finding.is_probability:
        return ""
    each = [
        f"{share_in_words(found.chance)} ({ledger_in_words(name).removesuffix(' statistics')})"
        for name, found in others.items()
    ]
    fewest = min(len(found.trade) for found in others.values())
    basis = f", {fewest} simulations each" if fewest < len(finding.trade) else ""
    return f"Other statistics give {listed(each)}{basis}."


def records_in_short(inputs: ReportInputs, finding: Finding) -> str:
    """Number of records since the base year inside the band; empty where there are none."""
    judged = since_base(inputs, finding)
    if not judged:
        return ""
    inside = sum(one.is_inside for one in judged)
    records = plural(len(judged), "record")
    return f"{inside} of {records} since {inputs.world.base_year} lie in the band."


def record_in_short(inputs: ReportInputs) -> str:
    """Number of official targets that were met; empty where none is on record."""
    if not inputs.world.official.targets:
        return ""
    record = outcomes_of(inputs.world)
    if not record.n_passed:
        return ""
    return f"{record.n_met} of {plural(record.n_passed, 'past official target')} were met."
