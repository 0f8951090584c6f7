"""What the keys do with what is recorded: the history, unknown outcomes, the export, and what waits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.safe_text import safe_text
from ncpconsole.language import shown, tr
from ncpconsole.tui import screens

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import App

    from ncpconsole.tui.presenter import Presenter


class RecordCommands:
    """Opens the screens of the record, and shows what they changed."""

    def __init__(self, app: App[Any], presenter: Presenter) -> None:
        self.app = app
        self.presenter = presenter
        self.state, self.account = presenter.state, presenter.account

    def show_history(self, words: str = "") -> None:
        """``words`` are those that the history is searched for."""
        if (session := self.account.session) is not None:
            self.app.push_screen(screens.HistoryScreen(session, words=words), self._left)

    def _left(self, _: object) -> None:
        self.presenter.journal_changed()

    def resolve(self) -> None:
        """Settle the one unknown outcome there is, or choose one in the history."""
        session, unresolved = self.account.session, self.account.unresolved()
        if session is None or not unresolved:
            self.presenter.say(tr("No outcome is unknown."))
        elif len(unresolved) == 1:
            self.app.push_screen(screens.ResolveScreen(session, unresolved[0]), self._left)
        else:
            self.show_history("unresolved")

    def export(self) -> None:
        session = self.account.session
        if session is None:
            return
        try:
            intents = session.journal.intents(sent_through=session.gateway.base_url)
            notes = session.journal.notes()
        except ConsoleError as error:
            self.presenter.say(shown(error), "error")
            return
        if intents or notes:
            self.app.push_screen(screens.ExportScreen(intents, notes), self._exported)
        else:
            self.presenter.say(tr("There is no record to export."))

    def _exported(self, path: Path | None) -> None:
        if path is not None:
            self.state.servers.result.say(safe_text(tr("Written: {path}", path=path), 1000))

    def show_waiting(self) -> None:
        self.app.push_screen(screens.WaitingScreen(self.state.waiting), self._waiting_read)

    def _waiting_read(self, go_to_history: bool | None) -> None:
        """What was read need not be said again; what locks a server stays in sight until it is settled."""
        self.state.waiting = replace(self.state.waiting, notes=(), surfaced=())
        self.presenter.header_changed()
        if go_to_history:
            self.show_history()
