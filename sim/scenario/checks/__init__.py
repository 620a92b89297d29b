"""Checks of a scenario against itself and the world."""
