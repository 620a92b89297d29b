"""The report's page: its parts in the order in which they are read, filled into the template."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2

from sim.report.assumptions import assumptions_of
from sim.report.books import recorded_years
from sim.report.changes import ADJUSTMENT, CLOSURE, DEFICITS, changes_of
from sim.report.confidence import certainty_of, forecast_basis, layers_of
from sim.report.drawing import Drawing
from sim.report.omissions import OMISSIONS
from sim.report.series import Material
from sim.report.ways import WayRow, way_rows
from sim.report.wording import books_name, musd, per_cent, year_to
from sim.scenario.resolving import resolved_yaml
from sim.study.findings import Finding, sentence

if TYPE_CHECKING:
    from sim.world.records import Source

TEMPLATE = "report.html.j2"
OF_WAYS = "way-"
"""How the names of figures of ways begin."""
SHOWN_ABOVE = ("title", "question", "answers", "reached_share")
"""Entries of the run's record that the page has already said."""


@dataclass(frozen=True)
class Picture:
    """A figure as the page holds it."""

    name: str
    title: str
    alt: str
    caption: str
    data: str
    """SVG in base64: a picture of its own, so that names inside it cannot clash with the page."""


@dataclass(frozen=True)
class Part:
    """What the page says about one target."""

    finding: Finding
    sentence: str
    source: str
    pictures: tuple[Picture, ...]
    quantiles: tuple[tuple[str, ...], ...]
    ways: tuple[WayRow, ...]
    records: tuple[tuple[str, str, str], ...]
    certainty: str
    forecast_basis: tuple[str, ...]
    first_year: str
    target_year: str
    energy: str

    @property
    def of_ways(self) -> tuple[Picture, ...]:
        """Figures of the ways."""
        return tuple(p for p in self.pictures[4:] if p.name.startswith(OF_WAYS))

    @property
    def of_certainty(self) -> tuple[Picture, ...]:
        """Figures of how sure the answer is."""
        return tuple(p for p in self.pictures[4:] if not p.name.startswith(OF_WAYS))


@cache
def environment() -> jinja2.Environment:
    """Templates of this room, filled in strictly."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sim.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["per_cent"] = per_cent
    return environment


def page_bytes(
    material: Material,
    drawings: Sequence[Sequence[Drawing]],
    files: Mapping[str, bytes],
    run_record: Mapping[str, Any],
) -> bytes:
    """The page as HTML that needs nothing beside itself.

    Parameters
    ----------
    material : Material
    drawings : sequence of sequence of Drawing
        By target, in the order of the findings.
    files : mapping of str to bytes
        Holds the SVG of every drawing.
    run_record : mapping
        Facts about the run.
    """
    scenario, world = material.scenario, material.world
    record = {key: run_record[key] for key in run_record if key not in SHOWN_ABOVE}
    return (
        environment()
        .get_template(TEMPLATE)
        .render(
            scenario=scenario,
            world=world,
            books=books_name(world.ledger),
            parts=[
                _part(material, finding, of_target, files)
                for finding, of_target in zip(material.findings, drawings, strict=True)
            ],
            has_agreements=material.without is not None,
            changes=changes_of(scenario, world),
            layers=layers_of(material),
            settings=(
                ADJUSTMENT[scenario.adjustment],
                CLOSURE[scenario.closure],
                DEFICITS[scenario.deficits],
            ),
            assumptions=assumptions_of(material),
            omissions=OMISSIONS,
            sources=_sources(material),
            command=record.pop("command", ""),
            record=tuple(flat(record)),
            scenario_text=resolved_yaml(scenario),
        )
        .encode()
    )


def _part(
    material: Material, finding: Finding, drawings: Sequence[Drawing], files: Mapping[str, bytes]
) -> Part:
    world = material.world
    reached = (finding.trade >= finding.target_musd).cumsum(axis=1) > 0
    quarter = finding.by[4:]
    records = recorded_years(world, finding.pair)
    return Part(
        finding=finding,
        sentence=sentence(finding, world.ledger, world.base_year),
        source=material.scenario.targets[finding.name].source or "not stated",
        pictures=tuple(picture_of(drawing, files) for drawing in drawings),
        quantiles=tuple(
            (
                f"{year}{'' if quarter == 'Q4' else quarter}",
                *(musd(float(value)) for value in finding.quantiles[:, k]),
                per_cent(float(reached[:, k].mean())),
            )
            for k, year in enumerate(finding.years)
        ),
        ways=way_rows(material, finding),
        records=tuple(
            (y.period, y.books, f"{y.trade_musd:,.1f}")  # as precisely as books are quoted
            for y in sorted(records.years, key=lambda y: (y.end, y.books))
        ),
        certainty=certainty_of(finding),
        forecast_basis=forecast_basis(material, finding),
        first_year=f"{finding.years[0]}{'' if quarter == 'Q4' else quarter}",
        target_year=year_to(finding.by),
        energy=per_cent(finding.energy_share),
    )


def picture_of(drawing: Drawing, files: Mapping[str, bytes]) -> Picture:
    """A figure for the page, from its SVG among the files."""
    svg = files[f"figures/{drawing.name}.svg"]
    data = base64.b64encode(svg).decode()
    return Picture(drawing.name, drawing.title, drawing.alt, drawing.caption, data)


def _sources(material: Material) -> tuple["Source", ...]:
    """Sources of the world; those that the page names come first."""
    world = material.world
    named = {parameter.source for parameter in world.parameters.values()}
    named |= {world.forecast_errors.source}
    for finding in material.findings:
        named |= {s for y in recorded_years(world, finding.pair).years for s in y.sources}
        named |= {c.source for c in world.corridors if set(c.ends) == set(finding.pair)}
    return tuple(
        sorted(world.sources.values(), key=lambda s: (s.source not in named, s.publisher, s.source))
    )


def flat(record: Mapping[str, Any], stem: str = "") -> Iterator[tuple[str, str]]:
    """Entries of a nested record as lines of name and text; answers stand elsewhere."""
    for key, value in record.items():
        name = f"{stem}{str(key).replace('_', ' ')}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{name}: ")
        elif isinstance(value, str | int | float):
            yield name, f"{value:.6g}" if isinstance(value, float) else str(value)
