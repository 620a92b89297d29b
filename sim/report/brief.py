"""The answer in brief, for a page that shows it while it grows surer: two sentences, tables.

Numbers are those of `answer.json`, tables those of the report, so that page, report and file cannot
differ. What an agreement adds is told as the first sentences tell what all add: a change of the
median and of the chance, with the error of the simulation.
"""

from math import floor, isfinite, log10
from typing import Any

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.number_format import money, to_places
from sim.laws.uncertainty.crossing import Estimate
from sim.report.answer_json import estimate_json, target_json
from sim.report.energy.energy_section import supply_table
from sim.report.energy.flows import has_energy
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE, QUANTILE_NAMES
from sim.report.page.blocks import TableBlock, TableCell
from sim.report.page.formatting import MINUS, ledger_in_words
from sim.report.page.report_inputs import ReportInputs
from sim.report.policy.agreement_effects import effects_of
from sim.report.trade.gains_and_losses import WORTH_A_ROW
from sim.report.trade.incomes import incomes_of
from sim.report.transport.pair_routes import BETWEEN_GATES, known_routes, route_rows
from sim.report.transport.route_map import map_lines
from sim.report.transport.route_section import shares_table
from sim.report.transport.short_names import short_names
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT, variants_of
from sim.study.ensemble.findings import Finding
from sim.study.ensemble.headline import decimals, points_in_words, share_in_words, year_asked

MAX_DIGITS = 3
"""Digits of an amount at most, however well it is known."""
TOO_FEW = "too few runs for an interval"
WORTH_A_TABLE = 0.01
"""Share of energy in a pair's trade below which nothing is told of it unless the scenario asks."""


def brief(inputs: ReportInputs, *, has_map: bool = True) -> dict[str, Any]:
    """Return the content that a page shows of an answer, as JSON.

    Parameters
    ----------
    inputs : ReportInputs
        At least the scenario as asked and without agreements.
    has_map : bool
        Whether stretches of routes are told, which takes time to find.
    """
    return {
        "ledger": _statistics(inputs, inputs.world.ledger),
        "runs": inputs.asked.sizes["run"],
        "targets": [_of_target(inputs, finding, has_map) for finding in inputs.findings],
    }


def _of_target(inputs: ReportInputs, finding: Finding, has_map: bool) -> dict[str, Any]:
    without = finding.without
    quantiles = None if without is None else without.quantiles
    return {
        "name": finding.name,
        "pair": list(finding.pair_names),
        "year": year_asked(finding),
        "lines": list(two_lines(finding)),
        "answer": target_json(inputs, finding),
        "without_by_year": None if quantiles is None else {
            f"{year}{finding.by[4:]}": dict(zip(QUANTILE_NAMES, values.tolist(), strict=True))
            for year, values in zip(finding.years, quantiles.T, strict=True)
        },
        "levers": _levers(inputs, finding),
        "gains": _gains(inputs, finding),
        "routes": _routes(inputs, finding),
        "map": _map(inputs, finding) if has_map else None,
        "other_ledgers": [
            {"ledger": name, "line": _elsewhere(_statistics(inputs, name), other)}
            for name, other in inputs.in_other_ledgers(finding).items()
        ],
        "energy": _energy(inputs, finding),
    }  # fmt: skip


def two_lines(finding: Finding) -> tuple[str, str]:
    """Chance first, then trade, each in one sentence with its interval."""
    goal = money(finding.target_musd)
    chance, median = finding.chance, finding.median
    first = f"Trade in {year_asked(finding)}: "
    if not finding.is_probability:
        first += f"no chance of {goal} is given, since a source of uncertainty is off."
    elif finding.without is None or finding.change is None:
        first += f"{share_in_words(chance)} chance of {goal} ({_points(chance)})."
    else:
        before, change = finding.without.chance[finding.at], finding.change.chance
        # To the place to which the difference is known, so that they can be subtracted.
        places = decimals(50.0 * (change.high - change.low)) if isfinite(change.high) else 0
        with_, without = (
            (share_in_words(each, places), _points(each, places)) for each in (chance, before)
        )
        first += (
            f"{with_[0]} chance of {goal} ({with_[1]}), without agreements {without[0]} "
            f"({without[1]}): {points_in_words(change)}."
        )
    second = f"Median {_musd(median)}"
    if finding.change is None:
        return first, f"{second}."
    change = finding.change.median
    if change.low <= 0.0 <= change.high:
        told, (_, span) = "cannot be told apart from none", _known_digits(change)
        return first, f"{second}; what the agreements add {told} ({span})."
    return first, f"{second}, of which the agreements {_change(change)}."


def _points(chance: Estimate, at_least: int = 0) -> str:
    """Interval of a chance, with the decimals that the chance itself is told with."""
    if not np.isfinite(chance[1:]).all():
        return TOO_FEW
    places = len(share_in_words(chance, at_least).removesuffix(" %").partition(".")[2])
    return f"{100 * chance.low:.{places}f} to {100 * chance.high:.{places}f} %"


def _musd(amount: Estimate) -> str:
    value, span = _known_digits(amount)
    return f"{value} million USD ({span})"


def _change(amount: Estimate) -> str:
    value, span = _known_digits(amount)
    is_gain = not value.startswith(MINUS) and value.strip("0.")
    return f"{'+' if is_gain else ''}{value} ({span})"


