"""Worker processes, here or of a Dask scheduler, and why a study fails."""
