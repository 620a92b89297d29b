"""Draws of a block of runs: shocks, closures, errors of forecasts."""
