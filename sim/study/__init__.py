"""Uses of a model: runs, comparisons, proofs."""
