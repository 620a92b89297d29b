"""Reforms and construction by States: at a cost, with a lag, out of a limited budget."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from sim.scenario.blocks.fields import (
    Goods,
    MillionUsd,
    Name,
    OneOf,
    PartShare,
    QuarterField,
    Region,
    ScenarioBlock,
    Years,
)

MEASURES = ("rule_of_law", "infrastructure", "border_time")


class Reform(ScenarioBlock):
    """One reform of one State; it moves capacity or costs, never trade itself."""

    state: Region = Field(description="State that reforms.")
    measure: Annotated[
        Literal["rule_of_law", "infrastructure", "border_time"], BeforeValidator(OneOf(MEASURES))
    ] = Field(
        description="rule_of_law, infrastructure: raises that capacity, which speeds agreements "
        "into force; border_time: cuts the hours at its border for all that it imports."
    )
    change: PartShare = Field(
        description="Share of the way to the best that is closed (capacity), or of the hours that "
        "is cut (border_time)."
    )
    goods: Goods = Field(
        default="all",
        description="Goods whose hours a reform of border_time cuts, or the word all.",
    )
    start: QuarterField = Field(description="Quarter in which work begins.")
    duration_years: Years = Field(description="Years it takes even if money is no matter.")
    cost_musd: MillionUsd = Field(description="What it costs in all [million USD].")

    def goods_among(self, goods: Sequence[str]) -> tuple[str, ...]:
        """Goods whose hours it cuts, in the order of `goods`."""
        return tuple(good for good in goods if self.goods == "all" or good in self.goods)


class Reforms(ScenarioBlock):
    """Reforms and the money for them."""

    budget_musd: Mapping[Region, MillionUsd] = Field(
        default_factory=dict,
        description="What a State can spend on its reforms [million USD a year], first on what "
        "began first, and of those on the cheapest; left out: as much as they cost.",
    )
    steps: Mapping[Name, Reform] = Field(default_factory=dict, description="Reforms by name.")
