"""This console's own settings, profiles and credentials."""
