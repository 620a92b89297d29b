"""Agreements between states: what they grant, open and change, and when they are in force."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from sim.scenario.blocks.fields import (
    Flag,
    Goods,
    Layer,
    MillionUsd,
    OneOf,
    PartShare,
    Port,
    QuarterField,
    Rate,
    Region,
    Route,
    Share,
    Years,
    described,
    refuse,
)
from sim.scenario.text.names import nearest


class ScenarioBlock(BaseModel):
    """A piece of a scenario: never changed once made, and open to no unknown key."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Timeline(ScenarioBlock):
    """When an agreement is signed, enters into force and ends."""

    signed: QuarterField = Field(description="Quarter of signature, such as 2026Q1.")
    in_force: QuarterField = Field(
        description="First quarter in force; not before the signature. Phase-in counts from it."
    )
    ends: QuarterField | None = Field(
        default=None,
        description="Last quarter in force, itself included; left out if it does not end.",
    )

    def is_in_force(self, quarter: int) -> bool:
        """Whether the agreement is in force in a quarter (index 4 * year + q - 1)."""
        return self.in_force <= quarter and (self.ends is None or quarter <= self.ends)


class Negotiation(ScenarioBlock):
    """How far a negotiation has come by the start; the rest is up to the States."""

    talks_since: QuarterField | None = Field(
        default=None,
        description="Quarter in which talks began or begin; left out: the States open them.",
    )
    signed: QuarterField | None = Field(
        default=None,
        description="Quarter of signature, if it is signed and only its entry into force is open.",
    )


class NegotiatedTimeline(ScenarioBlock):
    """No dates: the agreement comes about, later or never, as the States negotiate."""

    negotiated: Negotiation = Field(description="What of the negotiation is known.")

    @property
    def signed(self) -> int | None:
        """Quarter of signature, if it is known."""
        return self.negotiated.signed

    @property
    def in_force(self) -> None:
        """Nobody knows."""

    @property
    def ends(self) -> None:
        """It does not end."""

    def is_in_force(self, quarter: int) -> bool:
        """Whether it is certain to be in force in a quarter: never."""
        del quarter
        return False


def _timeline_form(value: object) -> str:
    """Which of the two ways a timeline is given in: dates, or a negotiation."""
    if isinstance(value, NegotiatedTimeline) or value == "negotiated":
        return "negotiation"
    is_open = isinstance(value, dict) and "negotiated" in value
    return "negotiation" if is_open else "dates"


def _read_dates(value: Any) -> Any:
    if isinstance(value, str):
        near = nearest(value, ("negotiated",))
        wanted = "wanted dates, such as {signed: 2026Q4, in_force: 2027Q3}, or negotiated"
        raise refuse(f"is {described(value)}", wanted, near)
    return value


def _read_negotiation(value: Any) -> Any:
    if value == "negotiated":
        return {"negotiated": {}}
    dates = [key for key in ("signed", "in_force", "ends") if key in value]
    if isinstance(value, dict) and dates:
        what = f"is negotiated and has the date {', '.join(dates)} as well"
        wanted = "wanted dates alone, or {negotiated: {talks_since: 2022Q4}} without them"
        raise refuse(what, wanted)
    return value


AnyTimeline = Annotated[
    Annotated[Timeline, BeforeValidator(_read_dates), Tag("dates")]
    | Annotated[NegotiatedTimeline, BeforeValidator(_read_negotiation), Tag("negotiation")],
    Discriminator(_timeline_form),
]


class Concession(ScenarioBlock):
    """A cut of the tariff that one member grants to others."""

    by: Region = Field(description="Member that grants the cut (the importer).")
    to: Annotated[tuple[Region, ...], Field(min_length=1)] | None = Field(
        default=None,
        description="Members that receive it (the exporters); left out: all other members.",
    )
    goods: Goods = Field(description="List of goods, or the word all.")
    layers: Annotated[tuple[Layer, ...], Field(min_length=1)] | None = Field(
        default=None, description="Layers of the tariff that are cut; left out: all layers."
    )
    cut: Share = Field(
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

    def layers_among(self, layers: Sequence[str]) -> tuple[str, ...]:
        """Layers the concession cuts, in the order of `layers`."""
        return tuple(layer for layer in layers if self.layers is None or layer in self.layers)


class PreferentialAgreement(ScenarioBlock):
    """Members cut each other's tariffs."""

    kind: Literal["preferential"] = Field(description="Kind of agreement.")
    members: tuple[Region, ...] = Field(
        min_length=2, description="States that are party to it, at least two."
    )
    timeline: AnyTimeline = Field(
        description="Signature, entry into force, end; or negotiated: the States bring it about."
    )
    may_join: tuple[Region, ...] = Field(
        default=(),
        description="States that may join on the same terms once the agreement has worked for "
        "a year.",
    )
    leaves: Mapping[Region, QuarterField] = Field(
        default_factory=dict,
        description="Members that leave it, each with its last quarter within.",
    )
    concessions: tuple[Concession, ...] = Field(min_length=1, description="Cuts, one per line.")
    origin_cost_ave: Rate | None = Field(
        default=None,
        description="Cost of proving origin, as a rate of the value (0.02 is 2 %); exporters "
        "whose tariff saving is smaller do not use the preference. Left out: the world's "
        "parameter origin_cost_ave.",
    )

    def receivers(self, concession: Concession) -> tuple[str, ...]:
        """Members that receive a concession of this agreement."""
        if concession.to is not None:
            return concession.to
        return tuple(member for member in self.members if member != concession.by)


class Access(ScenarioBlock):
    """What a transit agreement opens to the members' cargo."""

    ports: tuple[Port, ...] = Field(default=(), description="Ports opened to the members.")
    routes: tuple[Route, ...] = Field(
        default=(), description="Routes (corridors) that become usable for the members."
    )


class TransitAgreement(ScenarioBlock):
    """Members let each other's cargo through."""

    kind: Literal["transit"] = Field(description="Kind of agreement.")
    members: tuple[Region, ...] = Field(
        min_length=2, description="States that are party to it, at least two."
    )
    timeline: AnyTimeline = Field(
        description="Signature, entry into force, end; or negotiated: the States bring it about."
    )
    may_join: tuple[Region, ...] = Field(
        default=(),
        description="States that may join on the same terms once the agreement has worked for "
        "a year.",
    )
    opens: Access = Field(default_factory=Access, description="Ports and routes that it opens.")
    border_time_cut: PartShare = Field(
        default=0.0,
        description="Share of the hours at the members' borders that is taken away; some time "
        "always remains.",
    )
    fee_cut: Share = Field(
        default=0.0, description="Share of the fees at the members' borders that is taken away."
    )
    joint_toll: Flag = Field(
        default=False,
        description="true: the members set one toll together; false: each sets its own.",
    )
    tir: Flag = Field(
        default=False,
        description="true: cargo moves under TIR carnets, sealed and guaranteed once: fewer "
        "inspections and no guarantee to pay at the members' road posts (assumed amounts).",
    )
    lanes_added_share: Share = Field(
        default=0.0,
        description="Lanes that it pays for at the members' border posts, as a share of those "
        "there: 0.25 adds a quarter.",
    )


Agreement = Annotated[PreferentialAgreement | TransitAgreement, Field(discriminator="kind")]

AGREEMENT_KINDS: dict[str, type[PreferentialAgreement] | type[TransitAgreement]] = {
    "preferential": PreferentialAgreement,
    "transit": TransitAgreement,
}
