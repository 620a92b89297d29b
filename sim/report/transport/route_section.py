"""Section of the routes that a pair's cargo takes."""

from collections.abc import Iterator, Sequence

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts import Amount, Facts
from sim.report.page.blocks import Paragraph, Section, TableBlock, TableColumn, numbers
from sim.report.page.formatting import (
    in_brackets,
    per_cent,
    plural,
    rounded,
    with_interval,
    year_to,
)
from sim.report.page.material import ReportInput, amount_over, flows_of_pair, share_of_runs, year_of
from sim.report.transport.gate_use import gates_over_time
from sim.report.transport.route_bars import route_bars
from sim.report.transport.route_map import route_map
from sim.report.transport.routes import RouteRow, known_routes, route_rows
from sim.study.ensemble.findings import Finding, mean_interval


def routes_section(material: ReportInput, finding: Finding) -> Section | None:
    """Ways used, on a map, by days and charges, and in a table; None where not recorded."""
    if not material.has("route_tonnes", "gate_open_share"):
        return None
    rows = route_rows(material, finding)
    if not rows:
        text = Paragraph(
            f"No route between {' and '.join(finding.pair_names)} is on record, so borders and "
            "ports do not act on their trade."
        )
        return Section("ways", "Ways used", (text,))
    known = known_routes(material, finding)
    on_map = route_map(material, finding, known)
    over_time = gates_over_time(material, finding)
    blocks = (
        *_stranded(material, finding),
        *((on_map,) if on_map else ()),
        *((over_time,) if over_time else ()),
        route_bars(material, finding, rows, known),
        shares_table(material, finding, rows),
    )
    return Section("ways", "Ways used", blocks)


def _stranded(material: ReportInput, finding: Finding) -> Iterator[Paragraph]:
    """Cargo that finds no route open, and whether trade stops for it."""
    if not material.has("stranded_tonnes"):
        return
    own = material.asked["stranded_tonnes"].sel(pair="-".join(finding.pair))
    tonnes = own.transpose("run", "quarter").to_numpy()
    if not tonnes.any():
        return
    mean = tonnes.mean(axis=0)
    worst = int(mean.argmax())
    n_short = int(tonnes.any(axis=1).sum())
    low, high = mean_interval(tonnes[:, worst])
    low = max(low, 0.0) if np.isfinite(high) else low
    text = (
        f"In {plural(n_short, 'run')} of {finding.n_runs} some cargo of the pair finds no route "
        f"open: {rounded(float(mean[worst]))} t a year{in_brackets(low, high)} in "
        f"{own['quarter'].to_numpy()[worst]}, the worst quarter, in the mean of all runs."
    )
    facts: Facts = {
        "runs with cargo that finds no route": share_of_runs(n_short, finding.n_runs),
        "stranded in the worst quarter, mean of the runs": Amount(
            float(mean[worst]), "t/yr", low, high
        ),
    }
    if finding.n_stopped:
        flows = material.asked["goods_trade"].sel(flow=list(flows_of_pair(finding)))
        shut = (flows.sum(["flow", "good"]).transpose("run", "quarter").to_numpy() <= 0).sum(axis=1)
        facts = {
            **facts,
            "runs in which trade in goods stops": share_of_runs(finding.n_stopped, finding.n_runs),
            "quarters without it in these runs": amount_over(shut[shut > 0], "quarters"),
        }
        text += (
            f" In {plural(finding.n_stopped, 'run')} every route is shut at some time and trade in "
            f"goods stops, for {_quarters(shut[shut > 0])}. What is "
            "stranded is what would move at the cost of the base year."
        )
    yield Paragraph(text, facts)


def _quarters(shut: FloatArray) -> str:
    """Median number of quarters, with 90 % of the runs."""
    low, middle, high = np.quantile(shut, [0.05, 0.5, 0.95])
    return (
        f"{rounded(float(middle))} {'quarter' if middle == 1 else 'quarters'} in the median of "
        f"these runs (5–95 %: {rounded(float(low))} to {rounded(float(high))})"
    )


def shares_table(material: ReportInput, finding: Finding, rows: Sequence[RouteRow]) -> TableBlock:
    """Shares of the routes in the pair's tonnes, a row each."""
    first, last = year_of(finding, 0), year_to(finding.by)
    compared = material.without is not None
    titles = (first, f"{last}, no agreement", f"{last}, as asked") if compared else (first, last)
    return TableBlock(
        columns=(
            TableColumn("Route"),
            *numbers(*titles),
            TableColumn(f"Gates shut for part of {last}"),
        ),
        rows=tuple(
            (
                row.route,
                *(
                    Amount(share, "1", *interval, with_interval(share, *interval, per_cent))
                    for share, interval in (
                        (row.first, row.first_interval),
                        (row.without, row.without_interval),
                        (row.asked, row.with_agreements_interval),
                    )
                    if share is not None and interval is not None
                ),
                row.shut_by or "–",
            )
            for row in rows
        ),
        caption="Share of the pair's tonnes by the gates and ports they pass, means over the "
        "runs, in brackets the 90 % interval that the number of runs leaves a mean: single runs "
        "differ by more. Gates shut by season, on the dates above, or by chance; without an "
        "interval it is as long in every run, to a per cent.",
    )
