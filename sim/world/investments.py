"""Investments on record: what lines and plants are said to cost, or cost, and carry."""

from dataclasses import dataclass

from sim.world.csv_tables.reader import Row, Tables


@dataclass(frozen=True, slots=True)
class Investment:
    """One figure on the cost of a line or plant."""

    investment: str
    title: str
    project: str
    """Project of the world's tables that it is about; empty for one beside them."""
    date: str
    cost_musd: float
    capacity: float | None
    """What it carries, or is to carry [`unit` a year]; None where it was not said."""
    unit: str
    status: str
    """Standing: estimate, under-construction or built."""
    note: str
    source: str
    flag: str


def investments(tables: Tables) -> tuple[Investment, ...]:
    """Read the figures in their order, none where a world has no such table."""
    return tuple(map(_investment, tables["investments"]))


def _investment(row: Row) -> Investment:
    return Investment(
        investment=row.text("investment"),
        title=row.text("title"),
        project=row.text("project"),
        date=row.text("date"),
        cost_musd=row.number("cost_musd"),
        capacity=row.number_or_none("capacity"),
        unit=row.text("unit"),
        status=row.text("status"),
        note=row.text("note"),
        source=row.text("source"),
        flag=row.text("flag"),
    )
