"""Variations of a study: levers switched on and off, swept values, ranges with costs.

A dotted path names what is varied, as in `--set`: keys, places in a list counted from 1, and `*`
for all of either. These keys bear on no single run, so a scenario that has them runs as it would
without.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from sim.scenario.blocks.fields import (
    ONCE,
    Finite,
    Name,
    Number,
    ScenarioBlock,
    Text,
    described,
    refuse,
)
from sim.scenario.text.problems import quoted

STUDY_KEYS = ("levers", "sweep", "reach")
"""Keys of a scenario that only studies read."""
HELD = ("version", "title", "question", "extends", "runs", "seed", "horizon", "targets")
"""What stays the same in every point of a study, so that its points can be compared."""
MAX_VALUES = 1_000

_STEP = r"[A-Za-z0-9][A-Za-z0-9_-]*|\*"
_PATH = re.compile(rf"({_STEP})(\.({_STEP}))*", re.ASCII)


def read_path(value: object) -> str:
    """A dotted path of a scenario that a study may vary."""
    wanted = "wanted a dotted path, such as agreements.treaty.concessions.*.cut"
    if not isinstance(value, str):
        raise refuse(f"is {described(value)}", wanted)
    if _PATH.fullmatch(value) is None:
        raise refuse(f"{quoted(value)} is not a path", wanted)
    root = value.partition(".")[0]
    if root in HELD or root in STUDY_KEYS or root == "*":
        why = "what is asked stays the same in every point" if root in HELD else "studies read it"
        raise refuse(f"{quoted(value)} cannot be varied: {why}", wanted)
    return value


def _read_value(value: object) -> object:
    """One swept value: a number, a word, true or false, or a list of names."""
    if isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return value
    raise refuse(
        f"is {described(value)}", "wanted a number, a word, true or false, or a list of names"
    )


def _swept_form(value: object) -> str:
    return "a-range" if isinstance(value, dict | BaseModel) else "some-values"


_COST = Number("wanted million USD from 0 to 1e8", low=0, high=1e8, million=True)
_POWER = Number("wanted an exponent from 0.1 to 10", low=0.1, high=10)
_CHANCE = Number("wanted a probability from 0.01 to 0.99", low=0.01, high=0.99, share=True)


RangeT = TypeVar("RangeT", "SweptRange", "ReachLever")


class SweptRange(ScenarioBlock):
    """A range that Latin hypercube or Sobol points are spread over."""

    low: Finite = Field(alias="from", description="Lowest value, in the unit of what is varied.")
    high: Finite = Field(alias="to", description="Highest value, in the unit of what is varied.")

    @model_validator(mode="after")
    def _in_order(self) -> "SweptRange":
        return _rising(self)


class ReachLever(ScenarioBlock):
    """A lever of the inverse question: how far it can be moved, and what that costs."""

    low: Finite | None = Field(
        default=None, alias="from", description="Value that costs nothing; left out: a switch."
    )
    high: Finite | None = Field(
        default=None, alias="to", description="Value at the full cost; left out: a switch."
    )
    cost_musd: Annotated[float, Field(ge=0, le=1e8), BeforeValidator(_COST)] = Field(
        description="Cost of the whole way, or of switching it on [million USD]."
    )
    cost_power: Annotated[float, Field(ge=0.1, le=10), BeforeValidator(_POWER)] = Field(
        default=1.0,
        description="Cost grows with this power of the part of the way: 1 evenly, 2 ever faster.",
    )
    owner: Text | None = Field(default=None, description="Who decides on it and pays.")
    source: Text | None = Field(
        default=None,
        description="Source of the range and the cost; left out: the report says assumption.",
    )

    @model_validator(mode="after")
    def _range_or_switch(self) -> "ReachLever":
        if (self.low is None) != (self.high is None):
            raise refuse("has one end of a range", "wanted both from and to, or neither")
        return _rising(self)

    @property
    def is_switch(self) -> bool:
        """True if it is switched on or off instead of moved."""
        return self.low is None

    def value(self, part: float) -> float | bool:
        """Value of the lever a part of the way, 0 to 1; a switch is on beyond the middle."""
        if self.low is None or self.high is None:
            return part >= 0.5
        return self.low + part * (self.high - self.low)

    def cost(self, part: float) -> float:
        """Cost of a part of the way [musd]."""
        if self.is_switch:
            return self.cost_musd if part >= 0.5 else 0.0
        return float(self.cost_musd * part**self.cost_power)


def _rising(given: RangeT) -> RangeT:
    if given.low is not None and given.high is not None and not given.low < given.high:
        raise refuse(f"runs from {given.low:g} to {given.high:g}", "wanted from below to")
    return given


PathField = Annotated[str, BeforeValidator(read_path)]
SweptValue = Annotated[
    Any,
    BeforeValidator(_read_value),
    WithJsonSchema({"type": ["number", "string", "boolean", "array"], "items": {"type": "string"}}),
]
Swept = Annotated[
    Annotated[
        tuple[SweptValue, ...],
        Field(min_length=1, max_length=MAX_VALUES),
        Tag("some-values"),
    ]
    | Annotated[SweptRange, Tag("a-range")],
    Discriminator(_swept_form),
]
Sweep = Annotated[Mapping[PathField, Swept], Field(min_length=1)]
Levers = Annotated[tuple[PathField, ...], Field(min_length=1), ONCE]


class Reach(ScenarioBlock):
    """The inverse question: the least costly way of the levers to a target."""

    target: Name | None = Field(
        default=None, description="Name of the target; left out: the first one."
    )
    probability: Annotated[float, Field(ge=0.01, le=0.99), BeforeValidator(_CHANCE)] = Field(
        default=0.5, description="Share of runs that is to reach it, such as 0.5."
    )
    goal: Finite | None = Field(
        default=None,
        description="Goal of a question that is not about trade, in place of the target: largest "
        "part of demand that goes unserved in the worst year (energy), least change of real income "
        "since the base year [million USD] (income), least duty collected [million USD/year] "
        "(revenue).",
    )
    levers: Annotated[Mapping[PathField, ReachLever], Field(min_length=1)] = Field(
        description="Levers by dotted path: a range {from, to, cost_musd}, or a switch "
        "{cost_musd} for a whole block."
    )
