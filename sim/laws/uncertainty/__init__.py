"""Residual shocks, conditioning on records, and scores of forecasts."""
