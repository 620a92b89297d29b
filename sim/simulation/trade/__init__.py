"""The equilibrium of trade."""
