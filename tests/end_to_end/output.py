"""What a program wrote to a terminal, taken apart: what a terminal draws, and what it obeys."""

from __future__ import annotations

import base64
import re
import unicodedata
from dataclasses import dataclass

# All that the screen has a use for, each form whole: colours, the cursor's place, modes set and reset, two
# questions about modes, the keyboard protocol on and off, the pointer's shape, and the clipboard.
OBEYED = re.compile(
    r"\x1b\[(?:[0-9;]*m"
    r"|\d+;\d+H"
    r"|\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"
    r"|\?(?:2026|2048)\$p"
    r"|>\d+u"
    r"|=2;2u"
    r"|<u)"
    r"|\x1b\]22;[a-z-]+\x07"
    r"|\x1b\]52;c;(?P<copied>[A-Za-z0-9+/]*=*)\x07"
)
MODE = re.compile(r"\x1b\[\?(\d+)([hl])")

ACTS_OR_HIDES = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
# Drawn as nothing, although Unicode calls them letters, marks or symbols: the grapheme joiner, Hangul and
# Khmer fillers, variation selectors, blank Braille.
DRAWN_AS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
MARKS = frozenset(("Mn", "Me", "Mc"))
MOST_MARKS = 2


@dataclass(frozen=True)
class Output:
    """``drawn`` is the text without sequences, ``copied`` what went to the clipboard.

    ``modes`` says how the terminal's private modes were left, ``keyboards`` how many keyboard protocols
    are still on.
    """

    drawn: str
    copied: tuple[str, ...]
    modes: dict[int, bool]
    keyboards: int


def taken_apart(written: bytes) -> Output:
    """Separate text from sequences. Raises UnicodeDecodeError for what is not UTF-8.

    A sequence that is none of `OBEYED` stays in ``drawn``, where `unfit` finds its ESC.
    """
    text = written.decode("utf-8")
    copied = tuple(
        base64.b64decode(found["copied"]).decode("utf-8")
        for found in OBEYED.finditer(text)
        if found["copied"] is not None
    )
    modes = {int(mode): state == "h" for mode, state in MODE.findall(text)}
    keyboards = len(re.findall(r"\x1b\[>\d+u", text)) - text.count("\x1b[<u")
    return Output(OBEYED.sub("", text), copied, modes, keyboards)


def unfit(text: str, line_ends: str = "\n") -> set[str]:
    """The characters that must never reach a terminal: what acts on it, what hides, and piles of marks."""
    found = {
        char
        for char in set(text) - set(line_ends)
        if unicodedata.category(char) in ACTS_OR_HIDES or DRAWN_AS_NOTHING.match(char)
    }
    row = 0
    for char in text:
        row = row + 1 if unicodedata.category(char) in MARKS else 0
        if row > MOST_MARKS:
            found.add(char)
    return found
