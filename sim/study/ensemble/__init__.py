"""Runs of a scenario and of its counterfactuals, and their findings."""
