"""Pages of studies and their figures."""
