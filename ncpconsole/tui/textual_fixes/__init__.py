"""Work-arounds for Textual, each with its symptom and the version that shows it."""
