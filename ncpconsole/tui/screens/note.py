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
from ncpconsole.language import shown, tr
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
            yield Static(Content(self._title()), classes="section -first")
            yield Static(
                Content(tr("It goes on record with your name and the time. It locks and unlocks nothing.")),
                classes="muted",
            )
            yield SafeInput(id="note-text", placeholder=tr("what was seen or done"))
            yield Static(id="problem", classes="note")
            yield from self.foot(("enter", tr("write it down")), ("esc", tr("cancel")))

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            self.dismiss(self.journal.add_note(event.value, self.about))
        except ConsoleError as error:
            self.query_one("#problem", Static).update(Content(safe_text(shown(error), 400)))

    def _title(self) -> str:
        about = self.about
        server = safe_text(f"{about.server_name} ({about.server_no})", 60) if about.server_no else ""
        incident = safe_text(about.incident, 40)
        if server and incident:
            return tr("Note about {server}, incident {incident}", server=server, incident=incident)
        if server:
            return tr("Note about {server}", server=server)
        if incident:
            return tr("Note about incident {incident}", incident=incident)
        return tr("Note about record {record}", record=safe_text(str(about.record), 40))
