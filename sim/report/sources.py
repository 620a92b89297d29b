"""Where the world's figures come from."""

from typing import TYPE_CHECKING

from sim.report.assumptions import assumptions_of
from sim.report.blocks import Reference, References, Section
from sim.report.books import recorded_years
from sim.report.series import Material

if TYPE_CHECKING:
    from sim.world.records import Source


def sources_section(material: Material) -> Section:
    """Sources of the world; those that the page names come first."""
    world = material.world
    named = {row.source for row in assumptions_of(material) if row.is_used}
    named |= {world.forecast_errors.source}
    for finding in material.findings:
        named |= {s for y in recorded_years(world, finding.pair).years for s in y.sources}
        named |= {c.source for c in world.corridors if set(c.ends) == set(finding.pair)}
    ordered = sorted(
        world.sources.values(), key=lambda s: (s.source not in named, s.publisher, s.source)
    )
    references = tuple(Reference(source.source, _text(source)) for source in ordered)
    return Section("sources", "Sources", (References(references),))


def _text(source: "Source") -> str:
    year = f" ({source.year})" if source.year else ""
    licence = f" Licence: {source.licence}." if source.licence else ""
    return f"{source.publisher}. {source.title}{year}.{licence} {source.url}".rstrip()
