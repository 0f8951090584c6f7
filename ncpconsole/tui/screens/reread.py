"""The moment between the key and the dialog: the server's record is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import safe_text
from ncpconsole.tui.widgets.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult


class RereadScreen(Dialog[None]):
    """Says what is being read, and takes the keys that would otherwise act on the list; Esc turns back."""

    def __init__(self, name: str, cancel: Callable[[], object]) -> None:
        super().__init__()
        self.server = safe_text(name)
        self.cancel_reading = cancel

    def compose(self) -> ComposeResult:
        """Draw one line."""
        with Vertical(classes="box -small"):
            yield Static(Content.assemble("Reading ", (self.server, "bold"), " again ..."))
            yield Static(self.hint(("esc", "turn back")), classes="hints")

    def action_cancel(self) -> None:
        """Stop reading; whoever reads takes the screen away."""
        self.cancel_reading()
