"""State that a run carries from quarter to quarter."""
