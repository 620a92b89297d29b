"""Files beside the compiled kernels, and what of the packaged world is kept in them."""
