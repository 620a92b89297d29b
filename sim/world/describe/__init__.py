"""A world in words and tables."""
