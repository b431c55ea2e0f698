"""Taking in what was handed in."""
