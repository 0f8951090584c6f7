"""Draws this program's own marks, lines and typographic characters with ASCII: for terminals that lack them.

One cell stays one cell, so nothing moves. Letters of other scripts come from outside and stay as they are. A
name that holds one of these marks itself is drawn with the stand-in as well; typed by that look it does not
match, and nothing is sent.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter

from ncpconsole.tui.widgets.marks import ASCII, UNICODE

if TYPE_CHECKING:
    from textual.color import Color

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
