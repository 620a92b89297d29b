"""Every uncertain or assumed number that the runs used, those the scenario changed first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.report.evidence.own_figure_changes import HEADING, own_figures
from sim.report.page.amounts import Amount
from sim.report.page.blocks import (
    Block,
    Citation,
    Fold,
    Note,
    Points,
    Section,
    TableBlock,
    TableCell,
    words,
)
from sim.report.page.formatting import NARROW, listed, plural, rounded, with_range
from sim.report.page.report_inputs import ReportInputs

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario, UncertainInput
    from sim.world.csv_tables.records import Parameter
    from sim.world.world import World

FORM_WORDS = {
    "triangular": "triangular {0} – {1} – {2}",
    "uniform": "uniform {0} – {1}",
    "normal": "normal, mean {0}, s.d. {1}",
    "lognormal": "lognormal, median {0}, log s.d. {1}",
    "fixed": "{0}",
}
SHARE_WORDS = {
    "triangular": "{0} to {2}{per_cent} (triangular, most likely {1}{per_cent})",
    "uniform": "{0} to {1}{per_cent} (uniform)",
    "normal": "{0}{per_cent} (normal, s.d. {1}{per_cent})",
    "lognormal": "{0}{per_cent} (lognormal, log s.d. {1})",
    "fixed": "{0}{per_cent}",
}
ADJUSTMENT = {
    "phase_in": "Trade moves to its new equilibrium over the years, as it did after past "
    "agreements.",
    "immediate": "Trade moves to its new equilibrium at once.",
}
CLOSURE = {
    "full": "Full: prices, incomes and spending of every region adjust.",
    "conditional": "Conditional: prices adjust, incomes are held.",
    "direct": "Direct: only the pair's own costs act; nobody else adjusts.",
}
DEFICITS = {
    "universal": "Trade deficits keep their proportion to output.",
    "additive": "Trade deficits are held at their value.",
}
FLAGS = (
    "Flags: seen – read in the source; derived – computed from figures that were; "
    "estimated – assumed or remembered."
)
NOT_USED = "Parameters not used in this scenario"
UNIT_WORDS = {"1": "pure number"}


@dataclass(frozen=True)
class Assumption:
    """One parameter, as the runs had it."""

    title: str
    value: Amount
    """Its middle, with the ends of its range."""
    drawn: Amount
    """Median and 90 % interval over the runs, or the one value of all runs."""
    unit: str
    source: str
    """Identifier of its source; empty for what the scenario states."""
    flag: str
    note: str
    is_changed: bool
    is_used: bool
    """Whether any rule may have asked for it."""


def assumptions_section(inputs: ReportInputs) -> Section:
    """Adjustment of trade in the runs, and every number they used."""
    every = assumptions_of(inputs)
    rows = [row for row in every if row.is_used or row.is_changed]
    idle = [row.title for row in every if not (row.is_used or row.is_changed)]
    table = TableBlock(
        columns=words(
            "Parameter",
            "Value or distribution",
            "In the simulations: median, 5–95 %",
            "Unit",
            "Source",
            "Flag",
        ),
        rows=tuple(_cells(row) for row in rows),
        caption="Parameters of the simulations; those the scenario changed stand first",
        marked=frozenset(k for k, row in enumerate(rows) if row.is_changed),
    )
    settings = Points(_settings(inputs.scenario))
    line = f"{plural(len(rows), 'parameter')} of these simulations, with range and source"
    folds = [Fold(line, (table, Note(FLAGS)), is_printed=True)]
    if idle:
        folds.append(Fold(NOT_USED, (Note(f"{'; '.join(idle)}."),)))
    changed = [row.title for row in rows if row.is_changed]
    said = (Note(f"Changed by the scenario: {listed(changed)}."),) if changed else ()
    own = _own(inputs.scenario, inputs.world)
    return Section("assumptions", "Assumptions", (settings, *own, *said, *folds))


def given_section(base: "Scenario", world: "World", scenarios: "Mapping[str, Scenario]") -> Section:
    """Adjustment of trade in a study, and every number that its runs draw from.

    Parameters
    ----------
    base : Scenario
    world : World
    scenarios : mapping of str to Scenario
        By name; a number that differs between them has a row for each of its forms.
    """
    changed: list[tuple[TableCell, ...]] = []
    usual: list[tuple[TableCell, ...]] = []
    for name, parameter in world.parameters.items():
        forms: dict[str, tuple[UncertainInput | None, list[str]]] = {}
        for label, scenario in scenarios.items():
            given = scenario.uncertainty.get(name)
            _, labels = forms.setdefault(repr(given), (given, []))
            labels.append(label)
        for given, labels in forms.values():
            which = f", {listed(labels)}" if len(forms) > 1 else ""
            title = f"{parameter.title}{which}{' (changed)' if given else ''}"
            varies = base.uncertainty_sources.parameters
            value = Amount(*_range(parameter, given), text=_told(parameter, given, varies=varies))
            unit = UNIT_WORDS.get(parameter.unit, parameter.unit)
            row = (title, value, unit, _cited(parameter.source, given), parameter.flag)
            (changed if given else usual).append(row)
    table = TableBlock(
        columns=words("Parameter", "Value or distribution", "Unit", "Source", "Flag"),
        rows=(*changed, *usual),
        caption="Numbers that every run draws; those the scenario changed stand first",
        marked=frozenset(range(len(changed))),
    )
    own = [block for scenario in scenarios.values() for block in _own(scenario, world)]
    notes = tuple(note for k, note in enumerate(own) if note not in own[:k])
    blocks: tuple[Block, ...] = (Points(_settings(base)), *notes, table, Note(FLAGS))
    return Section("assumptions", "Assumptions", blocks)


def _own(scenario: "Scenario", world: "World") -> tuple[Note, ...]:
    said = tuple(own_figures(scenario, world))
    return (Note(f"{HEADING} tables: {' '.join(said)}"),) if said else ()


def _settings(scenario: "Scenario") -> tuple[str, ...]:
    """Settings for the adjustment of trade."""
    return (
        ADJUSTMENT[scenario.adjustment],
        CLOSURE[scenario.model_closure],
        DEFICITS[scenario.deficits],
    )


def _cells(row: Assumption) -> tuple[TableCell, ...]:
    said = "changed" if row.is_used else "changed, but nothing here calls on it"
    title = f"{row.title} ({said})" if row.is_changed else row.title
    return title, row.value, row.drawn, row.unit, _cited(row.source, row.is_changed), row.flag


def _cited(source: str, given: object) -> Citation:
    """Source of a parameter, behind the scenario where that gives a form of its own."""
    return Citation(source, before="the scenario; table: " if given else "")


def assumptions_of(inputs: ReportInputs) -> tuple[Assumption, ...]:
    """Parameters in the order of the world, changed ones first."""
    rows = [
        _row(inputs, parameter, inputs.scenario.uncertainty.get(name))
        for name, parameter in inputs.world.parameters.items()
    ]
    return tuple(sorted(rows, key=lambda row: not row.is_changed))


def any_varies(inputs: ReportInputs) -> bool:
    """Return True if any parameter differs between the runs."""
    return any(
        float(np.ptp(inputs.asked[f"parameter_{name}"].to_numpy())) > 0
        for name in inputs.world.parameters
    )


def _row(
    inputs: ReportInputs, parameter: "Parameter", given: "UncertainInput | None"
) -> Assumption:
    drawn_values = inputs.asked[f"parameter_{parameter.name}"]
    values = drawn_values.to_numpy()
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95]).tolist()
    varies = float(np.ptp(values)) > 0
    drawn = with_range(low, middle, high) if varies else _number(middle)
    value = _told(parameter, given, varies=varies, drawn=middle)
    return Assumption(
        title=parameter.title,
        value=Amount(*_range(parameter, given), text=value),
        drawn=Amount(middle, parameter.unit, low, high, drawn),
        unit=UNIT_WORDS.get(parameter.unit, parameter.unit),
        source=parameter.source,
        flag=parameter.flag,
        note=parameter.note,
        is_changed=given is not None,
        # What is fixed may have gone into the world itself.
        is_used=drawn_values.attrs["is_used"] or parameter.distribution == "fixed",
    )


def _told(
    parameter: "Parameter",
    given: "UncertainInput | None",
    *,
    varies: bool,
    drawn: float | None = None,
) -> str:
    """Possible values of a parameter; the one value of all runs where it does not vary."""
    if given is not None:
        return form_in_words(given)
    own = _own_distribution(parameter)
    if varies or parameter.distribution == "fixed":
        return own
    value = parameter.value if drawn is None else drawn
    return f"{_number(value)} in every run (on record: {own})"


def form_in_words(given: "UncertainInput") -> str:
    """A distribution as a scenario gives it."""
    return FORM_WORDS[given.form].format(*map(_number, given.numbers))


def share_form_in_words(given: "UncertainInput") -> str:
    """A distribution of a share as a scenario gives it, in per cent."""
    numbers = [100.0 * number for number in given.numbers]
    if given.form == "lognormal":
        # Its spread is on the log scale, where a share and its per cent have the same.
        numbers[1] = given.numbers[1]
    return SHARE_WORDS[given.form].format(*map(_number, numbers), per_cent=f"{NARROW}%")


def _range(
    parameter: "Parameter", given: "UncertainInput | None"
) -> tuple[float, str, float | None, float | None]:
    """Middle, unit and ends of what a parameter may be; no ends where its form has none."""
    if given is None:
        return parameter.value, parameter.unit, parameter.low, parameter.high
    numbers = given.numbers
    if given.form == "triangular":
        return numbers[1], parameter.unit, numbers[0], numbers[2]
    if given.form == "uniform":
        return (numbers[0] + numbers[1]) / 2, parameter.unit, numbers[0], numbers[1]
    return numbers[0], parameter.unit, None, None


def _own_distribution(parameter: "Parameter") -> str:
    numbers = {
        "triangular": (parameter.low, parameter.value, parameter.high),
        "uniform": (parameter.low, parameter.high),
        "fixed": (parameter.value,),
    }.get(parameter.distribution)
    if numbers is None:
        low, high = _number(parameter.low), _number(parameter.high)
        return f"{_number(parameter.value)} ({parameter.distribution}, {low} to {high})"
    return FORM_WORDS[parameter.distribution].format(*map(_number, numbers))


def _number(value: float) -> str:
    return rounded(float(value), 4 if abs(value) < 1000 else 5)
