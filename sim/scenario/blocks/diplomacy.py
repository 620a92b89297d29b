"""Diplomacy with dates: visits, posts, missions, memoranda, and outside powers."""

from collections.abc import Mapping

from pydantic import Field

from sim.scenario.blocks.distributions import UncertainInput
from sim.scenario.blocks.fields import (
    Count,
    Name,
    QuarterField,
    Rate,
    Region,
    ScenarioBlock,
    Share,
    Years,
)


class Visit(ScenarioBlock):
    """Something that one State does in another in a quarter."""

    sending_state: Region = Field(description="State that acts, whose exports it may raise.")
    host_state: Region = Field(description="State that it goes to.")
    when: QuarterField = Field(description="Quarter, such as 2026Q1.")


class Memoranda(ScenarioBlock):
    """Memoranda signed together, some of which become projects."""

    pair: tuple[Region, Region] = Field(description="The two states that signed.")
    count: Count = Field(description="How many memoranda, 1 to 10000.")
    when: QuarterField = Field(description="Quarter of signature.")
    conversion_rate: UncertainInput = Field(
        description="Share that becomes projects. It must be named: of the same 500 memoranda 9 % "
        "or 82 % did, by definition."
    )
    years_to_project: Years = Field(
        default=3.0, description="Years from signature until a project works."
    )
    trade_effect_per_project: Rate = Field(
        default=0.0,
        description="Log trade that each project adds in both directions; nothing is on record, "
        "so it is an assumption. Left out: projects are only counted.",
    )


class OutsideAttention(ScenarioBlock):
    """An outside power that takes up a State's attention."""

    power: Region = Field(description="Power that seeks it.")
    state: Region = Field(description="State whose diplomatic effort it takes.")
    effort: Share = Field(
        description="Weight in that State's attention; a negotiation it neither wants nor shuns "
        "has 1."
    )
    since: QuarterField = Field(description="First quarter.")
    until: QuarterField | None = Field(
        default=None, description="Last quarter, itself included; left out: it goes on."
    )


class Diplomacy(ScenarioBlock):
    """Acts of States besides negotiating, with dates."""

    visits: tuple[Visit, ...] = Field(default=(), description="State and official visits.")
    consulates: tuple[Visit, ...] = Field(default=(), description="Consulates opened.")
    missions: tuple[Visit, ...] = Field(default=(), description="Trade missions.")
    memoranda: Mapping[Name, Memoranda] = Field(
        default_factory=dict, description="Memoranda by name."
    )
    outside_attention: tuple[OutsideAttention, ...] = Field(
        default=(), description="Outside powers that compete for attention."
    )
