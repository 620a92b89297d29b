"""Sections on trade, incomes and the target."""
