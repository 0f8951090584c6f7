"""Notices that go by themselves, and never hold up the program."""

from __future__ import annotations

from dataclasses import dataclass

from textual.notifications import Notification

LEAST_LEFT = 0.05
"""Seconds for which a notice is shown at least, once it is drawn."""


@dataclass
class Notice(Notification):
    """A notice whose time is never over while it is drawn.

    Textual 8.2.8 leaves out those that have expired, and a moment later gives the others a timer for the time
    that is left. Where that is less than none by then, the timer never ends and never lets anything else run.
    """

    @property
    def time_left(self) -> float:
        """Seconds left, and always some."""
        return max(super().time_left, LEAST_LEFT)

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return super().time_left <= 0
