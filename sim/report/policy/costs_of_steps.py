"""Costs of the scenario's steps: investments and measures, trade for each million, appraisal."""

from collections.abc import Callable, Iterator

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts import Amount
from sim.report.page.assumption_words import label_of
from sim.report.page.blocks import (
    Block,
    Fold,
    Note,
    Paragraph,
    TableBlock,
    TableCell,
    TableColumn,
    numbers,
    words,
)
from sim.report.page.formatting import musd, plural, signed, signed_musd, two_digits, year_to
from sim.report.page.report_inputs import ReportInputs
from sim.study.break_even.project_appraisal import (
    CHARGE_UNITS,
    RETURNS,
    Appraisal,
)
from sim.study.ensemble.findings import Finding
from sim.study.lever_costs import costs_of
from sim.study.one_at_a_time.ranking import AssumptionMove


def costs_of_steps(inputs: ReportInputs, finding: Finding) -> Iterator[Block]:
    """Sentence and folded tables; nothing where no cost of any step is known."""
    rows = list(_steps(inputs, finding))
    if not rows:
        return
    whole = sum(row[1].value for row in rows if isinstance(row[1], Amount))
    yield Paragraph(
        f"Steps with a stated cost: {musd(whole)} million USD in all, paid once.",
        {"cost of the steps": Amount(whole, "million USD")},
    )
    table = TableBlock(
        (
            TableColumn("Step"),
            *numbers("Cost, million USD", f"Trade in {year_to(finding.by)}, less that without it"),
            *numbers("For each million"),
            *words("Source"),
        ),
        tuple(rows),
        caption="Trade, million USD a year: what the whole scenario loses if this step alone is "
        "taken out of it; below 0 where the other steps bring more, or come sooner, without it. "
        "It is not what the step does by itself: for agreements that is under “Effects of the "
        "agreements”. One run with every parameter at its median and no random event, so there is "
        "no interval. Costs are once, trade comes every year",
    )
    yield Fold(f"{plural(len(rows), 'step')}: cost, trade for each million USD", (table,))
    if inputs.appraisals:
        yield Fold("Would the projects pay: an appraisal", tuple(_appraised(inputs.appraisals)))


def _steps(inputs: ReportInputs, finding: Finding) -> Iterator[tuple[TableCell, ...]]:
    """A row for each step of which a cost is known."""
    ranking = inputs.ranking
    if ranking is None:
        return
    target = [found.name for found in inputs.findings].index(finding.name)
    middle = float(ranking.middle[target])
    for move in ranking.moves:
        cost, source = _cost(inputs, move) if move.origin == "entry" else (None, "")
        if cost is None:
            continue
        gain = middle - float(move.low[target])
        yield (
            label_of(move, inputs.world),
            Amount(cost, "million USD", text=musd(cost)),
            Amount(gain, "million USD/yr", text=signed_musd(gain)),
            Amount(gain / cost, "1/yr", text=signed(gain / cost)) if cost > 0 else "–",
            source,
        )


def _cost(inputs: ReportInputs, move: AssumptionMove) -> tuple[float | None, str]:
    """Cost of an entry of the scenario [million USD] and who says so."""
    scenario, world = inputs.scenario, inputs.world
    block, _, name = move.name.rpartition(".")
    if block == "projects":
        line = next((one for one in world.network.projects if one.project == name), None)
        return (line.cost_musd, line.source) if line else (None, "")
    if block == "energy.projects":
        known = [one for one in world.investments if one.project == name]
        return (known[-1].cost_musd, known[-1].source) if known else (None, "")
    if block == "reforms.steps":
        return scenario.reforms.steps[name].cost_musd, "the scenario"
    # Levers that share an entry, such as the terms of one agreement, add up.
    costs = costs_of(scenario, [move.name])
    return (costs[move.name], "reach, the scenario") if move.name in costs else (None, "")


def _appraised(found: tuple[Appraisal, ...]) -> Iterator[Block]:
    table = TableBlock(
        (
            TableColumn("Project"),
            *numbers("Cost, million USD", "Needs a year", "Capacity"),
            *numbers("Charge at capacity", "Saves, USD/FEU", "Cargo that pays, Mt"),
            *words("On record"),
        ),
        tuple(_appraised_row(one) for one in found),
        caption="Needs a year, million USD over running costs: annuity of the cost at "
        f"{100 * RETURNS[0]:.0f} % over 30 years; in brackets over costs on record, returns of "
        f"{100 * RETURNS[1]:.0f} to {100 * RETURNS[2]:.0f} % and lives of 50 to 20 years. Charge: "
        "the least at full capacity. Saves: generalised cost that the line takes off the cheapest "
        "open route of the pair's mean container, its fare paid. Cargo that pays: if all of it "
        "leaves the whole saving",
    )
    yield table
    yield Note(
        "No one invests in these simulations: a project opens on its date or by its yearly chance. "
        "The table says what each needs to pay. Returns are hurdle rates of a "
        "development bank, remembered; lives are assumed; private capital asks more."
    )


def _appraised_row(one: Appraisal) -> tuple[TableCell, ...]:
    charge, cargo, saves = one.charge, one.cargo_mt, one.saves_usd
    unit = CHARGE_UNITS.get(one.unit, "")
    return (
        one.title,
        _spread(one.cost_musd, "million USD", musd),
        _spread(one.needs_musd, "million USD/yr", musd),
        "–"
        if one.capacity is None
        else Amount(one.capacity, f"{one.unit}/yr", text=f"{two_digits(one.capacity)} {one.unit}"),
        "–" if charge is None else _spread(charge, unit, two_digits, unit),
        "–" if saves is None else Amount(saves, "USD/FEU", text=f"{saves:,.0f}"),
        "–" if cargo is None else _spread(cargo, "Mt/yr", two_digits),
        f"{one.status.replace('-', ' ')} ({', '.join(one.sources)})",
    )


def _spread(
    values: FloatArray, unit: str, write: Callable[[float], str], after: str = ""
) -> Amount:
    """A middle with its low and high end in brackets."""
    middle, low, high = (float(value) for value in values)
    text = write(middle) if low == high else f"{write(middle)} ({write(low)} to {write(high)})"
    return Amount(middle, unit, low, high, f"{text} {after}".strip())
