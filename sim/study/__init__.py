"""What is done with a model: runs, comparisons, proofs."""
