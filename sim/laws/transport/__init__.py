"""Route choice, shortest paths, outages and capacity."""
