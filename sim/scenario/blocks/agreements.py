"""Agreements between states: when they are in force, and what each kind of them changes.

A new kind is one class here: its terms, what they change (`changes`), and a place in `Agreement`
and `AGREEMENT_KINDS`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag

from sim.laws.numerics.similar_words import nearest
from sim.scenario.blocks.agreement_changes import Access, AgreementChanges, Concession, HoursCut
from sim.scenario.blocks.fields import (
    ONCE,
    Flag,
    Goods,
    PartShare,
    QuarterField,
    Rate,
    Region,
    ScenarioBlock,
    Share,
    described,
    refuse,
)
from sim.scenario.blocks.quarters import Quarter


class Timeline(ScenarioBlock):
    """Dates on which an agreement is signed, enters into force and ends."""

    signed: QuarterField = Field(description="Quarter of signature, such as 2026Q1.")
    in_force: QuarterField = Field(
        description="First quarter in force; not before the signature. Phase-in counts from it."
    )
    ends: QuarterField | None = Field(
        default=None,
        description="Last quarter in force, itself included; left out if it does not end.",
    )

    def is_in_force(self, quarter: int) -> bool:
        """True if the agreement is in force in a quarter (index 4 * year + q - 1)."""
        return self.in_force <= quarter and (self.ends is None or quarter <= self.ends)


class Negotiation(ScenarioBlock):
    """Progress of a negotiation by the start; the rest is up to the States."""

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
        """True if it is certain to be in force in a quarter: never."""
        del quarter
        return False


def _timeline_form(value: object) -> str:
    """Form in which a timeline is given, one of two: dates, or a negotiation."""
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


class AgreementBlock(ScenarioBlock):
    """Fields common to agreements of every kind; each kind adds its terms and their changes."""

    NEEDS_NETWORK: ClassVar[bool] = False
    """Whether it acts on cargo at gates and on routes alone."""

    kind: str = Field(description="Kind of agreement.")
    members: Annotated[tuple[Region, ...], Field(min_length=2), ONCE] = Field(
        description="States that are party to it, at least two."
    )
    timeline: AnyTimeline = Field(
        description="Signature, entry into force, end; or negotiated: the States bring it about."
    )
    may_join: Annotated[tuple[Region, ...], ONCE] = Field(
        default=(),
        description="States that may join on the same terms once the agreement has worked for "
        "a year.",
    )

    @property
    def changes(self) -> AgreementChanges:
        """Everything it changes while it is in force."""
        raise NotImplementedError

    @property
    def kind_in_words(self) -> str:
        """Kind as a page says it."""
        return self.kind.replace("_", " ")

    def joined_by(self, code: str) -> Self:
        """The protocol by which a State joins it, its date left to the States."""
        return self._revised(members=(*self.members, code), timeline=_OPEN, may_join=())

    def at_once(self, quarter: Quarter) -> Self:
        """The same agreement in force from a quarter on, without phase-in or accessions."""
        dates = Timeline.model_construct(signed=quarter, in_force=quarter, ends=None)
        return self._revised(timeline=dates, may_join=())

    def _revised(self, **fields: Any) -> Self:
        return self.model_copy(update=fields)

    @classmethod
    def terms(cls) -> tuple[str, ...]:
        """Keys that this kind has beyond those of all kinds."""
        return tuple(key for key in cls.model_fields if key not in AgreementBlock.model_fields)


_OPEN = NegotiatedTimeline(negotiated=Negotiation())


class PreferentialAgreement(AgreementBlock):
    """Members cut each other's tariffs."""

    kind: Literal["preferential"] = Field(description="Kind of agreement.")
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

    @property
    def changes(self) -> AgreementChanges:
        """Duties that members cut."""
        return AgreementChanges(
            duty_cuts=self.concessions, origin_cost_ave=self.origin_cost_ave, leaves=self.leaves
        )

    def joined_by(self, code: str) -> Self:
        """The joiner receives what the members grant, and grants each what that member grants."""
        rules = [c.customs_union for c in self.concessions if c.customs_union != "refuse"]
        rule = rules[0] if rules else "refuse"
        granted = [c.model_copy(update={"partners": (code,)}) for c in self.concessions]
        returned = [
            c.model_copy(update={"grantor": code, "partners": (c.grantor,), "customs_union": rule})
            for c in self.concessions
        ]
        return super().joined_by(code)._revised(concessions=(*granted, *returned))

    def at_once(self, quarter: Quarter) -> Self:
        """The same agreement with its full cuts from a quarter on."""
        whole = [c.model_copy(update={"phase_in_years": 0.0}) for c in self.concessions]
        return super().at_once(quarter)._revised(concessions=tuple(whole))


class TransitAgreement(AgreementBlock):
    """Members let each other's cargo through."""

    NEEDS_NETWORK = True

    kind: Literal["transit"] = Field(description="Kind of agreement.")
    opens: Access = Field(default_factory=Access, description="Ports and routes that it opens.")
    border_time_cut: PartShare = Field(
        default=0.0,
        description="Share of the hours at the members' borders that is taken away; some time "
        "always remains.",
    )
    border_time_goods: Goods = Field(
        default="all", description="Goods whose hours border_time_cut cuts, or the word all."
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

    @property
    def changes(self) -> AgreementChanges:
        """Hours, fees, tolls, access and lanes on the members' routes."""
        return AgreementChanges(
            hours_cuts=(HoursCut(self.border_time_cut, self.border_time_goods),)
            if self.border_time_cut
            else (),
            fee_cut=self.fee_cut,
            is_sealed=self.tir,
            has_joint_toll=self.joint_toll,
            lanes_added_share=self.lanes_added_share,
            access=self.opens,
            grants_passage=True,
        )


class CustomsAgreement(AgreementBlock):
    """Members recognise each other's customs controls: goods that were controlled wait less.

    What it saves is the scenario's to say; a green corridor for fresh produce is one for food.
    """

    NEEDS_NETWORK = True

    kind: Literal["customs"] = Field(description="Kind of agreement.")
    border_time_cut: PartShare = Field(
        description="Share of the hours at the members' borders that is taken away; some time "
        "always remains."
    )
    goods: Goods = Field(
        default="all", description="Goods that are controlled once for all, or the word all."
    )

    @property
    def changes(self) -> AgreementChanges:
        """Hours of its goods at the members' borders; no route comes into use by it."""
        return AgreementChanges(hours_cuts=(HoursCut(self.border_time_cut, self.goods),))


Agreement = Annotated[
    PreferentialAgreement | TransitAgreement | CustomsAgreement, Field(discriminator="kind")
]

AGREEMENT_KINDS: dict[str, type[AgreementBlock]] = {
    get_args(block.model_fields["kind"].annotation)[0]: block
    for block in get_args(get_args(Agreement)[0])
}
"""Every kind by its name."""
