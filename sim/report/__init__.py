"""Figures and the page an analyst hands on."""
