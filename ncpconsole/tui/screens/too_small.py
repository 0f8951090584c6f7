"""A polite notice while the terminal is too small to be read safely."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


class TooSmallScreen(ModalScreen[None]):
    """Covers everything, so that no key acts on what cannot be seen; goes by itself once there is room.

    A dialog that opens meanwhile opens under another one of these; see `StageApp.cover`.
    """

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(id="too-small")

    def on_mount(self) -> None:
        """Say the size."""
        self.measure()

    def on_screen_resume(self) -> None:
        """Another screen may have been closed above this one."""
        self.measure()

    def on_resize(self, _: events.Resize) -> None:
        """Follow the terminal."""
        self.measure()

    def measure(self) -> None:
        """Go away when there is room, otherwise say how much is missing."""
        from ncpconsole.tui.stage import LEAST_HEIGHT, LEAST_WIDTH, is_small

        if not is_small(self.app.size):
            # A dialog that opened meanwhile may lie over this; then it goes after the dialog.
            if self.is_active:
                self.dismiss()
            return
        width, height = self.app.size
        self.query_one("#too-small", Static).update(
            Content(
                f"This terminal is {width}×{height}.\n"
                f"The console needs {LEAST_WIDTH}×{LEAST_HEIGHT} to show names in full.\n"
                "Make it larger; nothing is lost."
            )
        )
