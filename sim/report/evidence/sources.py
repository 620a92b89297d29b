"""Sources of the world's figures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.report.page.blocks import Block, Fold, Reference, References, Section
from sim.report.page.formatting import plural
from sim.report.page.recorded_trade import recorded_years
from sim.report.page.report_inputs import ReportInputs
from sim.world.own_figures import PUBLISHER as OWN

if TYPE_CHECKING:
    from sim.world.csv_tables.records import Source
    from sim.world.world import World


def sources_section(inputs: ReportInputs) -> Section:
    """Sources of the world; those that the page names come first."""
    return sources_of(inputs.world, [finding.pair for finding in inputs.findings])


def sources_of(
    world: "World", pairs: Sequence[tuple[str, str]], *, all_of_them: bool = True
) -> Section:
    """Sources of a world, or those alone that bear on the trade of some pairs."""
    named = {parameter.source for parameter in world.parameters.values()}
    named |= {world.forecast_errors.source}
    named |= {s.source for s in world.sources.values() if s.publisher == OWN}
    for pair in pairs:
        named |= {s for y in recorded_years(world, pair).years for s in y.sources}
        named |= {c.source for c in world.corridors if set(c.ends) == set(pair)}
    ordered = sorted(world.sources.values(), key=lambda s: (s.publisher, s.source))
    used = tuple(Reference(s.source, _text(s)) for s in ordered if s.source in named)
    others = tuple(Reference(s.source, _text(s)) for s in ordered if s.source not in named)
    line = f"{plural(len(used), 'source')} of the parameters and of the pair's recorded trade"
    blocks: list[Block] = [Fold(line, (References(used),), is_printed=True)]
    if all_of_them and others:
        rest = f"{plural(len(others), 'source')} of other tables of this world"
        blocks.append(Fold(rest, (References(others),)))
    return Section("sources", "Sources", tuple(blocks))


def _text(source: "Source") -> str:
    year = f" ({source.year})" if source.year else ""
    licence = f" Licence: {source.licence}." if source.licence else ""
    return f"{source.publisher}. {source.title}{year}.{licence} {source.url}".rstrip()
