"""Newer figures for a world that stands: fetched, read by the readers of downloads, compared."""
