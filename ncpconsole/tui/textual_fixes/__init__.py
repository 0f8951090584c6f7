"""Work-arounds for Textual, each with its symptom, the version that shows it, and the test that holds it.

They use private names, so Textual is pinned exactly; tests/tui/test_textual_fixes.py says when one is gone.
"""
