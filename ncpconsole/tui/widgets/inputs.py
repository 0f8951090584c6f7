"""Inputs that never show what a terminal would obey, and inputs that must be typed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import Input

if TYPE_CHECKING:
    from textual import events


def printable(text: str) -> str:
    """Return the first line of ``text`` without control, bidi and zero-width characters."""
    lines = text.splitlines()
    return "".join(character for character in lines[0] if character.isprintable()) if lines else ""


class SafeInput(Input):
    """A one-line box. What is pasted loses its control characters before it can reach the terminal.

    Keys bring printable characters only; the clipboard may bring anything, and an input draws its value as
    it is.
    """

    def __init__(self, *, id: str, placeholder: str = "", password: bool = False) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, placeholder=placeholder, password=password, compact=True)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.take_pasted(event.text)

    def action_paste(self) -> None:
        """Paste what was copied inside this program."""
        self.take_pasted(self.app.clipboard)

    def action_copy(self) -> None:
        """Copy the selection; what is hidden on screen cannot be copied off it."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Cut the selection; what is hidden on screen cannot be copied off it."""
        if not self.password:
            super().action_cut()

    def take_pasted(self, text: str) -> None:
        """Insert pasted text where the cursor stands."""
        if clean := printable(text):
            self.replace(clean, *self.selection)


class TypedInput(SafeInput):
    """A box whose content must come from the keyboard: pasting into it is refused, and said.

    A name that was copied from the screen proves nothing about what the operator read.
    """

    class PasteRefused(Message):
        """Something was pasted into a box that wants typing."""

        def __init__(self, box: TypedInput) -> None:
            self.box = box
            super().__init__()

    def take_pasted(self, text: str) -> None:  # noqa: ARG002 - what was pasted does not matter
        """Refuse pasted text."""
        self.post_message(self.PasteRefused(self))
