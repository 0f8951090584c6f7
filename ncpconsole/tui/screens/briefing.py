"""What an operator must know before anything else: what an ended program left behind, what is unresolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from ncpconsole.core.safe_text import safe_text
from ncpconsole.tui.widgets.dialog import Body, Dialog, heading, point
from ncpconsole.tui.words import day_and_clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from ncpconsole.core.journal.records import Intent

MOST = 8


def left_behind(intent: Intent) -> str:
    """One interrupt that an ended program left open, and what it became."""
    if intent.outcome is not None and intent.outcome.value == "not_sent":
        became = "it was never sent"
    else:
        became = "nobody knows whether it arrived; the server is locked"
    return f"{whom(intent)}: the program ended meanwhile; {became}."


def whom(intent: Intent) -> str:
    """Server and time of an interrupt."""
    name, number = safe_text(intent.draft.server_name, 40), safe_text(intent.draft.server_no, 20)
    return f"{name} (number {number}), {day_and_clock(intent.time)}"


class BriefingScreen(Dialog[bool]):
    """Says it, and answers True when the operator wants the history next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "cancel", "go on"),
        Binding("h", "history", "history"),
    ]

    def __init__(
        self, notes: Sequence[str], surfaced: Sequence[Intent], unresolved: Sequence[Intent]
    ) -> None:
        super().__init__()
        self.notes = notes
        self.surfaced = surfaced
        known = {intent.id for intent in surfaced}
        self.unresolved = [intent for intent in unresolved if intent.id not in known]

    def compose(self) -> ComposeResult:
        """The notes, what was left behind, what is unresolved, and the keys."""
        with Vertical(classes="box"):
            yield Static(Content("Before you begin"), classes="section -first")
            with Body():
                for note in self.notes:
                    yield point("–", safe_text(note, 600))
                if self.surfaced:
                    yield heading("Left behind by a program that ended")
                    yield from (point("!", left_behind(intent)) for intent in self.surfaced[:MOST])
                if self.unresolved:
                    yield heading("Unknown and unresolved: these servers are locked")
                    yield from (point("!", whom(intent)) for intent in self.unresolved[:MOST])
                    yield point(" ", "The history (h) has what was seen since; v resolves one there.")
                more = max(0, len(self.surfaced) - MOST) + max(0, len(self.unresolved) - MOST)
                if more:
                    yield point(" ", f"and {more} more in the history")
            yield Static(self.hint(("enter", "go on"), ("h", "history")), classes="hints")

    def action_history(self) -> None:
        """To the history."""
        self.dismiss(True)
