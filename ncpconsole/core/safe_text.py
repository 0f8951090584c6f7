"""Makes text from outside fit for a terminal. All such text passes through here.

A terminal obeys what it is sent: ESC and the C1 controls move the cursor, write the clipboard and set the
title; direction controls and zero-width characters make one name look like another. What comes out of here
only draws: every character that acts or hides is spelled out (``\x1b``, ``\u202e``), what has no meaning to
this Python (surrogates, private use, unassigned) is U+FFFD, and at most two marks pile on one character.

A backslash is left as it is: escaping it would make the function change its own output. So the four
characters ``\x1b`` in a name and a real ESC are shown alike, and only `is_altered` (true for the second) and
`confusable_key` (the same for both, so each counts as a look-alike of the other) tell them apart.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from rich.cells import cell_len, get_character_cell_size, set_cell_size

from ncpconsole.core.names import INVISIBLE

ELLIPSIS = "…"

_MEDIAL_AND_FINAL_JAMO = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF))


def is_medial_or_final_jamo(char: str) -> bool:
    """Whether the character is drawn into the Hangul syllable before it."""
    code = ord(char)
    return any(first <= code <= last for first, last in _MEDIAL_AND_FINAL_JAMO)


def is_attached(char: str) -> bool:
    """Whether the character takes no cell of its own: it is drawn onto the one before it.

    By the newest table, whatever UNICODE_VERSION says of the terminal: no more marks may pile up for it.
    """
    return get_character_cell_size(char, "latest") == 0


def cell_width(text: str) -> int:
    """Cells that a safe text takes on a terminal, by the table that Textual draws with."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, cells: int) -> str:
    """The text in exactly ``cells`` terminal cells: cut with an ellipsis, or padded on the right."""
    if cells <= 0:
        return ""
    if cell_width(text) > cells:
        text = set_cell_size(text, cells - 1).rstrip() + ELLIPSIS
    return text + " " * (cells - cell_width(text))


def padded(text: str, cells: int) -> str:
    """The text, padded on the right to ``cells`` terminal cells; a wider one as it is."""
    return text + " " * (cells - cell_width(text))


REPLACEMENT = "\ufffd"


@cache
def _plain() -> re.Pattern[str]:
    """What settles nearly every name there is in one scan: assigned, visible, standing alone.

    Latin, Greek and Cyrillic letters, Hangul, kana, ideographs, full-width ASCII and common punctuation. Compiled with
    the first text beyond ASCII, as that takes 1 ms of the start.
    """
    return re.compile(r"[ -~¡-¬®-ɏΑ-ΡΣ-ωЀ-ҁҊ-ԯ–—‘’“”•…←-⇿─-◿、。〈-】ぁ-ゖァ-ヺーㄱ-ㅣㅥ-ㆎ一-鿿가-힣！-～]*")


_HANGUL = r"[\u1100-\u11ff\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb]"
_LOST = frozenset(("Cs", "Co", "Cn"))
_SPELLED_OUT = frozenset(("Cc", "Cf", "Zs", "Zl", "Zp"))
_MARKS_IN_A_ROW = 2


def _spelled(char: str) -> str:
    code = ord(char)
    if code < 0xA0:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@lru_cache(maxsize=4096)
def _shown_alone(char: str) -> str:
    """The character itself, U+FFFD, or its escape."""
    if char == " ":
        return char
    category = unicodedata.category(char)
    if category in _LOST:
        return REPLACEMENT
    if category in _SPELLED_OUT or INVISIBLE.match(char):
        return _spelled(char)
    return char


def _escaped(text: str, kept: str) -> str:
    out: list[str] = []
    base, room = "", 0  # what the next mark would be drawn onto, and how many more it may carry
    for char in text:
        if char == kept:
            out.append(char)
            room = 0
            continue
        shown = _shown_alone(char)
        if shown != char:
            room = 0
        elif is_attached(char):
            if room and (not is_medial_or_final_jamo(char) or re.match(_HANGUL, base)):
                room -= 1
            else:
                shown, room = _spelled(char), 0
        else:
            base, room = char, _MARKS_IN_A_ROW
        out.append(shown)
    return "".join(out)


def _capped(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def safe_text(text: str, limit: int = 256) -> str:
    """Text from outside as one line that a terminal only draws. Idempotent; never raises.

    ``limit`` is in characters, at least 1; a longer result ends in an ellipsis. Printable ASCII, Korean
    (conjoining Jamo too) and wide text are kept; the text is not normalised.
    """
    if len(text) <= limit and ((text.isascii() and text.isprintable()) or _plain().fullmatch(text)):
        return text
    # An escape is never shorter than what it stands for, so what is cut here could not be shown anyway.
    return _capped(_escaped(text[: limit + 1], kept=""), limit)


def safe_block(text: str, limit: int = 4000) -> str:
    """Like `safe_text`, with line feeds kept (CR LF becomes one). ``limit`` is in characters."""
    # Of every two characters at least one is left.
    text = text[: 2 * (limit + 1)].replace("\r\n", "\n")
    return _capped(_escaped(text[: limit + 1], kept="\n"), limit)


def is_altered(text: str) -> bool:
    """Whether `safe_text` shows something else than the text itself."""
    return safe_text(text) != text
