"""Growth of trade as it went in the past."""
