"""Known answers of the gravity law: closed forms always, published tables where their files are."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from sim.laws import gravity
from sim.laws.numerics.arrays import FloatArray
from sim.validation.check import Check, SkippedCheck
from sim.validation.published_cases import (
    CaseCard,
    OneGoodCase,
    SectorCase,
    case_cards,
    published_values,
    read_one_good,
    read_sectors,
)

CLOSED_FORM = "closed form"


def known_gravity(folder: Path | None) -> list[Check | SkippedCheck]:
    """Try every known answer of the gravity law.

    Parameters
    ----------
    folder : Path or None
        Folder of the published gravity cases, one subfolder a case; None or an absent folder
        leaves the closed forms and says what was skipped.

    Returns
    -------
    list of Check or SkippedCheck
        Closed forms first, then the published tables in the order of their cards.
    """
    rows: list[Check | SkippedCheck] = list(closed_forms())
    trials: dict[str, Callable[[Path, CaseCard], Iterator[Check]]] = {
        "costs": _costs_checks,
        "panel": _panel_checks,
        "sectors": _sector_checks,
    }
    for card in case_cards():
        if folder is None or not (folder / card.case).is_dir():
            where = "no folder of cases was given" if folder is None else f"not in {folder}"
            rows.append(SkippedCheck(card.case, f"inputs and answers: {where}"))
            continue
        rows += trials[card.kind](folder, card)
    return rows


def closed_forms() -> Iterator[Check]:
    """Answers that paper and pencil give, on made-up worlds."""
    theta, n_states = 4.0, 5
    size = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    distance = 1 + np.abs(np.subtract.outer(np.arange(n_states), np.arange(n_states)))
    balanced = np.outer(size, size) / distance**2  # symmetric, so every state's trade balances
    cost = np.ones((n_states, n_states))
    cost[1, 2] = cost[2, 1] = 0.7

    def check(quantity: str, known: float, ours: float, source: str) -> Check:
        return Check(CLOSED_FORM, quantity, known, float(ours), 1e-10, "ratio", source)

    same = gravity.equilibrium(balanced, trade_elasticity=theta)
    gap = np.abs(same.trade_change - 1).max()
    yield check("no change in, largest change out", 0.0, gap, "identity")
    shocked = gravity.equilibrium(balanced, trade_cost_change=cost, trade_elasticity=theta)
    share_change = shocked.trade_change[0, 0] / shocked.expenditure_change[0]
    acr = "Arkolakis, Costinot and Rodriguez-Clare (2012), AER 102(1), eq. 1"
    yield check(
        "welfare after a foreign shock",
        share_change ** (-1 / theta),
        shocked.welfare_change[0],
        acr,
    )
    closed = np.where(np.eye(n_states, dtype=bool), 1.0, 1e9)
    autarky = gravity.equilibrium(balanced, trade_cost_change=closed, trade_elasticity=theta)
    own = balanced.diagonal() / balanced.sum(axis=0)
    yield check("welfare in autarky", own[0] ** (1 / theta), autarky.welfare_change[0], acr)
    back = gravity.equilibrium(shocked.trade, trade_cost_change=1 / cost, trade_elasticity=theta)
    gap = np.abs(back.trade / balanced - 1).max()
    yield check("undoing a shock, largest gap", 0.0, gap, "identity")
    yield from _symmetric(theta, check)


def _symmetric(theta: float, check: Callable[[str, float, float, str], Check]) -> Iterator[Check]:
    """Two equal states: wages stay equal, so everything is in closed form."""
    own, cost, rate = 0.8, 0.9, 0.25
    trade = np.array([[own, 1 - own], [1 - own, own]])
    off = 1 - np.eye(2)
    power = own + (1 - own) * cost**-theta
    cheaper = gravity.equilibrium(
        trade, trade_cost_change=np.where(off, cost, 1.0), trade_elasticity=theta
    )
    source = "two equal states, by hand"
    yield check("welfare of cheaper trade", power ** (1 / theta), cheaper.welfare_change[0], source)
    power = own + (1 - own) * (1 + rate) ** -theta
    foreign = 1 - own / power
    income = 1 / (1 - rate / (1 + rate) * foreign)
    taxed = gravity.equilibrium(trade, tariff_rate=rate * off, trade_elasticity=theta)
    known = income * power ** (1 / theta)
    yield check("welfare of tariffs on both sides", known, taxed.welfare_change[0], source)


def _costs_checks(folder: Path, card: CaseCard) -> Iterator[Check]:
    case = read_one_good(folder, card)
    ours = _one_good_percent(case, card)
    for name in ("Output", "Welfare", "Trade"):
        published = case.answers[name]
        gap = np.abs(ours[name] - published).max()
        quantity = f"{name.lower()}, largest gap of {len(case.states)} states"
        yield Check(card.case, quantity, 0.0, float(gap), 1e-8, "% points", card.source)
        for state in card.shown:
            at = case.states.index(state)
            quantity = f"{name.lower()}, {state}"
            values = float(published[at]), float(ours[name][at])
            yield Check(card.case, quantity, *values, 1e-8, "%", card.source)


def _one_good_percent(case: OneGoodCase, card: CaseCard) -> dict[str, FloatArray]:
    """Output, welfare and trade as the paper measures them, first scenario, percent."""
    psi = card.supply_elasticity
    found = gravity.equilibrium(
        case.trade,
        trade_cost_change=case.trade_cost_change[0],
        trade_elasticity=card.trade_elasticity,
        supply_elasticity=psi,
        deficits=card.deficits,
    )
    abroad = ~np.eye(len(case.states), dtype=bool)
    numeraire = found.output_change.mean()

    def crossing(flows: FloatArray) -> FloatArray:
        return np.asarray((flows * abroad).sum(axis=0) + (flows * abroad).sum(axis=1))

    ratios = {
        "Output": (found.price_change / found.price_index_change) ** psi,
        "Welfare": found.welfare_change,
        "Trade": crossing(found.trade) / numeraire / crossing(case.trade),
    }
    return {name: 100 * (ratio - 1) for name, ratio in ratios.items()}


def _panel_checks(folder: Path, card: CaseCard) -> Iterator[Check]:
    case = read_one_good(folder, card)
    ours = _real_percent(case, card)
    for row in published_values():
        if row.case == card.case:
            value = float(ours[row.quantity][case.states.index(row.state)])
            quantity = f"{row.quantity}, {row.state}"
            yield Check(card.case, quantity, row.value, value, row.tolerance, row.unit, card.source)
    for name, column in zip(ours, case.answers, strict=True):
        gap = np.abs(ours[name] - case.answers[column]).max()
        quantity = f"{name}, largest gap of {len(case.states)} states"
        yield Check(card.case, quantity, 0.0, float(gap), 5e-4, "% points", card.source)


def _real_percent(case: OneGoodCase, card: CaseCard) -> dict[str, FloatArray]:
    """Flows deflated by the seller's price (exports) or the buyer's index (imports), percent."""
    found = gravity.equilibrium(
        case.trade,
        trade_cost_change=case.trade_cost_change[0],
        trade_elasticity=card.trade_elasticity,
        supply_elasticity=card.supply_elasticity,
        deficits=card.deficits,
    )
    abroad = ~np.eye(len(case.states), dtype=bool)
    sold, bought = (case.trade * abroad).sum(axis=1), (case.trade * abroad).sum(axis=0)
    exports = (found.trade * abroad).sum(axis=1) / sold / found.price_change
    imports = (found.trade * abroad).sum(axis=0) / bought / found.price_index_change
    ratios = {
        "exports": exports,
        "imports": imports,
        "international trade": (exports * sold + imports * bought) / (sold + bought),
        "domestic sales": found.trade_change.diagonal() / found.price_index_change,
        "output": (found.price_change / found.price_index_change) ** card.supply_elasticity,
        "welfare": found.welfare_change,
    }
    return {name: 100 * (ratio - 1) for name, ratio in ratios.items()}


def _sector_checks(folder: Path, card: CaseCard) -> Iterator[Check]:
    case = read_sectors(folder, card)
    ours = sector_percent(case, card)
    for row in published_values():
        if row.case == card.case:
            value = float(ours[row.quantity][case.states.index(row.state)])
            quantity = f"{row.quantity}, {row.state}"
            yield Check(card.case, quantity, row.value, value, row.tolerance, row.unit, card.source)


def sector_percent(case: SectorCase, card: CaseCard) -> dict[str, FloatArray]:
    """Deficits solved away, then the new tariffs: the paper's measures by state, percent.

    Terms and volume of trade are the first-order decomposition of welfare around the balanced
    baseline; imports are valued with world value added held, as the paper does.
    """
    law = partial(
        gravity.equilibrium,
        trade_elasticity=case.trade_elasticity,
        value_added_share=case.value_added_share,
        input_share=case.input_share,
        tariff_rate_baseline=case.tariff_rate_baseline,
        deficits="additive",
    )
    n_states = len(case.states)
    balanced = law(
        case.trade,
        tariff_rate=case.tariff_rate_baseline,
        deficit=np.zeros(n_states),
        final_share="clipped",
    ).trade
    found = law(balanced, tariff_rate=case.tariff_rate)
    abroad = ~np.eye(n_states, dtype=bool)
    member = np.isin(np.array(case.states), card.members)
    among = abroad & member[:, None] & member
    crossing = balanced * abroad
    taxed = crossing * case.tariff_rate_baseline
    added = (case.value_added_share * balanced.sum(axis=2)).sum(axis=0)
    income = added + taxed.sum(axis=(0, 1))
    cost = found.price_change - 1
    exports, imports = crossing * cost[:, :, None], crossing * cost[:, :, None]
    terms = (exports.sum(axis=(0, 2)) - imports.sum(axis=(0, 1))) / income
    volume = (taxed * (found.trade_change - 1 - cost[:, :, None])).sum(axis=(0, 1)) / income
    numeraire = (added * found.wage_change).sum() / added.sum()
    goods = slice(case.n_traded)
    bought = (balanced * among)[goods].sum(axis=(0, 1))
    partners = (found.trade * among)[goods].sum(axis=(0, 1)) / np.where(member, bought, 1.0)
    return {
        "terms of trade": 100 * terms,
        "volume of trade": 100 * volume,
        "welfare, first order": 100 * (terms + volume),
        "welfare, exact": 100 * (found.welfare_change - 1),
        "real wage": 100 * (found.real_wage_change - 1),
        "imports from members": 100 * (partners / numeraire - 1),
    }
