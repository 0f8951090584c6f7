"""Text prepared for searching and sorting: computed once per server, not once per keystroke."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = re.compile(r"[0-9]+")


def composed(text: str) -> str:
    """The text in NFC: Hangul typed as Jamo equals the same Hangul in syllables."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """The text as the filter compares it: without case, and with Hangul and accents composed (NFC)."""
    if text.isascii():
        return text.lower()
    return composed(text.casefold())


def _weighed(digits: re.Match[str]) -> str:
    number = digits[0].lstrip("0")
    # A digit first keeps numbers before letters; then the longer number is the greater one.
    return f"0{chr(0x21 + min(len(number), 0x5D))}{number}"


def natural_key(text: str) -> str:
    """A sort key under which digits count as numbers: ``web-2`` comes before ``web-10``.

    Names that differ in case or leading zeros only get the same key.
    """
    return _DIGITS.sub(_weighed, folded(text))
