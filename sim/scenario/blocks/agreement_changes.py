"""Changes that an agreement makes while it is in force, whatever its kind.

Tariffs, transit terms, gates, negotiation and report read `AgreementChanges` and never ask what
kind an agreement is of: a new kind states its changes (`sim.scenario.blocks.agreements`) and is
acted on by all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from sim.scenario.blocks.fields import (
    ONCE,
    Cut,
    Goods,
    Layer,
    MillionUsd,
    OneOf,
    Port,
    Region,
    Route,
    ScenarioBlock,
    Share,
    Years,
)
from sim.scenario.blocks.quarters import Quarter


class Concession(ScenarioBlock):
    """A cut of the tariff that one member grants to others."""

    grantor: Region = Field(description="Member that grants the cut (the importer).")
    partners: Annotated[tuple[Region, ...], Field(min_length=1), ONCE] | None = Field(
        default=None,
        description="Members that receive it (the exporters); left out: all other members.",
    )
    goods: Goods = Field(description="List of goods, or the word all.")
    duty_types: Annotated[tuple[Layer, ...], Field(min_length=1), ONCE] | None = Field(
        default=None, description="Kinds of duty that are cut; left out: all kinds."
    )
    cut: Cut = Field(
        description="Share of the tariff rate that is taken away once phased in: 0.5 halves it."
    )
    phase_in_years: Years = Field(
        default=0.0, description="Years of equal yearly steps from entry into force to full cut."
    )
    excluded_share: Share = Field(
        default=0.0, description="Share of the trade in these goods that keeps the full tariff."
    )
    quota_musd: MillionUsd | None = Field(
        default=None,
        description="Yearly imports that may use the cut [million USD], granted once for all goods "
        "and members of the line unless quota_for says otherwise; beyond it the tariff without "
        "this line applies. Left out: no quota.",
    )
    quota_for: Annotated[
        Literal["all", "each_partner", "each_good", "each_partner_and_good"],
        BeforeValidator(OneOf(("all", "each_partner", "each_good", "each_partner_and_good"))),
    ] = Field(
        default="all",
        description="Whom the quota is for: all (one quota, shared as imports ask for it), or as "
        "much for each member that receives it, for each good, or for each of both.",
    )
    customs_union: Annotated[
        Literal["refuse", "waiver", "union"], BeforeValidator(OneOf(("refuse", "waiver", "union")))
    ] = Field(
        default="refuse",
        description="What happens if the granting state is in a customs union with others: "
        "refuse (no cut), waiver (it may grant alone), union (all members of the union grant).",
    )

    def goods_among(self, goods: Sequence[str]) -> tuple[str, ...]:
        """Goods the concession covers, in the order of `goods`."""
        return tuple(good for good in goods if self.goods == "all" or good in self.goods)

    def duty_types_among(self, duty_types: Sequence[str]) -> tuple[str, ...]:
        """Kinds of duty the concession cuts, in the order of `duty_types`."""
        return tuple(t for t in duty_types if self.duty_types is None or t in self.duty_types)

    def receivers(self, members: Sequence[str]) -> tuple[str, ...]:
        """Members that receive it, of those of its agreement."""
        if self.partners is not None:
            return self.partners
        return tuple(member for member in members if member != self.grantor)


class Access(ScenarioBlock):
    """Access that a transit agreement opens to the members' cargo."""

    ports: Annotated[tuple[Port, ...], ONCE] = Field(
        default=(), description="Ports opened to the members."
    )
    routes: Annotated[tuple[Route, ...], ONCE] = Field(
        default=(), description="Routes (corridors) that become usable for the members."
    )


@dataclass(frozen=True)
class HoursCut:
    """A cut of the hours that some goods, or all, take at borders."""

    share: float
    """Share of the hours that is taken away [1]."""
    goods: Literal["all"] | tuple[str, ...] = "all"

    def by_good(self, goods: Sequence[str]) -> tuple[float, ...]:
        """Share taken off the hours of each good, in the order of `goods` [1]."""
        return tuple(
            self.share if self.goods == "all" or good in self.goods else 0.0 for good in goods
        )


@dataclass(frozen=True)
class AgreementChanges:
    """Duties, hours, fees, access and capacity that an agreement changes while in force."""

    duty_cuts: tuple[Concession, ...] = ()
    """Cuts of duties by importer, exporter, good and kind of duty, with quotas and phase-in."""
    origin_cost_ave: float | None = None
    """Median cost of proving origin, as a rate of the value; None for the world's own [1]."""
    leaves: Mapping[str, Quarter] = field(default_factory=dict)
    """Last quarter within, by member that leaves."""
    hours_cuts: tuple[HoursCut, ...] = ()
    """Cuts of the hours of some goods, or all, at gates whose owners are all members."""
    fee_cut: float = 0.0
    """Share taken off fees at gates whose owners are all members [1]."""
    is_sealed: bool = False
    """Whether cargo moves under seal: fewer inspections and no guarantee at road posts."""
    has_joint_toll: bool = False
    """Whether one toll replaces those of the members on a path."""
    lanes_added_share: float = 0.0
    """Lanes added at the members' border posts, over those there [1]."""
    access: Access = field(default_factory=Access)
    """Ports and routes opened to the members' cargo."""
    grants_passage: bool = False
    """Whether members let each other's cargo through: routes within them come into use, and it
    takes the States on a route, not its ends alone, to bring it about."""

    @property
    def has_preferences(self) -> bool:
        """True if members get better duties than others, so that these fall back."""
        return bool(self.duty_cuts)

    @property
    def has_quotas(self) -> bool:
        """True if a cut ends with a quota that fills on recorded trade."""
        return any(cut.quota_musd is not None for cut in self.duty_cuts)

    @property
    def opens_routes(self) -> bool:
        """True if cargo goes by ports or routes that it did not have without it."""
        return self.grants_passage or bool(self.access.ports or self.access.routes)

    @property
    def cuts_hours(self) -> bool:
        """True if cargo waits less at gates: controls are cut, or lanes are added."""
        return bool(self.hours_cuts) or self.is_sealed or self.lanes_added_share > 0.0

    @property
    def acts_on_routes(self) -> bool:
        """True if any part of it reaches cargo on its route."""
        return self.opens_routes or self.cuts_hours or self.fee_cut > 0.0 or self.has_joint_toll
