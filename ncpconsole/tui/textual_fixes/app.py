"""Errors and notices that would end or hang the program. All seen in Textual 8.2.8.

Symptoms, each with the function that mends it:

- `end_quietly`: on an internal error Textual prints a traceback with local variables, which may hold a secret.
  Test: tests/tui/test_crash.py.
- `missed_on_leaving`: the program ends with NoMatches or MountError. A key may close a screen, or the program, before
  the screen is whole: over a slow line several keys arrive at once. Textual then mounts none of its widgets, and its
  handlers miss them. Test: tests/tui/test_leaving.py.
- `is_over_removed_widget`: a click or a move over a widget that is gone and still painted ends the program, since
  Textual asks a widget without an app for its styles. Test: tests/tui/test_leaving.py.
- `Notice`: the program hangs. Textual leaves out notices that have expired, and a moment later gives the others a timer
  for the time that is left; where that is less than none by then, the timer never ends and never lets anything else
  run. Test: tests/tui/test_notices.py.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal

from textual import events
from textual._context import active_message_pump
from textual.app import App
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.errors import NoWidget
from textual.notifications import Notification, Notify
from textual.widget import MountError
from textual.worker import NoActiveWorker, get_current_worker

from ncpconsole.core.crash import cause_of

Severity = Literal["information", "warning", "error"]
LEAST_LEFT = 0.05
"""Seconds for which a notice is shown at least, once it is drawn."""


def end_quietly(app: App[Any], error: Exception | None = None) -> None:
    """End with exit code 1 and print nothing; ``error`` is what a test's pilot raises again."""
    app._return_code = 1
    if error is not None and app._exception is None:
        app._exception = error
        app._exception_event.set()
    app._close_messages_no_wait()


def missed_on_leaving(app: App[Any], error: BaseException) -> bool:
    """Whether the error is only that a widget was missed by a screen that leaves, or by any when all leave.

    Call it where the error was caught, in the task of whoever failed.
    """
    if not isinstance(cause_of(error), NoMatches | MountError):
        return False
    failed = active_message_pump.get(None)
    if failed is app:
        # A worker runs in the app's name; whose it is, it knows itself.
        with suppress(NoActiveWorker):
            failed = get_current_worker().node
    nodes = failed.ancestors_with_self if isinstance(failed, DOMNode) else []
    is_ending = app._exit or not app.is_running
    return is_ending or any(node._closing or node._pruning for node in nodes)


def is_over_removed_widget(app: App[Any], event: events.Event) -> bool:
    """Whether the event is one of the mouse on such a widget; drop it then."""
    if not isinstance(event, events.MouseDown | events.MouseMove) or event.is_forwarded:
        return False
    try:
        return not app.get_widget_at(event.x, event.y)[0].is_attached
    except NoWidget:
        return False


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
