"""Methods of analysis: PRIM, Shapley values, search over levers."""
