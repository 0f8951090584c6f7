"""The end of the program on an internal error.

Symptom: Textual prints a traceback with local variables, which may hold a secret. Seen in Textual 8.2.8.
Test: tests/tui/test_crash.py.
"""

from __future__ import annotations

from typing import Any

from textual.app import App


def end_quietly(app: App[Any], error: Exception | None = None) -> None:
    """End with exit code 1 and print nothing; ``error`` is what a test's pilot raises again."""
    app._return_code = 1
    if error is not None and app._exception is None:
        app._exception = error
        app._exception_event.set()
    app._close_messages_no_wait()
