"""Known answers and records beside what the laws and the model give."""
