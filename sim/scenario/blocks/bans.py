"""Bans: dated stops of commerce between two states, by land or altogether."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from sim.scenario.blocks.fields import Day, Goods, OneOf, Region, ScenarioBlock, Share


class Ban(ScenarioBlock):
    """A stop of commerce between two states; it acts at once and ends at once."""

    pair: tuple[Region, Region] = Field(
        description="The two states, in any order; both directions stop."
    )
    scope: Annotated[Literal["land", "all"], BeforeValidator(OneOf(("land", "all")))] = Field(
        default="all",
        description="land: what crosses their common border by road or rail; all: everything, "
        "energy too.",
    )
    goods: Goods = Field(
        default="all", description="Goods that are stopped; a list leaves energy alone."
    )
    share: Share = Field(default=1.0, description="Share of that trade that is stopped.")
    from_date: Day = Field(alias="from", description="First day, such as 2025-10-11.")
    until: Day | None = Field(
        default=None,
        description="Last day, itself included; left out: it does not end.",
    )

    def goods_among(self, goods: Sequence[str]) -> tuple[str, ...]:
        """Goods it stops, in the order of `goods`."""
        return tuple(good for good in goods if self.goods == "all" or good in self.goods)
