"""Assumptions and spoilers moved one at a time, without chance."""
