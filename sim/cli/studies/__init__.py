"""Commands that take many runs: how they are asked, carried out and written."""
