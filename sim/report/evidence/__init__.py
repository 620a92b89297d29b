"""Sections on evidence, assumptions and reproduction."""
