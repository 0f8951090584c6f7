"""Ignores Enter until its effect could be read: while the key is held, and a second press right after the first.

So with a click: the one that gives a guarded button the focus does not press it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button

WAITING = "release Enter"
LATE = 0.05
"""Seconds that the end of the while may come too late. Later, the console stood still, and keys wait to be read."""


class EnterGuard:
    """Lets no Enter pass for a short while, which begins anew with each one that comes too early.

    The while is longer than the delay of key repeat (250 to 660 ms), so that a held key never passes. It begins anew
    when a stopped console goes on: what was typed meanwhile was meant for a shell, or for a screen that stood still.
    """

    SECONDS: ClassVar[float] = 0.8

    def __init__(self, owner: Widget, on_change: Callable[[], object] = lambda: None) -> None:
        self._owner = owner
        self._on_change = on_change
        self._timer: Timer | None = None
        self._is_told = False
        self.is_ready = False

    def begin(self) -> None:
        """Let nothing pass from now on, until the time is over."""
        self.end()
        if not self._is_told:
            self._is_told = True
            self._owner.app.app_resume_signal.subscribe(self._owner, self._resumed, immediate=True)
        if self.SECONDS:
            self._due = time.monotonic() + self.SECONDS
            self._timer = self._owner.set_timer(self.SECONDS, self._time_is_up)
        else:
            self._over()

    def end(self) -> None:
        """Let nothing pass, until it is begun again."""
        if self._timer is not None:
            self._timer.stop()
        self._timer, self.is_ready = None, False
        self._on_change()

    def passes(self) -> bool:
        """Whether an Enter that was pressed now counts."""
        if not self.is_ready:
            self.begin()
            return False
        return True

    def _resumed(self, _: object) -> None:
        if self.is_ready or self._timer is not None:
            self.begin()

    def _time_is_up(self) -> None:
        if time.monotonic() > self._due + LATE:
            self.begin()
        else:
            self._over()

    def _over(self) -> None:
        self._timer, self.is_ready = None, True
        self._on_change()


class GuardedButton(Button):
    """A button for what cannot be taken back. It says when Enter does not press it yet."""

    class ReadyChanged(Message):
        """Enter presses the button from now on, or no longer."""

    def __init__(self, words: str, *, id: str, disabled: bool = False) -> None:  # noqa: A002 - Textual's own name
        super().__init__(words, id=id, compact=True, disabled=disabled)
        self.words = words
        self.guard = EnterGuard(self, self._show)
        self._was_ready = False

    @property
    def is_ready(self) -> bool:
        """Whether Enter presses it now."""
        return self.has_focus and self.guard.is_ready

    def on_focus(self) -> None:
        self.guard.begin()

    def on_blur(self) -> None:
        self.guard.end()

    def on_mouse_down(self) -> None:
        # A button of the mouse that is held down does not outlast the guard.
        self._was_ready = self.is_ready

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()  # Textual's button is pressed by any click
        event.stop()
        if self._was_ready:
            self.action_press()
        else:
            self.guard.begin()

    def action_press(self) -> None:
        # Without Textual's effect of a button that goes down: its frame would be drawn before what waits for the press.
        if self.guard.passes() and not self.disabled:
            self.post_message(self.Pressed(self))

    def _show(self) -> None:
        waits = self.has_focus and not self.guard.is_ready and len(self.words) >= len(WAITING)
        self.label = WAITING.center(len(self.words)) if waits else self.words
        self.post_message(self.ReadyChanged())
