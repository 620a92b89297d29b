"""Facts of the world as a whole in its tables: name, base year, goods that are traded."""

from sim.world.csv_tables.reader import Tables


def base_year(tables: Tables) -> int:
    """Year the world describes."""
    return int(fact(tables, "base_year"))


def fact(tables: Tables, key: str) -> str:
    """Value of one key of the table `world`."""
    return next(row.text("value") for row in tables["world"] if row.text("key") == key)


def traded_goods(tables: Tables) -> tuple[str, ...]:
    """Goods without energy, in the order of their table."""
    energy = fact(tables, "energy_good")
    return tuple(good for good in tables["goods"].column("good") if good != energy)
