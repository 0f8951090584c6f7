"""Finds out what on this machine, on the way or at the account keeps the console from working."""
