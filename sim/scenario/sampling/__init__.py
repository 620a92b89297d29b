"""Random numbers by key, and draws from distributions."""
