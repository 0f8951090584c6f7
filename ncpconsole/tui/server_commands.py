"""What the keys do for one server, but for its interrupt: show it, copy of it, note something about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ncpconsole.core.records import Note, Subject
from ncpconsole.language import tr
from ncpconsole.tui import screens
from ncpconsole.tui.commands import Scope
from ncpconsole.tui.text.server import curl_line
from ncpconsole.tui.web_browser import opened
from ncpconsole.tui.widgets.header import HeaderState

if TYPE_CHECKING:
    from textual.app import App

    from ncpconsole.tui.presenter import Presenter


class ServerCommands:
    """Acts on the server that commands mean (see `ConsoleState.current_row`); without one, nothing happens."""

    def __init__(self, app: App[Any], presenter: Presenter) -> None:
        self.app = app
        self.presenter = presenter
        self.state, self.account = presenter.state, presenter.account

    def show_details(self) -> None:
        """Show all about the selected server; beside the list it is shown already where there is room."""
        row = self.state.current_row
        if row is not None and self.state.scope is Scope.SERVERS:
            host = self.state.servers.host
            self.app.push_screen(screens.DetailScreen(host, self.state.details_of(row), HeaderState.of(self.account)))
            self.presenter.read_signs(row)

    def show_raw(self) -> None:
        session, row = self.account.session, self.state.current_row
        if session is not None and row is not None:
            host, region = self.state.servers.host, self.account.region_of(row)
            self.app.push_screen(screens.RawScreen(host, session.gateway, region, row))

    def open_web_console(self) -> None:
        """Open the web console's page, or give its address: it has no address of one server."""
        session, row = self.account.session, self.state.current_row
        if session is None or row is None:
            return
        url = session.identity.servers_page
        if not url:
            words = tr("There is no web console of this gateway: it is none of NAVER Cloud's three sites.")
            self.presenter.say(words, "warning")
        elif opened(url):
            self.presenter.say(tr("Opened {url}; look there for {number}.", url=url, number=row.number))
        else:
            words = tr("Sent to the terminal's clipboard: {url} (look there for {number})", url=url, number=row.number)
            self.copy(url, words)

    def note(self) -> None:
        """Note something about the server, and about the incident that the console was opened for."""
        session, row = self.account.session, self.state.current_row
        if session is not None and row is not None:
            about = Subject(
                gateway=session.identity.base_url,
                server_no=row.server.server_instance_no,
                server_name=row.server.server_name,
                incident=session.incident,
            )
            self.app.push_screen(screens.NoteScreen(session.journal, about), self.noted)

    def noted(self, note: Note | None) -> None:
        if note is not None:
            self.presenter.journal_changed()
            self.presenter.say(tr("Noted: h shows it, and so do the server's details."))

    def copy_number(self) -> None:
        if (row := self.state.current_row) is not None:
            self.copy(row.number, tr("Copied the number {number}.", number=row.number))

    def copy_name(self) -> None:
        """Copy the server name, as it is shown: a control character in it must not reach a shell."""
        if (row := self.state.current_row) is not None:
            self.copy(row.name, tr("Copied the name {name}.", name=row.name))

    def copy_curl(self) -> None:
        session, row = self.account.session, self.state.current_row
        if session is not None and row is not None:
            url, region = session.identity.base_url, self.account.region_of(row)
            line = curl_line(url, region, row.server.server_instance_no)
            self.copy(line, tr("Copied a curl line; it takes the keys from the environment."))

    def copy(self, text: str, notice: str) -> None:
        """Put text on the clipboard through the terminal, and say so."""
        self.app.copy_to_clipboard(text)
        self.presenter.say(notice)
