"""Exact laws as pure functions on arrays: no files, no agents, no scenario."""
