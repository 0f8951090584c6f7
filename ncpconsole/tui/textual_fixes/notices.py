"""A notice whose time runs out while it is drawn.

Symptom: the program hangs. Textual leaves out notices that have expired, and a moment later gives the others
a timer for the time that is left; where that is less than none by then, the timer never ends and never lets
anything else run. Seen in Textual 8.2.8. Test: tests/tui/test_notices.py.
"""

from __future__ import annotations

from typing import Any, Literal

from textual.app import App
from textual.notifications import Notification, Notify

Severity = Literal["information", "warning", "error"]
LEAST_LEFT = 0.05
"""Seconds for which a notice is shown at least, once it is drawn."""


class Notice(Notification):
    """A notice whose time is never over while it is drawn."""

    @property
    def time_left(self) -> float:
        """Seconds left, and always some."""
        return max(super().time_left, LEAST_LEFT)

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return super().time_left <= 0

    def show(self, app: App[Any]) -> None:
        """Show it in place of one of Textual's own."""
        app.post_message(Notify(self))
