"""Widgets that know values and post messages; none of them sees the API."""
