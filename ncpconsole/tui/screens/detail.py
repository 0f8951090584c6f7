"""One server on a screen of its own, for terminals too narrow for the panel beside the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ncpconsole.tui.commands import Place, bindings
from ncpconsole.tui.screens.reading import ReadingScreen
from ncpconsole.tui.widgets.header import StatusBar
from ncpconsole.tui.widgets.lines import QuietLine
from ncpconsole.tui.widgets.panels import DetailPanel, Subject

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ncpconsole.core.inventory import Row


class DetailScreen(ReadingScreen):
    """Shows a server and follows what becomes of it."""

    PLACE = Place.DETAILS
    BINDINGS: ClassVar[list[BindingType]] = list(bindings(Place.DETAILS))

    def __init__(self, subject: Subject) -> None:
        super().__init__()
        self.subject = subject

    def compose(self) -> ComposeResult:
        """The header, the text, the footer."""
        yield StatusBar(ascii_marks=self.console_app.ascii_marks)
        yield QuietLine(id="gone")
        yield DetailPanel()
        yield from self.foot()

    def on_mount(self) -> None:
        """Show the server."""
        self.query_one(StatusBar).standing = self.console_app.standing
        self.query_one(DetailPanel).show(self.subject)

    @property
    def subject_row(self) -> Row | None:
        """The server shown."""
        return self.subject.row

    def follow(self, subject: Subject | None) -> None:
        """Show what is known now about the same server; one that is gone stays, and is said to be gone."""
        if subject is None:
            self.query_one("#gone", QuietLine).say("This server is not in the list any more.", "warning")
            return
        self.query_one("#gone", QuietLine).say("")
        self.subject = subject
        self.query_one(DetailPanel).show(subject)
