"""What is asked: the scenario file, its checks, its random numbers."""
