"""Energy part of a scenario: projects, deals, prices and shocks.

Nothing here happens by itself. A project that is not named is not built, and an intention without a
volume is no deal: to try one out, a scenario states the volume it assumes.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from sim.laws.numerics.calendar import FIRST_YEAR, LAST_YEAR
from sim.scenario.blocks.fields import (
    ONCE,
    Day,
    KnownName,
    Name,
    Number,
    OneOf,
    Port,
    QuarterField,
    Region,
    ScenarioBlock,
    Share,
    described,
    read_quarter,
    refuse,
)
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.text.schema_notes import SchemaNote

BY_HAZARD, NEVER = "by_hazard", "never"
AS_DATED, IF_PROFITABLE = "as_dated", "if_profitable"
Completion = Quarter | str


def read_completion(value: object) -> Completion:
    """A quarter, or one of the two words."""
    if value in (BY_HAZARD, NEVER):
        return str(value)
    if isinstance(value, str) and not value[:1].isdigit():
        wanted = f"wanted a quarter such as 2029Q1, {BY_HAZARD} or {NEVER}"
        raise refuse(f"is {described(value)}", wanted)
    return read_quarter(value)


EnergyCarrier = Annotated[
    str,
    BeforeValidator(KnownName("energy_carriers", "carrier of energy")),
    SchemaNote(names="energy_carriers"),
]
EnergyArc = Annotated[
    str, BeforeValidator(KnownName("energy_arcs", "energy route")), SchemaNote(names="energy_arcs")
]
ProjectName = Annotated[
    str,
    BeforeValidator(KnownName("energy_projects", "project of energy")),
    SchemaNote(names="energy_projects"),
]
Volume = Annotated[
    float,
    BeforeValidator(
        Number("wanted a yearly volume above 0 and at most 1000 (Mt, bcm or TWh)", 0, 1000, True)
    ),
]
Factor = Annotated[float, BeforeValidator(Number("wanted a factor from 0.05 to 20", 0.05, 20))]
UnitPrice = Annotated[
    float,
    BeforeValidator(Number("wanted USD per t, 1000 m³ or MWh, from 0.1 to 100000", 0.1, 1e5)),
]
Year = Annotated[
    int,
    BeforeValidator(
        Number(f"wanted a year from {FIRST_YEAR} to {LAST_YEAR}", FIRST_YEAR, LAST_YEAR, whole=True)
    ),
]


class ProjectPlan(ScenarioBlock):
    """Date at which a project of the world's tables is complete."""

    completes: Annotated[
        Completion,
        PlainValidator(read_completion),
        PlainSerializer(str, return_type=str, when_used="json"),
        WithJsonSchema({"type": "string", "pattern": f"^([0-9]{{4}}Q[1-4]|{BY_HAZARD}|{NEVER})$"}),
    ] = Field(
        description="First quarter of full use; by_hazard: in a year drawn from the project's "
        "yearly chance in the tables; never."
    )


class EnergyDeal(ScenarioBlock):
    """A contract between an exporter and an importer that the tables do not have."""

    exporter: Region = Field(description="Who sells.")
    importer: Region = Field(description="Who buys.")
    carrier: EnergyCarrier = Field(description="What is sold.")
    volume: Volume = Field(description="Most that is delivered in a year [Mt, bcm or TWh].")
    arc: EnergyArc | None = Field(
        default=None,
        description="Route it takes; left out where one alone fits; one that needs a deal goes "
        "before one in use.",
    )
    through: Annotated[tuple[Port, ...], Field(min_length=1), ONCE] | None = Field(
        default=None, description="Ports that handle it, instead of those of the route."
    )
    from_quarter: QuarterField = Field(alias="from", description="First quarter of delivery.")
    until: QuarterField | None = Field(
        default=None, description="Last quarter of delivery; left out: no end."
    )
    take_or_pay: Share = Field(
        default=0.0, description="Share of the volume that is paid whether taken or not."
    )
    discount: Share = Field(
        default=0.0, description="Share of the buyer's market price that the seller gives up."
    )
    signing: Annotated[
        Literal["as_dated", "if_profitable"], BeforeValidator(OneOf((AS_DATED, IF_PROFITABLE)))
    ] = Field(
        default="as_dated",
        description="as_dated: delivery from its first quarter; if_profitable: once "
        "the seller's netback has beaten its alternative, the buyer's premium for security "
        "counted, in a year from the one before that quarter on.",
    )


class PricePoint(ScenarioBlock):
    """A world price that replaces that of the path, in its year and after it."""

    carrier: EnergyCarrier = Field(description="Whose price.")
    year: Year = Field(
        description="Calendar year; later years without a point of their own follow."
    )
    price_usd_per_unit: UnitPrice = Field(
        description="In the unit of the table energy_prices: USD per tonne, or per 1000 m³."
    )


FirstDay = Annotated[Day, Field(alias="from", description="First day, such as 2026-03-02.")]
LastDay = Annotated[Day | None, Field(description="Last day, itself included; left out: no end.")]


class PriceSpike(ScenarioBlock):
    """A world price that stands off its path for a while."""

    from_date: FirstDay
    until: LastDay = None
    carrier: EnergyCarrier = Field(description="Whose price.")
    factor: Factor = Field(description="Price over that of the path while it lasts [1].")


class ForceMajeure(ScenarioBlock):
    """Exports of a supplier that fail for a while."""

    from_date: FirstDay
    until: LastDay = None
    exporter: Region = Field(description="Whose exports.")
    carrier: EnergyCarrier = Field(description="Of what.")
    cut: Share = Field(default=1.0, description="Share of its exports that fails.")


class Energy(ScenarioBlock):
    """Energy in this scenario; whatever is left out stays as the world's tables have it."""

    projects: Mapping[ProjectName, ProjectPlan] = Field(
        default_factory=dict, description="Projects by name; those not named are never complete."
    )
    deals: Mapping[Name, EnergyDeal] = Field(
        default_factory=dict, description="New contracts, by a name of your own."
    )
    prices: tuple[PricePoint, ...] = Field(
        default=(),
        description="World prices that differ from the default path: history, then flat in real "
        "terms.",
    )
    spikes: tuple[PriceSpike, ...] = Field(default=(), description="Dated price shocks.")
    force_majeure: tuple[ForceMajeure, ...] = Field(
        default=(), description="Dated failures of a supplier."
    )
