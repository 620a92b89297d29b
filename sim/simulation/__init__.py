"""Decision makers: one agent per actor, deciding for all runs at once."""
