"""Contents of a scenario, as frozen models; a file that passes becomes a `Scenario`.

The models know kinds and ranges of single values. What needs two places of a file at once (dates
in order, members that grant) is checked in `sim.scenario.checks.cross_checks`.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from sim.scenario.blocks.agreements import Agreement
from sim.scenario.blocks.bans import Ban
from sim.scenario.blocks.behaviour import Behaviour
from sim.scenario.blocks.diplomacy import Diplomacy
from sim.scenario.blocks.distributions import UncertainInput as UncertainInput
from sim.scenario.blocks.duty_blocks import DutyRise, Ending, TradeCost
from sim.scenario.blocks.energy import Energy
from sim.scenario.blocks.fields import (
    LAST,
    AsOf,
    Day,
    Flag,
    Gate,
    Ledger,
    MillionUsd,
    Name,
    OneOf,
    ParameterName,
    QuarterField,
    Region,
    Runs,
    ScenarioBlock,
    Seed,
    Share,
    Text,
    described,
    refuse,
)
from sim.scenario.blocks.own_figure_blocks import OwnFigures, OwnRow
from sim.scenario.blocks.projects import LinePlan, ProjectName
from sim.scenario.blocks.reforms import Reforms
from sim.scenario.blocks.studies import Levers, Reach, Sweep
from sim.scenario.text.old_spellings import with_deprecated
from sim.scenario.text.schema_notes import Titles, with_names, with_notes


class Horizon(ScenarioBlock):
    """First and last quarter that are simulated."""

    start: QuarterField = Field(description="First quarter, such as 2022Q4.")
    end: QuarterField = Field(description="Last quarter, itself included.")

    @property
    def n_quarters(self) -> int:
        """Number of quarters simulated."""
        return self.end - self.start + 1


class Baseline(ScenarioBlock):
    """Ledger of the world that the starting point is held to."""

    ledger: Ledger = Field(description="Name of the ledger whose recorded trade is matched.")


class Target(ScenarioBlock):
    """A sum of trade between two states that is to be reached."""

    pair: tuple[Region, Region] = Field(description="The two states, in any order.")
    trade_musd: MillionUsd = Field(
        description="Trade in both directions together [million USD a year, current prices]."
    )
    deadline: QuarterField = Field(
        description="Quarter by which it is to be reached: in some year of four quarters that "
        "ends with it, or one, two, … years before it."
    )
    source: Text | None = Field(default=None, description="Who set the target, and where.")


class Closure(ScenarioBlock):
    """A spell during which a gate lets nothing through, or only a part of what it could."""

    from_date: Day = Field(alias="from", description="First day closed, such as 2025-10-11.")
    until: Day | None = Field(
        default=None,
        description="Last day closed, itself included; left out: it stays closed.",
    )
    share: Share = Field(default=1.0, description="Share of its capacity that is shut.")


class UncertaintySources(ScenarioBlock):
    """Sources of uncertainty that are switched on; a probability needs all three."""

    parameters: Flag = Field(default=True, description="Uncertain parameters are drawn per run.")
    events: Flag = Field(default=True, description="Hazards, closures and entry happen by chance.")
    residual_shocks: Flag = Field(
        default=True, description="Shocks by pair, as large as past forecast errors."
    )


def _read_version(value: object) -> object:
    if value != 1 or isinstance(value, bool):
        raise refuse(f"is {described(value)}", "wanted 1, the only version there is")
    return 1


MEASURES = ("trade", "energy", "income", "revenue")
"""What a question can be about."""


class Scenario(ScenarioBlock):
    """A question to the simulator, complete and checked."""

    version: Annotated[Literal[1], BeforeValidator(_read_version)] = Field(
        description="Version of this format."
    )
    title: Text = Field(description="Short name for headings.")
    question: Text = Field(description="The question in one sentence.")
    asks: Annotated[
        Literal["trade", "energy", "income", "revenue"] | None, BeforeValidator(OneOf(MEASURES))
    ] = Field(
        default=None,
        description="What the first sentence of the answer is about; left out: energy where only "
        "suppliers fail, else trade.",
    )
    horizon: Horizon = Field(description="First and last quarter simulated.")
    runs: Runs = Field(default=160, description="Number of runs of the ensemble, 1 to 1000000.")
    seed: Seed = Field(default=1, description="Whole number that fixes every draw.")
    baseline: Baseline = Field(description="Ledger the starting point is held to.")
    as_of: AsOf = Field(
        default=LAST,
        description="Quarter up to which records count, such as 2022Q4; last: all on record.",
    )
    world: OwnFigures = Field(
        default_factory=OwnFigures,
        description="Figures of your own that replace single ones of the world's tables, each with "
        "its source.",
    )
    targets: Mapping[Name, Target] = Field(min_length=1, description="What is to be reached.")
    agreements: Mapping[Name, Agreement] = Field(
        default_factory=dict, description="Agreements beyond those in the world's tables, by name."
    )
    duties: Mapping[Name, DutyRise] = Field(
        default_factory=dict,
        description="Duties that importers raise or set, by name. Of several of one kind on "
        "one good the highest counts.",
    )
    ends: Mapping[Name, tuple[Ending, ...]] = Field(
        default_factory=dict,
        description="Agreements on record that end, or that members leave, by name.",
    )
    trade_costs: Mapping[Name, TradeCost] = Field(
        default_factory=dict,
        description="Costs of trading that the base year does not have (payment channels, "
        "insurance, visas), by name, each with its size or range and its source.",
    )
    diplomacy: Diplomacy = Field(
        default_factory=Diplomacy, description="Visits, posts, missions, memoranda, outside powers."
    )
    reforms: Reforms = Field(
        default_factory=Reforms, description="What States reform or build, within their budgets."
    )
    behaviour: Behaviour = Field(
        default_factory=Behaviour, description="Which rules of behaviour are at work."
    )
    projects: Mapping[ProjectName, LinePlan] = Field(
        default_factory=dict,
        description="Lines that are built, by project; one that is not named is never built.",
    )
    closures: Mapping[Gate, tuple[Closure, ...]] = Field(
        default_factory=dict,
        description="Dated closures beyond those on record, by gate; days of both are united.",
    )
    bans: Mapping[Name, Ban] = Field(
        default_factory=dict,
        description="Dated stops of commerce between two states beyond those on record, by a name "
        "of your own.",
    )
    recorded_stops: Flag = Field(
        default=True,
        description="Closures, bans and seasons that ended act as the world's tables record them; "
        "no: a world in which nothing of that happened.",
    )
    open_all_year: Mapping[Gate, QuarterField] = Field(
        default_factory=dict,
        description="Gates that no longer shut by season, each with the first quarter of it.",
    )
    energy: Energy = Field(
        default_factory=Energy, description="Projects, deals, prices and shocks of energy."
    )
    uncertainty: Mapping[ParameterName, UncertainInput] = Field(
        default_factory=dict,
        description="Distributions that replace those of the world's parameters, by parameter.",
    )
    uncertainty_sources: UncertaintySources = Field(
        default_factory=UncertaintySources,
        description="Sources of uncertainty that are switched on.",
    )
    adjustment: Annotated[
        Literal["phase_in", "immediate"], BeforeValidator(OneOf(("phase_in", "immediate")))
    ] = Field(
        default="phase_in",
        description="phase_in: trade moves to its equilibrium over years; immediate: at once.",
    )
    model_closure: Annotated[
        Literal["full", "conditional", "direct"],
        BeforeValidator(OneOf(("full", "conditional", "direct"))),
    ] = Field(
        default="full",
        description="How far trade adjusts: direct (costs only), conditional (resistances too), "
        "full (incomes too).",
    )
    deficits: Annotated[
        Literal["universal", "additive"], BeforeValidator(OneOf(("universal", "additive")))
    ] = Field(default="universal", description="How trade deficits are held in the equilibrium.")
    levers: Levers | None = Field(
        default=None,
        description="Blocks whose parts in reaching the target are told apart, by dotted path.",
    )
    sweep: Sweep | None = Field(
        default=None,
        description="What a sweep varies: dotted paths, each with values or a range {from, to}.",
    )
    reach: Reach | None = Field(
        default=None, description="Levers with ranges and costs, for the inverse question."
    )

    @property
    def own_figures(self) -> tuple[OwnRow, ...]:
        """Figures that replace those of the world's tables."""
        return self.world.rows

    @property
    def parties(self) -> frozenset[str]:
        """States that are party to any of its agreements."""
        return frozenset(m for agreement in self.agreements.values() for m in agreement.members)


