"""Errors of a screen that is being closed, which are no failure of the program.

Symptom: the program ends with NoMatches or MountError. A key may close a screen, or the program, before the
screen is whole: over a slow line several keys arrive at once. Textual then mounts none of its widgets, and
its handlers miss them. Seen in Textual 8.2.8. Test: tests/tui/test_leaving.py.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from textual._context import active_message_pump
from textual.app import App
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.widget import MountError
from textual.worker import NoActiveWorker, get_current_worker

from ncpconsole.core.crash import cause_of


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
