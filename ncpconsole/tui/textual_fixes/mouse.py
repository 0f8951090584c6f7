"""The mouse over a widget that is gone and still painted.

Symptom: a click or a move there ends the program, since Textual asks a widget without an app for its styles.
Seen in Textual 8.2.8. Test: tests/tui/test_leaving.py.
"""

from __future__ import annotations

from typing import Any

from textual import events
from textual.app import App
from textual.errors import NoWidget


def is_over_removed_widget(app: App[Any], event: events.Event) -> bool:
    """Whether the event is one of the mouse on such a widget; drop it then."""
    if not isinstance(event, events.MouseDown | events.MouseMove) or event.is_forwarded:
        return False
    try:
        return not app.get_widget_at(event.x, event.y)[0].is_attached
    except NoWidget:
        return False
