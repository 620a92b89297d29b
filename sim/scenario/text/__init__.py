"""Scenario files as text: YAML with places, inheritance, overrides, problems."""
