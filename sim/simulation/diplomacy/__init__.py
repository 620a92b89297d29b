"""Negotiations, visits, reforms and tolls."""
