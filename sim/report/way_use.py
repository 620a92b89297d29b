"""Section of the ways that a pair's cargo takes."""

from collections.abc import Iterator, Sequence

import numpy as np

from sim.report.blocks import Column, Section, Table, Text, numbers
from sim.report.facts import Amount, Facts
from sim.report.gate_use import gates_over_time
from sim.report.series import (
    FloatArray,
    Material,
    amount_over,
    flows_of_pair,
    share_of_runs,
    year_of,
)
from sim.report.way_bars import way_bars
from sim.report.way_map import way_map
from sim.report.ways import WayRow, known_ways, way_rows
from sim.report.wording import in_brackets, per_cent, plural, rounded, with_interval, year_to
from sim.study.findings import Finding, mean_interval


def ways_section(material: Material, finding: Finding) -> Section | None:
    """Ways used, on a map, by days and charges, and in a table; None where not recorded."""
    if not material.has("way_tonnes", "gate_open_share"):
        return None
    rows = way_rows(material, finding)
    if not rows:
        text = Text(
            f"No way between {' and '.join(finding.pair_names)} is on record, so borders and "
            "ports do not act on their trade."
        )
        return Section("ways", "Ways used", (text,))
    known = known_ways(material, finding)
    on_map = way_map(material, finding, known)
    over_time = gates_over_time(material, finding)
    blocks = (
        *_stranded(material, finding),
        *((on_map,) if on_map else ()),
        *((over_time,) if over_time else ()),
        way_bars(material, finding, rows, known),
        _table(material, finding, rows),
    )
    return Section("ways", "Ways used", blocks)


def _stranded(material: Material, finding: Finding) -> Iterator[Text]:
    """Cargo that finds no way open, and whether trade stops for it."""
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
        f"In {plural(n_short, 'run')} of {finding.n_runs} some cargo of the pair finds no way "
        f"open: {rounded(float(mean[worst]))} t a year{in_brackets(low, high)} in "
        f"{own['quarter'].to_numpy()[worst]}, the worst quarter, in the mean of all runs."
    )
    facts: Facts = {
        "runs with cargo that finds no way": share_of_runs(n_short, finding.n_runs),
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
            f" In {plural(finding.n_stopped, 'run')} every way is shut at some time and trade in "
            f"goods stops, for {_quarters(shut[shut > 0])}. What is "
            "stranded is what would move at the cost of the base year."
        )
    yield Text(text, facts)


def _quarters(shut: FloatArray) -> str:
    """Median number of quarters, with 90 % of the runs."""
    low, middle, high = np.quantile(shut, [0.05, 0.5, 0.95])
    return (
        f"{rounded(float(middle))} {'quarter' if middle == 1 else 'quarters'} in the median of "
        f"these runs (5–95 %: {rounded(float(low))} to {rounded(float(high))})"
    )


def _table(material: Material, finding: Finding, rows: Sequence[WayRow]) -> Table:
    first, last = year_of(finding, 0), year_to(finding.by)
    compared = material.without is not None
    titles = (first, f"{last}, no agreement", f"{last}, as asked") if compared else (first, last)
    return Table(
        columns=(Column("Way"), *numbers(*titles), Column(f"Gates shut for part of {last}")),
        rows=tuple(
            (
                row.way,
                *(
                    Amount(share, "1", *interval, with_interval(share, *interval, per_cent))
                    for share, interval in (
                        (row.first, row.first_interval),
                        (row.without, row.without_interval),
                        (row.asked, row.asked_interval),
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
