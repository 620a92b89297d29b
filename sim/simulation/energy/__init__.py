"""The energy market of the world in the simulation."""
