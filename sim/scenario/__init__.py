"""Inputs of a simulation: the scenario file, its checks, its random numbers."""
