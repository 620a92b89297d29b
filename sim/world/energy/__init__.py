"""Energy of a world in the base year."""
