"""Duties that a scenario raises or sets, and agreements that end: what takes preferences back."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from sim.laws.policy.duty_rates import MAX_RATE
from sim.scenario.blocks.fields import (
    ONCE,
    Goods,
    Layer,
    Number,
    OneOf,
    QuarterField,
    Region,
    ScenarioBlock,
)

DutyRate = Annotated[
    float,
    Field(ge=0, le=MAX_RATE),
    BeforeValidator(
        Number(f"wanted a rate from 0 to {MAX_RATE:g} (0.2 is 20 %)", 0, MAX_RATE, share=True)
    ),
]
_RULES = ("refuse", "waiver", "union")
_REACH = ("apply", "ignore")


class DutyRise(ScenarioBlock):
    """A duty that an importer raises or sets for some time."""

    importer: Region = Field(description="State that changes its duty.")
    exporters: Annotated[tuple[Region, ...], Field(min_length=1), ONCE] | None = Field(
        default=None, description="Exporters that pay it; left out: all states."
    )
    goods: Goods = Field(description="List of goods, or the word all.")
    duty_type: Layer | None = Field(
        default=None,
        description="Kind of duty that changes; left out: the first kind of the world.",
    )
    add_rate: DutyRate | None = Field(
        default=None,
        description="Rate that is added to the duty: 0.25 adds 25 points. This or to_rate.",
    )
    to_rate: DutyRate | None = Field(
        default=None,
        description="Rate that the duty is set to, above or below what it was. This or add_rate.",
    )
    from_quarter: QuarterField = Field(alias="from", description="First quarter, such as 2026Q1.")
    until: QuarterField | None = Field(
        default=None, description="Last quarter, itself included; left out: it stays."
    )
    preferences: Annotated[Literal["apply", "ignore"], BeforeValidator(OneOf(_REACH))] = Field(
        default="apply",
        description="Whether agreements cut what is raised by their share as well (apply), or it "
        "comes on top of every preferential rate (ignore).",
    )
    customs_union: Annotated[
        Literal["refuse", "waiver", "union"], BeforeValidator(OneOf(_RULES))
    ] = Field(
        default="refuse",
        description="What happens if the state is in a customs union with others: refuse (no "
        "change), waiver (it may act alone), union (all members of the union do the same).",
    )


class Ending(ScenarioBlock):
    """The end of an agreement, or of it for some of its members."""

    last_quarter: QuarterField = Field(description="Last quarter in force, itself included.")
    members: Annotated[tuple[Region, ...], Field(min_length=1), ONCE] | None = Field(
        default=None,
        description="Members that leave; left out: the agreement ends for all. What the others "
        "grant each other goes on.",
    )
