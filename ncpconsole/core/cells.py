"""How many terminal cells a text takes, and cutting or padding it to fit.

Expects text that passed `safe_text`. The widths are those that Textual paints with (a test compares them), so
that a column padded here is as wide on the screen: Hangul and other East Asian wide characters take two
cells, combining marks, medial and final Jamo and skin tones none.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

ELLIPSIS = "…"

# Wide in terminals, although Python 3.11's tables (Unicode 14) still call them narrow.
_NEWLY_WIDE = ((0x2630, 0x2637), (0x268A, 0x268F), (0x4DC0, 0x4DFF), (0x1D300, 0x1D356), (0x1D360, 0x1D376))
_MEDIAL_AND_FINAL_JAMO = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF))
_SKIN_TONES = (0x1F3FB, 0x1F3FF)


def is_medial_or_final_jamo(char: str) -> bool:
    """Whether the character is drawn into the Hangul syllable before it."""
    code = ord(char)
    return any(first <= code <= last for first, last in _MEDIAL_AND_FINAL_JAMO)


def is_attached(char: str) -> bool:
    """Whether the character takes no cell of its own: it is drawn onto the one before it."""
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or is_medial_or_final_jamo(char)
        or _SKIN_TONES[0] <= ord(char) <= _SKIN_TONES[1]
    )


@lru_cache(maxsize=4096)
def _char_width(char: str) -> int:
    if is_attached(char):
        return 0
    code = ord(char)
    if unicodedata.east_asian_width(char) in "WF" or any(a <= code <= z for a, z in _NEWLY_WIDE):
        return 2
    return 1


def cell_width(text: str) -> int:
    """Cells that a safe text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_char_width, text))


def fit(text: str, cells: int) -> str:
    """The text in exactly ``cells`` terminal cells: cut with an ellipsis, or padded on the right."""
    if cells <= 0:
        return ""
    width = cell_width(text)
    if width <= cells:
        return text + " " * (cells - width)
    kept = 0
    for end, char in enumerate(text):
        width = _char_width(char)
        if kept + width > cells - 1:
            return text[:end] + ELLIPSIS + " " * (cells - 1 - kept)
        kept += width
    raise AssertionError("a text wider than the cells is always cut")
