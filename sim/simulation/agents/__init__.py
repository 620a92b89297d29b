"""Agents: one per actor, deciding for all runs at once."""
