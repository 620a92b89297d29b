"""Runs conditioned on records: known paths crossed with residual paths."""
