"""Days on which gates and borders are shut."""
