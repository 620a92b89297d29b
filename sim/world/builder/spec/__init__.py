"""Specification of a world: what the analyst names, checked."""
