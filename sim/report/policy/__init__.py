"""Sections on agreements, duties and revenue."""
