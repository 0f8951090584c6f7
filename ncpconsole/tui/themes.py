"""The console's own colours, beside Textual's themes and the terminal's own (ansi-dark, ansi-light)."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter
from textual.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.color import Color


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


@dataclass(frozen=True, slots=True)
class Marks:
    """One mark per state; each is exactly one terminal cell wide.

    A mark always stands beside a word, so nothing is lost where a font lacks it.
    """

    selection: str
    marked: str
    caution: str
    changed: str
    eligible: str
    blocked: str
    failed: str
    waiting: str
    ascending: str
    descending: str
    ellipsis: str

    def of(self, mark: str) -> str:
        """A mark of either set in this set; a mark of neither set comes back as it is."""
        for field in fields(UNICODE):
            if mark == getattr(UNICODE, field.name):
                return str(getattr(self, field.name))
        return mark


UNICODE = Marks(
    selection="▌",
    marked="✓",
    caution="!",
    changed="~",
    eligible="●",
    blocked="○",
    failed="✗",
    waiting="◌",
    ascending="▲",
    descending="▼",
    ellipsis="…",
)
ASCII = Marks(
    selection=">",
    marked="+",
    caution="!",
    changed="~",
    eligible="*",
    blocked="-",
    failed="x",
    waiting=".",
    ascending="^",
    descending="v",
    ellipsis="~",
)


TYPOGRAPHY = {
    "·": "|",
    "–": "-",
    "—": "-",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "×": "x",
    "→": ">",
    "←": "<",
}
WIDE = {"🔎": "/ "}
"""Textual's palette draws it before its box."""
LINES = {chr(code): "-" for code in range(0x2500, 0x2580)}
LINES |= dict.fromkeys("│┃┆┇┊┋║╎╏", "|") | dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝", "+")
BLOCKS = {chr(code): " " for code in range(0x2580, 0x25A0)}
BLOCKS |= dict.fromkeys("▊▋▌▍▎▏▐▕", "|")
STAND_INS = str.maketrans(
    LINES
    | BLOCKS
    | TYPOGRAPHY
    | WIDE
    | {getattr(UNICODE, field.name): getattr(ASCII, field.name) for field in fields(UNICODE)}
)


class PlainAscii(LineFilter):
    """Replaces character by character, after everything else is drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's own
        """The same line with stand-ins."""
        return [
            segment
            if segment.text.isascii()
            else Segment(segment.text.translate(STAND_INS), segment.style, segment.control)
            for segment in segments
        ]
