"""Section of the ways that a pair's cargo takes."""

from collections.abc import Iterator, Sequence

import numpy as np

from sim.report.blocks import Column, Section, Table, Text, numbers
from sim.report.facts import Amount, Facts
from sim.report.gate_use import gates_over_time
from sim.report.series import Material, amount_over, flows_of_pair, share_of_runs, year_of
from sim.report.way_bars import way_bars
from sim.report.way_map import way_map
from sim.report.ways import WayRow, known_ways, way_rows
from sim.report.wording import per_cent, plural, rounded, year_to
from sim.study.findings import Finding


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
    text = (
        f"In {plural(int(tonnes.any(axis=1).sum()), 'run')} of {finding.n_runs} some cargo of the "
        f"pair finds no way open: {rounded(mean[worst])} t a year in "
        f"{own['quarter'].to_numpy()[worst]}, the worst quarter, in the mean of all runs."
    )
    n_short = int(tonnes.any(axis=1).sum())
    facts: Facts = {
        "runs with cargo that finds no way": share_of_runs(n_short, finding.n_runs),
        "stranded in the worst quarter, mean of the runs": Amount(float(mean[worst]), "t/yr"),
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
            f"goods stops, for {rounded(float(np.median(shut[shut > 0])))} quarters in the median "
            "of these runs. What is stranded is what would move at the cost of the base year."
        )
    yield Text(text, facts)


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
                    Amount(share, "1", text=per_cent(share))
                    for share in (row.first, row.without, row.asked)
                    if share is not None
                ),
                row.shut_by or "–",
            )
            for row in rows
        ),
        caption="Share of the pair's tonnes by the gates and ports they pass, means over the "
        "runs. Gates shut by season, on the dates above, or by chance.",
    )
