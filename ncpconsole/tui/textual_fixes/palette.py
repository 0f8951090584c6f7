"""A palette that takes keys and clicks whenever they come.

Symptom: two keys at a time close the palette and the screen below it; one that is closed before it is whole fails for
want of a screen to search; its list fails as in `paged_list`. Seen in Textual 8.2.8. Test: tests/tui/test_leaving.py.
"""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.command import CommandInput, CommandPalette, SearchIcon
from textual.containers import Horizontal, Vertical
from textual.widgets import LoadingIndicator

from ncpconsole.tui.textual_fixes.paged_list import PagedCommandList


class ConsolePalette(CommandPalette):
    """Textual's palette, which leaves once, and whose list takes early keys and late clicks."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave, unless that is done."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def on_mount(self, event: events.Mount) -> None:
        if self not in self.app.screen_stack:
            event.prevent_default()

    def compose(self) -> ComposeResult:
        with Vertical(id="--container"):
            with Horizontal(id="--input"):
                yield SearchIcon()
                yield CommandInput(placeholder=self._placeholder, select_on_focus=False)
            with Vertical(id="--results"):
                yield PagedCommandList()
                yield LoadingIndicator()
