"""Sections on routes, borders and ports."""
