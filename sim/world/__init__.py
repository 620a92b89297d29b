"""State of the world: regions, goods, tariffs, corridors and the source of each figure."""
