"""The transport network of a world and the routes in use."""
