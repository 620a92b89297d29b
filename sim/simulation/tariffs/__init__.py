"""Concessions, duties paid, and how trade adjusts to them."""
