"""The page of a run, in the order in which it is read.

A maker turns the material of a report into one section, or into None where the results hold nothing
to say: measures that were not recorded, agreements that are not there. To add a figure or a table,
write a module with a maker and add its line here.

The order is the one in which questions come: does it get there, and what was asked for; what would
have to be true; what each agreement contributes; when; which ways carry it and where they choke;
energy; duties, revenue and preferences; who else gains or loses; how sure this is; which
assumptions matter most and on what it rests; how to do it again.
"""

from collections.abc import Callable
from dataclasses import replace

from sim.report.assumption_ranking import ranking_section
from sim.report.assumptions import assumptions_section
from sim.report.blocks import Block, Section, Subheading
from sim.report.changes import changes_section
from sim.report.confidence import confidence_section
from sim.report.diversion import diversion_section
from sim.report.effects import effects_section
from sim.report.energy import energy_section
from sim.report.exports import exports_section
from sim.report.goods import goods_section
from sim.report.matrix import matrix_section
from sim.report.needs import needs_section
from sim.report.omissions import omissions_section
from sim.report.reproduction import reproduction_section
from sim.report.series import Material, heading_of
from sim.report.sources import sources_section
from sim.report.stages import stages_section
from sim.report.target import target_section
from sim.report.terms import terms_section
from sim.report.way_use import ways_section
from sim.report.ways import duties_section
from sim.report.when import when_section
from sim.report.winners import winners_section
from sim.study.findings import Finding

Maker = Callable[[Material], Section | None]
TargetMaker = Callable[[Material, Finding], Section | None]


def each_target(make: TargetMaker) -> Maker:
    """One section out of what is to be said about each target; the first gives the heading."""

    def made(material: Material) -> Section | None:
        parts = [
            (finding, section)
            for finding in material.findings
            if (section := make(material, finding)) is not None
        ]
        if len(material.findings) == 1 or not parts:
            return parts[0][1] if parts else None
        blocks: list[Block] = []
        for finding, section in parts:
            blocks += [Subheading(heading_of(finding)), *section.blocks]
        return replace(parts[0][1], blocks=tuple(blocks))

    return made


CONTENTS: tuple[Maker, ...] = (
    each_target(target_section),
    changes_section,
    each_target(needs_section),
    each_target(effects_section),
    stages_section,
    each_target(when_section),
    each_target(ways_section),
    each_target(energy_section),
    each_target(terms_section),
    each_target(duties_section),
    each_target(goods_section),
    each_target(matrix_section),
    each_target(winners_section),
    each_target(diversion_section),
    each_target(exports_section),
    confidence_section,
    each_target(ranking_section),
    assumptions_section,
    omissions_section,
    sources_section,
    reproduction_section,
)


def sections_of(material: Material) -> tuple[Section, ...]:
    """Sections of the page, those left out that have nothing to say."""
    made = (make(material) for make in CONTENTS)
    return tuple(section for section in made if section is not None)
