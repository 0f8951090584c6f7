"""Writing a note about a server, a record or an incident into the journal."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.records import Note, Subject
from ncpconsole.core.safe_text import safe_text
from ncpconsole.tui.widgets.dialog import Dialog
from ncpconsole.tui.widgets.inputs import SafeInput


class NoteScreen(Dialog[Note]):
    """Writes one line of text into the journal; answers with the note, or None."""

    def __init__(self, journal: Journal, about: Subject) -> None:
        super().__init__()
        self.journal = journal
        self.about = about

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -small"):
            yield Static(Content(f"Note about {self._about()}"), classes="section -first")
            yield Static(
                Content("It goes on record with your name and the time. It locks and unlocks nothing."), classes="muted"
            )
            yield SafeInput(id="note-text", placeholder="what was seen or done")
            yield Static(id="problem", classes="note")
            yield from self.foot(("enter", "write it down"), ("esc", "cancel"))

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            self.dismiss(self.journal.add_note(event.value, self.about))
        except ConsoleError as error:
            self.query_one("#problem", Static).update(Content(safe_text(str(error), 400)))

    def _about(self) -> str:
        about = self.about
        incident = f"incident {about.incident}" if about.incident else ""
        server = f"{about.server_name} ({about.server_no})" if about.server_no else ""
        return safe_text(", ".join(filter(None, (server, incident))) or f"record {about.record}", 100)
