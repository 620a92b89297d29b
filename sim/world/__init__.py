"""What is: regions, goods, tariffs, corridors and where each figure comes from."""
