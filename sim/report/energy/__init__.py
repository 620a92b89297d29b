"""Sections on energy."""
