"""Dialogs that leave once, and only while they are on top.

Symptom: two keys that arrive together close two screens, and a dialog that ends while something lies over it
closes that instead, since Textual's ``dismiss`` takes away whatever is on top. Seen in Textual 8.2.8.
Test: tests/tui/test_leaving.py.
"""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class LeavingOnce(ModalScreen[Answer]):
    """A modal screen that, asked to leave while it is covered, leaves as soon as it is uncovered."""

    waiting_to_leave: tuple[Answer | None] | None = None

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Leave with an answer, once."""
        if not self.is_active:
            self.waiting_to_leave = (result,)
            return AwaitComplete()
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        if self.waiting_to_leave is not None:
            self.dismiss(*self.waiting_to_leave)
