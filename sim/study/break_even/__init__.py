"""Break-even and contest: what would make a route, a port or a supplier pay."""