def schema_text(titles: Titles | None = None, *, old_spellings: bool = True) -> str:
    """JSON Schema of a scenario file, for editors and for programs that show it.

    A file may extend another and then holds only what differs, so the schema asks for no key
    to be present; missing keys are found by the check.

    Parameters
    ----------
    titles : mapping of str to mapping of str to str, optional
        Names of a world by vocabulary, each with its title: values that name something of the
        world are then told one by one, `enum` and `x-enum-titles`.
    old_spellings : bool
        Whether keys and words that were renamed are there too, marked as deprecated.
    """
    schema = _without_requirements(with_notes(Scenario.model_json_schema(by_alias=True)))
    schema["properties"]["extends"] = {
        "type": "string",
        "description": "Another scenario in this folder whose entries this one takes over; "
        "mappings merge by key, lists and values are replaced, null removes an entry.",
    }
    schema["title"] = "Scenario"
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    if titles is not None:
        schema = with_names(schema, titles)
    if old_spellings:
        schema = with_deprecated(schema)
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _without_requirements(part: Any) -> Any:
    """A schema in which nothing is required and named entries may be null."""
    if isinstance(part, list):
        return [_without_requirements(item) for item in part]
    if not isinstance(part, dict):
        return part
    loose = {
        "anyOf" if key == "oneOf" else key: _without_requirements(value)
        for key, value in part.items()
        if key not in ("required", "discriminator", "minProperties")
        and not (key == "title" and isinstance(value, str))
    }
    entries = loose.get("additionalProperties")
    if isinstance(entries, dict):
        loose["additionalProperties"] = {"anyOf": [entries, {"type": "null"}]}
    return loose
