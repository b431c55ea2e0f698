"""Reading notebooks as text; no code runs here."""
