"""Duties that a scenario raises, agreements that end, and costs of trading that it states."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from sim.laws.policy.implausible_rates import MAX_RATE
from sim.scenario.blocks.distributions import UncertainInput
from sim.scenario.blocks.fields import (
    ONCE,
    Goods,
    Layer,
    Number,
    OneOf,
    QuarterField,
    Region,
    ScenarioBlock,
    Text,
)

DutyRate = Annotated[
    float,
    Field(ge=0, le=MAX_RATE),
    BeforeValidator(
        Number(f"wanted a rate from 0 to {MAX_RATE:g} (0.2 is 20 %)", 0, MAX_RATE, share=True)
    ),
]
SIZES = {
    "cost_share": (0.0, 1.0),
    "usd_per_container": (0.0, 1e6),
    "days": (0.0, 365.0),
    "trade_change": (-0.95, 5.0),
}
"""Keys that a size is stated by, each with the ends of what it may be."""
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


class TradeCost(ScenarioBlock):
    """A cost of trading between two states that the base year does not have."""

    pair: tuple[Region, Region] = Field(description="The two states, in any order.")
    exporter: Region | None = Field(
        default=None, description="State of the two whose sales alone bear it; left out: both."
    )
    goods: Goods = Field(default="all", description="List of goods, or the word all.")
    cost_share: UncertainInput | None = Field(
        default=None,
        description="Cost as a share of the value, from 0 to 1. One of the four sizes is given.",
    )
    usd_per_container: UncertainInput | None = Field(
        default=None, description="Cost of a forty-foot container, from 0 to 1000000 [USD]."
    )
    days: UncertainInput | None = Field(
        default=None,
        description="Days more on the way, from 0 to 365, at the cost of a day of the world.",
    )
    trade_change: UncertainInput | None = Field(
        default=None,
        description="Change of trade once it has adjusted, prices held, from -0.95 to 5: -0.2 is a "
        "fifth less, as studies of trade tell it. It acts as the cost that brings it about.",
    )
    from_quarter: QuarterField = Field(alias="from", description="First quarter, such as 2026Q1.")
    until: QuarterField | None = Field(
        default=None, description="Last quarter, itself included; left out: it stays."
    )
    source: Text = Field(
        description="Who says so, and where, or the word assumption; the report cites it."
    )

    @property
    def size(self) -> tuple[str, UncertainInput]:
        """Key by which its size is stated, and the size."""
        return next((key, given) for key in SIZES if (given := getattr(self, key)) is not None)

    @property
    def flows(self) -> tuple[tuple[str, str], ...]:
        """Exporter and importer of each direction that bears it."""
        both = (self.pair, self.pair[::-1])
        return tuple(flow for flow in both if self.exporter in (None, flow[0]))
