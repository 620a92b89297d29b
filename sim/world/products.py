"""Products on record between two regions: what is sold or offered, and the duty that it meets."""

from dataclasses import dataclass

from sim.world.csv_tables.reader import Tables


@dataclass(frozen=True, slots=True)
class Product:
    """One product from one region to another."""

    exporter: str
    importer: str
    product: str
    title: str
    good: str
    """Group of goods that it belongs to."""
    chapters: tuple[str, ...]
    """Chapters of the Harmonized System."""
    duty_rate: float | None
    """Duty without preference; None where only that of its group is on record [1]."""
    duty_of: str
    """Breadth of it: the product's own line or its chapter; empty where the group's holds."""
    duty_source: str
    status: str
    """Standing: sold between the two, offered by one of them, or a candidate sold elsewhere."""
    record: str
    """Sale or offer on record, in words; empty where no amount is."""
    note: str
    source: str
    flag: str


def products(tables: Tables) -> tuple[Product, ...]:
    """Read the products in their order, none where a world has no such table."""
    return tuple(row.record(Product) for row in tables["products"])
