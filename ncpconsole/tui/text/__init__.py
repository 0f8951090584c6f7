"""What makes words and lines out of values; no widget is here."""
