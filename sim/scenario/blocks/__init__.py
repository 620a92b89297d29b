"""Blocks of a scenario as frozen models."""
