"""The console's own colours, beside Textual's themes and the terminal's own (ansi-dark, ansi-light)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

NIGHT = Theme(
    name="night",
    primary="#7aa2c8",
    secondary="#5f7f9c",
    accent="#d7b370",
    foreground="#c8ced6",
    background="#15181b",
    surface="#1b1e22",
    panel="#272c32",
    success="#86b789",
    warning="#d9a75f",
    error="#d9737a",
    dark=True,
    variables={
        "block-cursor-background": "#2a4d78",
        "block-cursor-foreground": "#f2f5f8",
        "block-cursor-text-style": "none",
        "footer-key-foreground": "#d7b370",
        "input-selection-background": "#7aa2c8 30%",
        "scrollbar": "#33404d",
        "scrollbar-hover": "#42525f",
        "scrollbar-active": "#7aa2c8",
    },
)
"""The default: dark and quiet, so that the one line that matters stands out.

The greys stay greys, and the cursor stays blue, where a terminal has 256 colours only: under 15 % saturation
a colour goes to the grey ramp.
"""

DAY = Theme(
    name="day",
    primary="#2f5f8a",
    secondary="#52708c",
    accent="#7a5a12",
    foreground="#24292f",
    background="#fbfaf7",
    surface="#f6f4ef",
    panel="#e7e3da",
    success="#2f6f3a",
    warning="#8a5a00",
    error="#a3323b",
    dark=False,
    variables={
        "block-cursor-background": "#2f5f8a",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "footer-key-foreground": "#7a5a12",
        "scrollbar": "#c9c3b6",
        "scrollbar-hover": "#b5ae9f",
        "scrollbar-active": "#2f5f8a",
    },
)
"""The same by day: ink on paper."""

CLEAR = Theme(
    name="clear",
    primary="#56b4e9",
    secondary="#0072b2",
    accent="#f0e442",
    foreground="#e6e6e6",
    background="#121416",
    surface="#191b1e",
    panel="#25292e",
    success="#56b4e9",
    warning="#f0e442",
    error="#e69f00",
    dark=True,
    variables={
        "block-cursor-background": "#0072b2",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "footer-key-foreground": "#f0e442",
        "scrollbar": "#3a4651",
    },
)
"""Blue, yellow and orange of the Okabe-Ito palette: told apart with every common form of colour blindness."""

OWN_THEMES = (NIGHT, DAY, CLEAR)
DEFAULT_THEME = NIGHT.name


def over_ssh(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal is at the other end of an SSH connection, where every repaint costs."""
    return bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))


LINES = {chr(code): "-" for code in range(0x2500, 0x2580)}
LINES |= dict.fromkeys("│┃┆┇┊┋║╎╏", "|") | dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝", "+")
BLOCKS = {chr(code): " " for code in range(0x2580, 0x25A0)}
BLOCKS |= dict.fromkeys("▊▋▍▎▏▐▕", "|")
MARKS = {
    "▌": ">", "✓": "+", "●": "*", "○": "-", "✗": "x", "◌": ".", "▲": "^", "▼": "v", "…": "~",
    "→": ">", "←": "<", "↑": "^", "↓": "v",
}  # fmt: skip
TYPOGRAPHY = {"·": "|", "–": "-", "—": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "×": "x"}
WIDE = {"🔎": "/ "}
"""Textual's palette draws it before its box."""
STAND_INS = str.maketrans(LINES | BLOCKS | MARKS | TYPOGRAPHY | WIDE)
CHARTS = STAND_INS | str.maketrans("▁▂▃▄▅▆▇", "_.:~=+#")
"""The bars of a mini-chart; scrollbars end with such, too, and these stay blank."""
ARROW_KEYS = {"↑↓": "up/down", "← →": "left/right", "↑": "Up", "↓": "Down"}
LONE_ARROWS = re.compile(r"(?<!\S)(↑↓|← →|↑|↓)(?!\S)( *)")


class PlainAscii(LineFilter):
    """Draws the console in ASCII: the only place that knows of it. No line changes its width.

    A character of ours becomes its stand-in; arrows that stand alone, which are keys, become words, as far as
    there are blanks behind them or at the line's end to make room. Letters of names stay as they are.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's own
        if all(segment.text.isascii() for segment in segments):
            return segments
        texts = [LONE_ARROWS.sub(_key_words, segment.text) for segment in segments]
        excess = sum(map(len, texts)) - sum(len(segment.text) for segment in segments)
        for index in range(len(texts) - 1, -1, -1):
            kept = texts[index].rstrip(" ")
            cut = min(excess, len(texts[index]) - len(kept))
            texts[index] = texts[index][: len(texts[index]) - cut]
            excess -= cut
            if kept:
                break
        if excess:
            texts = [segment.text for segment in segments]
        return [
            Segment(text.translate(STAND_INS if _is_of_scrollbar(segment) else CHARTS), segment.style, segment.control)
            for text, segment in zip(texts, segments, strict=True)
        ]


def _is_of_scrollbar(segment: Segment) -> bool:
    return len(segment.text) == 1 and segment.style is not None and "@mouse.down" in segment.style.meta


def _key_words(arrows: re.Match[str]) -> str:
    word, blanks = ARROW_KEYS[arrows[1]], len(arrows[2])
    room = blanks - (len(word) - len(arrows[1]))
    return word + " " * max(min(blanks, 1), room)
