"""The question before quitting while an interrupt is on its way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from ncpconsole.core.safe_text import safe_text
from ncpconsole.tui.widgets.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Collection

    from textual.app import ComposeResult


class QuitGuardScreen(Dialog[bool]):
    """Asks whether to quit while a send is under way; answers True to quit. Waiting is the default.

    ``sending`` describes what is on its way; ``gone`` is set when the screen has left.
    """

    def __init__(self, sending: Collection[str] = ()) -> None:
        super().__init__()
        self.sending = tuple(sending)
        self.gone = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Draw the question and its two answers."""
        to = " of " + ", ".join(safe_text(name) for name in self.sending) if self.sending else ""
        with Vertical(classes="box -small"):
            yield Static(
                Content(f"The interrupt{to} is on its way, and its answer has not come."),
                classes="section -first",
            )
            yield Static(
                Content(
                    "If you quit now, the outcome is recorded as unknown and the server stays locked until "
                    "somebody resolves it. The request itself cannot be called back."
                )
            )
            with Horizontal(classes="buttons"):
                yield Button("Wait for the answer", id="wait", compact=True)
                yield Button("Quit, leave it unknown", id="quit", compact=True)
            yield Static(self.hint(("tab", "choose"), ("enter", "confirm"), ("esc", "wait")), classes="hints")

    def on_mount(self) -> None:
        """Waiting is what Enter does."""
        self.query_one("#wait", Button).focus()

    def on_unmount(self) -> None:
        """Tell whoever waits that the question is answered or moot."""
        self.gone.set()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button's meaning."""
        event.stop()
        self.dismiss(event.button.id == "quit")

    def action_cancel(self) -> None:
        """Wait for the answer."""
        self.dismiss(False)
