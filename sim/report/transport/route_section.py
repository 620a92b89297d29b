"""Section of the routes that a pair's cargo takes."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.calendar import parse_quarter
from sim.laws.numerics.spells import Days
from sim.laws.uncertainty.crossing import Estimate
from sim.report.page.amounts import Amount, Facts
from sim.report.page.amounts_over_runs import amount_over, share_of_runs
from sim.report.page.blocks import (
    Fold,
    Paragraph,
    Section,
    TableBlock,
    TableCell,
    TableColumn,
    numbers,
)
from sim.report.page.formatting import (
    per_cent,
    plural,
    rounded,
    with_error,
    year_to,
)
from sim.report.page.report_inputs import ReportInputs, flows_of_pair
from sim.report.page.time_axis import year_of
from sim.report.transport.gate_use import gates_over_time
from sim.report.transport.pair_routes import (
    RouteRow,
    gates_of,
    known_routes,
    own_labels,
    route_rows,
)
from sim.report.transport.route_bars import route_bars
from sim.report.transport.route_map import route_map
from sim.simulation.closures.gate_openings import bans_of
from sim.study.ensemble.findings import Finding, mean_interval
from sim.study.ensemble.headline import share_with_error

SHOWN = 5
"""Routes with a row of their own; the others are folded."""

TENTH = 1e-3
"""Finest error of a share of the cargo that is told [1]."""


class StrandedCause(NamedTuple):
    """Cause of cargo that does not move, in words."""

    stops: str
    """What happens to some cargo."""
    shut: str
    """What happens where nothing moves."""


NO_ROUTE = StrandedCause("finds no route open", "every route is shut")
BAN = StrandedCause("is stopped by a ban", "all of it is banned")
NO_ROUTE_OR_BAN = StrandedCause(
    "finds no route open or is banned", "every route is shut or all cargo is banned"
)


def routes_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """Routes used, on a map, by days and charges, and in a table; None where not recorded."""
    if not inputs.has("route_tonnes", "gate_open_share"):
        return None
    rows = route_rows(inputs, finding)
    if not rows:
        text = Paragraph(
            f"No route between {' and '.join(finding.pair_names)} is on record, so borders and "
            "ports do not act on their trade."
        )
        return Section("routes", "Routes and border crossings", (text,))
    known = known_routes(inputs, finding)
    on_map = route_map(inputs, finding, known)
    over_time = gates_over_time(inputs, finding)
    blocks = (
        *_stranded(inputs, finding),
        *((on_map,) if on_map else ()),
        *((over_time,) if over_time else ()),
        route_bars(inputs, finding, rows, known),
        shares_table(inputs, finding, rows[:SHOWN]),
        *_others(inputs, finding, rows[SHOWN:]),
    )
    return Section("routes", "Routes and border crossings", blocks)


def _others(inputs: ReportInputs, finding: Finding, rows: Sequence[RouteRow]) -> tuple[Fold, ...]:
    """Routes that carry little, behind a line."""
    if not rows:
        return ()
    carried = sum(row.asked for row in rows)
    line = f"{plural(len(rows), 'other route')}: {per_cent(carried)} of the cargo together"
    return (Fold(line, (shares_table(inputs, finding, rows),)),)


def _stranded(inputs: ReportInputs, finding: Finding) -> Iterator[Paragraph]:
    """Cargo that finds no route open or is banned, and whether trade stops for it."""
    if not inputs.has("stranded_tonnes"):
        return
    own = inputs.asked["stranded_tonnes"].sel(pair="-".join(finding.pair))
    tonnes = own.transpose("run", "quarter").to_numpy()
    if not tonnes.any():
        return
    mean = tonnes.mean(axis=0)
    worst = int(mean.argmax())
    n_short = int(tonnes.any(axis=1).sum())
    low, high = mean_interval(tonnes[:, worst])
    low = max(low, 0.0) if np.isfinite(high) else low
    cause = _cause(inputs, finding, tonnes > 0.0)
    text = (
        f"In {plural(n_short, 'run')} of {finding.n_runs} some cargo of the pair {cause.stops}: "
        f"{with_error(float(mean[worst]), low, high)} t a year in "
        f"{own['quarter'].to_numpy()[worst]}, the worst quarter, in the mean of all runs."
    )
    facts: Facts = {
        "runs with cargo that does not move": share_of_runs(n_short, finding.n_runs),
        "stranded in the worst quarter, mean of the runs": Amount(
            float(mean[worst]), "t/yr", low, high
        ),
    }
    if finding.n_stopped:
        flows = inputs.asked["goods_trade"].sel(flow=list(flows_of_pair(finding)))
        shut = (flows.sum(["flow", "good"]).transpose("run", "quarter").to_numpy() <= 0).sum(axis=1)
        facts = {
            **facts,
            "runs in which trade in goods stops": share_of_runs(finding.n_stopped, finding.n_runs),
            "quarters without it in these runs": amount_over(shut[shut > 0], "quarters"),
        }
        text += (
            f" In {plural(finding.n_stopped, 'run')} {cause.shut} at some time and trade in "
            f"goods stops, for {_quarters(shut[shut > 0])}. What is "
            "stranded is what would move at the cost of the base year."
        )
    yield Paragraph(text, facts)


def _cause(inputs: ReportInputs, finding: Finding, short: BoolArray) -> StrandedCause:
    """Cause of cargo that does not move, in the runs and quarters in which there is some.

    Results add up what gates and bans stop: where both act at once, neither is told alone.
    """
    banned = _banned_quarters(inputs, finding)
    if not (short.any(axis=0) & banned).any():
        return NO_ROUTE
    passed = {gate for label in own_labels(inputs, finding) for gate in gates_of(label)}
    # What a route without gates is named for is no gate; nothing shuts it.
    open_share = inputs.asked["gate_open_share"]
    on_routes = open_share.sel(gate=[gate for gate in open_share["gate"].values if gate in passed])
    is_open = (on_routes >= 1.0).all("gate").transpose("run", "quarter").to_numpy()
    is_ban_alone = bool((is_open & banned)[short].all())
    return BAN if is_ban_alone else NO_ROUTE_OR_BAN


def _banned_quarters(inputs: ReportInputs, finding: Finding) -> BoolArray:
    """Quarters with a day on which a ban on record or of the scenario acts on the pair."""
    world, quarters = inputs.world, inputs.asked["quarter"].to_numpy()
    days = Days.of_quarters([parse_quarter(str(quarter)) for quarter in quarters])
    ends = tuple(sorted(world.region_index(code) for code in finding.pair))
    own = [ban.spell for ban in bans_of(inputs.scenario, world) if ban.ends == ends]
    return np.asarray(days.total(days.united(own)) > 0.0)


def _quarters(shut: FloatArray) -> str:
    """Median number of quarters, with 90 % of the runs."""
    low, middle, high = np.quantile(shut, [0.05, 0.5, 0.95])
    return (
        f"{rounded(float(middle))} {'quarter' if middle == 1 else 'quarters'} in the median of "
        f"these runs (5–95 %: {rounded(float(low))} to {rounded(float(high))})"
    )


def shares_table(inputs: ReportInputs, finding: Finding, rows: Sequence[RouteRow]) -> TableBlock:
    """Shares of the routes in the pair's tonnes, a row each."""
    first, last = year_of(finding, 0), year_to(finding.by)
    compared = inputs.without is not None
    after = (f"{last}, no agreement", f"{last}, with the agreements") if compared else (last,)
    titles = (first, *after)

    def cells(row: RouteRow) -> tuple[TableCell, ...]:
        known = (
            (row.first, row.first_interval),
            (row.without, row.without_interval),
            (row.asked, row.with_agreements_interval),
        )
        shares = (
            Amount(share, "1", *interval, share_with_error(_to_a_tenth(share, *interval)))
            for share, interval in known
            if share is not None and interval is not None
        )
        return row.route, *shares, row.shut_by or "–"

    return TableBlock(
        columns=(
            TableColumn("Route"),
            *numbers(*titles),
            TableColumn(f"Gates shut for part of {last}"),
        ),
        rows=tuple(map(cells, rows)),
        caption="Share of the pair's tonnes, means over the runs (± simulation error). "
        "Closures: seasonal, dated or random.",
    )


def _to_a_tenth(share: float, low: float, high: float) -> Estimate:
    """A share that is told to a tenth of a per cent at most, however well it is known."""
    return Estimate(share, min(low, share - TENTH), max(high, share + TENTH))
