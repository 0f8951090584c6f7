"""The rules of the console: plain values and functions, without network, screen or keyring."""
