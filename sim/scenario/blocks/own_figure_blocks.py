"""Figures of the analyst's own that replace those of a world, without a copy of its tables.

A scenario knows no tables; it hands each figure over as a row: name of a table, its cells as text,
and the source. Blank cells are filled by the world, which alone knows its base year, goods and
kinds of duty.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from sim.scenario.blocks.duty_blocks import DutyRate
from sim.scenario.blocks.fields import (
    Goods,
    Layer,
    Number,
    Region,
    ScenarioBlock,
    Text,
)
from sim.scenario.text.schema_notes import SchemaNote

OwnRow = tuple[str, tuple[tuple[str, str], ...], str]
"""Table, cells by column, and source of one figure."""
FIRST_YEAR, LAST_YEAR = 1960, 2200
MAX_MUSD = 1e9
"""Largest amount of a year, as in the tables of a world [musd]."""
ALL = "all"

Amount = Annotated[
    float,
    Field(ge=0, le=MAX_MUSD),
    BeforeValidator(
        Number("wanted million USD, from 0 to 1e9", 0, MAX_MUSD, million=True)
    ),
    SchemaNote(unit="million USD", step=10),
]  # fmt: skip
Gdp = Annotated[
    float,
    Field(ge=1, le=MAX_MUSD),
    BeforeValidator(Number("wanted million USD, from 1 to 1e9", 1, MAX_MUSD, million=True)),
    SchemaNote(unit="million USD", step=1000),
]
LogSd = Annotated[
    float,
    Field(ge=0, le=5),
    BeforeValidator(Number("wanted a number from 0 to 5 (0.1 is some 10 %)", 0, 5)),
]
Year = Annotated[
    int,
    Field(ge=FIRST_YEAR, le=LAST_YEAR),
    BeforeValidator(
        Number(f"wanted a year from {FIRST_YEAR} to {LAST_YEAR}", FIRST_YEAR, LAST_YEAR, whole=True)
    ),
]
RealGrowth = Annotated[
    float,
    Field(ge=-0.9, le=1),
    BeforeValidator(
        Number("wanted a rate from -0.9 to 1 (0.04 is 4 %)", -0.9, 1, share=True)
    ),
]  # fmt: skip
People = Annotated[
    float,
    Field(ge=0.001, le=1e4),
    BeforeValidator(Number("wanted millions of people, from 0.001 to 10000", 0.001, 1e4)),
]
_SOURCE = Field(description="Who says so, and where; the report cites it.")


class OwnFigureBlock(ScenarioBlock):
    """One figure with its source, in place of one of a table."""

    TABLE: ClassVar[str]
    KEYS: ClassVar[tuple[str, ...]]
    """Keys that together say what the figure is of."""
    FIGURE: ClassVar[str]
    """Key of the figure itself."""

    @property
    def value(self) -> float:
        """The figure."""
        return float(getattr(self, self.FIGURE))

    @property
    def cells(self) -> Iterator[dict[str, str]]:
        """Cells of the rows that it makes, by column, as text."""
        yield {name: _text(getattr(self, name)) for name in (*self.KEYS, self.FIGURE)}


class OwnTrade(OwnFigureBlock):
    """A flow of the base year."""

    TABLE, KEYS, FIGURE = "held_flows", ("exporter", "importer"), "trade_musd"
    exporter: Region = Field(description="State that sells.")
    importer: Region = Field(description="State that buys.")
    trade_musd: Amount = Field(
        description="Trade of the base year in all goods, energy included [million USD]. The "
        "totals of both states move with it, all other flows stay; later records of the ledger no "
        "longer weigh on this flow."
    )
    log_sd: LogSd | None = Field(
        default=None,
        description="Standard error of its logarithm, 0.1 for some 10 %; left out: exact.",
    )
    source: Text = _SOURCE

    @property
    def cells(self) -> Iterator[dict[str, str]]:
        """One row, with its error."""
        for cells in super().cells:
            yield cells | {"log_sd": _text(self.log_sd)}


class OwnGdp(OwnFigureBlock):
    """Income of a region in the base year."""

    TABLE, KEYS, FIGURE = "gdp", ("region",), "gdp_musd"
    region: Region = Field(description="State, or group of states.")
    gdp_musd: Gdp = Field(description="GDP [million USD, current prices].")
    population_m: People | None = Field(
        default=None, description="People [million]; left out: as in the tables."
    )
    source: Text = _SOURCE

    @property
    def cells(self) -> Iterator[dict[str, str]]:
        """One row of the base year, with its people where they are said."""
        people = {} if self.population_m is None else {"population_m": _text(self.population_m)}
        for cells in super().cells:
            yield cells | {"year": ""} | people


class OwnGrowth(OwnFigureBlock):
    """Real growth of a region in one year."""

    TABLE, KEYS, FIGURE = "growth", ("region", "year"), "real_growth"
    region: Region = Field(description="State, or group of states.")
    year: Year = Field(description="Calendar year.")
    real_growth: RealGrowth = Field(description="Rate of growth of real GDP: 0.04 is 4 %.")
    source: Text = _SOURCE


class OwnTariff(OwnFigureBlock):
    """A duty of the base year, without preference."""

    TABLE, KEYS, FIGURE = "tariffs", ("importer", "duty_type", "goods"), "tariff_rate"
    importer: Region = Field(description="State that charges it.")
    goods: Goods = Field(description="List of goods, or the word all.")
    tariff_rate: DutyRate = Field(
        description="Rate of the base year: 0.12 is 12 %. A duty that changes later stands under "
        "duties."
    )
    duty_type: Layer | None = Field(
        default=None, description="Kind of duty; left out: the first kind of the world."
    )
    source: Text = _SOURCE

    @property
    def cells(self) -> Iterator[dict[str, str]]:
        """A row for each good, or one for all."""
        for good in (ALL,) if self.goods == ALL else self.goods:
            cells = {"importer": self.importer, "good": good, "layer": self.duty_type or ""}
            yield cells | {self.FIGURE: _text(self.value)}


AnyOwnFigure = OwnTrade | OwnGdp | OwnGrowth | OwnTariff


class OwnFigures(ScenarioBlock):
    """Single figures that replace those of the world's tables; everything else stays."""

    trade: tuple[OwnTrade, ...] = Field(default=(), description="Flows of the base year.")
    gdp: tuple[OwnGdp, ...] = Field(default=(), description="Incomes of the base year.")
    growth: tuple[OwnGrowth, ...] = Field(default=(), description="Rates of growth.")
    tariffs: tuple[OwnTariff, ...] = Field(default=(), description="Duties of the base year.")

    @property
    def rows(self) -> tuple[OwnRow, ...]:
        """Figures as rows of tables, in the order in which they stand."""
        figures: tuple[AnyOwnFigure, ...] = (*self.trade, *self.gdp, *self.growth, *self.tariffs)
        return tuple(
            (one.TABLE, tuple(cells.items()), one.source) for one in figures for cells in one.cells
        )


BLOCKS: dict[str, type[OwnFigureBlock]] = {
    "trade": OwnTrade,
    "gdp": OwnGdp,
    "growth": OwnGrowth,
    "tariffs": OwnTariff,
}
"""Kind of figure by the list in which it stands."""


def _text(value: object) -> str:
    """Text of a cell."""
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, int | float) else str(value)
