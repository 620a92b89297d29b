"""Lines to be built: when each opens, if it does."""

from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from sim.laws.numerics.similar_words import nearest
from sim.scenario.blocks.fields import (
    KnownName,
    ScenarioBlock,
    Share,
    described,
    read_quarter,
    refuse,
)
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.text.schema_notes import SchemaNote

BY_HAZARD, NEVER = "by_hazard", "never"
_WORDS = (BY_HAZARD, NEVER)


def read_opening(value: object) -> Quarter | str:
    """A quarter, or one of the words that stand for chance and for not at all."""
    if isinstance(value, Quarter):
        return value
    if isinstance(value, str) and value[:1].isdigit():
        return read_quarter(value)
    if isinstance(value, str) and value in _WORDS:
        return value
    wanted = f"wanted a quarter such as 2031Q1, {BY_HAZARD} or {NEVER}"
    raise refuse(f"is {described(value)}", wanted, nearest(str(value), _WORDS))


ProjectName = Annotated[
    str, BeforeValidator(KnownName("projects", "project")), SchemaNote(names="projects")
]

Opening = Annotated[
    Quarter | str,
    PlainValidator(read_opening),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^[0-9]{4}Q[1-4]$", "examples": ["2031Q1"]},
                {"enum": list(_WORDS)},
            ]
        }
    ),
]


class LinePlan(ScenarioBlock):
    """Date at which one project opens."""

    completes: Opening = Field(
        description="First quarter in use, such as 2031Q1; by_hazard: by chance from the year in "
        "which it may open; never."
    )
    hazard_per_year: Share | None = Field(
        default=None,
        description="Chance a year to open, for by_hazard; left out: that of the world's table.",
    )

    @model_validator(mode="before")
    @classmethod
    def _hazard_needs_chance(cls, value: Any) -> Any:
        has_hazard = isinstance(value, dict) and value.get("hazard_per_year") is not None
        if has_hazard and value.get("completes", BY_HAZARD) != BY_HAZARD:
            raise refuse("has a hazard and no chance", f"wanted completes: {BY_HAZARD}")
        return value
