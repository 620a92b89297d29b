"""Readers of the files that statistics are downloaded as: trade, duties, incomes, distances."""
