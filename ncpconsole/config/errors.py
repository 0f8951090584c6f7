"""What goes wrong with this console's own settings."""

from __future__ import annotations

from ncpconsole.core.errors import ConsoleError


class ConfigError(ConsoleError):
    """The settings cannot be read, understood or written. Names the file and the key, never a value."""
