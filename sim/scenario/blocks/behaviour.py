"""Rules of behaviour that are active: one switch a rule, so that each can be left out."""

from pydantic import Field

from sim.scenario.blocks.fields import Count, Flag, ScenarioBlock


class Behaviour(ScenarioBlock):
    """Switches of the rules by which States act; with all of them off nobody decides anything."""

    negotiation: Flag = Field(
        default=True,
        description="Interest, effort, institutions and chance move negotiated agreements; false: "
        "they take their typical time, the same in every run.",
    )
    targets: Flag = Field(
        default=True, description="A State is keener the further it is from a target of its trade."
    )
    fiscal: Flag = Field(
        default=True,
        description="A State is less keen the more duty and import-competing sales it would lose.",
    )
    partner_diversification: Flag = Field(
        default=True, description="A State whose trade leans on few partners is keener on others."
    )
    domino: Flag = Field(
        default=True,
        description="A State is keener when rivals have got agreements with its partners.",
    )
    institutions: Flag = Field(
        default=True, description="Shared institutions speed up talks and entry into force."
    )
    disputed_institutions: Flag = Field(
        default=False,
        description="Institutions whose effect the evidence disputes count as well.",
    )
    capacity: Flag = Field(
        default=True,
        description="Weak rule of law and poor infrastructure delay entry into force.",
    )
    closed_border_delay: Flag = Field(
        default=True, description="Talks and entry into force stall while the route is closed."
    )
    bargaining: Flag = Field(
        default=True,
        description="A transit state that earns more by its own toll than its share of a joint "
        "one stalls the agreement.",
    )
    attention: Flag = Field(
        default=True,
        description="Visits, posts and missions move exports by what was "
        "measured, and visits press negotiations on.",
    )
    effort: Flag = Field(
        default=True,
        description="Diplomatic effort is limited: talks compete with each other and with "
        "outside powers for it.",
    )
    energy_expansion: Flag = Field(
        default=True,
        description="Producers of energy expand where their netback beats the price at which "
        "new capacity pays.",
    )
    energy_signing: Flag = Field(
        default=True,
        description="A deal of energy that waits until it pays is signed where both sides gain; "
        "false: it is never signed.",
    )
    security: Flag = Field(
        default=True,
        description="A buyer of energy pays more to a supplier that makes it depend less on one.",
    )
    exporters: Flag = Field(
        default=True,
        description="Firms answer what changes between the states of a target: they notice, try, "
        "learn, stay or leave; false: trade follows its cost on the published curve.",
    )
    similar_markets: Flag = Field(
        default=False,
        description="Firms start more cheaply where others came to serve a market of the same "
        "customs union, which takes trade beyond what its cost alone would.",
    )
    firms: Count = Field(
        default=200,
        description="Firms that a market pays in the base year, for every exporter and good; "
        "fewer make runs differ more.",
    )
