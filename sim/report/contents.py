"""The page of a run, in the order in which it is read.

A maker turns the inputs of a report into one section, or into None where the results hold nothing
to say: measures that were not recorded, agreements that are not there. To add a figure or a table,
write a module with a maker and add its line here.

The order is the one in which questions come: does it get there, and what was asked for; what would
have to be true; what each agreement contributes; when; which routes carry it and where they choke;
energy; which products; duties, revenue and preferences; who may spoil it; who else gains or loses;
how sure this is; which assumptions matter most and on what it rests; how to do it again.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from sim.report.energy.energy_section import energy_section
from sim.report.energy.supplier_contest_section import contest_section
from sim.report.evidence.assumption_ranking import ranking_section
from sim.report.evidence.assumptions import assumptions_section
from sim.report.evidence.confidence import confidence_section
from sim.report.evidence.omissions import omissions_section
from sim.report.evidence.reproduction import reproduction_section
from sim.report.evidence.scenario_changes import changes_section
from sim.report.evidence.sources import sources_section
from sim.report.page.blocks import Block, Section, Subheading
from sim.report.page.report_inputs import ReportInputs, heading_of
from sim.report.policy.agreement_effects import effects_section
from sim.report.policy.agreement_stages import stages_section
from sim.report.policy.duties_and_costs import terms_section
from sim.report.policy.spoilers_section import spoilers_section
from sim.report.trade.diversion import diversion_section
from sim.report.trade.export_growth import exports_section
from sim.report.trade.gains_and_losses import gains_and_losses_section
from sim.report.trade.goods import goods_section
from sim.report.trade.products_section import products_section
from sim.report.trade.requirements import needs_section
from sim.report.trade.target import target_section
from sim.report.trade.time_to_target import when_section
from sim.report.trade.trade_matrix import matrix_section
from sim.report.transport.gateway_section import gateway_section
from sim.report.transport.pair_routes import duties_section
from sim.report.transport.route_section import routes_section
from sim.study.ensemble.findings import Finding

Maker = Callable[[ReportInputs], Section | None]
TargetMaker = Callable[[ReportInputs, Finding], Section | None]


def each_target(make: TargetMaker) -> Maker:
    """One section out of what is to be said about each target; the first gives the heading."""

    def made(inputs: ReportInputs) -> Section | None:
        parts = [
            (finding, section)
            for finding in inputs.findings
            if (section := make(inputs, finding)) is not None
        ]
        if len(inputs.findings) == 1 or not parts:
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
    each_target(routes_section),
    each_target(energy_section),
    contest_section,
    gateway_section,
    each_target(products_section),
    each_target(terms_section),
    spoilers_section,
    each_target(duties_section),
    each_target(goods_section),
    each_target(matrix_section),
    each_target(gains_and_losses_section),
    each_target(diversion_section),
    each_target(exports_section),
    confidence_section,
    each_target(ranking_section),
    assumptions_section,
    omissions_section,
    sources_section,
    reproduction_section,
)


def sections_of(inputs: ReportInputs) -> tuple[Section, ...]:
    """Sections of the page, those left out that have nothing to say."""
    return tuple(each_section(inputs))


def each_section(inputs: ReportInputs) -> Iterator[Section]:
    """The same one by one, each made when it is asked for."""
    made = (make(inputs) for make in CONTENTS)
    return (section for section in made if section is not None)
