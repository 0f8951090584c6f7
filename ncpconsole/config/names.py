"""What a profile may be called."""

from __future__ import annotations

import unicodedata

from ncpconsole.config.errors import ConfigError

FALLBACK = "default"
LONGEST = 64


def checked_profile_name(name: object, where: str = "The profile name") -> str:
    """The name in composed form, so that the same Korean name typed on two systems is one profile.

    1 to 64 printable characters, no space at either end. ``where`` opens the message of the ConfigError.
    """
    if not isinstance(name, str):
        raise ConfigError(f"{where} must be text.")
    composed = unicodedata.normalize("NFC", name)
    if not composed or len(composed) > LONGEST or composed != composed.strip() or not composed.isprintable():
        raise ConfigError(
            f"{where} must be 1 to {LONGEST} printable characters without a space at either end."
        )
    return composed