def _known_digits(amount: Estimate) -> tuple[str, str]:
    """A number and its interval, all three to the first digit of its error, of three at most."""
    half = max(amount.high - amount.value, amount.value - amount.low)
    size = floor(log10(abs(amount.value))) if amount.value else 0
    place = size - MAX_DIGITS + 1
    if not isfinite(half):
        return to_places(amount.value, 1 - size), TOO_FEW
    if half > 0:
        place = max(place, floor(log10(half)))
    low, value, high = (
        to_places(each, -place) for each in (amount.low, amount.value, amount.high)
    )  # fmt: skip
    return value, f"{low} to {high}"


def _levers(inputs: ReportInputs, finding: Finding) -> list[dict[str, Any]]:
    """Each agreement by itself, then all together: what it adds to the median and to the chance.

    An agreement that has not been simulated by itself yet has null for both.
    """
    known = {
        effect.name: {
            "name": _titled(inputs, effect.name),
            "median": {**estimate_json(effect.median), "words": _change(effect.median)},
            "chance": estimate_json(effect.chance),
        }
        for effect in effects_of(inputs, finding)
    }
    if not known:
        return []
    told = (AS_ASKED, NO_AGREEMENT)
    names = [name for name in variants_of(inputs.scenario) if name not in told]
    missing = [
        {"name": _titled(inputs, name), "median": None, "chance": None}
        for name in names
        if name not in known
    ]
    return [*missing, *known.values()]


def _titled(inputs: ReportInputs, name: str) -> str:
    """An agreement's name with its kind, unless that is its name."""
    if name not in inputs.scenario.agreements:
        return name
    kind = inputs.scenario.agreements[name].kind_in_words
    return name if kind in name else f"{name} ({kind})"


def _edges(quantiles: FloatArray) -> dict[str, float]:
    """Median and 90 % interval of quantiles."""
    places = (("low", LOW), ("mid", MIDDLE), ("high", HIGH))
    return {name: float(quantiles[q]) for name, q in places}


def _gains(inputs: ReportInputs, finding: Finding) -> dict[str, Any] | None:
    """Change of real income by State, own States and members first; None without agreements."""
    if inputs.without is None or not inputs.has_incomes:
        return None
    incomes = incomes_of(inputs, finding)
    members = inputs.scenario.parties
    edges = np.abs(incomes.gain).max(axis=0)
    largest = float(edges.max())
    rows: list[dict[str, Any]] = []
    rest: list[float] = []
    for k, code in enumerate(incomes.regions):
        is_member = code in members
        if not is_member and code not in finding.pair and edges[k] < WORTH_A_ROW * largest:
            rest.append(float(edges[k]))
            continue
        gain = _edges(incomes.gain[:, k])
        rows.append({
            "region": code, "name": incomes.names[k], **gain,
            "is_own": code in finding.pair, "is_member": is_member,
            "must_ratify": is_member and gain["high"] < 0.0,
        })  # fmt: skip
    rows.sort(key=lambda row: (not row["is_own"], not row["is_member"], -row["mid"]))
    return {"unit": "million USD a year", "rows": rows, "n_rest": len(rest),
            "most_of_rest": max(rest, default=0.0)}  # fmt: skip


def _routes(inputs: ReportInputs, finding: Finding) -> dict[str, Any] | None:
    if not inputs.has("route_tonnes", "gate_open_share"):
        return None
    rows = route_rows(inputs, finding)
    if not rows:
        return None
    names = short_names([row.route.split(BETWEEN_GATES) for row in rows])
    table = _table(shares_table(inputs, finding, rows))
    return {**table, "short": [BETWEEN_GATES.join(name) for name in names]}


def _map(inputs: ReportInputs, finding: Finding) -> list[dict[str, float | str]] | None:
    if not inputs.has("route_tonnes", "gate_utilisation") or not route_rows(inputs, finding):
        return None
    return map_lines(inputs, finding, known_routes(inputs, finding))


def _elsewhere(ledger: str, finding: Finding) -> str:
    """The same question answered from another ledger, in one sentence."""
    chance = ""
    if finding.is_probability:
        chance = f"{share_in_words(finding.chance)} chance ({_points(finding.chance)}), "
    return f"By {ledger}: {chance}median {_musd(finding.median)}."


def _statistics(inputs: ReportInputs, ledger: str) -> str:
    """A ledger in words within a sentence: only names of States have a capital."""
    words = ledger_in_words(ledger)
    names = inputs.world.region_names
    return words if words.startswith(names) else words[0].lower() + words[1:]


def _energy(inputs: ReportInputs, finding: Finding) -> dict[str, Any] | None:
    """Energy of the pair, where it is worth a table or the scenario sets any of it."""
    set_by_scenario = bool(inputs.scenario.energy.model_fields_set)
    if not has_energy(inputs) or not (set_by_scenario or finding.energy_share >= WORTH_A_TABLE):
        return None
    table = supply_table(inputs, finding)
    return _table(table) if table.rows else None


def _table(table: TableBlock) -> dict[str, Any]:
    return {
        "columns": [{"title": c.title, "is_number": c.is_number} for c in table.columns],
        "rows": [[*map(_text, row)] for row in table.rows],
        "caption": table.caption,
    }


def _text(cell: TableCell) -> str:
    if isinstance(cell, Amount):
        return cell.text or f"{cell.value:.3g}"
    return cell if isinstance(cell, str) else f"{cell.before}{cell.source}"
