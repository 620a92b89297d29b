"""Tariffs, schedules of duty, trade costs, and how fast trade adjusts to them."""
