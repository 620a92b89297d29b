"""Paths, routes, gates and what passing them costs."""
